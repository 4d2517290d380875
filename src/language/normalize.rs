//! One spelling for each way of writing a word: case, composed and decomposed accents, ligatures, soft
//! hyphens, apostrophes, superscripts.
//!
//! Accents are kept: taking them away is [`super::fold()`], and belongs to the query.

use unicode_normalization::{IsNormalized, UnicodeNormalization, is_nfkc_quick};

/// Tells whether `c` is written for an apostrophe between two letters: the typewriter's, the typographic one,
/// and those that end up there by mistake (prime, opening quote, grave and acute accents).
pub(super) fn is_apostrophe(c: char) -> bool {
    matches!(
        c,
        '\'' | '\u{2019}' | '\u{2018}' | '\u{02BC}' | '\u{2032}' | '\u{FF07}' | '`' | '\u{00B4}'
    )
}

/// Tells whether `c` shows nothing and separates nothing: soft hyphen, joiners, byte order mark.
pub(super) fn is_ignorable(c: char) -> bool {
    matches!(
        c,
        '\u{00AD}' | '\u{200C}' | '\u{200D}' | '\u{2060}' | '\u{FEFF}'
    )
}

/// Appends the normal form of `surface` (one word) to `form`.
///
/// Compatibility composition (NFKC) makes `é` one character however it was typed, `ﬁ` two letters and `CO₂`
/// the `CO2` that people type; `œ` and `æ` are opened afterwards, because Unicode keeps them as letters.
pub(super) fn normalize(surface: &str, form: &mut String) {
    if surface.is_ascii() {
        form.extend(surface.chars().map(|c| {
            if c == '`' {
                '\''
            } else {
                c.to_ascii_lowercase()
            }
        }));
        return;
    }
    let visible = surface.chars().filter(|&c| !is_ignorable(c));
    if is_nfkc_quick(visible.clone()) == IsNormalized::Yes {
        visible.for_each(|c| push_lower(c, form));
    } else {
        // The apostrophes U+00B4 decompose into a space and an accent: unify them before composing.
        visible
            .map(|c| if is_apostrophe(c) { '\'' } else { c })
            .nfkc()
            .for_each(|c| push_lower(c, form));
    }
}

/// Returns the normal form of one word, elided article and all.
///
/// ```
/// assert_eq!(fouine::language::normalized("ŒUVRE"), "oeuvre");
/// ```
pub fn normalized(surface: &str) -> String {
    let mut form = String::with_capacity(surface.len());
    normalize(surface, &mut form);
    form
}

fn push_lower(c: char, form: &mut String) {
    match c {
        'œ' | 'Œ' => form.push_str("oe"),
        'æ' | 'Æ' => form.push_str("ae"),
        'ß' | 'ẞ' => form.push_str("ss"),
        _ if is_apostrophe(c) => form.push('\''),
        _ => form.extend(c.to_lowercase()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn normal(surface: &str) -> String {
        let mut form = String::new();
        normalize(surface, &mut form);
        form
    }

    #[test]
    fn composed_and_decomposed_accents_are_the_same() {
        assert_eq!(normal("De\u{301}pute\u{301}es"), "députées");
        assert_eq!(normal("Députées"), "députées");
        assert_eq!(normal("nai\u{308}ve"), "naïve");
    }

    #[test]
    fn ligatures_are_opened() {
        assert_eq!(normal("Cœur"), "coeur");
        assert_eq!(normal("ŒUVRES"), "oeuvres");
        assert_eq!(normal("ﬁnance"), "finance");
        assert_eq!(normal("curriculum-vitæ"), "curriculum-vitae");
    }

    #[test]
    fn apostrophes_are_one() {
        for apostrophe in ["'", "’", "ʼ", "′", "‘", "´", "`"] {
            assert_eq!(normal(&format!("aujourd{apostrophe}hui")), "aujourd'hui");
        }
    }

    #[test]
    fn soft_hyphens_leave_no_trace() {
        assert_eq!(normal("gouver\u{AD}nement"), "gouvernement");
    }

    #[test]
    fn subscripts_are_digits() {
        assert_eq!(normal("CO₂"), "co2");
        assert_eq!(normal("m²"), "m2");
    }
}

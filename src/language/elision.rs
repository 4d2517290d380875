//! Takes `l'`, `d'`, `qu'`… off a French word and `'s` off an English one.
//!
//! Both are done in every language: a French passage speaks of *McDonald's*, an English one of *l'Oréal* and
//! *d'Artagnan*, and a searcher types `Oréal`, `Artagnan`, `McDonald`.

use unicode_normalization::UnicodeNormalization;

use super::normalize::{is_apostrophe, is_ignorable};

/// Words that lose their last vowel before another vowel, without the apostrophe.
const ELIDED: [&str; 16] = [
    "c", "d", "j", "l", "m", "n", "s", "t", "ç", "qu", "jusqu", "lorsqu", "puisqu", "quoiqu",
    "quelqu", "presqu",
];

/// Words in which the apostrophe belongs to the word: (what stands before it, how the rest begins).
const WHOLE: [(&str, &str); 3] = [("quelqu", "un"), ("presqu", "île"), ("presqu", "ile")];

/// Returns the part of `surface` that carries the meaning, as a range of bytes within it.
///
/// `l'école` gives `école`, `Jusqu’aujourd’hui` gives `aujourd’hui`, `president's` gives `president`;
/// `quelqu'un`, `aujourd'hui`, `O'Brien` and `don't` are left whole.
pub(super) fn strip(surface: &str) -> std::ops::Range<usize> {
    let mut start = 0;
    while let Some((apostrophe, c)) = surface[start..]
        .char_indices()
        .find(|&(_, c)| is_apostrophe(c))
    {
        let before = &surface[start..start + apostrophe];
        let after = &surface[start + apostrophe + c.len_utf8()..];
        let is_off = after.starts_with(may_follow)
            && is_elided(before)
            && !WHOLE
                .iter()
                .any(|(head, tail)| same(before, head) && begins(after, tail))
            && !is_possessive(after);
        if !is_off {
            break;
        }
        start = surface.len() - after.len();
    }
    let mut end = surface.len();
    if let Some((apostrophe, c)) = surface[start..]
        .char_indices()
        .rfind(|&(_, c)| is_apostrophe(c))
        && apostrophe > 0
        && is_possessive(&surface[start + apostrophe + c.len_utf8()..])
    {
        end = start + apostrophe;
    }
    start..end
}

/// Bytes of an elided word of `n_letters` bytes, one or two, that `text` begins with, and its apostrophe: where what follows it is
/// plainly a vowel, so that [`strip`] would take it off.
#[inline]
pub(super) fn plain(text: &[u8], n_letters: usize) -> Option<usize> {
    let (word, rest) = text.split_at(n_letters);
    let n_apostrophe = match rest {
        [b'\'', ..] => 1,
        [0xE2, 0x80, 0x99, ..] => 3,
        _ => return None,
    };
    let is_elided = match word {
        [letter] => matches!(
            letter | 0x20,
            b'c' | b'd' | b'j' | b'l' | b'm' | b'n' | b's' | b't'
        ),
        [b'q' | b'Q', b'u' | b'U'] => true,
        _ => false,
    };
    let is_before_vowel = match &rest[n_apostrophe..] {
        [letter, ..] if letter.is_ascii() => {
            matches!(
                letter | 0x20,
                b'a' | b'e' | b'i' | b'o' | b'u' | b'y' | b'h'
            ) && letter.is_ascii_alphabetic()
        }
        // à to å, è to ï, ò to ö, ù to ÿ without þ.
        [0xC3, second, ..] => matches!(
            second,
            0xA0..=0xA5 | 0xA8..=0xAF | 0xB2..=0xB6 | 0xB9..=0xBD | 0xBF
        ),
        _ => false,
    };
    (is_elided && is_before_vowel).then_some(n_letters + n_apostrophe)
}

/// Tells whether `text` is a word that may be elided before another, its apostrophe aside: `l`, `qu`, `jusqu`.
pub fn is_elided(text: &str) -> bool {
    ELIDED.iter().any(|elided| same(text, elided))
}

/// Tells whether a word that begins so has others elided before it: `N'Golo` is one name.
fn may_follow(c: char) -> bool {
    let mut letters = c.to_lowercase().nfd();
    letters
        .next()
        .is_some_and(|letter| matches!(letter, 'a' | 'e' | 'i' | 'o' | 'u' | 'y' | 'h' | 'œ' | 'æ'))
}

fn is_possessive(after_apostrophe: &str) -> bool {
    after_apostrophe.eq_ignore_ascii_case("s")
}

fn same(surface: &str, lower: &str) -> bool {
    if surface.is_ascii() {
        return surface.eq_ignore_ascii_case(lower);
    }
    letters(surface).eq(lower.chars())
}

fn begins(surface: &str, lower: &str) -> bool {
    let mut letters = letters(surface);
    lower.chars().all(|wanted| letters.next() == Some(wanted))
}

/// The letters of `surface` in lower case, composed: a decomposed `ç'` is an elision too.
fn letters(surface: &str) -> impl Iterator<Item = char> {
    let visible = surface.chars().filter(|&c| !is_ignorable(c));
    visible.nfc().flat_map(char::to_lowercase)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stripped(surface: &str) -> &str {
        &surface[strip(surface)]
    }

    /// What is plain is so by all rules.
    #[test]
    fn what_is_plainly_off_is_off() {
        let mut n_plain = 0;
        for word in [
            "c", "D", "j", "l", "L", "m", "n", "s", "T", "qu", "Qu", "QU", "a", "ou",
        ] {
            for (apostrophe, c) in ["'", "’", "‘"]
                .iter()
                .flat_map(|one| ('\0'..'\u{3000}').map(move |c| (one, c)))
            {
                let text = format!("{word}{apostrophe}{c}ne");
                if let Some(n_bytes) = plain(text.as_bytes(), word.len()) {
                    assert_eq!(strip(&text).start, n_bytes, "{text}");
                    n_plain += 1;
                }
            }
        }
        assert!(n_plain > 500);
    }

    #[test]
    fn elided_words_are_taken_off() {
        for (surface, rest) in [
            ("l'école", "école"),
            ("L’ÉCOLE", "ÉCOLE"),
            ("d’eau", "eau"),
            ("qu'elle", "elle"),
            ("jusqu'à", "à"),
            ("Lorsqu’il", "il"),
            ("puisqu'on", "on"),
            ("ç'avait", "avait"),
            ("d'Artagnan", "Artagnan"),
            ("l'a", "a"),
        ] {
            assert_eq!(stripped(surface), rest);
        }
    }

    #[test]
    fn elisions_pile_up() {
        assert_eq!(stripped("jusqu'aujourd'hui"), "aujourd'hui");
        assert_eq!(stripped("d'aujourd’hui"), "aujourd’hui");
    }

    #[test]
    fn whole_words_stay_whole() {
        for word in [
            "aujourd'hui",
            "prud'homme",
            "presqu'île",
            "presqu’ile",
            "entr'acte",
            "quelqu'un",
            "quelqu’une",
            "O'Brien",
            "N'Golo",
            "M'Bappé",
            "rock'n'roll",
            "don't",
            "he'll",
        ] {
            assert_eq!(stripped(word), word);
        }
    }

    #[test]
    fn possessives_are_taken_off_in_both_languages() {
        assert_eq!(stripped("president's"), "president");
        assert_eq!(stripped("Levallois-Perret’S"), "Levallois-Perret");
        assert_eq!(stripped("McDonald's"), "McDonald");
        assert_eq!(stripped("l'Oréal's"), "Oréal");
    }
}

//! Folding: a form without its accents and apostrophes, as people type it in a hurry.
//!
//! Terms are not folded (see the module's front page); forms are compared folded when a query is planned.

use unicode_normalization::{UnicodeNormalization, char::is_combining_mark};

/// Returns `form` without accents and apostrophes: `députées` gives `deputees`, `aujourd'hui` gives `aujourdhui`.
///
/// ```
/// assert_eq!(fouine::language::fold("évènement"), "evenement");
/// assert_eq!(fouine::language::fold("o'brien"), "obrien");
/// ```
pub fn fold(form: &str) -> String {
    if form.is_ascii() {
        return form.replace('\'', "");
    }
    let mut folded = String::with_capacity(form.len());
    for c in form.nfd() {
        match c {
            '\'' => {}
            // Letters whose stroke is not a combining mark: names come without it as often as with it.
            'ø' => folded.push('o'),
            'ł' => folded.push('l'),
            'đ' | 'ð' => folded.push('d'),
            'ħ' => folded.push('h'),
            'ı' => folded.push('i'),
            'þ' => folded.push_str("th"),
            _ if is_combining_mark(c) => {}
            _ => folded.push(c),
        }
    }
    folded
}

/// Tells whether folding leaves `form` as it is: it was typed without any accent.
pub fn is_folded(form: &str) -> bool {
    form.bytes().all(|byte| byte.is_ascii() && byte != b'\'') || fold(form) == form
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn accents_go_letters_stay() {
        assert_eq!(fold("élèves"), "eleves");
        assert_eq!(fold("ça"), "ca");
        assert_eq!(fold("łódź"), "lodz");
        assert_eq!(fold("naïve"), "naive");
        assert_eq!(fold("réunion2"), "reunion2");
    }

    #[test]
    fn a_plain_word_is_folded_already() {
        assert!(is_folded("maire"));
        assert!(is_folded("63500"));
        assert!(!is_folded("élu"));
        assert!(!is_folded("aujourd'hui"));
    }
}

//! Cuts text into words and gives each its form.
//!
//! Our own rather than a Unicode word-break library, because each of these must be one word here and is several
//! there, or the reverse: decomposed accents and soft hyphens inside a word, `aujourd'hui`, `63 500`, `S.N.C.F.`
//! (one); `Pottier-Dumas`, `l'école` (parts that are searched alone).

use std::ops::Range;

use unicode_normalization::char::is_combining_mark;

use super::block::{BLOCK_BYTES, Block};
use super::elision;
use super::normalize::{is_apostrophe, is_ignorable, normalize};
use super::number;

/// Longest form kept, in bytes; what is longer (base64, a line without spaces) is cut, in the index as in queries.
const MAX_FORM_BYTES: usize = 64;

/// Fewest letters of an abbreviation such as `S.N.C.F.` that is read as one word, `sncf`. Two letters stay apart: they are
/// mostly initials, as in `J.P. O'Hanlon`, whom others write `J. P.`
const MIN_ACRONYM_LETTERS: usize = 3;

/// Most letters of an abbreviation.
const MAX_ACRONYM_LETTERS: usize = 12;

/// The words of a text, one after the other, as forms.
///
/// ```
/// use fouine::language::Forms;
///
/// let mut forms = Forms::new("L’école d'Évry-Courcouronnes : 63 500 élèves");
/// let mut seen = Vec::new();
/// while let Some(range) = forms.advance() {
///     seen.push((forms.form().to_owned(), range));
/// }
/// let words: Vec<&str> = seen.iter().map(|(form, _)| form.as_str()).collect();
/// assert_eq!(words, ["école", "évry", "courcouronnes", "63500", "élèves"]);
/// ```
pub struct Forms<'t> {
    text: &'t str,
    /// Where the next word is looked for.
    at: usize,
    /// What there is from `block_start` on, which is not behind `at`.
    block: Block,
    block_start: usize,
    /// The form, unless it is the word as written.
    form: String,
    /// The word, and whether it is its own form, as most are: nothing is copied.
    written: &'t str,
    is_written: bool,
    /// Before this no number is looked for: `12.05.2020` is not twelve and a decimal number.
    words_until: usize,
}

impl<'t> Forms<'t> {
    /// Starts at the beginning of `text`.
    pub fn new(text: &'t str) -> Forms<'t> {
        Forms {
            text,
            at: 0,
            block: Block::of(text, 0),
            block_start: 0,
            form: String::new(),
            written: "",
            is_written: false,
            words_until: 0,
        }
    }

    /// Goes to the next word and returns its bytes in the text, without an elided article or a possessive.
    #[inline]
    pub fn advance(&mut self) -> Option<Range<usize>> {
        self.plain().or_else(|| self.any())
    }

    /// Goes to the next word if the block that is known has all of it, and if it is one of those of which nearly all text is
    /// made: nothing but the letters of [`Block::letters`], ending with what is certain to end it. They need no other rule of
    /// this module, only lower case.
    #[inline]
    fn plain(&mut self) -> Option<Range<usize>> {
        let n_read = self.at - self.block_start;
        if n_read >= BLOCK_BYTES {
            return None;
        }
        let mut n_before = (self.block.beginnings >> n_read).trailing_zeros() as usize + n_read;
        if n_before >= BLOCK_BYTES {
            return None;
        }
        let bytes = &self.text.as_bytes()[self.block_start..];
        let mut n_letters = (self.block.letters >> n_before).trailing_ones() as usize;
        if (1..=2).contains(&n_letters)
            && let Some(n_elided) = elision::plain(&bytes[n_before..], n_letters)
        {
            n_before += n_elided;
            if n_before >= BLOCK_BYTES {
                return None;
            }
            n_letters = (self.block.letters >> n_before).trailing_ones() as usize;
        }
        // A word that the block ends with may go on.
        let n_until = n_before + n_letters;
        if n_letters == 0 || n_until >= BLOCK_BYTES || !ends_word(&bytes[n_until..], n_letters) {
            return None;
        }
        let (start, end) = (self.block_start + n_before, self.block_start + n_until);
        self.at = end;
        self.written = &self.text[start..end];
        self.is_written = (self.block.capitals >> n_before).trailing_zeros() >= n_letters as u32;
        if !self.is_written {
            self.form.clear();
            self.form.push_str(self.written);
            self.form.make_ascii_lowercase();
        }
        Some(start..end)
    }

    /// Goes to the next word, whatever it is.
    #[inline(never)]
    fn any(&mut self) -> Option<Range<usize>> {
        self.at += word_start(&self.text[self.at..])?;
        if self.at - self.block_start >= BLOCK_BYTES / 2 {
            self.block_start = self.at;
            self.block = Block::of(self.text, self.at);
            if let Some(range) = self.plain() {
                return Some(range);
            }
        }
        Some(self.by_rules(self.at))
    }

    /// Goes to the word that begins at `start`.
    fn by_rules(&mut self, start: usize) -> Range<usize> {
        self.form.clear();
        self.is_written = false;
        if let Some(range) = self.number(start).or_else(|| self.acronym(start)) {
            self.at = range.end;
            return range;
        }
        let end = word_end(self.text, start);
        self.at = end;
        let kept = elision::strip(&self.text[start..end]);
        let range = start + kept.start..start + kept.end;
        if kept.start > 0
            && let Some(range) = self.acronym(range.start)
        {
            self.at = range.end;
            return range;
        }
        normalize(&self.text[range.clone()], &mut self.form);
        truncate(&mut self.form);
        range
    }

    /// The form of the word that [`Forms::advance`] went to.
    pub fn form(&self) -> &str {
        match self.is_written {
            true => self.written,
            false => &self.form,
        }
    }

    /// Whether that is the word as written, letter for letter, where [`Forms::advance`] said.
    pub fn is_as_written(&self) -> bool {
        self.is_written
    }

    fn number(&mut self, start: usize) -> Option<Range<usize>> {
        if start < self.words_until || !self.text.as_bytes()[start].is_ascii_digit() {
            return None;
        }
        let number = match number::read(&self.text[start..]) {
            Ok(number) => number,
            Err(length) => {
                self.words_until = start + length;
                return None;
            }
        };
        let range = start..start + number.length;
        number::write(
            &self.text[range.clone()],
            number.whole_length,
            &mut self.form,
        );
        truncate(&mut self.form);
        Some(range)
    }

    fn acronym(&mut self, start: usize) -> Option<Range<usize>> {
        let first = self.text[start..].chars().next()?;
        if !self.text[start + first.len_utf8()..].starts_with('.') {
            return None;
        }
        let mut letters = 0;
        let mut end = start;
        let mut chars = self.text[start..].char_indices().peekable();
        while let Some((offset, letter)) = chars.next() {
            if !letter.is_alphabetic() {
                break;
            }
            letters += 1;
            if letters > MAX_ACRONYM_LETTERS {
                return None;
            }
            end = start + offset + letter.len_utf8();
            match chars.next() {
                Some((_, '.')) => {}
                Some((_, c)) if c.is_alphanumeric() || is_combining_mark(c) => return None,
                _ => break,
            }
        }
        if letters < MIN_ACRONYM_LETTERS {
            return None;
        }
        for letter in self.text[start..end].split('.') {
            normalize(letter, &mut self.form);
        }
        truncate(&mut self.form);
        Some(start..end)
    }
}

/// Tells whether what comes behind so many bytes of plain letters is certain to end their word.
#[inline]
fn ends_word(bytes: &[u8], n_letters: usize) -> bool {
    match bytes {
        [] => true,
        [b'0'..=b'9' | b'\'' | b'`', ..] => false,
        [b'.', ..] => n_letters > 2, // one letter may begin an abbreviation
        [0..0x80, ..] => true,
        // A space that does not break, « and »; dashes, quotes and ellipses, but no apostrophe.
        [0xC2, 0xA0 | 0xAB | 0xBB, ..] | [0xE2, 0x80, 0x90..=0x97 | 0x9A..=0xAF, ..] => true,
        _ => false,
    }
}

/// Returns where the first word of `text` begins.
fn word_start(text: &str) -> Option<usize> {
    let n_others = text
        .bytes()
        .take_while(|byte| byte.is_ascii() && !byte.is_ascii_alphanumeric())
        .count();
    match text.as_bytes().get(n_others)?.is_ascii() {
        true => Some(n_others), // a letter or a digit
        false => Some(n_others + text[n_others..].find(begins_word)?),
    }
}

/// As [`char::is_alphanumeric`], which looks up what is often between words as well: quotes, dashes, spaces that do not break.
fn begins_word(c: char) -> bool {
    let is_between = matches!(c, '\u{A0}' | '«' | '»' | '\u{2000}'..='\u{206F}');
    !is_between && c.is_alphanumeric()
}

/// Returns where the word that begins at `start` ends.
fn word_end(text: &str, start: usize) -> usize {
    let mut end = start;
    let mut previous_is_letter = false;
    let mut chars = text[start..].char_indices().peekable();
    while let Some((offset, c)) = chars.next() {
        let next = chars.peek().map(|&(_, next)| next);
        if c.is_alphanumeric() {
            previous_is_letter = c.is_alphabetic();
        } else if is_apostrophe(c) {
            if !(previous_is_letter && next.is_some_and(char::is_alphabetic)) {
                break;
            }
        } else if is_ignorable(c) {
            if !next.is_some_and(|next| next.is_alphanumeric() || is_apostrophe(next)) {
                break;
            }
        } else if !is_combining_mark(c) {
            break;
        }
        end = start + offset + c.len_utf8();
    }
    end
}

fn truncate(form: &mut String) {
    form.truncate(form.floor_char_boundary(MAX_FORM_BYTES));
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn forms(text: &str) -> Vec<String> {
        let mut forms = Forms::new(text);
        let mut all = Vec::new();
        while forms.advance().is_some() {
            all.push(forms.form().to_owned());
        }
        all
    }

    #[test]
    fn hyphens_separate_words() {
        assert_eq!(forms("Pottier-Dumas"), forms("Pottier Dumas"));
        assert_eq!(forms("Levallois‑Perret"), ["levallois", "perret"]);
    }

    #[test]
    fn decomposed_accents_do_not_cut_words() {
        assert_eq!(
            forms("E\u{301}lue a\u{300} E\u{301}vry"),
            ["élue", "à", "évry"]
        );
    }

    #[test]
    fn abbreviations_with_points_are_one_word() {
        assert_eq!(
            forms("La S.N.C.F. et l'O.N.U."),
            ["la", "sncf", "et", "onu"]
        );
        assert_eq!(forms("J.P. O’Hanlon"), ["j", "p", "o'hanlon"]);
        assert_eq!(forms("fin.Le"), ["fin", "le"]);
    }

    #[test]
    fn plain_words_are_read_as_the_others() {
        for (text, expected) in [
            ("ex æquo, Strasse", vec!["ex", "aequo", "strasse"]),
            ("straße÷deux×trois", vec!["strasse", "deux", "trois"]),
            ("Été à Noël l'île", vec!["été", "à", "noël", "île"]),
            ("a b. c.", vec!["a", "b", "c"]),
            ("vitamine B12, été2020", vec!["vitamine", "b12", "été2020"]),
            ("cafe\u{301} coop\u{AD}érer", vec!["café", "coopérer"]),
        ] {
            assert_eq!(forms(text), expected, "{text}");
        }
        let every_letter: String = ('\u{C0}'..'\u{180}')
            .filter(|c| c.is_alphabetic())
            .collect();
        for letter in every_letter.chars() {
            let mut word = String::new();
            normalize(&format!("x{letter}x"), &mut word);
            assert_eq!(forms(&format!("x{letter}x")), [word]);
        }
    }

    /// Asserts that words are those that the rules for any word give.
    fn assert_by_rules(text: &str) {
        let mut forms = Forms::new(text);
        let mut by_rules = Forms::new(text);
        let mut next_by_rules = || {
            let start = by_rules.at + word_start(&text[by_rules.at..])?;
            let range = by_rules.by_rules(start);
            Some((range, by_rules.form().to_owned()))
        };
        loop {
            let next = forms.advance();
            let next = next.map(|range| (range, forms.form().to_owned()));
            assert_eq!(next, next_by_rules(), "{text}");
            if next.is_none() {
                break;
            }
        }
    }

    #[test]
    fn words_beside_any_character_are_those_of_the_rules() {
        for c in '\0'..'\u{20000}' {
            assert_by_rules(&format!("ab{c}cd l’{c}ab qu'{c}"));
        }
    }

    #[test]
    fn words_begin_with_letters_and_digits() {
        for c in '\0'..=char::MAX {
            assert_eq!(begins_word(c), c.is_alphanumeric(), "{c:?}");
        }
    }

    #[test]
    fn words_across_blocks_are_those_of_the_rules() {
        for n_before in 15..45 {
            assert_by_rules(&("x ".repeat(n_before) + "l’élan qu'école d’eau sœur d’"));
        }
    }

    #[test]
    fn dates_are_three_words() {
        assert_eq!(forms("12.05.2020"), ["12", "05", "2020"]);
        assert_eq!(forms("3.0.1"), ["3", "0", "1"]);
    }

    #[test]
    fn quotes_around_words_are_not_apostrophes() {
        assert_eq!(forms("‘heir’ 'puppet'"), ["heir", "puppet"]);
    }

    #[test]
    fn very_long_words_are_cut_alike() {
        let long = "a".repeat(1000);
        assert_eq!(forms(&long), ["a".repeat(MAX_FORM_BYTES)]);
    }

    #[test]
    fn ranges_leave_out_what_forms_leave_out() {
        let text = "dans l’école, the mayor's car";
        let mut forms = Forms::new(text);
        let mut surfaces = Vec::new();
        while let Some(range) = forms.advance() {
            surfaces.push(&text[range]);
        }
        assert_eq!(surfaces, ["dans", "école", "the", "mayor", "car"]);
    }

    proptest! {
        #[test]
        fn ranges_are_in_order_inside_any_text(text in "\\PC*|[a-z0-9.,'’ éœ\u{301}\u{AD}-]*") {
            let mut forms = Forms::new(&text);
            let mut end = 0;
            while let Some(range) = forms.advance() {
                prop_assert!(range.start >= end && range.end > range.start);
                prop_assert!(text.get(range.clone()).is_some());
                prop_assert!(!forms.form().is_empty());
                prop_assert!(forms.form().len() <= MAX_FORM_BYTES);
                end = range.end;
            }
        }

        /// Words are read at once where that makes no difference only.
        #[test]
        fn the_rules_for_any_word_give_the_same(
            text in "(([lLcs]|qu|Qu)['’]|[a-zA-Zéàùÿæ÷œÉ]{0,9}[ .,'’‘`0-9\u{A0}\u{AD}\u{200D}\u{301}«—”…-]{0,3}){0,20}|[a-zé]{50,70}\\PC*"
        ) {
            assert_by_rules(&text);
        }

        #[test]
        fn an_accent_is_the_same_composed_or_not(text in "[a-zéèêëàâçîïôùûüœæ' -]*") {
            use unicode_normalization::UnicodeNormalization;
            let decomposed: String = text.nfd().collect();
            prop_assert_eq!(forms(&text), forms(&decomposed));
        }
    }
}

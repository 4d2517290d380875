//! What speaks for French and for English in a text: function words, elisions, accents.

use std::iter::Sum;
use std::ops::AddAssign;

use memchr::memchr;

use super::normalize::is_apostrophe;
use super::{Forms, Language, suggests};

/// French function words that Spanish, Catalan, Portuguese or Italian have too: they speak for French less.
const ROMANCE: [&str; 13] = [
    "de", "des", "d", "la", "le", "les", "l", "que", "se", "si", "te", "tu", "un",
];

/// Bytes of a line, at least, which ends with the next space: what is looked at together, or gone past. Half of the words tell
/// as much as all of them: of 218,864 passages of articles, chapters and news, 8 were taken for another language, most of
/// them lists or half in each.
const LINE_BYTES: usize = 60;

/// What a function word is counted as; what speaks for a language less is worth a part of it.
const FUNCTION_WORD: u32 = 20;
const ROMANCE_WORD: u32 = 6;
const APOSTROPHE: u32 = 10;
const ACCENT: u32 = 5;

/// What speaks for each language in a text, as far as it was looked at. What speaks for it in the parts of a text, added up,
/// does so in the text.
///
/// ```
/// use fouine::language::{Evidence, Language};
///
/// let text = "Le maire est venu. Il a parlé de la digue.";
/// let sentences = text.split_inclusive(". ");
/// let evidence: Evidence = sentences.map(Evidence::of).sum();
/// assert_eq!(evidence.language(text, None), Language::French);
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Evidence {
    pub(super) n_words: u32,
    /// In twentieths of a function word.
    pub(super) french: u32,
    pub(super) english: u32,
    /// Words with letters of another alphabet.
    pub(super) n_foreign: u32,
}

impl Evidence {
    /// The evidence of `text`, of which every other line is looked at.
    pub fn of(text: &str) -> Evidence {
        let mut evidence = Evidence::default();
        let mut rest = text;
        while !rest.is_empty() {
            let (looked_at, after) = cut_line(rest);
            evidence += Evidence::of_all(looked_at);
            rest = cut_line(after).1;
        }
        evidence
    }

    /// The evidence of all words of `text`.
    pub(super) fn of_all(text: &str) -> Evidence {
        Evidence::of_beginning(text, usize::MAX)
    }

    /// The evidence of the first `max_words` words of `text`, figures aside.
    pub(super) fn of_beginning(text: &str, max_words: usize) -> Evidence {
        let mut evidence = Evidence::default();
        let mut forms = Forms::new(text);
        while (evidence.n_words as usize) < max_words
            && let Some(range) = forms.advance()
        {
            evidence.add_word(forms.form(), &text[..range.start], &text[range.end..]);
        }
        evidence
    }

    /// Takes a word into account, and what is before and behind it.
    #[inline]
    fn add_word(&mut self, form: &str, before: &str, after: &str) {
        if form.as_bytes()[0].is_ascii_digit() {
            return;
        }
        add(&mut self.n_words, 1);
        match suggests(form) {
            Some(Language::French) if ROMANCE.contains(&form) => {
                add(&mut self.french, ROMANCE_WORD);
            }
            Some(Language::French) => add(&mut self.french, FUNCTION_WORD),
            Some(Language::English) => add(&mut self.english, FUNCTION_WORD),
            _ => {}
        }
        // An apostrophe just before is an elision, just after (with an s) a possessive.
        let is_space = |byte: Option<&u8>| byte == Some(&b' ');
        if !is_space(before.as_bytes().last())
            && before.ends_with(is_apostrophe)
            && before
                .trim_end_matches(is_apostrophe)
                .ends_with(char::is_alphabetic)
        {
            add(&mut self.french, APOSTROPHE);
        }
        if !is_space(after.as_bytes().first())
            && after.starts_with(is_apostrophe)
            && after.trim_start_matches(is_apostrophe).starts_with('s')
        {
            add(&mut self.english, APOSTROPHE);
        }
        if !form.is_ascii() {
            let is_accent = |c| matches!(c, 'é' | 'è' | 'ê' | 'ç' | 'û');
            if form.contains(is_accent) {
                add(&mut self.french, ACCENT);
            }
            let is_foreign = |c: char| c > '\u{24F}' && c.is_alphabetic();
            if form.contains(is_foreign) {
                add(&mut self.n_foreign, 1);
            }
        }
    }

    /// How much speaks for a language, in function words.
    pub(super) fn words(self, language: Language) -> f32 {
        let twentieths = match language {
            Language::French => self.french,
            Language::English => self.english,
            Language::Other => 0,
        };
        twentieths as f32 / FUNCTION_WORD as f32
    }
}

/// Adds to a count; a file is read up to a limit that the user may set to any size.
fn add(to: &mut u32, number: u32) {
    *to = to.saturating_add(number);
}

/// Cuts `text` after a space, so that at least [`LINE_BYTES`] are before it.
fn cut_line(text: &str) -> (&str, &str) {
    let (_, after) = text.as_bytes().split_at(LINE_BYTES.min(text.len()));
    let end = memchr(b' ', after).map_or(text.len(), |n_before| LINE_BYTES + n_before + 1);
    text.split_at(end)
}

impl AddAssign for Evidence {
    fn add_assign(&mut self, other: Evidence) {
        add(&mut self.n_words, other.n_words);
        add(&mut self.french, other.french);
        add(&mut self.english, other.english);
        add(&mut self.n_foreign, other.n_foreign);
    }
}

impl Sum for Evidence {
    fn sum<I: Iterator<Item = Evidence>>(parts: I) -> Evidence {
        parts.fold(Evidence::default(), |mut sum, part| {
            sum += part;
            sum
        })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn each_clue_counts_as_it_should() {
        let of = |text| {
            let Evidence {
                n_words,
                french,
                english,
                n_foreign,
            } = Evidence::of(text);
            [n_words, french, english, n_foreign]
        };
        assert_eq!(of("l’école"), [1, APOSTROPHE + ACCENT, 0, 0]);
        assert_eq!(of("d'abord"), [1, APOSTROPHE, 0, 0]);
        assert_eq!(of("the mayor's"), [2, 0, FUNCTION_WORD + APOSTROPHE, 0]);
        assert_eq!(
            of("de leur 12 mai"),
            [3, ROMANCE_WORD + FUNCTION_WORD, 0, 0]
        );
        assert_eq!(of("Мэр on 2020"), [2, 0, 0, 1]);
        assert_eq!(of(""), [0; 4]);
    }

    #[test]
    fn counts_do_not_overflow() {
        let most = Evidence {
            n_words: u32::MAX - 1,
            french: u32::MAX - 1,
            english: u32::MAX - 1,
            n_foreign: u32::MAX - 1,
        };
        let mut evidence = most;
        evidence += most;
        evidence.add_word("leur", "", "");
        evidence.add_word("the", "", "");
        assert_eq!(evidence.n_words, u32::MAX);
        assert_eq!(evidence.language("", None), Language::Other);
    }

    proptest! {
        #[test]
        fn lines_are_cut_after_spaces(text in "[a-zé \u{A0}\n’]{0,200}") {
            let (line, after) = cut_line(&text);
            prop_assert_eq!([line, after].concat(), text.as_str());
            prop_assert!(after.is_empty() || line.len() > LINE_BYTES && line.ends_with(' '));
            let whole = line.trim_end_matches(' ');
            prop_assert!(after.is_empty() || !whole.get(LINE_BYTES..).is_some_and(|end| end.contains(' ')));
        }

        #[test]
        fn all_of_a_line_is_looked_at(text in "[a-zé ’']{0,20}") {
            prop_assert_eq!(Evidence::of(&text), Evidence::of_all(&text));
        }
    }
}

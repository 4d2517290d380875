//! Where sentences end, in French and English at once: a text quotes one language inside the other.
//!
//! Rules rather than UAX #29, which breaks after *M.*, *Mme.*, *St.*, *art.* and initials, and inside « guillemets ».

use std::ops::Range;
use std::sync::LazyLock;

use memchr::{memchr3, memmem};
use rustc_hash::FxHashSet;

use super::paragraph::paragraphs;
use crate::language::{Language, is_stop_word};

/// Abbreviations that something always follows: no sentence ends here.
static LEADING: LazyLock<FxHashSet<&str>> = LazyLock::new(|| {
    "
m mm mme mmes mlle mlles me mes mgr dr drs pr prof mr mrs ms messrs st ste sts gal gén col cdt cap capt lt sgt sen rep
rev hon gov pres no nos n° nº art al chap fig vol éd ed éds eds p pp cf vs v av bd env tél tel ex hab réf ref dir trad
coll ca approx i.e e.g ie eg
"
    .split_ascii_whitespace()
    .collect()
});

/// Abbreviations that may end a sentence: the next word decides.
static TRAILING: LazyLock<FxHashSet<&str>> = LazyLock::new(|| {
    "
etc jr sr inc ltd co corp cie bros dept univ a.m p.m am pm janv févr fév avr juil sept oct nov déc jan feb mar apr jun
jul aug dec mon tue wed thu fri sat sun ave blvd rd
"
    .split_ascii_whitespace()
    .collect()
});

/// Splits `text` into sentences that cover it: each begins with its first letter (or quotation mark) and ends where
/// the next one begins, white space included. The end of a paragraph ends a sentence, with or without a full stop.
///
/// ```
/// use fouine::passage::sentences;
///
/// let text = "M. d'Aubrac (art. 12) a dit : « Non ! » Mme. Roux, 34,6 % des voix, se tait. Why? Ask J. P. Stone.";
/// let found: Vec<&str> = sentences(text).into_iter().map(|range| text[range].trim_end()).collect();
/// assert_eq!(found, [
///     "M. d'Aubrac (art. 12) a dit : « Non ! »",
///     "Mme. Roux, 34,6 % des voix, se tait.",
///     "Why?",
///     "Ask J. P. Stone.",
/// ]);
/// ```
pub fn sentences(text: &str) -> Vec<Range<usize>> {
    let of_paragraph = |paragraph: Range<usize>| {
        let sentences = paragraph_sentences(&text[paragraph.clone()]);
        sentences
            .into_iter()
            .map(move |range| paragraph.start + range.start..paragraph.start + range.end)
    };
    paragraphs(text)
        .into_iter()
        .flat_map(of_paragraph)
        .collect()
}

/// The sentences of a text that is one paragraph.
pub(super) fn paragraph_sentences(text: &str) -> Vec<Range<usize>> {
    let mut sentences = Vec::new();
    let mut start = 0;
    let mut at = 0;
    let mut terminators = Terminators::new(text);
    while let Some(terminator) = terminators.next_from(at) {
        let end_of_marks = skip(text, terminator, is_terminator);
        let end = skip_closers(text, end_of_marks);
        at = end;
        let next = skip(text, end, char::is_whitespace);
        if next == end || next == text.len() {
            continue;
        }
        let mark = &text[terminator..end_of_marks];
        let is_closed = end > end_of_marks; // “No.” is no abbreviation
        let ends_here = may_begin(&text[next..])
            && (mark != "." || is_closed || ends_after(&text[start..terminator], &text[next..]));
        if ends_here {
            sentences.push(start..next);
            start = next;
            at = next;
        }
    }
    if start < text.len() {
        sentences.push(start..text.len());
    }
    sentences
}

/// The marks in a text that may end a sentence, those of [`is_terminator`].
struct Terminators<'t> {
    text: &'t [u8],
    /// Where the next of ASCII is, and the next ellipsis.
    of_ascii: Option<usize>,
    ellipsis: Option<usize>,
}

impl<'t> Terminators<'t> {
    fn new(text: &'t str) -> Terminators<'t> {
        Terminators {
            text: text.as_bytes(),
            of_ascii: find_of_ascii(text.as_bytes()),
            ellipsis: find_ellipsis(text.as_bytes()),
        }
    }

    /// Where the first is from `at` on; to go back is not possible.
    fn next_from(&mut self, at: usize) -> Option<usize> {
        for (next, find) in [
            (&mut self.of_ascii, find_of_ascii as fn(&[u8]) -> _),
            (&mut self.ellipsis, find_ellipsis),
        ] {
            if next.is_some_and(|next| next < at) {
                *next = find(&self.text[at..]).map(|n_before| at + n_before);
            }
        }
        self.of_ascii.into_iter().chain(self.ellipsis).min()
    }
}

fn find_of_ascii(text: &[u8]) -> Option<usize> {
    memchr3(b'.', b'!', b'?', text)
}

fn find_ellipsis(text: &[u8]) -> Option<usize> {
    memmem::find(text, "…".as_bytes())
}

fn is_terminator(c: char) -> bool {
    matches!(c, '.' | '!' | '?' | '…')
}

fn skip(text: &str, from: usize, matches: impl Fn(char) -> bool) -> usize {
    from + text[from..]
        .find(|c| !matches(c))
        .unwrap_or(text.len() - from)
}

/// Goes past quotation marks and parentheses that close the sentence: `! »`, `.”`, `?)`, `. (1)` not included.
fn skip_closers(text: &str, from: usize) -> usize {
    let is_closer = |c| matches!(c, '»' | '”' | '"' | '’' | '\'' | ')' | ']' | '›');
    let mut end = skip(text, from, is_closer);
    // French typography sets a space before the closing guillemet, and marks between the two.
    loop {
        let after_space = skip(text, end, |c| c == ' ' || c == '\u{A0}' || c == '\u{202F}');
        if !text[after_space..].starts_with('»') {
            return end;
        }
        let past = skip(text, after_space, is_closer);
        end = skip(text, past, |c| is_terminator(c) || is_closer(c));
    }
}

/// Tells whether a sentence may begin so: with a capital, a figure, an opening mark, or a letter without case.
fn may_begin(text: &str) -> bool {
    match text.chars().next() {
        Some(
            '«' | '“' | '"' | '‘' | '\'' | '‹' | '(' | '[' | '–' | '—' | '-' | '•' | '*' | '¿'
            | '¡',
        ) => true,
        Some(c) => c.is_numeric() || (c.is_alphabetic() && !c.is_lowercase()),
        None => false,
    }
}

/// Tells whether a single full stop ends the sentence that `before` is the beginning of; `after` begins with what
/// follows the white space.
fn ends_after(before: &str, after: &str) -> bool {
    let word_start = before
        .rfind(|c: char| c.is_whitespace() || matches!(c, '(' | '«' | '“' | '"' | '[' | '’' | '\''))
        .map_or(0, |at| {
            at + before[at..].chars().next().map_or(0, char::len_utf8)
        });
    let word = &before[word_start..];
    if word.bytes().all(|byte| byte.is_ascii_digit()) {
        // "1. Milk" at the very beginning numbers a list; "en 2020. Le" ends a sentence.
        return !before[..word_start].trim().is_empty();
    }
    let lower = word.to_lowercase();
    let mut letters = word.chars();
    let is_initial = letters.next().is_some_and(char::is_alphabetic) && letters.next().is_none();
    let is_dotted = word.contains('.');
    if !is_initial && !is_dotted && LEADING.contains(lower.as_str()) {
        return false;
    }
    // "M. Le Pen" and "p. ex." are never ends, although a single letter before "The" may be one.
    if is_initial && matches!(word, "M" | "p" | "n" | "v") {
        return false;
    }
    if is_initial || is_dotted || TRAILING.contains(lower.as_str()) {
        return begins_with_stop_word(after, is_initial);
    }
    true
}

/// Tells whether `text` begins with a capitalized stop word, as a new sentence often does and a name seldom.
fn begins_with_stop_word(text: &str, after_initial: bool) -> bool {
    let word: String = text
        .trim_start_matches(['«', '“', '"', '‘', ' ', '\u{A0}', '\u{202F}'])
        .chars()
        .take_while(|c| c.is_alphabetic())
        .flat_map(char::to_lowercase)
        .collect();
    if after_initial && matches!(word.as_str(), "le" | "la" | "de" | "du" | "des" | "d") {
        return false; // particles: "A. Le Goff"
    }
    is_stop_word(Language::French, &word) || is_stop_word(Language::English, &word)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn split(text: &str) -> Vec<&str> {
        sentences(text)
            .into_iter()
            .map(|range| text[range].trim_end())
            .collect()
    }

    #[test]
    fn titles_and_abbreviations_do_not_end_sentences() {
        for text in [
            "M. Le Pen et Mme. Castaing ont voté.",
            "Le Dr. Lemoyne et MM. Diarra et Roux, p. ex. Jean, sont venus.",
            "See fig. 3, art. 12 and no. 5 of St. Mary's.",
            "Les art. 3 et 4, cf. Le Monde.",
            "The U.S. President met Mr. Smith at 5 p.m. Monday.",
            "J. P. O'Hanlon and A. Le Goff signed.",
            "On Sept. 12 it rained.",
        ] {
            assert_eq!(split(text), [text]);
        }
    }

    #[test]
    fn decimals_and_thousands_do_not_end_sentences() {
        assert_eq!(split("Il a 34.6 % et 63.500 voix.").len(), 1);
    }

    #[test]
    fn years_do() {
        assert_eq!(
            split("C'était en 2020. Le maire partit. In 1974. The twin town."),
            [
                "C'était en 2020.",
                "Le maire partit.",
                "In 1974.",
                "The twin town."
            ]
        );
    }

    #[test]
    fn numbered_lists_keep_their_numbers() {
        assert_eq!(split("1. Milk\u{A0}!"), ["1. Milk\u{A0}!"]);
    }

    #[test]
    fn guillemets_close_the_sentence_they_quote() {
        assert_eq!(
            split("Il crie : « Assez\u{A0}! » Puis il sort. « Non. » Elle reste."),
            [
                "Il crie : « Assez\u{A0}! »",
                "Puis il sort.",
                "« Non. »",
                "Elle reste."
            ]
        );
        assert_eq!(
            split("« Non ! » dit-il. “No.” She left."),
            ["« Non ! » dit-il.", "“No.”", "She left."]
        );
    }

    #[test]
    fn ellipses_end_a_sentence_only_before_a_capital() {
        assert_eq!(
            split("Il hésite… puis part. Peut-être... Qui sait ?").len(),
            3
        );
    }

    #[test]
    fn an_abbreviation_may_end_a_sentence() {
        assert_eq!(split("Des œufs, du lait, etc. Les prix montent.").len(), 2);
        assert_eq!(split("We met at 5 p.m. The rest is known.").len(), 2);
        assert_eq!(split("En 52 av. J.-C. Les Romains arrivent.").len(), 2);
    }

    proptest! {
        #[test]
        fn sentences_cover_any_text(text in "\\PC*|[A-Za-z .!?…»«\n\u{A0}]*") {
            let mut end = 0;
            for range in sentences(&text) {
                prop_assert_eq!(range.start, end);
                prop_assert!(range.end > range.start && text.get(range.clone()).is_some());
                end = range.end;
            }
            prop_assert_eq!(end, text.len());
        }
    }
}

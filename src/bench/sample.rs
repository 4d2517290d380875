//! What is asked: queries drawn from an index, some of every kind, or read from a file.

use std::path::Path;

use super::Kind;
use crate::error::{Error, Result};
use crate::eval::Topics;
use crate::index::PassageRecord;
use crate::language::{Forms, is_any_stop_word};
use crate::query::Query;
use crate::random::SplitMix64;
use crate::search::Searcher;

/// Queries of each kind that are drawn.
pub const DRAWN_PER_KIND: usize = 50;

/// Passages that queries are drawn from.
const N_PASSAGES: usize = 500;

/// Passages that are tried for a query; from half of them on, shorter questions are good enough.
const TRIES: usize = 60;

/// Words that a question is made of, where the text is long enough.
const QUESTION_WORDS: std::ops::Range<usize> = 6..13;

/// Fewest words of a question that is drawn from a short text.
const MIN_QUESTION_WORDS: usize = 4;

/// A query to measure.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Asked {
    /// What kind of query it is.
    pub kind: Kind,
    /// As a user would type it.
    pub text: String,
}

/// Reads queries in any form that [`Topics::read_texts`] knows, and tells their kinds by how they are read.
///
/// # Errors
///
/// [`Error::Read`], [`Error::Malformed`], and [`Error::NoQueries`].
pub fn read(path: &Path) -> Result<Vec<Asked>> {
    let texts = Topics::read_texts(path)?.into_iter();
    let asked: Vec<Asked> = texts
        .map(|text| Asked {
            kind: Kind::of(&Query::parse(&text)),
            text,
        })
        .collect();
    if asked.is_empty() {
        return Err(Error::NoQueries { path: path.into() });
    }
    Ok(asked)
}

/// Draws [`DRAWN_PER_KIND`] queries of each kind from passages of the index; fewer of a kind that its texts do not yield.
/// The same articles and the same seed give the same queries.
///
/// Words come as often as in the texts, so that frequent ones are asked for more often; phrases and questions are
/// pieces of sentences, stop words included. Of the fuzzy queries every second is a mistyped word and nothing else, for
/// the search to find out.
///
/// # Errors
///
/// [`Error::IndexDamaged`]; [`Error::NothingToDraw`] where no text has a word worth asking for.
pub fn draw(searcher: &Searcher, seed: u64) -> Result<Vec<Asked>> {
    let mut sources = Vec::new();
    for passage in searcher.sample(N_PASSAGES, seed)? {
        let article = searcher.article(&passage.article)?;
        let date = article.and_then(|(article, _)| article.metadata.date);
        sources.push(Source::new(&passage, date.map(|date| date.year())));
    }
    let mut random = SplitMix64::new(seed);
    let mut asked = Vec::new();
    for kind in Kind::ALL {
        for n in 0..DRAWN_PER_KIND {
            let mut tries = 0..TRIES;
            let drawn = tries.find_map(|attempt| {
                let source = sources.get(random.below(sources.len()))?;
                source.query(kind, n, attempt >= TRIES / 2, &mut random)
            });
            asked.extend(drawn.map(|text| Asked { kind, text }));
        }
    }
    if asked.is_empty() {
        return Err(Error::NothingToDraw {
            path: searcher.path().into(),
        });
    }
    Ok(asked)
}

/// A passage that queries are drawn from.
struct Source {
    words: Vec<Word>,
    /// The code of its language.
    language: &'static str,
    year: Option<u16>,
}

/// A word of a text.
struct Word {
    /// As a user would type it, what is between it and the next word left out.
    typed: String,
    /// Whether it tells what the text is about.
    is_telling: bool,
    /// Whether a sentence ends after it.
    ends_sentence: bool,
}

impl Source {
    fn new(passage: &PassageRecord, year: Option<u16>) -> Source {
        let text = passage.text.as_str();
        let mut forms = Forms::new(text);
        let mut words: Vec<Word> = Vec::new();
        let mut before = 0;
        while let Some(range) = forms.advance() {
            let between = &text[before..range.start];
            if let Some(last) = words.last_mut() {
                last.ends_sentence |= between.contains(['.', '!', '?', ':', '\n']);
            }
            let form = forms.form();
            let is_long = form.chars().nth(2).is_some();
            words.push(Word {
                typed: typed(&text[elision(text, range.start)..range.end]),
                is_telling: is_long
                    && form.chars().all(char::is_alphabetic)
                    && !is_any_stop_word(form),
                ends_sentence: false,
            });
            before = range.end;
        }
        Source {
            words,
            language: passage.language.code(),
            year,
        }
    }

    /// The `n`th query of a kind; `None` where the place in the text that was drawn is not fit for one.
    fn query(
        &self,
        kind: Kind,
        n: usize,
        is_short_enough: bool,
        random: &mut SplitMix64,
    ) -> Option<String> {
        let text = match kind {
            Kind::OneWord => self.word(1, random)?,
            Kind::FewWords => self.words(2 + n % 2, random)?,
            Kind::Question => {
                let n_words = QUESTION_WORDS.start + random.below(QUESTION_WORDS.len());
                let least = match is_short_enough {
                    true => MIN_QUESTION_WORDS,
                    false => n_words,
                };
                self.piece(least, n_words, random)?
            }
            Kind::Phrase => {
                let n_words = 2 + n % 3;
                format!("\"{}\"", self.piece(2, n_words, random)?)
            }
            Kind::Prefix => {
                let word: Vec<char> = self.word(5, random)?.chars().collect();
                let n_letters = 3 + random.below(word.len() - 4);
                format!("{}*", word[..n_letters].iter().collect::<String>())
            }
            Kind::Fuzzy => {
                let mistyped = mistyped(&self.word(6, random)?, random);
                match n % 2 {
                    0 => format!("{mistyped}~"),
                    _ => return Some(mistyped),
                }
            }
            Kind::Filtered => {
                let words = self.words(2, random)?;
                match self.year {
                    Some(year) if n % 2 == 1 => format!("{words} date:{year}"),
                    _ => format!("{words} lang:{}", self.language),
                }
            }
        };
        // What looks like a word here may not be one, or more than one, to those who read queries.
        (Kind::of(&Query::parse(&text)) == kind).then_some(text)
    }

    /// A telling word of so many letters at least, without an elided article.
    fn word(&self, min_letters: usize, random: &mut SplitMix64) -> Option<String> {
        let word = self.words.get(random.below(self.words.len()))?;
        let typed = word.typed.rsplit('\'').next()?;
        let is_long = typed.chars().count() >= min_letters;
        (word.is_telling && is_long).then(|| typed.to_owned())
    }

    /// So many different telling words that are not far from each other.
    fn words(&self, n_words: usize, random: &mut SplitMix64) -> Option<String> {
        const NEAR: usize = 12;
        let start = random.below(self.words.len());
        let mut chosen: Vec<&str> = Vec::new();
        for word in self.words[start..].iter().take(NEAR) {
            let is_new = !chosen.contains(&word.typed.as_str());
            if word.is_telling && is_new && chosen.len() < n_words {
                chosen.push(&word.typed);
            }
        }
        (chosen.len() == n_words).then(|| chosen.join(" "))
    }

    /// From `least` to `most` words that follow each other in a sentence, one of them telling.
    fn piece(&self, least: usize, most: usize, random: &mut SplitMix64) -> Option<String> {
        let start = random.below(self.words.len());
        let mut chosen: Vec<&str> = Vec::new();
        let mut is_telling = false;
        for word in self.words[start..].iter().take(most) {
            chosen.push(&word.typed);
            is_telling |= word.is_telling;
            if word.ends_sentence {
                break;
            }
        }
        (chosen.len() >= least && is_telling).then(|| chosen.join(" "))
    }
}

/// Where the elided article of the word at `start` begins, or `start` where it has none.
fn elision(text: &str, start: usize) -> usize {
    let is_part = |c: char| c.is_alphabetic() || is_apostrophe(c);
    let before = text[..start].trim_end_matches(is_part);
    match text[before.len()..start].ends_with(is_apostrophe) {
        true => before.len(),
        false => start,
    }
}

fn is_apostrophe(c: char) -> bool {
    matches!(c, '\'' | '’')
}

/// What of a word a user would type: small letters and digits, which are never operators.
fn typed(word: &str) -> String {
    let plain = word.chars().map(|c| match c {
        c if is_apostrophe(c) => '\'',
        c if c.is_alphanumeric() || ('\u{300}'..'\u{370}').contains(&c) => c,
        _ => ' ',
    });
    let plain = plain.collect::<String>().to_lowercase();
    plain.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// The word with a slip of the finger: two letters swapped, one left out, one doubled.
fn mistyped(word: &str, random: &mut SplitMix64) -> String {
    let mut letters: Vec<char> = word.chars().collect();
    // The first letter is seldom wrong.
    let at = 1 + random.below(letters.len().saturating_sub(2));
    match random.below(3) {
        0 if letters[at] != letters[at + 1] => letters.swap(at, at + 1),
        1 => drop(letters.remove(at)),
        _ => letters.insert(at, letters[at]),
    }
    letters.into_iter().collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::index::Place;
    use crate::language::Language;

    fn source(text: &str) -> Source {
        let passage = PassageRecord {
            article: "1".to_owned(),
            ordinal: 1,
            language: Language::French,
            text: text.to_owned(),
            place: Place {
                bytes: [0, 0],
                lines: [1, 1],
                heading: None,
            },
        };
        Source::new(&passage, Some(2020))
    }

    #[test]
    fn every_kind_is_drawn_from_a_sentence_and_is_of_its_kind() {
        let source = source(
            "« L’école NOT fermée » : le conseil municipal d'Évry-sur-Seine a voté (enfin !) le budget des \
             cantines OU des piscines municipales, title:dette -x /y/. Fin.",
        );
        let mut random = SplitMix64::new(1);
        for kind in Kind::ALL {
            let mut drawn = Vec::new();
            for n in 0..500 {
                drawn.extend(source.query(kind, n, false, &mut random));
            }
            assert!(!drawn.is_empty(), "{kind:?}");
            for text in drawn {
                let read = Query::parse(&text);
                let found = Kind::of(&read);
                assert!(found == kind || kind == Kind::Fuzzy, "{text}");
                assert!(read.notices.is_empty(), "{text}: {:?}", read.notices);
            }
        }
    }

    #[test]
    fn texts_without_words_yield_nothing() {
        for text in ["", "!?", "de la", "1 2 3"] {
            let source = source(text);
            let mut random = SplitMix64::new(1);
            for kind in Kind::ALL {
                assert_eq!(source.query(kind, 0, true, &mut random), None, "{text}");
            }
        }
    }

    #[test]
    fn elided_articles_belong_to_their_words() {
        let words = source("L’école d'Évry, l'hôtel.").words;
        let typed: Vec<&str> = words.iter().map(|word| word.typed.as_str()).collect();
        assert_eq!(typed, ["l'école", "d'évry", "l'hôtel"]);
    }

    #[test]
    fn a_slip_changes_a_word() {
        let mut random = SplitMix64::new(1);
        for _ in 0..100 {
            let slip = mistyped("gouvernement", &mut random);
            assert_ne!(slip, "gouvernement");
            assert!(slip.starts_with('g'));
        }
    }
}

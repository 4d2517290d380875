//! Chooses the entries of a dictionary from texts that are like those to come.
//!
//! Words and what is between them that come again; beginnings and parts of words for those that do not; and phrases of both,
//! the commonest pairs first, then what follows these, and so on.

use std::cmp::Reverse;
use std::ops::Range;

use rustc_hash::FxHashMap;

use super::dictionary::{Dictionary, Entry, MAX_ENTRY_BYTES};
use super::encoder::{MAX_GLUED_BYTES, Parser, Part};
use super::table::Pairs;
use super::tokens::{Token, Tokens, begins_with_word, ends_with_word};
use crate::index::strings::Strings;

/// How often a word or what is between words has to come to be an entry.
const MIN_MET: u32 = 2;
/// Most of them, while a dictionary is made; it has codes for fewer.
const MAX_TOKENS: usize = Pairs::LIMIT / 2;
/// How often a part of words has to.
const MIN_PART_MET: u32 = 8;
/// Bytes of rare words whose parts are counted, at most: each has as many parts as it has bytes, times six.
const MAX_RARE_BYTES: usize = 512 << 10;
/// Most parts of words.
const MAX_PARTS: usize = 3000;
/// How often a phrase has to come.
const MIN_PHRASE_MET: u32 = 4;
/// Most phrases that are made of those before and one token more, each time.
const N_PHRASES: [usize; 3] = [8000, 12000, 16000];

/// What is no entry: the end of a text, or what has to be written out.
const GAP: u32 = u32::MAX;

/// The tokens of texts.
#[derive(Default)]
struct Sample {
    /// Each different one.
    strings: Strings,
    /// How often it was met.
    n_met: Vec<u32>,
    /// All of them in order, by their numbers, and gaps behind texts. Spaces between words are left out.
    tokens: Vec<u32>,
}

/// The dictionary for texts such as these.
pub(super) fn train(texts: &[&str]) -> Dictionary {
    let sample = Sample::of(texts);
    let mut entries = sample.choose_tokens();
    let mut parser = Parser::new(entries.iter().cloned());
    let tokens = sample.in_entries(&parser);
    let n_tokens = entries.len();
    let mut parsed = tokens.clone();
    let mut n_used = count(&parsed, entries.len());
    for n_phrases in N_PHRASES {
        let is_common = |entry: u32| {
            entry != GAP
                && n_used[entry as usize] >= MIN_PHRASE_MET
                && !entries[entry as usize].is_glued
        };
        let mut n_met: FxHashMap<(u32, u32), u32> = FxHashMap::default();
        for pair in parsed.windows(2) {
            let (before, last) = (pair[0], pair[1]);
            if (last as usize) < n_tokens && is_common(before) && is_common(last) {
                *n_met.entry((before, last)).or_default() += 1;
            }
        }
        for (before, last) in commonest(n_met, n_phrases) {
            let [one, other] = [before, last].map(|entry| entries[entry as usize].text.as_str());
            let text = join(one, other);
            if text.len() <= MAX_ENTRY_BYTES {
                parser.phrases.add_entry(false);
                parser.phrases.add(before, last, entries.len() as u32);
                entries.push(Entry {
                    text,
                    is_glued: false,
                });
            }
        }
        parsed = in_phrases(&tokens, &parser);
        n_used = count(&parsed, entries.len());
    }
    let mut entries: Vec<(Entry, u32)> = entries.into_iter().zip(n_used).collect();
    entries.sort_unstable_by(|(one, one_used), (other, other_used)| {
        (other_used, one).cmp(&(one_used, other))
    });
    Dictionary::new(&entries)
}

impl Sample {
    fn of(texts: &[&str]) -> Sample {
        let mut sample = Sample::default();
        for text in texts {
            let mut tokens = Tokens::new(text);
            while let Some(token) = tokens.next() {
                if token.is_word {
                    tokens.skip_space();
                }
                let token = token.text.as_bytes();
                let (number, is_new) = sample.strings.number(token);
                if is_new {
                    sample.n_met.push(0);
                }
                sample.n_met[number as usize] += 1;
                sample.tokens.push(number);
            }
            sample.tokens.push(GAP);
        }
        sample
    }

    fn strings(&self) -> impl Iterator<Item = (&str, u32)> {
        (0..self.strings.len()).map(|number| {
            let string = str::from_utf8(self.strings.get(number as u32));
            (string.unwrap_or_default(), self.n_met[number])
        })
    }

    /// The tokens that are worth an entry, and parts of words for those that are not.
    fn choose_tokens(&self) -> Vec<Entry> {
        let mut tokens: Vec<&str> = Vec::new();
        let mut parts: FxHashMap<&str, u32> = FxHashMap::default();
        let mut beginnings: FxHashMap<&str, u32> = FxHashMap::default();
        let mut n_rare_bytes = 0;
        for (token, n_met) in self.strings() {
            let is_word = begins_with_word(token.as_bytes());
            if n_met >= MIN_MET && token.len() <= MAX_ENTRY_BYTES {
                tokens.push(token);
            } else if is_word && n_rare_bytes < MAX_RARE_BYTES {
                let start = &token[..token.floor_char_boundary(MAX_ENTRY_BYTES)];
                n_rare_bytes += start.len();
                count_parts(start, &mut parts);
            }
            if is_word {
                let first = token.chars().next().map_or(0, char::len_utf8);
                *beginnings.entry(&token[..first]).or_default() += n_met;
            }
        }
        // Any word can be begun.
        beginnings.retain(|_, n_met| *n_met >= MIN_MET);
        tokens.extend(beginnings.into_keys());
        tokens.sort_unstable();
        tokens.dedup();
        tokens.truncate(MAX_TOKENS);
        let is_char = |part: &str| part.chars().nth(1).is_none();
        parts.retain(|part, n_met| is_char(part) || *n_met >= MIN_PART_MET);
        let mut parts: Vec<(&str, u32)> = parts.into_iter().collect();
        // About what it saves; and any word can be gone on with.
        let worth = |part: &str, n_met: u32| match is_char(part) {
            true => u32::MAX,
            false => n_met.saturating_mul(part.len() as u32 - 1),
        };
        parts.sort_unstable_by_key(|(part, n_met)| (Reverse(worth(part, *n_met)), *part));
        parts.truncate(MAX_PARTS);
        let entry = |text: &str, is_glued| Entry {
            text: text.to_owned(),
            is_glued,
        };
        let tokens = tokens.into_iter().map(|token| entry(token, false));
        let parts = parts.into_iter().map(|(part, _)| entry(part, true));
        tokens.chain(parts).collect()
    }

    /// All tokens, as the entries that they are or are spelled by.
    fn in_entries(&self, parser: &Parser) -> Vec<u32> {
        let mut spelled: Vec<u32> = Vec::new();
        let mut ranges: Vec<Range<usize>> = Vec::new();
        for (token, _) in self.strings() {
            let start = spelled.len();
            let whole = Token {
                text: token,
                start: 0,
                is_word: begins_with_word(token.as_bytes()),
            };
            parser.token(whole, |part| {
                spelled.push(match part {
                    Part::Entry(entry) => entry,
                    Part::Literal { .. } => GAP,
                });
            });
            ranges.push(start..spelled.len());
        }
        let mut entries = Vec::with_capacity(self.tokens.len());
        for token in &self.tokens {
            match ranges.get(*token as usize) {
                Some(range) => entries.extend_from_slice(&spelled[range.clone()]),
                None => entries.push(GAP),
            }
        }
        entries
    }
}

/// What `entries` are where those of tokens are joined to phrases.
fn in_phrases(entries: &[u32], parser: &Parser) -> Vec<u32> {
    let mut joined = Vec::with_capacity(entries.len());
    let mut phrase = None;
    for entry in entries {
        match *entry {
            GAP => {
                joined.extend(phrase.take());
                joined.push(GAP);
            }
            entry => {
                let take = &mut |entry| joined.push(entry);
                parser.phrases.join(&mut phrase, entry, take);
            }
        }
    }
    joined.extend(phrase);
    joined
}

/// How often each of so many entries is used.
fn count(parsed: &[u32], n_entries: usize) -> Vec<u32> {
    let mut n_used = vec![0; n_entries];
    for entry in parsed.iter().filter(|entry| **entry != GAP) {
        n_used[*entry as usize] += 1;
    }
    n_used
}

/// The pairs that were met most often, up to so many.
fn commonest(n_met: FxHashMap<(u32, u32), u32>, n_pairs: usize) -> Vec<(u32, u32)> {
    let mut pairs: Vec<((u32, u32), u32)> = n_met.into_iter().collect();
    pairs.retain(|(_, n_met)| *n_met >= MIN_PHRASE_MET);
    pairs.sort_unstable_by_key(|(pair, n_met)| (Reverse(*n_met), *pair));
    pairs.truncate(n_pairs);
    pairs.into_iter().map(|(pair, _)| pair).collect()
}

/// One text behind the other, with the space that is understood between words.
fn join(one: &str, other: &str) -> String {
    let space = match ends_with_word(one.as_bytes()) && begins_with_word(other.as_bytes()) {
        true => " ",
        false => "",
    };
    format!("{one}{space}{other}")
}

/// Counts what a word can go on with behind its first character.
fn count_parts<'t>(word: &'t str, n_met: &mut FxHashMap<&'t str, u32>) {
    let ends = word.char_indices().map(|(at, _)| at).chain([word.len()]);
    let mut ends = ends.skip(1);
    while let Some(start) = ends.next() {
        for end in ends
            .clone()
            .take_while(|end| end - start <= MAX_GLUED_BYTES)
        {
            *n_met.entry(&word[start..end]).or_default() += 1;
        }
    }
}

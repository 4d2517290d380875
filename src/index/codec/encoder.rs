//! Writes texts in the codes of a dictionary.

use std::sync::OnceLock;

use rustc_hash::FxHashMap;

use super::dictionary::{CODE_BYTES, Dictionary, Entry, GLUED_LITERAL, LITERAL, MAX_LITERAL_BYTES};
use super::table::{Pairs, Table};
use super::tokens::{Token, Tokens};

/// Bytes of the longest entry that a word is begun with, where it is no entry itself.
const MAX_BEGINNING_BYTES: usize = 12;
/// Bytes of the longest entry that continues a word.
pub(super) const MAX_GLUED_BYTES: usize = 6;

/// Strings with the entries that they are.
struct Strings {
    /// Those of up to 8 bytes, and of up to [`MAX_KEY_BYTES`], by what they are as a number.
    short: Table<u64>,
    middle: Table<u128>,
    long: FxHashMap<Box<str>, u32>,
    /// How long those are that begin with the same three bytes, as bits of a number, by a digest of these: most lengths need
    /// not be tried for [`Strings::longest`].
    lengths: Vec<u32>,
}

/// Digests of three bytes.
const N_DIGESTS: usize = 1 << 14;

/// Bytes of a string that is a key by itself.
const MAX_KEY_BYTES: usize = 16;

impl Strings {
    fn new() -> Strings {
        Strings {
            short: Table::new(),
            middle: Table::new(),
            long: FxHashMap::default(),
            lengths: vec![0; N_DIGESTS],
        }
    }

    fn insert(&mut self, string: &str, entry: u32) {
        if let Some(digest) = digest(string.as_bytes()) {
            self.lengths[digest] |= 1 << string.len();
        }
        if string.len() > MAX_KEY_BYTES {
            self.long.insert(string.into(), entry);
        } else if !string.ends_with('\0') {
            let key = key(string.as_bytes(), 0, string.len());
            match u64::try_from(key) {
                Ok(key) => self.short.insert(key, entry),
                Err(_) => self.middle.insert(key, entry),
            }
        }
    }

    /// The entry of the string of so many bytes from `start` of `text`.
    #[inline]
    fn find(&self, text: &str, start: usize, n_bytes: usize) -> Option<u32> {
        if n_bytes > MAX_KEY_BYTES {
            return self.long.get(&text[start..start + n_bytes]).copied();
        }
        // With no zeros at its end, no other string is the same number.
        match text.as_bytes()[start + n_bytes - 1] {
            0 => None,
            _ if n_bytes <= 8 => self.short.get(key(text.as_bytes(), start, n_bytes) as u64),
            _ => self.middle.get(key(text.as_bytes(), start, n_bytes)),
        }
    }

    /// The longest string, of up to so many bytes, that `text` has at `start`: its entry and its bytes.
    fn longest(&self, text: &str, start: usize, max_bytes: usize) -> Option<(u32, usize)> {
        let rest = &text.as_bytes()[start..];
        let known = digest(rest).map_or(0, |digest| self.lengths[digest]);
        // One and two bytes have no digest.
        let lengths = known | 0b110;
        let mut longest_first = (1..=rest.len().min(max_bytes)).rev();
        longest_first.find_map(|length| {
            let may_be = lengths & 1 << length != 0 && text.is_char_boundary(start + length);
            may_be.then(|| Some((self.find(text, start, length)?, length)))?
        })
    }
}

/// A number below [`N_DIGESTS`] for the first three bytes; `None` where there are fewer.
#[inline]
fn digest(text: &[u8]) -> Option<usize> {
    let first: &[u8; 3] = text.first_chunk()?;
    let number = u32::from_le_bytes([first[0], first[1], first[2], 0]);
    Some(number.wrapping_mul(0x9E37_79B1) as usize >> (u32::BITS - N_DIGESTS.trailing_zeros()))
}

/// The bytes from `start` as a number, up to [`MAX_KEY_BYTES`].
#[inline]
fn key(text: &[u8], start: usize, n_bytes: usize) -> u128 {
    let bytes = match text[start..].first_chunk() {
        Some(bytes) => *bytes,
        None => {
            let mut bytes = [0; MAX_KEY_BYTES];
            let rest = &text[start..];
            bytes[..rest.len()].copy_from_slice(rest);
            bytes
        }
    };
    let n_unused = 8 * (MAX_KEY_BYTES - n_bytes) as u32;
    u128::from_le_bytes(bytes) << n_unused >> n_unused
}

/// The entries of a dictionary, by what they are in texts.
pub(super) struct Parser {
    /// Words, and what stands between them.
    tokens: Strings,
    /// What continues a word.
    glued: Strings,
    pub(super) phrases: Phrases,
}

/// A part of a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Part<'t> {
    Entry(u32),
    Literal { text: &'t str, is_glued: bool },
}

impl Parser {
    /// A parser of `entries`, by their numbers.
    pub(super) fn new(entries: impl Iterator<Item = Entry>) -> Parser {
        let mut parser = Parser {
            tokens: Strings::new(),
            glued: Strings::new(),
            phrases: Phrases::new(),
        };
        let mut phrases = Vec::new();
        for (number, entry) in (0..).zip(entries) {
            parser.phrases.add_entry(entry.is_glued);
            if entry.is_glued {
                parser.glued.insert(&entry.text, number);
            } else if is_token(&entry.text) {
                parser.tokens.insert(&entry.text, number);
            } else {
                phrases.push((number, entry.text));
            }
        }
        // The shorter ones first: the longer ones begin with them.
        phrases.sort_unstable_by_key(|(number, text)| (text.len(), *number));
        let mut parts = Vec::new();
        for (number, text) in &phrases {
            parts.clear();
            parser.parse(text, |part| parts.push(part));
            if let [Part::Entry(before), Part::Entry(last)] = parts[..] {
                parser.phrases.add(before, last, *number);
            }
        }
        parser
    }

    /// Gives the parts of `text` to `take`.
    #[inline]
    pub(super) fn parse<'t>(&self, text: &'t str, mut take: impl FnMut(Part<'t>)) {
        let mut phrase = None;
        let mut tokens = Tokens::new(text);
        while let Some(token) = tokens.next() {
            match self.tokens.find(text, token.start, token.text.len()) {
                Some(entry) => {
                    let take = &mut |entry| take(Part::Entry(entry));
                    self.phrases.join(&mut phrase, entry, take);
                }
                None => self.spell(token, |part| match part {
                    Part::Entry(entry) => {
                        let take = &mut |entry| take(Part::Entry(entry));
                        self.phrases.join(&mut phrase, entry, take);
                    }
                    literal @ Part::Literal { .. } => {
                        phrase
                            .take()
                            .map(Part::Entry)
                            .into_iter()
                            .for_each(&mut take);
                        take(literal);
                    }
                }),
            }
            if token.is_word {
                tokens.skip_space();
            }
        }
        phrase.map(Part::Entry).into_iter().for_each(take);
    }

    /// Gives the parts of a token to `take`, none of them a phrase.
    pub(super) fn token<'t>(&self, token: Token<'t>, mut take: impl FnMut(Part<'t>)) {
        match self.tokens.find(token.text, 0, token.text.len()) {
            Some(entry) => take(Part::Entry(entry)),
            None => self.spell(token, take),
        }
    }

    /// Gives the parts of a token that is no entry: of a word, the longest entries that it begins and goes on with.
    fn spell<'t>(&self, token: Token<'t>, mut take: impl FnMut(Part<'t>)) {
        let text = token.text;
        let mut at = 0;
        if token.is_word
            && let Some((entry, n_bytes)) = self.tokens.longest(text, 0, MAX_BEGINNING_BYTES)
        {
            take(Part::Entry(entry));
            at = n_bytes;
            while at < text.len()
                && let Some((entry, n_bytes)) = self.glued.longest(text, at, MAX_GLUED_BYTES)
            {
                take(Part::Entry(entry));
                at += n_bytes;
            }
        }
        let mut is_glued = at > 0;
        let mut rest = &text[at..];
        while !rest.is_empty() {
            let (text, after) = rest.split_at(rest.floor_char_boundary(MAX_LITERAL_BYTES));
            take(Part::Literal { text, is_glued });
            rest = after;
            is_glued = true;
        }
    }
}

/// Whether there is nothing but one token in `text`.
fn is_token(text: &str) -> bool {
    Tokens::new(text).nth(1).is_none()
}

/// The entries of several tokens.
pub(super) struct Phrases {
    /// By the entry of all but the last token, and that of the last.
    phrases: Pairs,
    /// By entry.
    roles: Vec<Role>,
}

/// What may stand before or behind an entry.
#[derive(Clone, Copy)]
struct Role {
    is_glued: bool,
    begins_phrase: bool,
}

impl Phrases {
    fn new() -> Phrases {
        Phrases {
            phrases: Pairs::new(),
            roles: Vec::new(),
        }
    }

    /// Takes note of an entry: the one after those before.
    pub(super) fn add_entry(&mut self, is_glued: bool) {
        self.roles.push(Role {
            is_glued,
            begins_phrase: false,
        });
    }

    /// Has the entry `phrase` stand for the entry `before` followed by the token `last`.
    pub(super) fn add(&mut self, before: u32, last: u32, phrase: u32) {
        self.phrases.insert(before, last, phrase);
        self.roles[before as usize].begins_phrase = true;
    }

    /// Makes a phrase of what came before and the entry of a token, if there is such; what nothing can be added to any more goes
    /// to `take`.
    pub(super) fn join(&self, before: &mut Option<u32>, entry: u32, take: &mut impl FnMut(u32)) {
        if self.roles[entry as usize].is_glued {
            before.take().into_iter().for_each(&mut *take);
            take(entry);
            return;
        }
        if let Some(phrase) = *before {
            if self.roles[phrase as usize].begins_phrase
                && let Some(longer) = self.phrases.get(phrase, entry)
            {
                *before = Some(longer);
                return;
            }
            take(phrase);
        }
        *before = Some(entry);
    }
}

/// Writes texts in the codes of a dictionary.
pub(in crate::index) struct Encoder {
    dictionary: Dictionary,
    /// Made for the first text: an update may have none.
    tables: OnceLock<Tables>,
}

struct Tables {
    parser: Parser,
    codes: Vec<[u8; CODE_BYTES]>,
}

impl Encoder {
    /// Writes in the codes of a dictionary that [has texts](Dictionary::has_texts).
    pub(super) fn new(dictionary: Dictionary) -> Encoder {
        Encoder {
            dictionary,
            tables: OnceLock::new(),
        }
    }

    /// Appends the codes of `text`.
    pub(super) fn encode(&self, text: &str, into: &mut Vec<u8>) {
        let Tables { parser, codes } = self.tables.get_or_init(|| Tables {
            parser: Parser::new(self.dictionary.entries()),
            codes: self.dictionary.codes(),
        });
        parser.parse(text, |part| match part {
            Part::Entry(number) => {
                // All of it is written, whatever its length, and some taken back: to guess how long it is costs more.
                let code = codes[number as usize];
                into.extend_from_slice(&code);
                into.truncate(into.len() - CODE_BYTES + usize::from(code[CODE_BYTES - 1]));
            }
            Part::Literal { text, is_glued } => {
                into.push(if is_glued { GLUED_LITERAL } else { LITERAL });
                into.push((text.len() - 1) as u8);
                into.extend_from_slice(text.as_bytes());
            }
        });
    }
}

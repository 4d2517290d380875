//! A dictionary of texts: strings by their codes, and how a text is read back from codes.
//!
//! | first byte | what it stands for |
//! |---|---|
//! | less than `n_short` | the entry of that number |
//! | the `n_middle` above | with one byte more, an entry |
//! | above these | with two bytes more, an entry |
//! | [`LITERAL`] | one less than a length, in a byte, and as many bytes as they are |
//! | [`GLUED_LITERAL`] | the same, as a part of a word that has begun |
//!
//! Between two words stands a space, unless the second is a part of the first: it has no code.

use std::io;

use super::table::Pairs;
use super::tokens::{begins_with_word, ends_with_word};

/// What is not in the dictionary follows.
pub(super) const LITERAL: u8 = 255;
/// What is not in the dictionary follows, and continues a word.
pub(super) const GLUED_LITERAL: u8 = 254;
/// First bytes that stand for entries.
pub(super) const N_FIRST: usize = 254;
/// Bytes of the longest entry.
pub(super) const MAX_ENTRY_BYTES: usize = 31;
/// Bytes in which a code stands, with its length.
pub(super) const CODE_BYTES: usize = 4;
/// Bytes that are copied of any entry.
const COPIED_BYTES: usize = MAX_ENTRY_BYTES + 1;
/// Bytes of the longest literal.
pub(super) const MAX_LITERAL_BYTES: usize = 256;

/// Whether an entry begins with a word, ends with one, or continues one.
const BEGINS: u8 = 1 << 7;
const ENDS: u8 = 1 << 6;
const GLUED: u8 = 1 << 5;

/// Bytes before the entries: `n_short`, `n_middle`, and their number in four bytes.
const HEADER_BYTES: usize = 6;

/// What an entry is.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) struct Entry {
    pub(super) text: String,
    /// Whether it continues a word.
    pub(super) is_glued: bool,
}

/// Strings by their codes.
#[derive(Debug)]
pub(in crate::index) struct Dictionary {
    n_short: usize,
    n_middle: usize,
    /// By entry.
    flags: Vec<u8>,
    /// Where each entry begins in `bytes`; and where the last one ends.
    starts: Vec<u32>,
    /// The entries, one behind the other, and as many zeros as are copied with the last one.
    bytes: Vec<u8>,
}

impl Dictionary {
    /// A dictionary of entries with how often they are used, the commonest first; the lengths of codes are chosen by that.
    pub(super) fn new(entries: &[(Entry, u32)]) -> Dictionary {
        let (n_short, n_middle) =
            choose_lengths(entries.iter().map(|(_, n_used)| u64::from(*n_used)));
        let n_entries = entries
            .len()
            .min(capacity(n_short, n_middle))
            .min(Pairs::LIMIT);
        let mut dictionary = Dictionary {
            n_short,
            n_middle,
            flags: Vec::with_capacity(n_entries),
            starts: vec![0],
            bytes: Vec::new(),
        };
        for (entry, _) in &entries[..n_entries] {
            let flag = |is_set: bool, flag: u8| if is_set { flag } else { 0 };
            dictionary.flags.push(
                flag(begins_with_word(entry.text.as_bytes()), BEGINS)
                    | flag(ends_with_word(entry.text.as_bytes()), ENDS)
                    | flag(entry.is_glued, GLUED),
            );
            dictionary.bytes.extend_from_slice(entry.text.as_bytes());
            dictionary.starts.push(dictionary.bytes.len() as u32);
        }
        dictionary.bytes.extend([0; COPIED_BYTES]);
        dictionary
    }

    pub(super) fn n_entries(&self) -> usize {
        self.flags.len()
    }

    /// The entries, by their numbers.
    pub(super) fn entries(&self) -> impl Iterator<Item = Entry> + '_ {
        (0..self.n_entries()).map(|number| Entry {
            text: String::from_utf8_lossy(self.bytes_of(number)).into_owned(),
            is_glued: self.flags[number] & GLUED != 0,
        })
    }

    fn bytes_of(&self, number: usize) -> &[u8] {
        &self.bytes[self.starts[number] as usize..self.starts[number + 1] as usize]
    }

    /// Writes it so that [`Dictionary::read`] can read it.
    pub(super) fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(HEADER_BYTES + self.n_entries() + self.bytes.len());
        bytes.extend([self.n_short as u8, self.n_middle as u8]);
        bytes.extend((self.n_entries() as u32).to_le_bytes());
        let lengths = self.starts.windows(2).map(|pair| (pair[1] - pair[0]) as u8);
        bytes.extend(
            self.flags
                .iter()
                .zip(lengths)
                .map(|(flags, length)| flags | length),
        );
        bytes.extend_from_slice(&self.bytes[..self.bytes.len() - COPIED_BYTES]);
        bytes
    }

    /// Reads what [`Dictionary::to_bytes`] wrote; an error when it makes no sense.
    pub(super) fn read(bytes: &[u8]) -> io::Result<Dictionary> {
        let (header, rest) = bytes.split_at_checked(HEADER_BYTES).ok_or_else(damaged)?;
        let (n_short, n_middle) = (usize::from(header[0]), usize::from(header[1]));
        let n_entries = u32::from_le_bytes([header[2], header[3], header[4], header[5]]) as usize;
        let (entries, bytes) = rest.split_at_checked(n_entries).ok_or_else(damaged)?;
        let mut end = 0;
        let mut starts = Vec::with_capacity(n_entries + 1);
        starts.push(0);
        starts.extend(entries.iter().map(|entry| {
            end += u32::from(entry & MAX_ENTRY_BYTES as u8);
            end
        }));
        // What an encoder relies on.
        let text = str::from_utf8(bytes).map_err(|_| damaged())?;
        let are_entries = end as usize == bytes.len()
            && starts.windows(2).all(|pair| pair[0] < pair[1])
            && starts
                .iter()
                .all(|start| text.is_char_boundary(*start as usize));
        let have_codes = n_short + n_middle <= N_FIRST
            && n_entries <= capacity(n_short, n_middle).min(Pairs::LIMIT);
        if !are_entries || !have_codes {
            return Err(damaged());
        }
        Ok(Dictionary {
            n_short,
            n_middle,
            flags: entries
                .iter()
                .map(|entry| entry & !(MAX_ENTRY_BYTES as u8))
                .collect(),
            starts,
            bytes: [bytes, &[0; COPIED_BYTES]].concat(),
        })
    }

    /// The codes of the entries, by their numbers: up to three bytes, and in the last one how many they are.
    pub(super) fn codes(&self) -> Vec<[u8; CODE_BYTES]> {
        let code = |number: usize| match number.checked_sub(self.n_short) {
            None => [number as u8, 0, 0, 1],
            Some(number) => match number.checked_sub(self.n_middle << 8) {
                None => [(self.n_short + (number >> 8)) as u8, number as u8, 0, 2],
                Some(number) => {
                    let first = self.n_short + self.n_middle + (number >> 16);
                    [first as u8, (number >> 8) as u8, number as u8, 3]
                }
            },
        };
        (0..self.n_entries()).map(code).collect()
    }

    /// Reads a text back from its codes; an error when they make no sense.
    pub(in crate::index) fn decode(&self, mut codes: &[u8]) -> io::Result<String> {
        let mut text = Vec::with_capacity(codes.len() * 4 + COPIED_BYTES);
        let mut after_word = false;
        while let Some((&first, rest)) = codes.split_first() {
            codes = rest;
            let first_number = usize::from(first);
            let number = if first_number < self.n_short {
                first_number
            } else if first_number < self.n_short + self.n_middle {
                let (more, rest) = codes.split_at_checked(1).ok_or_else(damaged)?;
                codes = rest;
                self.n_short + ((first_number - self.n_short) << 8) + usize::from(more[0])
            } else if first_number < N_FIRST {
                let (more, rest) = codes.split_at_checked(2).ok_or_else(damaged)?;
                codes = rest;
                let high = first_number - self.n_short - self.n_middle;
                let low = usize::from(more[0]) << 8 | usize::from(more[1]);
                self.n_short + (self.n_middle << 8) + (high << 16) + low
            } else {
                let (length, rest) = codes.split_first().ok_or_else(damaged)?;
                let length = usize::from(*length) + 1;
                let (literal, rest) = rest.split_at_checked(length).ok_or_else(damaged)?;
                codes = rest;
                let is_word = begins_with_word(literal);
                if after_word && is_word && first == LITERAL {
                    text.push(b' ');
                }
                text.extend_from_slice(literal);
                after_word = is_word;
                continue;
            };
            let &flags = self.flags.get(number).ok_or_else(damaged)?;
            if after_word && flags & (BEGINS | GLUED) == BEGINS {
                text.push(b' ');
            }
            // As many bytes whatever its length, and some taken back: 1.2 times as fast as to copy so many.
            let start = self.starts[number] as usize;
            let n_bytes = self.starts[number + 1] as usize - start;
            let copied: &[u8; COPIED_BYTES] =
                self.bytes[start..].first_chunk().ok_or_else(damaged)?;
            text.extend_from_slice(copied);
            text.truncate(text.len() - COPIED_BYTES + n_bytes);
            after_word = flags & ENDS != 0;
        }
        String::from_utf8(text).map_err(|_| damaged())
    }
}

fn damaged() -> io::Error {
    io::Error::new(
        io::ErrorKind::InvalidData,
        "a text that is stored cannot be read",
    )
}

/// How many entries there are codes for.
fn capacity(n_short: usize, n_middle: usize) -> usize {
    n_short + (n_middle << 8) + ((N_FIRST - n_short - n_middle) << 16)
}

/// How many first bytes stand for an entry by themselves, and how many with one byte more, so that the codes of all texts are
/// shortest: of entries with how often each is used, the commonest first.
fn choose_lengths(n_used: impl Iterator<Item = u64>) -> (usize, usize) {
    let mut sum = 0;
    let mut sums = vec![0];
    sums.extend(n_used.map(|n_used| {
        sum += n_used;
        sum
    }));
    let n_entries = sums.len() - 1;
    let n_bytes = |n_short: usize, n_middle: usize| {
        let up_to = |n: usize| sums[n.min(n_entries)];
        3 * sum - up_to(n_short) - up_to(n_short + (n_middle << 8))
    };
    let splits = (0..=N_FIRST).flat_map(|n_short| {
        let n_middle = (n_entries.saturating_sub(n_short)).div_ceil(256);
        let most = N_FIRST - n_short;
        // All in two bytes where that is enough, or else as many as leave one first byte or two for three.
        [n_middle, most.saturating_sub(1), most.saturating_sub(2)].map(|n| (n_short, n.min(most)))
    });
    let fits = |&(n_short, n_middle): &(usize, usize)| capacity(n_short, n_middle) >= n_entries;
    splits
        .filter(fits)
        .min_by_key(|&(n_short, n_middle)| n_bytes(n_short, n_middle))
        .unwrap_or((0, 0))
}

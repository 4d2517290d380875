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

use tantivy::directory::OwnedBytes;

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

/// Entries in a group: where its first begins is kept.
const GROUP: usize = 8;

/// Whether an entry begins with a word, ends with one, or continues one; below stands its length.
const BEGINS: u8 = 1 << 7;
const ENDS: u8 = 1 << 6;
const GLUED: u8 = 1 << 5;
const LENGTH: u8 = GLUED - 1;
const _: () = assert!(LENGTH as usize == MAX_ENTRY_BYTES);

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
///
/// A search reads some dictionaries to show ten passages: the entries stay in the block of the store that has been read, and
/// where each begins is found when it is needed, by the lengths of those before it in its group. With a copy of them, all
/// their beginnings, and a look whether they are texts, a process that searches took 1.1 times as long.
#[derive(Debug)]
pub(in crate::index) struct Dictionary {
    n_short: usize,
    n_middle: usize,
    /// Of each entry its flags and its length.
    entries: OwnedBytes,
    /// Where the first of each group begins in `bytes`.
    starts: Vec<u32>,
    /// The entries, one behind the other.
    bytes: OwnedBytes,
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
        let (mut of_entries, mut bytes) = (Vec::with_capacity(n_entries), Vec::new());
        for (entry, _) in &entries[..n_entries] {
            debug_assert!((1..=MAX_ENTRY_BYTES).contains(&entry.text.len()));
            let flag = |is_set: bool, flag: u8| if is_set { flag } else { 0 };
            of_entries.push(
                flag(begins_with_word(entry.text.as_bytes()), BEGINS)
                    | flag(ends_with_word(entry.text.as_bytes()), ENDS)
                    | flag(entry.is_glued, GLUED)
                    | entry.text.len() as u8,
            );
            bytes.extend_from_slice(entry.text.as_bytes());
        }
        Dictionary {
            n_short,
            n_middle,
            starts: starts(&of_entries).0,
            entries: OwnedBytes::new(of_entries),
            bytes: OwnedBytes::new(bytes),
        }
    }

    pub(super) fn n_entries(&self) -> usize {
        self.entries.len()
    }

    /// The entries, by their numbers.
    pub(super) fn entries(&self) -> impl Iterator<Item = Entry> + '_ {
        (0..self.n_entries()).map(|number| Entry {
            text: String::from_utf8_lossy(self.bytes_of(number)).into_owned(),
            is_glued: self.entries[number] & GLUED != 0,
        })
    }

    fn bytes_of(&self, number: usize) -> &[u8] {
        let start = self.start(number);
        &self.bytes[start..start + length(self.entries[number])]
    }

    /// Where the entry of this number, of which there is one, begins.
    fn start(&self, number: usize) -> usize {
        let (group, n_before) = (number / GROUP, number % GROUP);
        let entries = &self.entries[group * GROUP..];
        let n_bytes = match entries.first_chunk() {
            Some(group) => n_bytes(*group, n_before),
            None => n_bytes(padded(entries), n_before),
        };
        self.starts[group] as usize + n_bytes
    }

    /// Whether its entries are texts, which an encoder relies on; [`Dictionary::decode`] looks at the text that it gives.
    pub(in crate::index) fn has_texts(&self) -> bool {
        let is_empty = |entry: &u8| length(*entry) == 0;
        let Ok(text) = str::from_utf8(&self.bytes) else {
            return false;
        };
        let mut starts = (0..self.n_entries()).map(|number| self.start(number));
        !self.entries.iter().any(is_empty) && starts.all(|start| text.is_char_boundary(start))
    }

    /// Writes it so that [`Dictionary::read`] can read it.
    pub(super) fn to_bytes(&self) -> Vec<u8> {
        let header = [self.n_short as u8, self.n_middle as u8];
        let n_entries = (self.n_entries() as u32).to_le_bytes();
        [&header, n_entries.as_slice(), &self.entries, &self.bytes].concat()
    }

    /// Reads what [`Dictionary::to_bytes`] wrote; an error when it makes no sense.
    pub(super) fn read(bytes: &OwnedBytes) -> io::Result<Dictionary> {
        let header: [u8; HEADER_BYTES] = *bytes.first_chunk().ok_or_else(damaged)?;
        let [n_short, n_middle, n_entries @ ..] = header;
        let (n_short, n_middle) = (usize::from(n_short), usize::from(n_middle));
        let n_entries = u32::from_le_bytes(n_entries) as usize;
        if n_entries > bytes.len() - HEADER_BYTES {
            return Err(damaged());
        }
        let (entries, bytes) = bytes.slice(HEADER_BYTES..bytes.len()).split(n_entries);
        let (starts, end) = starts(&entries);
        let have_codes = n_short + n_middle <= N_FIRST
            && n_entries <= capacity(n_short, n_middle).min(Pairs::LIMIT);
        if end != bytes.len() || !have_codes {
            return Err(damaged());
        }
        Ok(Dictionary {
            n_short,
            n_middle,
            entries,
            starts,
            bytes,
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
            let &entry = self.entries.get(number).ok_or_else(damaged)?;
            if after_word && entry & (BEGINS | GLUED) == BEGINS {
                text.push(b' ');
            }
            // As many bytes whatever its length, and some taken back: 1.2 times as fast as to copy so many.
            let start = self.start(number);
            match self.bytes[start..].first_chunk::<COPIED_BYTES>() {
                Some(copied) => {
                    text.extend_from_slice(copied);
                    text.truncate(text.len() - COPIED_BYTES + length(entry));
                }
                None => text.extend_from_slice(self.bytes_of(number)),
            }
            after_word = entry & ENDS != 0;
        }
        String::from_utf8(text).map_err(|_| damaged())
    }
}

/// Bytes of an entry.
fn length(entry: u8) -> usize {
    usize::from(entry & LENGTH)
}

/// Where each group of entries begins, and where the last one ends.
fn starts(entries: &[u8]) -> (Vec<u32>, usize) {
    let (groups, rest) = entries.as_chunks();
    let mut starts = Vec::with_capacity(groups.len() + 1);
    let mut end = 0;
    for group in groups {
        starts.push(end as u32);
        end += n_bytes(*group, GROUP);
    }
    starts.push(end as u32);
    (starts, end + n_bytes(padded(rest), GROUP))
}

/// The entries of a group that is not full.
fn padded(entries: &[u8]) -> [u8; GROUP] {
    let mut group = [0; GROUP];
    group[..entries.len()].copy_from_slice(entries);
    group
}

/// How many bytes the first `n` entries of a group have together.
fn n_bytes(group: [u8; GROUP], n: usize) -> usize {
    const ONES: u64 = u64::from_le_bytes([1; GROUP]);
    // A sum fits a byte: of eight lengths the highest byte of a product is the sum.
    const { assert!(GROUP * MAX_ENTRY_BYTES <= u8::MAX as usize) };
    let lengths = u64::from_le_bytes(group) & (ONES * u64::from(LENGTH));
    let left_out = u64::MAX.checked_shl(8 * n as u32).unwrap_or(0);
    ((lengths & !left_out).wrapping_mul(ONES) >> 56) as usize
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

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn dictionary(texts: &[String]) -> Dictionary {
        let entry = |text: &String| Entry {
            text: text.clone(),
            is_glued: false,
        };
        let entries = texts.iter().map(|text| (entry(text), 1));
        Dictionary::new(&entries.collect::<Vec<_>>())
    }

    /// A dictionary with one of its bytes changed.
    fn changed(dictionary: &Dictionary, place: usize, byte: u8) -> io::Result<Dictionary> {
        let mut bytes = dictionary.to_bytes();
        bytes[place] = byte;
        Dictionary::read(&OwnedBytes::new(bytes))
    }

    #[test]
    fn entries_that_are_no_texts_are_found() {
        let whole = dictionary(&["baie".to_owned(), "é".to_owned(), "mer".to_owned()]);
        let (entries, texts) = (HEADER_BYTES, HEADER_BYTES + 3);
        let has_texts = |place, byte| changed(&whole, place, byte).unwrap().has_texts();
        assert!(has_texts(texts, b'p'));
        assert!(!has_texts(texts, 0xFF), "not UTF-8");
        // As long together as before, but cut within the second.
        let mut bytes = whole.to_bytes();
        bytes[entries] += 1;
        bytes[entries + 1] -= 1;
        let cut = Dictionary::read(&OwnedBytes::new(bytes.clone())).unwrap();
        assert!(!cut.has_texts());
        bytes[entries] += 1;
        bytes[entries + 1] -= 1;
        let empty = Dictionary::read(&OwnedBytes::new(bytes)).unwrap();
        assert!(!empty.has_texts());
        assert!(changed(&whole, entries, 5).is_err(), "longer together");
    }

    proptest! {
        #[test]
        fn entries_are_where_those_before_them_end(texts in prop::collection::vec("[a-zé]{1,15}", 0..60)) {
            let dictionary = dictionary(&texts);
            prop_assert!(dictionary.has_texts());
            let mut start = 0;
            for (number, text) in texts.iter().enumerate() {
                prop_assert_eq!(dictionary.start(number), start);
                prop_assert_eq!(dictionary.bytes_of(number), text.as_bytes());
                start += text.len();
            }
        }

        /// Nothing has to make sense.
        #[test]
        fn any_bytes_are_read_or_refused(
            header in any::<[u8; 2]>(),
            entries in prop::collection::vec(any::<u8>(), 0..40),
            codes in prop::collection::vec(any::<u8>(), 0..40),
        ) {
            let n_bytes = entries.iter().map(|entry| length(*entry)).sum();
            let n_entries = (entries.len() as u32).to_le_bytes();
            let bytes = [&header, n_entries.as_slice(), &entries, &vec![b'x'; n_bytes]].concat();
            if let Ok(dictionary) = Dictionary::read(&OwnedBytes::new(bytes)) {
                let _ = dictionary.decode(&codes);
                let _ = dictionary.has_texts();
            }
        }
    }
}

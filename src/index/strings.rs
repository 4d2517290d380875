//! Strings by numbers: each is kept once, in the order in which it was first met.

use std::hash::Hasher;

use hashbrown::HashTable;
use rustc_hash::FxHasher;

/// Strings of bytes, numbered from 0.
#[derive(Default)]
struct List {
    bytes: Vec<u8>,
    /// Where each ends in `bytes`; it begins where the one before ends.
    ends: Vec<u32>,
}

impl List {
    fn push(&mut self, string: &[u8]) -> u32 {
        self.bytes.extend_from_slice(string);
        self.ends.push(self.bytes.len() as u32);
        self.ends.len() as u32 - 1
    }

    fn get(&self, number: u32) -> &[u8] {
        let number = number as usize;
        let start = number.checked_sub(1).map_or(0, |before| self.ends[before]);
        &self.bytes[start as usize..self.ends[number] as usize]
    }

    fn n_bytes(&self) -> usize {
        self.bytes.len() + size_of::<u32>() * self.ends.len()
    }
}

/// The bytes of memory that a table takes.
fn n_bytes_of<T>(table: &HashTable<T>) -> usize {
    // One place in eight stays empty, and each has a byte of its own.
    table.capacity() / 7 * 8 * (size_of::<T>() + 1)
}

/// A set of strings.
#[derive(Default)]
pub(in crate::index) struct Strings {
    list: List,
    numbers: HashTable<u32>,
}

impl Strings {
    /// The number of `string`, and whether it is new.
    pub(in crate::index) fn number(&mut self, string: &[u8]) -> (u32, bool) {
        let hash = hash(string);
        let is_it = |number: &u32| self.list.get(*number) == string;
        if let Some(number) = self.numbers.find(hash, is_it) {
            return (*number, false);
        }
        let number = self.list.push(string);
        let rehash = |number: &u32| self::hash(self.list.get(*number));
        self.numbers.insert_unique(hash, number, rehash);
        (number, true)
    }

    /// The string of a number.
    pub(in crate::index) fn get(&self, number: u32) -> &[u8] {
        self.list.get(number)
    }

    /// How many there are.
    pub(in crate::index) fn len(&self) -> usize {
        self.list.ends.len()
    }

    /// Gives back what is needed only to find numbers; nothing is found any more.
    pub(in crate::index) fn close(&mut self) {
        self.numbers = HashTable::new();
    }

    /// The bytes of memory it takes.
    pub(in crate::index) fn n_bytes(&self) -> usize {
        self.list.n_bytes() + n_bytes_of(&self.numbers)
    }
}

fn hash(string: &[u8]) -> u64 {
    let mut hasher = FxHasher::default();
    hasher.write(string);
    hasher.finish()
}

/// A set of strings in which each word of the corpus is looked for: larger, and faster (0.7 times the time).
#[derive(Default)]
pub(in crate::index) struct Surfaces {
    list: List,
    slots: HashTable<Slot>,
}

/// A string in the table, with as much of it as tells nearly all words apart without a look elsewhere, which would be another
/// wait for memory.
struct Slot {
    digest: Digest,
    number: u32,
}

/// What a string begins and ends with; of up to [`Digest::WHOLE`] bytes, all of it.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(in crate::index) struct Digest {
    head: u64,
    tail: u64,
    n_bytes: u32,
}

impl Digest {
    const WHOLE: usize = 16;

    pub(in crate::index) fn of(string: &[u8]) -> Digest {
        Digest::at(string, 0, string.len())
    }

    /// That of the `n_bytes` from `start` of `text`: what follows them makes it faster, and no difference.
    #[inline]
    pub(in crate::index) fn at(text: &[u8], start: usize, n_bytes: usize) -> Digest {
        let rest = &text[start..];
        let (head, tail) = if n_bytes > Digest::WHOLE {
            let string = &rest[..n_bytes];
            let head = string.first_chunk().copied().unwrap_or_default();
            let tail = string.last_chunk().copied().unwrap_or_default();
            (u64::from_le_bytes(head), u64::from_le_bytes(tail))
        } else {
            // As many bytes whatever the length, which nobody can guess.
            let bytes = match rest.first_chunk() {
                Some(bytes) => *bytes,
                None => {
                    let mut bytes = [0; Digest::WHOLE];
                    bytes[..rest.len()].copy_from_slice(rest);
                    bytes
                }
            };
            let n_others = 8 * (Digest::WHOLE - n_bytes) as u32;
            let others = u128::MAX.checked_shl(u128::BITS - n_others).unwrap_or(0);
            let string = u128::from_le_bytes(bytes) & !others;
            (string as u64, (string >> 64) as u64)
        };
        Digest {
            head,
            tail,
            n_bytes: n_bytes as u32,
        }
    }

    fn is_whole(self) -> bool {
        self.n_bytes as usize <= Digest::WHOLE
    }

    fn hash(self) -> u64 {
        let mut hasher = FxHasher::default();
        hasher.write_u64(self.head);
        hasher.write_u64(self.tail);
        hasher.write_u32(self.n_bytes);
        hasher.finish()
    }
}

impl Surfaces {
    /// The number of `string`, which has this digest, if it is there.
    fn find(&self, string: &[u8], digest: Digest) -> Option<u32> {
        let is_it = |slot: &Slot| {
            slot.digest == digest && (digest.is_whole() || self.list.get(slot.number) == string)
        };
        let slot = self.slots.find(digest.hash(), is_it);
        slot.map(|slot| slot.number)
    }

    /// The number of `string`, which has this digest, and whether it is new.
    pub(in crate::index) fn number(&mut self, string: &[u8], digest: Digest) -> (u32, bool) {
        if let Some(number) = self.find(string, digest) {
            return (number, false);
        }
        let hash = digest.hash();
        let number = self.list.push(string);
        let slot = Slot { digest, number };
        self.slots
            .insert_unique(hash, slot, |slot| slot.digest.hash());
        (number, true)
    }

    /// Gives all of it back; nothing is found any more.
    pub(in crate::index) fn close(&mut self) {
        *self = Surfaces::default();
    }

    /// The bytes of memory it takes.
    pub(in crate::index) fn n_bytes(&self) -> usize {
        self.list.n_bytes() + n_bytes_of(&self.slots)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_string_has_one_number() {
        let mut strings = Strings::default();
        let words: Vec<String> = (0..5_000).map(|n| format!("mot{}", n % 1_000)).collect();
        for (n, word) in words.iter().enumerate() {
            let expected = ((n % 1_000) as u32, n < 1_000);
            assert_eq!(strings.number(word.as_bytes()), expected);
        }
        assert_eq!(strings.number(b""), (1_000, true));
        assert_eq!(strings.len(), 1_001);
        assert_eq!(strings.get(999), b"mot999");
        assert_eq!(strings.get(1_000), b"");
    }

    #[test]
    fn strings_that_differ_in_one_byte_are_told_apart() {
        let mut surfaces = Surfaces::default();
        let mut number = |string: &[u8]| surfaces.number(string, Digest::of(string));
        let mut n = 0;
        for n_bytes in 0..40 {
            let string = vec![b'a'; n_bytes];
            assert_eq!(number(&string), (n, true));
            n += 1;
            for n_after in [0, 1, 20] {
                let text = [b"..".as_slice(), &string, &vec![b'z'; n_after]].concat();
                assert!(
                    Digest::at(&text, 2, n_bytes) == Digest::of(&string),
                    "{n_bytes}"
                );
            }
            for place in 0..n_bytes {
                let mut other = string.clone();
                other[place] = b'b';
                assert_eq!(number(&other), (n, true), "{n_bytes}, {place}");
                n += 1;
            }
        }
        assert!(!number(&[b'a'; 39]).1);
    }
}

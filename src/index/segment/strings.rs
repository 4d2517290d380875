//! Strings by numbers: each is kept once, in the order in which it was first met.

use std::hash::Hasher;

use hashbrown::HashTable;
use rustc_hash::FxHasher;

/// A set of strings of bytes, numbered from 0.
#[derive(Default)]
pub(super) struct Strings {
    bytes: Vec<u8>,
    /// Where each ends in `bytes`; it begins where the one before ends.
    ends: Vec<u32>,
    numbers: HashTable<u32>,
}

impl Strings {
    /// The number of `string`, and whether it is new.
    pub(super) fn number(&mut self, string: &[u8]) -> (u32, bool) {
        let hash = hash(string);
        let Strings {
            bytes,
            ends,
            numbers,
        } = self;
        let is_it = |number: &u32| get(bytes, ends, *number) == string;
        if let Some(number) = numbers.find(hash, is_it) {
            return (*number, false);
        }
        let number = ends.len() as u32;
        bytes.extend_from_slice(string);
        ends.push(bytes.len() as u32);
        let rehash = |number: &u32| self::hash(get(bytes, ends, *number));
        numbers.insert_unique(hash, number, rehash);
        (number, true)
    }

    /// The string of a number.
    pub(super) fn get(&self, number: u32) -> &[u8] {
        get(&self.bytes, &self.ends, number)
    }

    /// How many there are.
    pub(super) fn len(&self) -> usize {
        self.ends.len()
    }

    /// The bytes of memory it takes.
    pub(super) fn n_bytes(&self) -> usize {
        self.bytes.capacity() + 4 * self.ends.capacity() + 5 * self.numbers.capacity()
    }
}

fn get<'s>(bytes: &'s [u8], ends: &[u32], number: u32) -> &'s [u8] {
    let number = number as usize;
    let start = number.checked_sub(1).map_or(0, |before| ends[before]);
    &bytes[start as usize..ends[number] as usize]
}

fn hash(string: &[u8]) -> u64 {
    let mut hasher = FxHasher::default();
    hasher.write(string);
    hasher.finish()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_string_has_one_number() {
        let mut strings = Strings::default();
        let words: Vec<String> = (0..5_000).map(|n| format!("mot{}", n % 1_000)).collect();
        for (n, word) in words.iter().enumerate() {
            let is_new = n < 1_000;
            assert_eq!(
                strings.number(word.as_bytes()),
                ((n % 1_000) as u32, is_new)
            );
        }
        assert_eq!(strings.number(b""), (1_000, true));
        assert_eq!(strings.len(), 1_001);
        assert_eq!(strings.get(999), b"mot999");
        assert_eq!(strings.get(1_000), b"");
    }
}

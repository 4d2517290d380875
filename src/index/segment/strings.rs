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
pub(super) struct Digest {
    head: u64,
    tail: u64,
    n_bytes: u32,
}

impl Digest {
    const WHOLE: usize = 16;

    pub(super) fn of(string: &[u8]) -> Digest {
        let (head, tail) = match string {
            [] => (0, 0),
            [one] => (u64::from(*one), 0),
            [one, two] => (u64::from(*one), u64::from(*two)),
            [one, two, three] => (u64::from(*one) | u64::from(*two) << 8, u64::from(*three)),
            _ => match (string.first_chunk::<8>(), string.last_chunk::<8>()) {
                (Some(head), Some(tail)) => (u64::from_le_bytes(*head), u64::from_le_bytes(*tail)),
                _ => {
                    let head = string.first_chunk::<4>().copied().unwrap_or_default();
                    let tail = string.last_chunk::<4>().copied().unwrap_or_default();
                    (
                        u64::from(u32::from_le_bytes(head)),
                        u64::from(u32::from_le_bytes(tail)),
                    )
                }
            },
        };
        Digest {
            head,
            tail,
            n_bytes: string.len() as u32,
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

impl Strings {
    /// The number of `string`, and whether it is new.
    pub(super) fn number(&mut self, string: &[u8]) -> (u32, bool) {
        self.number_of(string, Digest::of(string))
    }

    /// The same, of a string whose digest is known.
    pub(super) fn number_of(&mut self, string: &[u8], digest: Digest) -> (u32, bool) {
        let hash = digest.hash();
        let is_it = |slot: &Slot| {
            slot.digest == digest && (digest.is_whole() || self.get(slot.number) == string)
        };
        if let Some(slot) = self.slots.find(hash, is_it) {
            return (slot.number, false);
        }
        let number = self.ends.len() as u32;
        self.bytes.extend_from_slice(string);
        self.ends.push(self.bytes.len() as u32);
        let slot = Slot { digest, number };
        self.slots
            .insert_unique(hash, slot, |slot| slot.digest.hash());
        (number, true)
    }

    /// The string of a number.
    pub(super) fn get(&self, number: u32) -> &[u8] {
        let number = number as usize;
        let start = number.checked_sub(1).map_or(0, |before| self.ends[before]);
        &self.bytes[start as usize..self.ends[number] as usize]
    }

    /// How many there are.
    pub(super) fn len(&self) -> usize {
        self.ends.len()
    }

    /// The bytes of memory it takes.
    pub(super) fn n_bytes(&self) -> usize {
        let slots = (size_of::<Slot>() + 1) * self.slots.capacity();
        self.bytes.len() + size_of::<u32>() * self.ends.len() + slots
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

    #[test]
    fn strings_that_differ_in_one_byte_are_told_apart() {
        let mut strings = Strings::default();
        let mut n = 0;
        for n_bytes in 0..40 {
            let string = vec![b'a'; n_bytes];
            assert_eq!(strings.number(&string), (n, true));
            n += 1;
            for place in 0..n_bytes {
                let mut other = string.clone();
                other[place] = b'b';
                assert_eq!(strings.number(&other), (n, true), "{n_bytes}, {place}");
                assert_eq!(strings.get(n), other);
                n += 1;
            }
        }
        assert!(!strings.number(&[b'a'; 39]).1);
    }
}

//! Tables that are looked into for every token of every text: half the time of `hashbrown`, for keys that are numbers.

/// Places for each key, at least: few keys are not where they are looked for first.
const ROOM: usize = 2;

/// What can be a key.
pub(super) trait Key: Copy + Eq + Default {
    /// A number of which the upper bits differ where keys differ.
    fn hash(self) -> u64;
}

/// An odd number without a pattern: 2^64 divided by the golden ratio.
const MIX: u64 = 0x9E37_79B9_7F4A_7C15;

impl Key for u64 {
    fn hash(self) -> u64 {
        (self ^ self >> 32).wrapping_mul(MIX)
    }
}

impl Key for u128 {
    fn hash(self) -> u64 {
        let (low, high) = (self as u64, (self >> 64) as u64);
        (low ^ low >> 29).wrapping_mul(MIX)
            ^ (high.wrapping_add(1) ^ high >> 31).wrapping_mul(MIX.rotate_left(17) | 1)
    }
}

/// Numbers by keys other than 0.
pub(super) struct Table<K> {
    /// As many as a power of two; those that are free have the key 0.
    slots: Vec<(K, u32)>,
    n_keys: usize,
    shift: u32,
}

impl<K: Key> Table<K> {
    pub(super) fn new() -> Table<K> {
        Table::with_slots(1 << 4)
    }

    fn with_slots(n_slots: usize) -> Table<K> {
        Table {
            slots: vec![(K::default(), 0); n_slots],
            n_keys: 0,
            shift: u64::BITS - n_slots.trailing_zeros(),
        }
    }

    /// Has `key` stand for `number`, unless it is there already, or 0.
    pub(super) fn insert(&mut self, key: K, number: u32) {
        if key == K::default() {
            return;
        }
        if (self.n_keys + 1) * ROOM > self.slots.len() {
            let mut larger = Table::with_slots(self.slots.len() * 2);
            let taken = self.slots.iter().filter(|(key, _)| *key != K::default());
            taken.for_each(|(key, number)| larger.insert(*key, *number));
            *self = larger;
        }
        let place = self.place(key);
        if self.slots[place].0 != key {
            self.slots[place] = (key, number);
            self.n_keys += 1;
        }
    }

    /// What `key` stands for.
    #[inline]
    pub(super) fn get(&self, key: K) -> Option<u32> {
        let (found, number) = self.slots[self.place(key)];
        (found == key && key != K::default()).then_some(number)
    }

    /// Where `key` is, or would be.
    #[inline]
    fn place(&self, key: K) -> usize {
        let mask = self.slots.len() - 1;
        let mut place = (key.hash() >> self.shift) as usize & mask;
        while self.slots[place].0 != key && self.slots[place].0 != K::default() {
            place = (place + 1) & mask;
        }
        place
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn it_finds_what_a_map_finds(keys in prop::collection::vec(0..400u128, 0..600), n_high in 0..100u32) {
            let key = |key: u128| key << n_high;
            let mut table: Table<u128> = Table::new();
            let mut map = HashMap::new();
            for (number, low) in (0..).zip(keys) {
                table.insert(key(low), number);
                if low != 0 {
                    map.entry(low).or_insert(number);
                }
            }
            for low in 0..410 {
                prop_assert_eq!(table.get(key(low)), map.get(&low).copied());
            }
        }
    }
}

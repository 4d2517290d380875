//! Tables that are looked into for every token of every text, for keys that are numbers. What they cost is waiting for memory,
//! so they are small.

/// Of so many places one is free, at least, so that few keys are not where they are looked for first.
const FREE: usize = 3;

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
        if is_full(self.n_keys + 1, self.slots.len()) {
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

fn is_full(n_keys: usize, n_slots: usize) -> bool {
    n_keys * FREE > n_slots * (FREE - 1)
}

/// Numbers by pairs of numbers; all of them below [`Pairs::LIMIT`].
pub(super) struct Pairs {
    /// As many as a power of two; the pair, and in the lowest bits what it stands for. Those that are free are 0.
    slots: Vec<u64>,
    n_keys: usize,
    shift: u32,
}

impl Pairs {
    const BITS: u32 = 20;
    /// One more than the largest number.
    pub(super) const LIMIT: usize = 1 << Pairs::BITS;

    pub(super) fn new() -> Pairs {
        Pairs::with_slots(1 << 4)
    }

    fn with_slots(n_slots: usize) -> Pairs {
        Pairs {
            slots: vec![0; n_slots],
            n_keys: 0,
            shift: u64::BITS - n_slots.trailing_zeros(),
        }
    }

    /// Has a pair stand for `number`, which is not 0, unless it is there already.
    pub(super) fn insert(&mut self, one: u32, other: u32, number: u32) {
        self.insert_key(key_of(one, other), number);
    }

    fn insert_key(&mut self, key: u64, number: u32) {
        if is_full(self.n_keys + 1, self.slots.len()) {
            let mut larger = Pairs::with_slots(self.slots.len() * 2);
            let mask = Pairs::LIMIT as u64 - 1;
            let taken = self.slots.iter().filter(|slot| **slot != 0);
            taken.for_each(|slot| larger.insert_key(slot >> Pairs::BITS, (slot & mask) as u32));
            *self = larger;
        }
        let place = self.place(key);
        if self.slots[place] == 0 {
            self.slots[place] = key << Pairs::BITS | u64::from(number);
            self.n_keys += 1;
        }
    }

    /// What a pair stands for.
    #[inline]
    pub(super) fn get(&self, one: u32, other: u32) -> Option<u32> {
        let slot = self.slots[self.place(key_of(one, other))];
        (slot != 0).then_some((slot & (Pairs::LIMIT as u64 - 1)) as u32)
    }

    /// Where `key` is, or would be.
    #[inline]
    fn place(&self, key: u64) -> usize {
        let mask = self.slots.len() - 1;
        let mut place = (key.hash() >> self.shift) as usize & mask;
        while self.slots[place] != 0 && self.slots[place] >> Pairs::BITS != key {
            place = (place + 1) & mask;
        }
        place
    }
}

fn key_of(one: u32, other: u32) -> u64 {
    u64::from(one) << Pairs::BITS | u64::from(other)
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

        #[test]
        fn pairs_are_found_that_a_map_finds(
            pairs in prop::collection::vec((0..30u32, 0..30u32), 0..600),
            n_above in 0..2u32,
        ) {
            let number = |number: u32| number + n_above * (Pairs::LIMIT as u32 - 40);
            let mut table = Pairs::new();
            let mut map = HashMap::new();
            for (value, (one, other)) in (1..).zip(pairs) {
                table.insert(number(one), number(other), value);
                map.entry((one, other)).or_insert(value);
            }
            for (one, other) in (0..31).flat_map(|one| (0..31).map(move |other| (one, other))) {
                let found = table.get(number(one), number(other));
                prop_assert_eq!(found, map.get(&(one, other)).copied());
            }
        }
    }
}

//! Numbers drawn at random by a seed: the same seed gives the same numbers, everywhere.

/// A small generator that passes the usual tests (Steele, Lea and Flood, *Fast Splittable Pseudorandom Number
/// Generators*, 2014).
#[derive(Clone, Debug)]
pub struct SplitMix64(u64);

impl SplitMix64 {
    /// Starts from `seed`.
    pub fn new(seed: u64) -> SplitMix64 {
        SplitMix64(seed)
    }

    /// The next number.
    pub fn next_u64(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    /// A number below `n`, or 0 where there is none. Slightly uneven for an `n` beyond what fits in memory.
    pub fn below(&mut self, n: usize) -> usize {
        // The upper half of the product: what `n` would make of a number between 0 and 1.
        let product = u128::from(self.next_u64()) * n as u128;
        (product >> 64) as usize
    }

    /// A number from 0 to 1, 1 excluded.
    pub fn share(&mut self) -> f64 {
        (self.next_u64() >> 11) as f64 / (1u64 << 53) as f64
    }

    /// Puts `items` in any order.
    pub fn shuffle<T>(&mut self, items: &mut [T]) {
        for at in (1..items.len()).rev() {
            items.swap(at, self.below(at + 1));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_generator_gives_its_published_numbers() {
        let mut random = SplitMix64::new(1234567);
        let numbers: Vec<u64> = (0..3).map(|_| random.next_u64()).collect();
        let published = [
            6_457_827_717_110_365_317,
            3_203_168_211_198_807_973,
            9_817_491_932_198_370_423,
        ];
        assert_eq!(numbers, published);
    }

    #[test]
    fn numbers_are_below_their_bound_and_reach_it() {
        let mut random = SplitMix64::new(1);
        let mut seen = [false; 3];
        for _ in 0..100 {
            seen[random.below(3)] = true;
            assert!((0.0..1.0).contains(&random.share()));
        }
        assert_eq!(seen, [true; 3]);
        assert_eq!(random.below(0), 0);
    }

    #[test]
    fn shuffling_keeps_all() {
        let mut items: Vec<usize> = (0..50).collect();
        SplitMix64::new(1).shuffle(&mut items);
        assert_ne!(items, (0..50).collect::<Vec<_>>());
        items.sort_unstable();
        assert_eq!(items, (0..50).collect::<Vec<_>>());
    }
}

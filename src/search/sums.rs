//! Sums for the passages of a window.

use std::mem;
use std::ops::AddAssign;

use tantivy::DocId;

use super::tree::WINDOW;

/// Numbers that are summed up by passage.
pub(super) struct Sums<T> {
    sums: Vec<T>,
    /// Those that something was added to, a bit a passage.
    seen: [u64; N_SEEN],
    /// Which of these are not empty, a bit each: mostly a window has few passages, far from each other.
    filled: u64,
}

const N_SEEN: usize = WINDOW / u64::BITS as usize;
const _: () = assert!(N_SEEN == u64::BITS as usize, "a bit for each");

impl<T: Copy + Default + AddAssign> Sums<T> {
    pub(super) fn new() -> Sums<T> {
        Sums {
            sums: vec![T::default(); WINDOW],
            seen: [0; N_SEEN],
            filled: 0,
        }
    }

    /// Adds to the sums of passages, by their places in the window.
    pub(super) fn add(&mut self, values: impl Iterator<Item = (DocId, T)>) {
        // In a register: in memory, each would wait for the one before it.
        let mut filled = self.filled;
        for (at, value) in values {
            let (word, bit) = (at / u64::BITS, at % u64::BITS);
            self.sums[at as usize] += value;
            self.seen[word as usize] |= 1 << bit;
            filled |= 1 << word;
        }
        self.filled = filled;
    }

    /// Gives `take` all sums, ascending by their places; none is left.
    pub(super) fn drain(&mut self, mut take: impl FnMut(DocId, T)) {
        let mut filled = mem::take(&mut self.filled);
        let mut word = 0;
        let mut left = 0_u64;
        // One loop, since a word has mostly one bit: whether there is another in it would be guessed wrong.
        loop {
            if left == 0 {
                if filled == 0 {
                    return;
                }
                word = filled.trailing_zeros();
                filled &= filled - 1;
                left = mem::take(&mut self.seen[word as usize]);
            }
            let at = word * u64::BITS + left.trailing_zeros();
            left &= left - 1;
            take(at, mem::take(&mut self.sums[at as usize]));
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn sums_come_out_as_they_went_in(
            windows in prop::collection::vec(
                prop::collection::vec((0..WINDOW as DocId, 1_u32..9), 0..300),
                1..4,
            ),
        ) {
            let mut sums = Sums::new();
            for added in windows {
                let mut expected: BTreeMap<DocId, u32> = BTreeMap::new();
                sums.add(added.iter().copied());
                for (at, value) in added {
                    *expected.entry(at).or_default() += value;
                }
                let mut drained = Vec::new();
                sums.drain(|at, sum| drained.push((at, sum)));
                prop_assert_eq!(drained, expected.into_iter().collect::<Vec<_>>());
            }
        }
    }
}

//! Whether a difference between two runs may be chance: a paired, two-sided randomization test.
//!
//! If the two runs were equally good, each query's difference could as well have the other sign. The p-value is the
//! share of all ways to choose the signs whose mean is at least as far from 0 as the observed one (Smucker, Allan and
//! Carterette, *A Comparison of Statistical Significance Tests for Information Retrieval Evaluation*, 2007).

use crate::random::SplitMix64;

/// Up to so many queries that differ, all choices of signs are tried: 65,536.
const MAX_EXACT: usize = 16;

/// Choices of signs that are drawn otherwise.
const N_SAMPLES: u32 = 10_000;

/// The same choices are drawn every time, so that the same runs give the same p.
const SEED: u64 = 2007;

/// Differences of sums below this share of all that was summed up are rounding.
const ROUNDING: f64 = 1e-9;

/// The p-value of the differences between paired values; 1 where there are none.
///
/// With the drawn choices the observed one is counted, so that p is never 0: (1 + c) / (1 + n).
pub(super) fn p_value(differences: &[f64]) -> f64 {
    let nonzero = differences.iter().copied().filter(|&d| d != 0.0);
    let nonzero: Vec<f64> = nonzero.collect();
    let total: f64 = nonzero.iter().map(|difference| difference.abs()).sum();
    let observed = nonzero.iter().sum::<f64>().abs() - total * ROUNDING;
    let is_as_far = |signs: &mut dyn FnMut() -> bool| {
        let flipped = nonzero.iter().map(|&d| if signs() { d } else { -d });
        flipped.sum::<f64>().abs() >= observed
    };
    if nonzero.len() <= MAX_EXACT {
        let n_choices = 1u32 << nonzero.len();
        let as_far = (0..n_choices).filter(|&choice| {
            let mut bits = choice;
            is_as_far(&mut || next_bit(&mut bits))
        });
        return as_far.count() as f64 / f64::from(n_choices);
    }
    let mut random = SplitMix64::new(SEED);
    let as_far = (0..N_SAMPLES).filter(|_| is_as_far(&mut || random.next_u64() >> 63 == 1));
    let n_as_far = as_far.count() as f64;
    (1.0 + n_as_far) / (1.0 + f64::from(N_SAMPLES))
}

fn next_bit(bits: &mut u32) -> bool {
    let bit = *bits & 1 == 1;
    *bits >>= 1;
    bit
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn few_queries_are_counted_out() {
        assert_eq!(p_value(&[]), 1.0);
        assert_eq!(p_value(&[0.0, 0.0]), 1.0);
        assert_eq!(p_value(&[0.5]), 1.0);
        // Only + + + and − − − are as far.
        assert_eq!(p_value(&[0.1, 0.2, 0.0, 0.3]), 2.0 / 8.0);
        // |0.1 + 0.2 − 0.3| is 0 but for rounding: every choice is as far.
        assert_eq!(p_value(&[0.1, 0.2, -0.3]), 1.0);
        // 1 + 2 − 4 = −1: of |±1 ±2 ±4| all of 7, 5, 3, 1 are as far.
        assert_eq!(p_value(&[1.0, 2.0, -4.0]), 1.0);
        // 3 of 7, 5, 3, 1: three quarters.
        assert_eq!(p_value(&[1.0, -2.0, 4.0]), 6.0 / 8.0);
    }

    #[test]
    fn many_queries_are_sampled_close_to_the_truth() {
        // 17 equal differences, 13 up and 4 down: two-sided sign test, 2 · (1 + 17 + 136 + 680 + 2380) / 2¹⁷.
        let mut differences = vec![0.25; 13];
        differences.extend([-0.25; 4]);
        let exact = 2.0 * 3214.0 / 131_072.0;
        let p = p_value(&differences);
        // Four standard errors of 10,000 draws.
        assert!((p - exact).abs() < 0.009, "{p} {exact}");
        assert_eq!(p, p_value(&differences));
        // All up: 1 draw in 65,536 would be as far.
        assert!(p_value(&[0.5; 17]) <= 5.0 / 10_001.0);
    }

    proptest! {
        #[test]
        fn which_run_comes_first_does_not_matter(
            differences in proptest::collection::vec(-1.0f64..1.0, 0..12)
        ) {
            let p = p_value(&differences);
            let other_way: Vec<f64> = differences.iter().map(|d| -d).collect();
            prop_assert_eq!(p, p_value(&other_way));
            prop_assert!(p > 0.0 && p <= 1.0);
        }
    }
}

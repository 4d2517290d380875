//! Two runs over the same judged queries, side by side.

use super::significance::p_value;
use super::{Evaluation, Metric, Qrels, Run, evaluate, mean};

/// Values closer than this are the same: they differ by the order of rounding.
const ROUNDING: f64 = 1e-12;

/// What the measures say of two runs.
#[derive(Clone, Debug, PartialEq)]
pub struct Comparison {
    /// Of the first run.
    pub a: Evaluation,
    /// Of the second run; the same queries in the same order.
    pub b: Evaluation,
    by_metric: [MetricComparison; Metric::ALL.len()],
}

impl Comparison {
    /// The two by one measure.
    pub fn by(&self, metric: Metric) -> &MetricComparison {
        &self.by_metric[metric as usize]
    }
}

/// Two runs by one measure.
#[derive(Clone, Debug, PartialEq)]
pub struct MetricComparison {
    /// Mean of the first run.
    pub a: f64,
    /// Mean of the second run.
    pub b: f64,
    /// Mean of the second less that of the first.
    pub difference: f64,
    /// How likely a difference as large as this were if the two were equally good: paired two-sided randomization test.
    pub p: f64,
    /// Queries for which the second run is better.
    pub n_better: usize,
    /// Queries for which it is worse.
    pub n_worse: usize,
    /// Queries for which both are the same.
    pub n_same: usize,
}

/// Measures both runs over all queries of the qrels.
pub fn compare(qrels: &Qrels, a: &Run, b: &Run) -> Comparison {
    let (a, b) = (evaluate(qrels, a), evaluate(qrels, b));
    let by_metric = Metric::ALL.map(|metric| compare_by(metric, &a, &b));
    Comparison { a, b, by_metric }
}

fn compare_by(metric: Metric, a: &Evaluation, b: &Evaluation) -> MetricComparison {
    let pairs = a.queries.iter().zip(&b.queries);
    let differences: Vec<f64> = pairs
        .map(|(a, b)| without_rounding(b.scores.of(metric) - a.scores.of(metric)))
        .collect();
    let count = |holds: fn(f64) -> bool| differences.iter().filter(|&&d| holds(d)).count();
    MetricComparison {
        a: a.mean().of(metric),
        b: b.mean().of(metric),
        difference: mean(differences.iter().copied()),
        p: p_value(&differences),
        n_better: count(|difference| difference > 0.0),
        n_worse: count(|difference| difference < 0.0),
        n_same: count(|difference| difference == 0.0),
    }
}

fn without_rounding(difference: f64) -> f64 {
    if difference.abs() < ROUNDING {
        0.0
    } else {
        difference
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const QRELS: &str = "q1 0 d1 1\nq2 0 d1 1\nq3 0 d1 1\n";

    #[test]
    fn better_and_worse_are_seen_from_the_second_run() {
        let qrels = Qrels::parse(QRELS).unwrap();
        let a = Run::parse("q1 Q0 d1 1 9 a\nq2 Q0 d2 1 9 a\nq2 Q0 d1 2 8 a\n").unwrap();
        let b = Run::parse("q1 Q0 d1 1 9 b\nq2 Q0 d1 1 9 b\nq3 Q0 d1 1 9 b\n").unwrap();
        let comparison = compare(&qrels, &a, &b);
        let by_rank = comparison.by(Metric::ReciprocalRank10);
        assert_eq!((by_rank.a, by_rank.b, by_rank.difference), (0.5, 1.0, 0.5));
        assert_eq!(
            (by_rank.n_better, by_rank.n_worse, by_rank.n_same),
            (2, 0, 1)
        );
        // Of the four choices of signs of ½ and 1, two are as far.
        assert_eq!(by_rank.p, 0.5);
        assert_eq!((comparison.a.n_missing, comparison.b.n_missing), (1, 0));
        let back = compare(&qrels, &b, &a);
        let back = back.by(Metric::ReciprocalRank10);
        assert_eq!((back.difference, back.p, back.n_worse), (-0.5, 0.5, 2));
    }

    #[test]
    fn a_run_is_as_good_as_itself() {
        let qrels = Qrels::parse(QRELS).unwrap();
        let run = Run::parse("q1 Q0 d1 1 9 a\n").unwrap();
        let comparison = compare(&qrels, &run, &run);
        for by_metric in Metric::ALL.map(|metric| comparison.by(metric)) {
            assert_eq!(
                (by_metric.difference, by_metric.p, by_metric.n_same),
                (0.0, 1.0, 3)
            );
        }
    }
}

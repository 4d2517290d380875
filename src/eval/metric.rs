//! The measures of a ranking. Documents that were not judged count as not relevant.

use super::qrels::Judgments;
use super::sum;

/// Where the measures of the first results stop.
const CUTOFF: usize = 10;

/// Where recall stops.
const RECALL_CUTOFF: usize = super::DEPTH;

/// A measure of a ranking, from 0 to 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Metric {
    /// nDCG@10, normalized discounted cumulative gain: the relevance of the first ten documents, each divided by
    /// log₂(rank + 1), in relation to the best ranking of all documents judged (Järvelin and Kekäläinen, *Cumulated
    /// gain-based evaluation of IR techniques*, 2002). Gains are the scores of the qrels as they are, as in trec_eval's
    /// `ndcg_cut_10`.
    Ndcg10,
    /// MRR@10, the reciprocal of the rank of the first relevant document, 0 past ten; trec_eval's `recip_rank` cut off.
    ReciprocalRank10,
    /// MAP, average precision: the mean, over all relevant documents, of the precision at the rank of each, 0 for those
    /// that the ranking lacks; over the ranking as deep as it is. trec_eval's `map`.
    AveragePrecision,
    /// recall@100, the share of the relevant documents among the first hundred; trec_eval's `recall_100`.
    Recall100,
    /// success@1: whether the first document is relevant; trec_eval's `success_1`.
    Success1,
}

impl Metric {
    /// All measures, in the order to show them in.
    pub const ALL: [Metric; 5] = [
        Metric::Ndcg10,
        Metric::ReciprocalRank10,
        Metric::AveragePrecision,
        Metric::Recall100,
        Metric::Success1,
    ];

    /// What its mean is called.
    pub fn name(self) -> &'static str {
        match self {
            Metric::Ndcg10 => "nDCG@10",
            Metric::ReciprocalRank10 => "MRR@10",
            Metric::AveragePrecision => "MAP",
            Metric::Recall100 => "recall@100",
            Metric::Success1 => "success@1",
        }
    }

    /// Measures a ranking by the gains of its documents; `ideal` are those of all relevant documents, highest first.
    fn of(self, gains: &[f64], ideal: &[f64]) -> f64 {
        if ideal.is_empty() {
            return 0.0;
        }
        match self {
            Metric::Ndcg10 => discounted_gain(gains) / discounted_gain(ideal),
            Metric::ReciprocalRank10 => {
                let mut ranks = ranks_of_relevant(gains);
                let first = ranks.find(|&rank| rank <= CUTOFF);
                first.map_or(0.0, |rank| 1.0 / rank as f64)
            }
            Metric::AveragePrecision => {
                let relevant = ranks_of_relevant(gains).zip(1..);
                let precisions =
                    relevant.map(|(rank, n_relevant)| f64::from(n_relevant) / rank as f64);
                sum(precisions) / ideal.len() as f64
            }
            Metric::Recall100 => {
                let mut n_relevant = 0;
                for rank in ranks_of_relevant(gains) {
                    n_relevant += usize::from(rank <= RECALL_CUTOFF);
                }
                n_relevant as f64 / ideal.len() as f64
            }
            Metric::Success1 => match ranks_of_relevant(gains).next() {
                Some(1) => 1.0,
                _ => 0.0,
            },
        }
    }
}

/// A value for each measure.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Scores([f64; Metric::ALL.len()]);

impl Scores {
    /// Measures a ranking: ids of documents, best first, each once.
    pub fn of_ranking(ranking: &[String], judgments: &Judgments) -> Scores {
        let gains = ranking.iter().map(|document| judgments.gain(document));
        let gains: Vec<f64> = gains.collect();
        let ideal = judgments.ideal();
        Scores::new(|metric| metric.of(&gains, &ideal))
    }

    /// The values that `value` gives.
    pub(super) fn new(value: impl Fn(Metric) -> f64) -> Scores {
        Scores(Metric::ALL.map(value))
    }

    /// The value of one measure.
    pub fn of(&self, metric: Metric) -> f64 {
        self.0[metric as usize]
    }
}

/// The discounted cumulative gain of the first ten.
fn discounted_gain(gains: &[f64]) -> f64 {
    let first = gains.iter().take(CUTOFF).enumerate();
    let discounted = first.map(|(n_before, gain)| gain / (n_before as f64 + 2.0).log2());
    sum(discounted)
}

/// The ranks of the relevant documents, from 1.
fn ranks_of_relevant(gains: &[f64]) -> impl Iterator<Item = usize> {
    let ranked = gains.iter().zip(1..);
    ranked
        .filter(|&(&gain, _)| gain > 0.0)
        .map(|(_, rank)| rank)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[track_caller]
    fn assert_values(gains: &[f64], ideal: &[f64], expected: [f64; 5]) {
        for (metric, expected) in Metric::ALL.into_iter().zip(expected) {
            let value = metric.of(gains, ideal);
            assert!((value - expected).abs() < 1e-9, "{metric:?}: {value}");
        }
    }

    #[test]
    fn values_computed_by_hand() {
        // Third of three relevant documents never found; grades 2 at rank 2 and 1 at rank 3.
        let dcg = 2.0 / 3f64.log2() + 1.0 / 2.0;
        let ideal = 2.0 + 1.0 / 3f64.log2() + 1.0 / 2.0;
        assert_values(
            &[0.0, 2.0, 1.0, 0.0],
            &[2.0, 1.0, 1.0],
            [
                dcg / ideal,
                0.5,
                (1.0 / 2.0 + 2.0 / 3.0) / 3.0,
                2.0 / 3.0,
                0.0,
            ],
        );
    }

    #[test]
    fn a_perfect_ranking_is_one_by_every_measure() {
        assert_values(&[3.0, 1.0, 0.0], &[3.0, 1.0], [1.0; 5]);
    }

    #[test]
    fn cutoffs_are_where_they_are_said_to_be() {
        let relevant_at = |rank: usize| {
            let mut gains = vec![0.0; 150];
            gains[rank - 1] = 1.0;
            gains
        };
        let ndcg = 1.0 / 11f64.log2();
        assert_values(&relevant_at(10), &[1.0], [ndcg, 0.1, 0.1, 1.0, 0.0]);
        assert_values(&relevant_at(11), &[1.0], [0.0, 0.0, 1.0 / 11.0, 1.0, 0.0]);
        assert_values(&relevant_at(100), &[1.0], [0.0, 0.0, 0.01, 1.0, 0.0]);
        assert_values(&relevant_at(101), &[1.0], [0.0, 0.0, 1.0 / 101.0, 0.0, 0.0]);
    }

    #[test]
    fn more_than_ten_relevant_documents_can_be_ranked_perfectly() {
        let gains = [1.0; 12];
        assert_values(&gains, &gains, [1.0; 5]);
        assert_values(
            &gains[..10],
            &gains,
            [1.0, 1.0, 10.0 / 12.0, 10.0 / 12.0, 1.0],
        );
    }

    #[test]
    fn an_empty_ranking_is_nothing() {
        assert_values(&[], &[1.0], [0.0; 5]);
        for metric in Metric::ALL {
            assert!(metric.of(&[], &[1.0]).is_sign_positive(), "{metric:?}");
        }
    }

    proptest! {
        #[test]
        fn values_are_shares_and_better_rankings_are_not_worse(
            grades in proptest::collection::vec(0u8..4, 2..130),
            at in 0usize..129,
        ) {
            let gains: Vec<f64> = grades.into_iter().map(f64::from).collect();
            let mut ideal: Vec<f64> = gains.iter().copied().filter(|&gain| gain > 0.0).collect();
            ideal.sort_by(|a, b| b.total_cmp(a));
            let at = at % (gains.len() - 1);
            let mut better = gains.clone();
            better[at] = gains[at].max(gains[at + 1]);
            better[at + 1] = gains[at].min(gains[at + 1]);
            for metric in Metric::ALL {
                let value = metric.of(&gains, &ideal);
                prop_assert!((0.0..=1.0 + 1e-12).contains(&value), "{:?}: {}", metric, value);
                prop_assert!(metric.of(&better, &ideal) >= value - 1e-12, "{:?}", metric);
            }
        }
    }
}

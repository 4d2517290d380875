//! How good rankings are: queries with judged documents, measures of a run, comparisons of two.
//!
//! The words of the field: a *topic* is a query with an id; *qrels* say which documents are relevant to it, and how
//! much; a *run* holds a ranking of documents for each topic. Queries are not answered here: whoever calls does that,
//! or brings a run made elsewhere.
//!
//! Start with [`evaluate`], which is all there is to a measurement once [`Qrels`] and [`Run`] are read.

mod column;
mod compare;
mod file;
mod metric;
mod qrels;
mod run;
mod significance;
mod topics;

pub use compare::{Comparison, MetricComparison, compare};
pub use metric::{Metric, Scores};
pub use qrels::{Judgments, Qrels};
pub use run::{Run, write_ranking};
pub use topics::{Topic, Topics};

/// Documents to retrieve for each query: as deep as the measures look.
pub const DEPTH: usize = 100;

/// What the measures say of a run.
#[derive(Clone, Debug, PartialEq)]
pub struct Evaluation {
    /// The judged queries, in the order of their ids.
    pub queries: Vec<QueryEvaluation>,
    /// Judged queries for which the run ranks nothing; each counts 0.
    pub n_missing: usize,
}

/// What the measures say of one ranking.
#[derive(Clone, Debug, PartialEq)]
pub struct QueryEvaluation {
    /// Id of the query.
    pub id: String,
    /// By each measure.
    pub scores: Scores,
}

impl Evaluation {
    /// The mean over all queries; 0 without any.
    pub fn mean(&self) -> Scores {
        Scores::new(|metric| mean(self.queries.iter().map(|query| query.scores.of(metric))))
    }
}

/// Measures a run over all queries of the qrels, as `trec_eval -c` does: one that the run lacks counts 0.
pub fn evaluate(qrels: &Qrels, run: &Run) -> Evaluation {
    let mut n_missing = 0;
    let queries = qrels.iter().map(|(id, judgments)| {
        let ranking = run.ranking(id);
        n_missing += usize::from(ranking.is_empty());
        QueryEvaluation {
            id: id.to_owned(),
            scores: Scores::of_ranking(ranking, judgments),
        }
    });
    Evaluation {
        queries: queries.collect(),
        n_missing,
    }
}

fn mean(values: impl ExactSizeIterator<Item = f64>) -> f64 {
    let n_values = values.len().max(1);
    sum(values) / n_values as f64
}

/// Not `Iterator::sum`, which gives −0 where there is nothing to sum up.
fn sum(values: impl Iterator<Item = f64>) -> f64 {
    values.fold(0.0, |sum, value| sum + value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_query_that_the_run_lacks_counts_nothing() {
        let qrels = Qrels::parse("q1\td1\t1\nq2\td2\t1\n").unwrap();
        let run = Run::parse("q1 Q0 d1 1 2.5 x\nq3 Q0 d9 1 2.5 x\n").unwrap();
        let evaluation = evaluate(&qrels, &run);
        assert_eq!(evaluation.queries.len(), 2);
        assert_eq!(evaluation.n_missing, 1);
        for metric in Metric::ALL {
            assert_eq!(evaluation.mean().of(metric), 0.5, "{metric:?}");
        }
    }

    #[test]
    fn nothing_judged_is_no_division_by_zero() {
        let evaluation = evaluate(&Qrels::default(), &Run::default());
        assert_eq!(evaluation.mean().of(Metric::AveragePrecision), 0.0);
    }
}

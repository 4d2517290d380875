//! Measures for programs, as JSON lines. What was shipped changes only by addition.

use std::io::{self, Write};

use fouine::eval::{Comparison, Evaluation, Metric, MetricComparison, Scores};
use serde::Serialize;

use super::json::write_line;

/// One query: its values, or pairs of values.
#[derive(Serialize)]
#[serde(tag = "type", rename = "query")]
struct QueryLine<'a, T> {
    id: &'a str,
    #[serde(flatten)]
    values: ByMetric<T>,
}

/// The means of a run.
#[derive(Serialize)]
#[serde(tag = "type", rename = "summary")]
struct SummaryLine {
    queries: usize,
    #[serde(flatten)]
    values: ByMetric<f64>,
}

/// Two runs.
#[derive(Serialize)]
#[serde(tag = "type", rename = "comparison")]
struct ComparisonLine {
    queries: usize,
    metrics: ByMetric<Compared>,
}

#[derive(Serialize)]
struct ByMetric<T> {
    #[serde(rename = "ndcg@10")]
    ndcg_10: T,
    #[serde(rename = "mrr@10")]
    mrr_10: T,
    map: T,
    #[serde(rename = "recall@100")]
    recall_100: T,
    #[serde(rename = "success@1")]
    success_1: T,
}

#[derive(Serialize)]
struct Pair {
    a: f64,
    b: f64,
    difference: f64,
}

#[derive(Serialize)]
struct Compared {
    #[serde(flatten)]
    means: Pair,
    p: f64,
    better: usize,
    worse: usize,
    same: usize,
}

impl<T> ByMetric<T> {
    fn new(value: impl Fn(Metric) -> T) -> ByMetric<T> {
        ByMetric {
            ndcg_10: value(Metric::Ndcg10),
            mrr_10: value(Metric::ReciprocalRank10),
            map: value(Metric::AveragePrecision),
            recall_100: value(Metric::Recall100),
            success_1: value(Metric::Success1),
        }
    }
}

/// Writes a line for each query where `per_query`, and one with the means.
pub(crate) fn write_evaluation(
    evaluation: &Evaluation,
    per_query: bool,
    out: &mut impl Write,
) -> io::Result<()> {
    let by_metric = |scores: &Scores| ByMetric::new(|metric| scores.of(metric));
    if per_query {
        for query in &evaluation.queries {
            let line = QueryLine {
                id: &query.id,
                values: by_metric(&query.scores),
            };
            write_line(&line, out)?;
        }
    }
    let summary = SummaryLine {
        queries: evaluation.queries.len(),
        values: by_metric(&evaluation.mean()),
    };
    write_line(&summary, out)
}

/// Writes a line for each query where `per_query`, and one with the means of both runs.
pub(crate) fn write_comparison(
    comparison: &Comparison,
    per_query: bool,
    out: &mut impl Write,
) -> io::Result<()> {
    if per_query {
        for (a, b) in comparison.a.queries.iter().zip(&comparison.b.queries) {
            let pair = |metric| {
                let (a, b) = (a.scores.of(metric), b.scores.of(metric));
                let difference = b - a;
                Pair { a, b, difference }
            };
            let line = QueryLine {
                id: &a.id,
                values: ByMetric::new(pair),
            };
            write_line(&line, out)?;
        }
    }
    let line = ComparisonLine {
        queries: comparison.a.queries.len(),
        metrics: ByMetric::new(|metric| compared(comparison.by(metric))),
    };
    write_line(&line, out)
}

fn compared(by_metric: &MetricComparison) -> Compared {
    Compared {
        means: Pair {
            a: by_metric.a,
            b: by_metric.b,
            difference: by_metric.difference,
        },
        p: by_metric.p,
        better: by_metric.n_better,
        worse: by_metric.n_worse,
        same: by_metric.n_same,
    }
}

//! Measures for people: a table, and lines of columns separated by tabs.

use std::io::{self, Write};

use fouine::eval::{Comparison, Evaluation, Metric};

use super::terminal::sanitize;

/// Writes the means, after a line for each query where `per_query`.
pub(crate) fn write_evaluation(
    evaluation: &Evaluation,
    per_query: bool,
    out: &mut impl Write,
) -> io::Result<()> {
    if per_query {
        let names = Metric::ALL.map(Metric::name);
        writeln!(out, "query\t{}", names.join("\t"))?;
        for query in &evaluation.queries {
            let values = Metric::ALL.map(|metric| format!("{:.4}", query.scores.of(metric)));
            writeln!(out, "{}\t{}", sanitize(&query.id), values.join("\t"))?;
        }
        writeln!(out)?;
    }
    let mean = evaluation.mean();
    writeln!(out, "queries     {:>6}", evaluation.queries.len())?;
    for metric in Metric::ALL {
        writeln!(out, "{:10}  {:.4}", metric.name(), mean.of(metric))?;
    }
    Ok(())
}

/// Writes the means of two runs side by side, after the nDCG@10 of each query where `per_query`.
pub(crate) fn write_comparison(
    comparison: &Comparison,
    per_query: bool,
    out: &mut impl Write,
) -> io::Result<()> {
    if per_query {
        write_differences(comparison, out)?;
        writeln!(out)?;
    }
    writeln!(out, "queries     {:>6}", comparison.a.queries.len())?;
    writeln!(
        out,
        "{:10}  {:>6}  {:>6}  {:>7}  {:>6}  {:>6}  {:>6}  {:>6}",
        "", "A", "B", "B−A", "p", "better", "worse", "same"
    )?;
    for metric in Metric::ALL {
        let by_metric = comparison.by(metric);
        writeln!(
            out,
            "{:10}  {:.4}  {:.4}  {:>+7.4}  {:.4}  {:>6}  {:>6}  {:>6}",
            metric.name(),
            by_metric.a,
            by_metric.b,
            by_metric.difference,
            by_metric.p,
            by_metric.n_better,
            by_metric.n_worse,
            by_metric.n_same
        )?;
    }
    Ok(())
}

fn write_differences(comparison: &Comparison, out: &mut impl Write) -> io::Result<()> {
    writeln!(out, "query\tA\tB\tB−A")?;
    for (a, b) in comparison.a.queries.iter().zip(&comparison.b.queries) {
        let id = sanitize(&a.id);
        let (a, b) = (a.scores.of(Metric::Ndcg10), b.scores.of(Metric::Ndcg10));
        writeln!(out, "{id}\t{a:.4}\t{b:.4}\t{:+.4}", b - a)?;
    }
    Ok(())
}

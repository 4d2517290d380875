//! What `bench` measured, for people: tables of latencies, and of two measurements side by side.

use std::io::{self, Write};
use std::time::Duration;

use fouine::bench::{Comparison, Kind, KindLatency, Latency, Measures, Report, ratio};

use super::terminal::sanitize;
use super::text::{bytes, count};

/// Columns that the names of rows take.
const NAME: usize = 19;

/// Writes a measurement.
pub(crate) fn write_report(report: &Report, out: &mut impl Write) -> io::Result<()> {
    write_facts(report, out)?;
    let Measures {
        opening,
        latencies,
        throughput,
    } = &report.measures;
    writeln!(out)?;
    writeln!(
        out,
        "opening: {} ms, again {} ms, first search {} ms",
        ms(opening.first),
        ms(opening.again),
        ms(opening.first_search)
    )?;
    write_latencies("with snippets", latencies, |of| &of.with_snippets, out)?;
    write_latencies("ranking alone", latencies, |of| &of.without_snippets, out)?;
    writeln!(out)?;
    writeln!(out, "{:NAME$} {:>9} {:>8}", "at once", "queries/s", "ratio")?;
    let alone = throughput.first().map_or(0.0, |alone| alone.per_second());
    for at_once in throughput {
        writeln!(
            out,
            "{:NAME$} {:>9.0} {:>8.2}",
            count(at_once.threads as u64, "thread"),
            at_once.per_second(),
            at_once.per_second() / alone
        )?;
    }
    Ok(())
}

/// Writes two measurements side by side.
pub(crate) fn write_comparison(
    comparison: &Comparison<'_>,
    out: &mut impl Write,
) -> io::Result<()> {
    let (old, new) = (comparison.old, comparison.new);
    writeln!(out, "old")?;
    write_facts(old, out)?;
    writeln!(out, "\nnew")?;
    write_facts(new, out)?;
    writeln!(
        out,
        "\n{:NAME$} {:>9} {:>9} {:>8}",
        "", "old", "new", "new/old"
    )?;
    let (old_opening, new_opening) = (&old.measures.opening, &new.measures.opening);
    for (name, old, new) in [
        ("opening", old_opening.first, new_opening.first),
        ("opening again", old_opening.again, new_opening.again),
        (
            "first search",
            old_opening.first_search,
            new_opening.first_search,
        ),
    ] {
        let times = ratio(old, new);
        writeln!(
            out,
            "{name:NAME$} {:>9} {:>9} {times:>8.2}",
            ms(old),
            ms(new)
        )?;
    }
    let (old_size, new_size) = (bytes(old.index.bytes), bytes(new.index.bytes));
    let times = comparison.size();
    writeln!(
        out,
        "{:NAME$} {old_size:>9} {new_size:>9} {times:>8.2}",
        "size on disk"
    )?;
    for (old, new) in comparison.throughput() {
        let (name, threads) = ("queries/s", count(new.threads as u64, "thread"));
        let (old, new) = (old.per_second(), new.per_second());
        let name = format!("{name}, {threads}");
        let times = new / old;
        writeln!(out, "{name:NAME$} {old:>9.0} {new:>9.0} {times:>8.2}")?;
    }
    write_ratios("with snippets", comparison, |of| &of.with_snippets, out)?;
    write_ratios("ranking alone", comparison, |of| &of.without_snippets, out)
}

fn write_facts(report: &Report, out: &mut impl Write) -> io::Result<()> {
    let Report {
        machine,
        index,
        queries,
        settings,
        ..
    } = report;
    let (cpu, os) = (sanitize(&machine.cpu), sanitize(&machine.os));
    let build = if report.is_optimized {
        ""
    } else {
        " (not optimized)"
    };
    writeln!(
        out,
        "fouine {}{build} on {cpu}, {} at once, {os}",
        sanitize(&report.version),
        count(machine.n_cpus as u64, "thread"),
    )?;
    writeln!(
        out,
        "{}: {}, {}, {}",
        sanitize(&index.path.to_string_lossy()),
        count(index.articles, "article"),
        count(index.passages, "passage"),
        bytes(index.bytes)
    )?;
    let source = match &queries.file {
        Some(file) => format!("from {}", file.display()),
        None => format!("drawn by the seed {}", settings.seed),
    };
    let number = match queries.number {
        1 => "1 query".to_owned(),
        number => format!("{number} queries"),
    };
    writeln!(
        out,
        "{number} {}, {} after {} to warm up",
        sanitize(&source),
        count(settings.repeat as u64, "round"),
        settings.warmup
    )
}

fn write_latencies(
    title: &str,
    latencies: &[KindLatency],
    of: impl Fn(&KindLatency) -> &Latency,
    out: &mut impl Write,
) -> io::Result<()> {
    writeln!(out)?;
    let title = format!("{title}, in ms");
    writeln!(
        out,
        "{title:NAME$} {:>9} {:>8} {:>8} {:>8} {:>8} {:>8} {:>8}",
        "searches", "mean", "p50", "p90", "p99", "p99.9", "max"
    )?;
    for latency in latencies {
        let Latency {
            n,
            mean,
            p50,
            p90,
            p99,
            p999,
            max,
            ..
        } = of(latency);
        write!(out, "{:NAME$} {n:>9}", name(latency))?;
        for value in [mean, p50, p90, p99, p999, max] {
            write!(out, " {:>8}", ms(*value))?;
        }
        writeln!(out)?;
    }
    Ok(())
}

fn write_ratios(
    title: &str,
    comparison: &Comparison<'_>,
    of: impl Fn(&KindLatency) -> &Latency,
    out: &mut impl Write,
) -> io::Result<()> {
    writeln!(out)?;
    let title = format!("{title}, in ms");
    write!(out, "{title:NAME$}")?;
    for percentile in ["p50", "p90", "p99"] {
        write!(out, "  {percentile:>8} {:>8} {:>7}", "", "")?;
    }
    writeln!(out)?;
    write!(out, "{:NAME$}", "")?;
    for _ in 0..3 {
        write!(out, "  {:>8} {:>8} {:>7}", "old", "new", "new/old")?;
    }
    writeln!(out)?;
    for (old, new) in comparison.latencies() {
        write!(out, "{:NAME$}", name(new))?;
        let (old, new) = (of(old), of(new));
        for (old, new) in [(old.p50, new.p50), (old.p90, new.p90), (old.p99, new.p99)] {
            let times = ratio(old, new);
            write!(out, "  {:>8} {:>8} {times:>7.2}", ms(old), ms(new))?;
        }
        writeln!(out)?;
    }
    Ok(())
}

fn name(latency: &KindLatency) -> &'static str {
    latency.kind.map_or("all", Kind::name)
}

/// Milliseconds with three digits, or all before the point.
fn ms(duration: Duration) -> String {
    let ms = duration.as_secs_f64() * 1e3;
    match ms {
        ..10.0 => format!("{ms:.3}"),
        ..100.0 => format!("{ms:.2}"),
        ..1000.0 => format!("{ms:.1}"),
        _ => format!("{ms:.0}"),
    }
}

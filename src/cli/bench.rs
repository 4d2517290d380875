//! `fouine bench`: measures how fast searches are.

use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};
use std::thread;

use anyhow::Context;
use clap::Args;
use fouine::bench::{
    self, Comparison, DEFAULT_REPEAT, DEFAULT_SEED, DEFAULT_WARMUP, IndexFacts, Machine,
    QueryFacts, Report, Settings, Workload,
};
use fouine::error::Error;
use fouine::index::Index;
use fouine::search::{DEFAULT_LIMIT, DEFAULT_PER_ARTICLE};

use super::search::open_or_build;
use super::search_options::SearchOptionArgs;
use super::{IndexDir, Outcome};
use crate::output::progress::Bar;
use crate::output::terminal::sanitize;
use crate::output::{bench_json, bench_svg, bench_text};

/// Measure how fast searches are
///
/// Asks many queries of every kind as search does, ten hits each with snippets, and once more for the ranking alone; then
/// by several threads at once. Without --queries they are drawn from the articles of the index, the same ones for the same articles
/// and --seed. Opening the index is measured apart; what the system keeps in memory of its files stays there.
#[derive(Debug, Args)]
pub(super) struct BenchArgs {
    /// Queries to ask: one a line; JSON lines with text; id, tab, text; or TREC topics
    #[arg(long, value_name = "FILE")]
    queries: Option<PathBuf>,

    #[command(flatten)]
    index: IndexDir,

    /// Rounds over all queries before any is measured
    #[arg(long, value_name = "N", default_value_t = DEFAULT_WARMUP)]
    warmup: usize,

    /// Rounds over all queries that are measured
    #[arg(long, value_name = "N", default_value_t = DEFAULT_REPEAT, value_parser = at_least_one)]
    repeat: usize,

    /// Most threads that ask at once [default: as many as the machine runs]
    #[arg(long, value_name = "N", value_parser = threads)]
    threads: Option<usize>,

    /// By what queries and their order are drawn
    #[arg(long, value_name = "N", default_value_t = DEFAULT_SEED)]
    seed: u64,

    /// Write JSON, all latencies in microseconds
    #[arg(long)]
    json: bool,

    /// Draw the distribution of latencies into this file
    #[arg(long, value_name = "FILE")]
    svg: Option<PathBuf>,

    /// Set it beside an older measurement, which --json wrote
    #[arg(long, value_name = "OLD.json")]
    compare: Option<PathBuf>,

    #[command(flatten)]
    search: SearchOptionArgs,
}

/// Most threads that may be asked for.
const MAX_THREADS: usize = 1024;

pub(super) fn run(args: &BenchArgs, out: &mut impl Write) -> anyhow::Result<Outcome> {
    // What can go wrong with files is told before the work.
    let old = args.compare.as_deref().map(bench_json::read_report);
    let old = old.transpose()?;
    let given = args.queries.as_deref().map(bench::read).transpose()?;
    let report = measure(args, given)?;
    if let Some(path) = &args.svg {
        draw(&report, path).with_context(|| cannot_write(path))?;
    }
    if args.json {
        bench_json::write_report(&report, old.as_ref(), out)?;
    } else {
        match &old {
            Some(old) => bench_text::write_comparison(&Comparison { old, new: &report }, out)?,
            None => bench_text::write_report(&report, out)?,
        }
    }
    // The measures come first, also where both streams end up on one terminal.
    out.flush()?;
    write_notes(&report, old.as_ref(), &mut io::stderr().lock())?;
    Ok(Outcome::Found)
}

fn measure(args: &BenchArgs, given: Option<Vec<bench::Asked>>) -> anyhow::Result<Report> {
    let options = args.search.options(DEFAULT_LIMIT, DEFAULT_PER_ARTICLE)?;
    let path = &args.index.path;
    let (searcher, first) = match bench::open(path) {
        Err(Error::IndexNotFound { .. }) => {
            drop(open_or_build(path)?);
            bench::open(path)
        }
        opened => opened,
    }?;
    let status = Index::open(path)?.status()?;
    if let Some(path) = &args.svg {
        File::create(path).with_context(|| cannot_write(path))?;
    }
    let asked = match given {
        Some(given) => given,
        None => bench::draw(&searcher, args.seed)?,
    };
    let workload = Workload {
        asked: &asked,
        read: &|text| args.search.query(text),
        options: &options,
        settings: Settings {
            warmup: args.warmup,
            repeat: args.repeat,
            threads: args.threads.unwrap_or_else(default_threads),
            seed: args.seed,
        },
    };
    let bar = Bar::of_searches(workload.n_searches());
    let measures = workload.measure(&searcher, first, &|n_searches| bar.advance_by(n_searches));
    bar.clear();
    Ok(Report {
        version: env!("CARGO_PKG_VERSION").to_owned(),
        is_optimized: !cfg!(debug_assertions),
        machine: Machine::this(),
        index: IndexFacts {
            path: path.clone(),
            articles: status.articles,
            passages: status.passages,
            bytes: status.bytes,
        },
        queries: QueryFacts {
            file: args.queries.clone(),
            number: asked.len(),
            fingerprint: workload.fingerprint(),
        },
        settings: workload.settings,
        measures: measures?,
    })
}

fn draw(report: &Report, path: &Path) -> io::Result<()> {
    let mut out = BufWriter::new(File::create(path)?);
    bench_svg::write_report(report, &mut out)?;
    out.flush()
}

/// What a person should know before believing the numbers.
fn write_notes(report: &Report, old: Option<&Report>, out: &mut impl Write) -> io::Result<()> {
    if !report.is_optimized {
        writeln!(
            out,
            "note: this fouine was built without optimization: cargo build --release"
        )?;
    }
    if let Some(old) = old {
        for difference in (Comparison { old, new: report }).differences() {
            writeln!(out, "note: {}", sanitize(&difference))?;
        }
    }
    Ok(())
}

fn default_threads() -> usize {
    thread::available_parallelism().map_or(1, usize::from)
}

fn at_least_one(text: &str) -> Result<usize, String> {
    match text.parse() {
        Ok(0) | Err(_) => Err("a number from 1 on".to_owned()),
        Ok(number) => Ok(number),
    }
}

fn threads(text: &str) -> Result<usize, String> {
    match at_least_one(text) {
        Ok(number) if number <= MAX_THREADS => Ok(number),
        _ => Err(format!("a number from 1 to {MAX_THREADS}")),
    }
}

fn cannot_write(path: &Path) -> String {
    format!("cannot write {}", path.display())
}

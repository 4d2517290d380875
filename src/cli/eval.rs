//! `fouine eval`: measures how good the rankings are, by queries with judged articles.

use std::collections::HashSet;
use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use clap::Args;
use fouine::error;
use fouine::eval::{
    Comparison, DEPTH, Evaluation, Qrels, Run, Topic, Topics, compare, evaluate, write_ranking,
};
use fouine::query::Query;
use fouine::search::{SearchOptions, Searcher};
use rayon::prelude::*;

use super::search::open_or_build;
use super::search_options::SearchOptionArgs;
use super::{IndexDir, Outcome};
use crate::output::progress::Bar;
use crate::output::terminal::sanitize;
use crate::output::{eval_json, eval_text};

/// Measure how good the results are, by queries with judged articles
///
/// Asks each query as search does, ranks the first 100 articles by the best passage of each, and compares with the
/// judgments. Or measures a run made elsewhere (--run-in), or compares two (--compare). Means are over all judged
/// queries that have a relevant article (score above 0); one that is not answered counts 0.
#[derive(Debug, Args)]
pub(super) struct EvalArgs {
    #[command(flatten)]
    source: Source,

    /// Judgments: query, tab, article, tab, score (BEIR); or query, 0, article, score (TREC)
    #[arg(long, value_name = "FILE")]
    qrels: PathBuf,

    #[command(flatten)]
    index: IndexDir,

    #[command(flatten)]
    search: SearchOptionArgs,

    /// Write the rankings as a TREC run
    ///
    /// A line an article: query, Q0, article, rank, score, tag. An id with white space is written as %: and the id
    /// percent-encoded; --run-in and --compare read it back.
    #[arg(long, value_name = "FILE", conflicts_with_all = ["run_in", "compare"])]
    run_out: Option<PathBuf>,

    /// Write a line for each query too
    #[arg(long)]
    per_query: bool,

    /// Write JSON lines
    #[arg(long)]
    json: bool,
}

/// Where the rankings come from.
#[derive(Debug, Args)]
#[group(required = true, multiple = false)]
struct Source {
    /// Queries to ask: JSON lines with _id and text (BEIR); id, tab, text; or TREC topics
    #[arg(long, value_name = "FILE")]
    queries: Option<PathBuf>,

    /// Measure this TREC run instead; no index is needed
    #[arg(long, value_name = "RUN", conflicts_with = "SearchOptionArgs")]
    run_in: Option<PathBuf>,

    /// Compare two TREC runs: is B better than A, and may that be chance?
    ///
    /// p is how likely a difference as large were if both were equally good (paired two-sided randomization test).
    #[arg(long, num_args = 2, value_names = ["A", "B"], conflicts_with = "SearchOptionArgs")]
    compare: Option<Vec<PathBuf>>,
}

pub(super) fn run(args: &EvalArgs, out: &mut impl Write) -> anyhow::Result<Outcome> {
    let mut qrels = Qrels::read(&args.qrels)?;
    let mut notes = Notes::default();
    notes.add(
        "judged queries without a relevant article, left out",
        qrels.n_without_relevant,
    );
    // The group of arguments has exactly one of these.
    if let Some(path) = &args.source.queries {
        let topics = judged_topics(path, &mut qrels, &mut notes)?;
        let searcher = open_or_build(&args.index.path)?;
        let evaluation = evaluate(&qrels, &ask(&topics, &searcher, args)?);
        notes.add(
            "articles judged relevant that the index lacks",
            n_unknown(&searcher, &qrels)?,
        );
        notes.add(
            "queries that find nothing, counted as 0",
            evaluation.n_missing,
        );
        write_evaluation(&evaluation, args, out)?;
    }
    if let Some(path) = &args.source.run_in {
        let run = read_run(path, &qrels, &mut notes)?;
        let evaluation = evaluate(&qrels, &run);
        notes.add_missing(path, &evaluation);
        write_evaluation(&evaluation, args, out)?;
    }
    if let Some([path_a, path_b]) = args.source.compare.as_deref() {
        let a = read_run(path_a, &qrels, &mut notes)?;
        let b = read_run(path_b, &qrels, &mut notes)?;
        let comparison = compare(&qrels, &a, &b);
        notes.add_missing(path_a, &comparison.a);
        notes.add_missing(path_b, &comparison.b);
        write_comparison(&comparison, args, out)?;
    }
    // The measures come first, also where both streams end up on one terminal.
    out.flush()?;
    notes.write(&mut io::stderr().lock())?;
    Ok(Outcome::Found)
}

/// Reads the queries that are judged, and leaves in `qrels` only those that can be asked.
fn judged_topics(path: &Path, qrels: &mut Qrels, notes: &mut Notes) -> anyhow::Result<Vec<Topic>> {
    let Topics {
        mut topics,
        n_repeated,
    } = Topics::read(path)?;
    notes.add("queries with the id of one before, not asked", n_repeated);
    let n_topics = topics.len();
    topics.retain(|topic| qrels.contains(&topic.id));
    notes.add(
        "queries without an article judged relevant, not asked",
        n_topics - topics.len(),
    );
    let ids: HashSet<&str> = topics.iter().map(|topic| topic.id.as_str()).collect();
    let n_without_query = qrels.retain(|id| ids.contains(id));
    notes.add(
        "judged queries that are not among the queries, left out",
        n_without_query,
    );
    check_judged(qrels)?;
    Ok(topics)
}

/// Asks each query; writes the rankings where that is wanted.
fn ask(topics: &[Topic], searcher: &Searcher, args: &EvalArgs) -> anyhow::Result<Run> {
    // Before the work, so that a wrong path is told at once.
    let run_file = args.run_out.as_deref().map(RunFile::create).transpose()?;
    let options = args.search.options(DEPTH, 1)?;
    let bar = Bar::of_queries(topics.len());
    let rankings = topics.par_iter().map(|topic| {
        let ranking = rank(searcher, &args.search.query(&topic.text), &options);
        bar.advance();
        ranking
    });
    let rankings = rankings.collect::<error::Result<Vec<_>>>();
    bar.clear();
    let rankings = rankings?;
    if let Some(file) = run_file {
        file.write(topics, &rankings)?;
    }
    let mut run = Run::default();
    for (topic, ranking) in topics.iter().zip(rankings) {
        let articles = ranking.into_iter().map(|(article, _)| article);
        run.insert(&topic.id, articles.collect());
    }
    Ok(run)
}

/// The articles that a query finds, best first, each with the score of its best passage.
fn rank(
    searcher: &Searcher,
    query: &Query,
    options: &SearchOptions,
) -> error::Result<Vec<(String, f32)>> {
    let answer = searcher.search(query, options)?;
    let hits = answer.hits.into_iter();
    Ok(hits.map(|hit| (hit.article.id, hit.score)).collect())
}

/// How many articles are judged relevant but not in the index: often because ids are not the same.
fn n_unknown(searcher: &Searcher, qrels: &Qrels) -> anyhow::Result<usize> {
    let judged = qrels.iter().flat_map(|(_, judgments)| judgments.relevant());
    let judged: HashSet<&str> = judged.collect();
    let mut n_unknown = 0;
    for article in judged {
        n_unknown += usize::from(searcher.article(article)?.is_none());
    }
    Ok(n_unknown)
}

fn read_run(path: &Path, qrels: &Qrels, notes: &mut Notes) -> anyhow::Result<Run> {
    check_judged(qrels)?;
    let run = Run::read(path)?;
    notes.add(
        &format!(
            "queries of {} without an article judged relevant, left out",
            path.display()
        ),
        run.n_unjudged(|id| qrels.contains(id)),
    );
    Ok(run)
}

/// Fails where there is nothing to measure by: a mean over no query would look like a result.
fn check_judged(qrels: &Qrels) -> anyhow::Result<()> {
    if qrels.is_empty() {
        bail!(
            "no query has an article judged relevant (ids of queries must be the same in all files)"
        );
    }
    Ok(())
}

fn write_evaluation(
    evaluation: &Evaluation,
    args: &EvalArgs,
    out: &mut impl Write,
) -> io::Result<()> {
    if args.json {
        eval_json::write_evaluation(evaluation, args.per_query, out)
    } else {
        eval_text::write_evaluation(evaluation, args.per_query, out)
    }
}

fn write_comparison(
    comparison: &Comparison,
    args: &EvalArgs,
    out: &mut impl Write,
) -> io::Result<()> {
    if args.json {
        eval_json::write_comparison(comparison, args.per_query, out)
    } else {
        eval_text::write_comparison(comparison, args.per_query, out)
    }
}

/// The file that a run is written to.
struct RunFile<'a> {
    path: &'a Path,
    file: File,
}

impl RunFile<'_> {
    fn create(path: &Path) -> anyhow::Result<RunFile<'_>> {
        let file = File::create(path).with_context(|| cannot_write(path))?;
        Ok(RunFile { path, file })
    }

    fn write(self, topics: &[Topic], rankings: &[Vec<(String, f32)>]) -> anyhow::Result<()> {
        let mut out = BufWriter::new(self.file);
        for (topic, ranking) in topics.iter().zip(rankings) {
            write_ranking(&topic.id, ranking, &mut out).with_context(|| cannot_write(self.path))?;
        }
        out.flush().with_context(|| cannot_write(self.path))
    }
}

fn cannot_write(path: &Path) -> String {
    format!("cannot write {}", path.display())
}

/// What a person should know of how the files fit together.
#[derive(Default)]
struct Notes(Vec<String>);

impl Notes {
    fn add(&mut self, what: &str, number: usize) {
        if number > 0 {
            self.0.push(format!("{what}: {number}"));
        }
    }

    fn add_missing(&mut self, path: &Path, evaluation: &Evaluation) {
        self.add(
            &format!("judged queries that {} lacks, counted as 0", path.display()),
            evaluation.n_missing,
        );
    }

    fn write(&self, out: &mut impl Write) -> io::Result<()> {
        for note in &self.0 {
            writeln!(out, "note: {}", sanitize(note))?;
        }
        Ok(())
    }
}

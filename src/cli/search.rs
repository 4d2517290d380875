//! `fouine search`: answers a query.

use std::borrow::Cow;
use std::ffi::OsString;
use std::fs::File;
use std::io::{self, BufRead, BufReader, Write};
use std::path::{Path, PathBuf};

use clap::Args;
use fouine::error::Error;
use fouine::index::BuildOptions;
use fouine::search::Searcher;
use serde::Deserialize;

use super::answers::AnswerArgs;
use super::arguments::restore_exclusion;
use super::search_options::SearchOptionArgs;
use super::{DEFAULT_CORPUS, IndexDir, Outcome};
use crate::output::text;

/// Search the index
///
/// Words are found with their inflections, with or without accents, and words near them where they are mistyped; passages
/// with more of them, and rarer ones, come first.
#[derive(Debug, Args)]
#[command(after_help = LANGUAGE)]
pub(super) struct SearchArgs {
    /// What to look for
    #[arg(value_name = "QUERY", required_unless_present_any = CONDITIONS)]
    query: Vec<OsString>,

    /// Answer a file of queries, one a line, or a JSON object with `text` a line; `-` is standard input
    #[arg(long, value_name = "FILE", conflicts_with_all = ["query", "ids"])]
    queries: Option<PathBuf>,

    #[command(flatten)]
    index: IndexDir,

    #[command(flatten)]
    options: SearchOptionArgs,

    #[command(flatten)]
    answers: AnswerArgs,
}

/// What may stand without a query.
const CONDITIONS: [&str; 9] = [
    "queries", "lang", "title", "author", "source", "path", "date", "from", "to",
];

/// The query language in short; its reference is the documentation of `fouine::query::syntax`.
const LANGUAGE: &str = "\
Queries:
  maire dette             any of the words, the best passages first
  +maire -dette           must be there, must not
  \"conseil municipal\"     a phrase; \"…\"~5 with its words moved by up to 5 places
  maire NEAR/5 dette      at most 5 words apart
  (a OR b) AND c NOT d    or OU, ET, SAUF; in capitals
  élect*  wom?n  word~2   any letters, one letter, up to 2 letters away
  =État  /élect(eur)?s?/  this very form, its accents, not its capitals; a regular expression
  title: author: source: path: lang: date:2020-03..2020-06
                          or titre: auteur: chemin: langue:; a NEAR/5 b or a PRÈS/5 b
Quote for the shell what it would read itself: fouine search '\"conseil municipal\" -dette'";

pub(super) fn run(args: &SearchArgs, out: &mut impl Write) -> anyhow::Result<Outcome> {
    let searcher = open_or_build(&args.index.path)?;
    match &args.queries {
        Some(path) => answer_all(path, &searcher, args, out),
        None => {
            // Bytes that are no text match nothing, and are no error.
            let words = args
                .query
                .iter()
                .map(|word| restore_exclusion(&word.to_string_lossy()));
            let words: Vec<String> = words.collect();
            answer(&words.join(" "), &searcher, args, out)
        }
    }
}

fn answer(
    text: &str,
    searcher: &Searcher,
    args: &SearchArgs,
    out: &mut impl Write,
) -> anyhow::Result<Outcome> {
    let query = args.options.query(text);
    let mut options = args
        .options
        .options(args.answers.limit(), args.answers.per_article)?;
    options.explain = args.answers.explain;
    let answer = searcher.search(&query, &options)?;
    Ok(args.answers.write(&query, &answer, out)?)
}

/// Answers each line of a file as soon as it is read, so that a program may ask and wait.
fn answer_all(
    path: &Path,
    searcher: &Searcher,
    args: &SearchArgs,
    out: &mut impl Write,
) -> anyhow::Result<Outcome> {
    let failed = |source| Error::Read {
        path: path.to_owned(),
        source,
    };
    let mut lines: Box<dyn BufRead> = if path.as_os_str() == "-" {
        Box::new(io::stdin().lock())
    } else {
        Box::new(BufReader::new(File::open(path).map_err(failed)?))
    };
    let mut outcome = Outcome::NothingFound;
    let mut line = Vec::new();
    while lines.read_until(b'\n', &mut line).map_err(failed)? > 0 {
        let text = String::from_utf8_lossy(&line);
        let text = text.trim_end_matches(['\n', '\r']);
        let text = text.strip_prefix('\u{FEFF}').unwrap_or(text);
        let text = &*query_of_line(text);
        if !args.answers.json && !args.answers.count {
            text::write_query(text, out)?;
        }
        if answer(text, searcher, args, out)? == Outcome::Found {
            outcome = Outcome::Found;
        }
        out.flush()?;
        line.clear();
    }
    Ok(outcome)
}

/// The query that a line is: the `text` of a JSON object, as `eval` reads it, or the line itself.
fn query_of_line(line: &str) -> Cow<'_, str> {
    #[derive(Deserialize)]
    struct Record {
        text: String,
    }
    let record = line
        .trim_start()
        .starts_with('{')
        .then(|| serde_json::from_str::<Record>(line).ok());
    match record.flatten() {
        Some(record) => Cow::Owned(record.text),
        None => Cow::Borrowed(line),
    }
}

/// Opens the index in `dir`; where there is none, but a folder of articles, builds it first.
pub(super) fn open_or_build(dir: &Path) -> anyhow::Result<Searcher> {
    let result = Searcher::open(dir);
    if matches!(result, Err(Error::IndexNotFound { .. })) && Path::new(DEFAULT_CORPUS).is_dir() {
        let mut err = io::stderr().lock();
        writeln!(
            err,
            "no index in {} yet: indexing {DEFAULT_CORPUS} first",
            dir.display()
        )?;
        drop(err);
        let paths = [PathBuf::from(DEFAULT_CORPUS)];
        let report = super::index::index(&paths, dir, &BuildOptions::default())?;
        text::write_build(&report, &mut io::stderr().lock())?;
        return Ok(Searcher::open(dir)?);
    }
    Ok(result?)
}

//! `fouine search`: answers a query.

use std::ffi::OsString;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use clap::Args;
use fouine::error::Error;
use fouine::index::BuildOptions;
use fouine::query::Query;
use fouine::search::{DEFAULT_LIMIT, DEFAULT_PER_ARTICLE, Searcher};

use super::arguments::restore_exclusion;
use super::search_options::SearchOptionArgs;
use super::{DEFAULT_CORPUS, IndexDir, Outcome};
use crate::output::terminal::{Color, Terminal};
use crate::output::{json, text};

/// Search the index
///
/// Words are found with their inflections, with or without accents; passages with more of them, and rarer ones, come
/// first. "Quotes" make a phrase, a leading - excludes: fouine search budget -piscine '"conseil municipal"'
#[derive(Debug, Args)]
pub(super) struct SearchArgs {
    /// What to look for
    #[arg(value_name = "QUERY", required = true)]
    query: Vec<OsString>,

    #[command(flatten)]
    index: IndexDir,

    /// Most passages to show
    #[arg(short = 'n', value_name = "N", default_value_t = DEFAULT_LIMIT)]
    limit: usize,

    #[command(flatten)]
    options: SearchOptionArgs,

    /// Most passages of one article
    #[arg(long, value_name = "N", default_value_t = DEFAULT_PER_ARTICLE, value_parser = at_least_one)]
    per_article: usize,

    /// Write JSON lines: the query as read, the hits, a summary
    #[arg(long)]
    json: bool,

    /// When to color
    #[arg(long, value_enum, default_value_t = Color::Auto)]
    color: Color,
}

pub(super) fn run(args: &SearchArgs, out: &mut impl Write) -> anyhow::Result<Outcome> {
    // Bytes that are no text match nothing, and are no error.
    let words = args
        .query
        .iter()
        .map(|word| restore_exclusion(&word.to_string_lossy()));
    let words: Vec<String> = words.collect();
    let query = Query::parse(&words.join(" "));
    let options = args.options.options(args.limit, args.per_article);
    let searcher = open_or_build(&args.index.path)?;
    let answer = searcher.search(&query, &options)?;
    if args.json {
        json::write_answer(&query, &answer, out)?;
    } else {
        let terminal = Terminal::of(args.color);
        text::write_answer(&answer, &terminal, out)?;
        // What was found comes first, also where both streams end up on one terminal.
        out.flush()?;
        text::write_notices(&answer, &mut io::stderr().lock())?;
    }
    Ok(if answer.n_passages > 0 {
        Outcome::Found
    } else {
        Outcome::NothingFound
    })
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

fn at_least_one(text: &str) -> Result<usize, String> {
    match text.parse() {
        Ok(0) => Err("at least 1".to_owned()),
        Ok(number) => Ok(number),
        Err(error) => Err(format!("{error}")),
    }
}

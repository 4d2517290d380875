//! `fouine show`: prints an article, or one passage of it.

use std::io::{self, Write};

use clap::Args;
use fouine::search::Searcher;

use super::{IndexDir, Outcome};
use crate::output::terminal::{Color, Terminal, sanitize};
use crate::output::{json, text};

/// Print an article by the id that a hit gave
#[derive(Debug, Args)]
pub(super) struct ShowArgs {
    /// Id of an article, or of a passage (its article is printed, or with --passage the passage alone)
    id: String,

    #[command(flatten)]
    index: IndexDir,

    /// Print the passage alone
    #[arg(long)]
    passage: bool,

    /// Write JSON: the article, with its passages
    #[arg(long)]
    json: bool,

    /// When to color
    #[arg(long, value_enum, default_value_t = Color::Auto)]
    color: Color,
}

pub(super) fn run(args: &ShowArgs, out: &mut impl Write) -> anyhow::Result<Outcome> {
    let searcher = Searcher::open(&args.index.path)?;
    let Some((article, mut passages)) = searcher.article(&args.id)? else {
        return unknown_id(&args.id);
    };
    if args.passage {
        passages.retain(|passage| passage.id() == args.id);
        if passages.is_empty() {
            let (id, n_passages) = (&article.id, article.n_passages);
            let others = match n_passages {
                1 => format!("the only one of this article is {id}#1"),
                _ => format!("those of this article are {id}#1 to {id}#{n_passages}"),
            };
            return not_found(&format!("{} is no passage; {others}", args.id));
        }
    }
    if args.json {
        json::write_article(&article, &passages, out)?;
    } else {
        text::write_article(&article, &passages, &Terminal::of(args.color), out)?;
    }
    Ok(Outcome::Found)
}

/// Says that no article or passage has an id.
pub(super) fn unknown_id(id: &str) -> anyhow::Result<Outcome> {
    not_found(&format!(
        "no article or passage has the id {id} (a hit shows it last among its facts)"
    ))
}

fn not_found(message: &str) -> anyhow::Result<Outcome> {
    writeln!(io::stderr().lock(), "{}", sanitize(message))?;
    Ok(Outcome::NothingFound)
}

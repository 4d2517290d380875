//! `fouine show`: prints an article, or one passage of it.

use std::io::Write;

use anyhow::bail;
use clap::Args;
use fouine::search::Searcher;

use super::{IndexDir, Outcome};
use crate::output::terminal::{Color, Terminal};
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
        let id = &args.id;
        bail!(
            "no article or passage has the id {id} (ids are the last thing in a hit's second line)"
        );
    };
    if args.passage {
        passages.retain(|passage| passage.id() == args.id);
        if passages.is_empty() {
            let (id, n_passages) = (&article.id, article.n_passages);
            bail!(
                "{} is no passage; those of this article are {id}#1 to {id}#{n_passages}",
                args.id
            );
        }
    }
    if args.json {
        json::write_article(&article, &passages, out)?;
    } else {
        text::write_article(&article, &passages, &Terminal::of(args.color), out)?;
    }
    Ok(Outcome::Found)
}

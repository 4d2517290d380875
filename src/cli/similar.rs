//! `fouine similar`: finds passages like one that is known.

use std::io::Write;

use clap::Args;

use super::answers::AnswerArgs;
use super::search::open_or_build;
use super::search_options::SearchOptionArgs;
use super::show::unknown_id;
use super::{IndexDir, Outcome};

/// Find passages like this one
///
/// Looks for the words that tell a passage, or an article, from others, and leaves out the article itself.
#[derive(Debug, Args)]
pub(super) struct SimilarArgs {
    /// Id of a passage or an article, as `search` shows it
    #[arg(value_name = "ID")]
    id: String,

    #[command(flatten)]
    index: IndexDir,

    #[command(flatten)]
    options: SearchOptionArgs,

    #[command(flatten)]
    answers: AnswerArgs,
}

pub(super) fn run(args: &SimilarArgs, out: &mut impl Write) -> anyhow::Result<Outcome> {
    let searcher = open_or_build(&args.index.path)?;
    let Some((query, article)) = searcher.similar(&args.id)? else {
        return unknown_id(&args.id);
    };
    let query = args.options.narrowed(query);
    let (limit, per_article) = (args.answers.limit(), args.answers.per_article);
    let mut options = args.options.options(limit, per_article)?;
    options.explain = args.answers.explain;
    options.exact = true;
    options.except = Some(article.id);
    let answer = searcher.search(&query, &options)?;
    Ok(args.answers.write(&query, &answer, out)?)
}

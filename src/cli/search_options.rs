//! The options that change what a query finds, the same for all commands that search.

use clap::Args;
use fouine::language::Language;
use fouine::search::SearchOptions;

/// How to search.
#[derive(Debug, Args)]
pub(super) struct SearchOptionArgs {
    /// Only passages in this language
    #[arg(long, value_enum)]
    lang: Option<Lang>,
}

#[derive(Clone, Copy, Debug, clap::ValueEnum)]
enum Lang {
    Fr,
    En,
}

impl SearchOptionArgs {
    /// What they mean to the search, with the two that each command chooses for itself.
    pub(super) fn options(&self, limit: usize, per_article: usize) -> SearchOptions {
        SearchOptions {
            limit,
            per_article,
            language: self.lang.map(|lang| match lang {
                Lang::Fr => Language::French,
                Lang::En => Language::English,
            }),
        }
    }
}

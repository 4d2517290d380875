//! How answers are shown, the same for all commands that show some.

use std::io::{self, Write};

use clap::Args;
use fouine::query::Query;
use fouine::search::{Answer, DEFAULT_LIMIT, DEFAULT_PER_ARTICLE};

use super::Outcome;
use crate::output::terminal::{Color, Terminal};
use crate::output::{json, text};

/// What is shown of an answer, and how.
#[derive(Debug, Args)]
#[command(next_help_heading = "What is shown")]
pub(super) struct AnswerArgs {
    /// Most passages to show
    #[arg(short = 'n', value_name = "N", default_value_t = DEFAULT_LIMIT)]
    pub(super) limit: usize,

    /// Most passages of one article
    #[arg(long, value_name = "N", default_value_t = DEFAULT_PER_ARTICLE, value_parser = at_least_one)]
    pub(super) per_article: usize,

    /// Say how the query was read, and what each score is made of
    #[arg(long, conflicts_with_all = ["count", "ids"])]
    pub(super) explain: bool,

    /// Only the numbers of passages and articles that match
    #[arg(long, conflicts_with = "ids")]
    pub(super) count: bool,

    /// Only the ids of the passages, one a line
    #[arg(long)]
    ids: bool,

    /// JSON lines: the query as read, the hits, a summary
    #[arg(long, conflicts_with = "ids")]
    pub(super) json: bool,

    /// When to color
    #[arg(long, value_enum, default_value_t = Color::Auto)]
    color: Color,
}

impl AnswerArgs {
    /// Most passages to find.
    pub(super) fn limit(&self) -> usize {
        if self.count { 0 } else { self.limit }
    }

    /// Writes an answer, and on standard error what a person should know of it.
    pub(super) fn write(
        &self,
        query: &Query,
        answer: &Answer,
        out: &mut impl Write,
    ) -> io::Result<Outcome> {
        match (self.json, self.count, self.ids) {
            (true, true, _) => json::write_count(answer, out)?,
            (true, false, _) => json::write_answer(query, answer, out)?,
            (false, true, _) => text::write_count(answer, out)?,
            (false, false, true) => text::write_ids(answer, out)?,
            (false, false, false) => {
                let terminal = Terminal::of(self.color);
                if self.explain {
                    text::write_reading(&answer.reading, &terminal, out)?;
                }
                text::write_answer(answer, &terminal, out)?;
            }
        }
        if !self.json {
            // What was found comes first, also where both streams end up on one terminal.
            out.flush()?;
            let is_silent = self.count || self.ids;
            text::write_notices(answer, is_silent, &mut io::stderr().lock())?;
        }
        Ok(if answer.n_passages > 0 {
            Outcome::Found
        } else {
            Outcome::NothingFound
        })
    }
}

fn at_least_one(text: &str) -> Result<usize, String> {
    match text.parse() {
        Ok(0) => Err("at least 1".to_owned()),
        Ok(number) => Ok(number),
        Err(error) => Err(format!("{error}")),
    }
}

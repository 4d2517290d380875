//! `fouine status`: says what is in the index.

use std::io::Write;

use clap::Args;
use fouine::index::Index;

use super::{IndexDir, Outcome};
use crate::output::{json, text};

/// Say what is in the index
#[derive(Debug, Args)]
pub(super) struct StatusArgs {
    #[command(flatten)]
    index: IndexDir,

    /// Write JSON
    #[arg(long)]
    json: bool,
}

pub(super) fn run(args: &StatusArgs, out: &mut impl Write) -> anyhow::Result<Outcome> {
    let path = &args.index.path;
    let status = Index::open(path)?.status()?;
    if args.json {
        json::write_status(path, &status, out)?;
    } else {
        text::write_status(path, &status, out)?;
    }
    Ok(Outcome::Found)
}

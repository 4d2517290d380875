//! `fouine check`: whether an index tells the truth, and what can be done where it does not.

use std::io::{self, Write};

use clap::Args;
use fouine::error::Error;
use fouine::index::{check, repair};

use super::index::LimitArgs;
use super::{IndexDir, Outcome};
use crate::output::{check as report, json, progress};

/// Check the index: its files, what is in them, and that each passage is what its article says
///
/// Nothing is changed without --repair. Articles that have changed since they were indexed are no damage: `fouine index`
/// takes them in.
#[derive(Debug, Args)]
pub(super) struct CheckArgs {
    #[command(flatten)]
    index: IndexDir,

    /// Leave the files of the articles alone: check the index by itself
    #[arg(long)]
    quick: bool,

    /// Mend what can be mended: what is damaged is taken out and read again from the articles, all else is kept
    #[arg(long)]
    repair: bool,

    #[command(flatten)]
    limits: LimitArgs,

    /// Write what was found as JSON
    #[arg(long)]
    json: bool,
}

pub(super) fn run(args: &CheckArgs, out: &mut impl Write) -> anyhow::Result<Outcome> {
    let dir = &args.index.path;
    let bar = progress::Bar::of_files();
    let found = check(dir, !args.quick, &mut |progress| bar.update(progress));
    bar.clear();
    let found = match found {
        Err(Error::IndexIncomplete { .. }) => {
            // Nothing can be wrong with what is not there yet.
            writeln!(out, "nothing was committed yet: fouine index goes on")?;
            return Ok(Outcome::Found);
        }
        found => found?,
    };
    if args.json {
        json::write_check(dir, &found, out)?;
    } else {
        report::write_check(&found, out)?;
    }
    if found.is_sound() {
        return Ok(Outcome::Found);
    }
    if !args.repair {
        out.flush()?;
        writeln!(io::stderr(), "hint: {}", report::remedy(dir, &found))?;
        return Ok(Outcome::Incomplete);
    }
    out.flush()?;
    let bar = progress::Bar::of_files();
    let repaired = repair(dir, &found, args.limits.limits(), &mut |progress| {
        bar.update(progress);
    });
    bar.clear();
    let repaired = repaired?;
    if args.json {
        json::write_repair(&repaired, out)?;
    } else {
        report::write_repair(&repaired, out)?;
    }
    Ok(match repaired.not_read {
        None => Outcome::Found,
        Some(_) => Outcome::Incomplete,
    })
}

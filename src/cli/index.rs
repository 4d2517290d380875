//! `fouine index`: indexes folders, files and collections.

use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::time::Duration;

use clap::Args;
use fouine::corpus::Limits;
use fouine::error::Error;
use fouine::index::{BuildOptions, BuildReport, DEFAULT_COMMIT_EVERY, Index, build};

use super::{DEFAULT_CORPUS, IndexDir, Outcome};
use crate::output::terminal::sanitize;
use crate::output::{json, progress, text};

/// Exit status of a program ended by Ctrl-C, by custom of shells.
const INTERRUPTED: i32 = 130;

/// Largest file read unless told otherwise, in megabytes.
const DEFAULT_MAX_MEGABYTES: u64 = fouine::corpus::DEFAULT_MAX_FILE_BYTES >> 20;

/// Index folders, files and collections of articles, or bring their index up to date
///
/// Reads plain text (.txt), Markdown (.md), HTML (.html) and collections (.jsonl, an article a line). Only files that are new
/// or have changed are read; what the index holds of other paths stays. It can be interrupted at any time: the index then
/// holds what the last commit held, and the next run goes on from there.
#[derive(Debug, Args)]
pub(super) struct IndexArgs {
    /// Folders (with all that is in them), files, .jsonl collections [default: those that the index holds, or corpus]
    #[arg(value_name = "PATH")]
    paths: Vec<PathBuf>,

    #[command(flatten)]
    index: IndexDir,

    /// Start over: forget all that the index holds, even if it is damaged or of another version
    #[arg(long)]
    rebuild: bool,

    /// Forget what the index holds of a path that is not there any more, or is empty
    #[arg(long)]
    prune: bool,

    /// Seconds after which a long run commits what it has done so far
    #[arg(long, value_name = "SECONDS", default_value_t = DEFAULT_COMMIT_EVERY.as_secs())]
    commit_every: u64,

    #[command(flatten)]
    limits: LimitArgs,

    /// Write the summary as JSON
    #[arg(long)]
    json: bool,
}

/// What is too much to read.
#[derive(Debug, Args)]
pub(super) struct LimitArgs {
    /// Largest file, or line of a collection, that is read, in megabytes
    #[arg(long, value_name = "MB", default_value_t = DEFAULT_MAX_MEGABYTES)]
    max_file_size: u64,
}

impl LimitArgs {
    pub(super) fn limits(&self) -> Limits {
        Limits {
            max_file_bytes: self.max_file_size.saturating_mul(1 << 20),
        }
    }
}

pub(super) fn run(args: &IndexArgs, out: &mut impl Write) -> anyhow::Result<Outcome> {
    let options = BuildOptions {
        limits: args.limits.limits(),
        rebuild: args.rebuild,
        prune: args.prune,
        commit_every: Duration::from_secs(args.commit_every),
        stop: None,
    };
    let paths = match args.paths.as_slice() {
        [] => known_roots(&args.index.path)?,
        paths => paths.to_vec(),
    };
    let report = index(&paths, &args.index.path, &options)?;
    if args.json {
        json::write_build(&report, out)?;
    } else {
        text::write_build(&report, out)?;
    }
    Ok(if report.skipped.is_empty() {
        Outcome::Found
    } else {
        Outcome::Incomplete
    })
}

/// What the index in `dir` holds the articles of; the default where there is none yet.
///
/// # Errors
///
/// When there is an index, and it does not tell: another folder is not what is meant then.
pub(super) fn known_roots(dir: &Path) -> fouine::error::Result<Vec<PathBuf>> {
    let default = || vec![PathBuf::from(DEFAULT_CORPUS)];
    match Index::open(dir).and_then(|index| index.roots()) {
        Ok(roots) if roots.is_empty() => Ok(default()),
        Err(Error::IndexNotFound { .. } | Error::IndexIncomplete { .. }) => Ok(default()),
        roots => roots,
    }
}

/// Indexes `paths` into the folder `dir`, with a progress bar on a terminal.
pub(super) fn index(
    paths: &[PathBuf],
    dir: &Path,
    options: &BuildOptions,
) -> anyhow::Result<BuildReport> {
    let bar = progress::Bar::of_files();
    on_interrupt(&bar, dir);
    let report = build(dir, paths, options, &mut |progress| bar.update(progress));
    bar.clear();
    Ok(report?)
}

/// Ends the program at once on Ctrl-C: whatever is being written, the last commit stands.
fn on_interrupt(bar: &progress::Bar, dir: &Path) {
    let bar = bar.clone();
    let dir = dir.display().to_string();
    // Without a handler the program ends as well, only without a word.
    let _ = ctrlc::set_handler(move || {
        bar.clear();
        let _ = writeln!(
            io::stderr(),
            "interrupted: the index in {} holds what its last commit held; run the same command to go on",
            sanitize(&dir)
        );
        #[allow(clippy::exit, reason = "nothing is left to be done")]
        std::process::exit(INTERRUPTED);
    });
}

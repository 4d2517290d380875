//! `fouine index`: indexes folders, files and collections.

use std::io::Write;
use std::path::{Path, PathBuf};

use clap::Args;
use fouine::corpus::Limits;
use fouine::index::{BuildOptions, BuildReport, build};

use super::{DEFAULT_CORPUS, IndexDir, Outcome};
use crate::output::{json, progress, text};

/// Largest file read unless told otherwise, in megabytes.
const DEFAULT_MAX_MEGABYTES: u64 = fouine::corpus::DEFAULT_MAX_FILE_BYTES >> 20;

/// Index folders, files and collections of articles
///
/// Reads plain text (.txt), Markdown (.md), HTML (.html) and collections (.jsonl, an article a line). What the index
/// held under the same paths is replaced; what it holds of other paths stays.
#[derive(Debug, Args)]
pub(super) struct IndexArgs {
    /// Folders (with all that is in them), files, .jsonl collections
    #[arg(value_name = "PATH", default_value = DEFAULT_CORPUS)]
    paths: Vec<PathBuf>,

    #[command(flatten)]
    index: IndexDir,

    /// Start over: forget all that the index holds, even if it is damaged or of another version
    #[arg(long)]
    rebuild: bool,

    /// Largest file, or line of a collection, that is read, in megabytes
    #[arg(long, value_name = "MB", default_value_t = DEFAULT_MAX_MEGABYTES)]
    max_file_size: u64,

    /// Write the summary as JSON
    #[arg(long)]
    json: bool,
}

pub(super) fn run(args: &IndexArgs, out: &mut impl Write) -> anyhow::Result<Outcome> {
    let options = BuildOptions {
        limits: Limits {
            max_file_bytes: args.max_file_size.saturating_mul(1 << 20),
        },
        rebuild: args.rebuild,
    };
    let report = index(&args.paths, &args.index.path, &options)?;
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

/// Indexes `paths` into the folder `dir`, with a progress bar on a terminal.
pub(super) fn index(
    paths: &[PathBuf],
    dir: &Path,
    options: &BuildOptions,
) -> anyhow::Result<BuildReport> {
    let bar = progress::Bar::of_files();
    let report = build(dir, paths, options, &mut |progress| bar.update(progress));
    bar.clear();
    Ok(report?)
}

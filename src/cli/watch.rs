//! `fouine watch`: keeps an index up to date while files change.

use std::io::{self, Write};
use std::path::PathBuf;
use std::time::Duration;

use clap::Args;
use fouine::error::Error;
use fouine::index::{BuildOptions, Stop, Watched, watch};

use super::index::known_roots;
use super::{IndexDir, Outcome, hint};
use crate::output::progress::Bar;
use crate::output::terminal::sanitize;
use crate::output::{json, text};

/// Bring the index up to date and keep it so while files change, until Ctrl-C
#[derive(Debug, Args)]
pub(super) struct WatchArgs {
    /// Folders (with all that is in them), files, .jsonl collections [default: those that the index holds, or corpus]
    #[arg(value_name = "PATH")]
    paths: Vec<PathBuf>,

    #[command(flatten)]
    index: IndexDir,

    #[command(flatten)]
    limits: super::index::LimitArgs,

    /// Seconds after which all is looked at, even if the system tells of no change (network disks do not)
    #[arg(long, value_name = "SECONDS", default_value_t = 300, value_parser = clap::value_parser!(u64).range(1..))]
    rescan: u64,

    /// Write a summary as JSON, a line an update
    #[arg(long)]
    json: bool,
}

pub(super) fn run(args: &WatchArgs, out: &mut impl Write) -> anyhow::Result<Outcome> {
    let (stop, wakes) = Stop::new();
    let asked = stop.clone();
    ctrlc::set_handler(move || asked.stop())?;
    let paths = match args.paths.as_slice() {
        [] => known_roots(&args.index.path)?,
        paths => paths.to_vec(),
    };
    let options = BuildOptions {
        limits: args.limits.limits(),
        ..BuildOptions::default()
    };
    let mut written = Ok(());
    let bar = Bar::of_files();
    let mut tell = |watched: Watched| {
        if let Watched::Reading(progress) = watched {
            bar.update(progress);
            return;
        }
        bar.clear();
        let result = tell(&watched, args.json, out);
        if result.is_err() {
            stop.stop(); // nobody reads any more
            written = result;
        }
    };
    watch(
        &args.index.path,
        &paths,
        &options,
        Duration::from_secs(args.rescan),
        (&stop, &wakes),
        &mut tell,
    )?;
    written?;
    writeln!(
        io::stderr(),
        "stopped: the index holds what its last commit held"
    )?;
    Ok(Outcome::Found)
}

/// Says what has happened: changes on standard output, all else beside it.
fn tell(watched: &Watched, is_json: bool, out: &mut impl Write) -> io::Result<()> {
    match watched {
        Watched::Updated(report) if is_json => json::write_build(report, out)?,
        Watched::Updated(report) => text::write_build(report, out)?,
        Watched::Watching(paths) => {
            let paths: Vec<String> = paths
                .iter()
                .map(|path| path.display().to_string())
                .collect();
            writeln!(
                io::stderr(),
                "watching {} (Ctrl-C ends)",
                sanitize(&paths.join(", "))
            )?;
        }
        Watched::Unwatched(path, reason) => {
            let message = format!(
                "changes in {} are seen at --rescan only: {reason}",
                path.display()
            );
            writeln!(io::stderr(), "{}", sanitize(&message))?;
        }
        Watched::Reading(_) => {}
        Watched::Failed(Error::RootGone { path, .. }) => {
            let message = format!(
                "{} is not there, or empty: what the index holds of it is kept, and it is looked for now and then",
                path.display()
            );
            writeln!(io::stderr(), "{}", sanitize(&message))?;
        }
        Watched::Failed(error) => hint::report_error(error, &mut io::stderr().lock())?,
    }
    out.flush()
}

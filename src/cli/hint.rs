//! Says what went wrong, and what to do about it where that is known.

use std::io::{self, Write};

use fouine::error::Error;
use fouine::index::CANNOT_BE_MENDED;

use super::DEFAULT_CORPUS;
use crate::output::terminal::sanitize;

/// Writes `error` with its causes, and a hint on a line of its own.
pub(super) fn report(error: &anyhow::Error, out: &mut impl Write) -> io::Result<()> {
    let mut prefix = "error: ";
    for line in format!("{error:#}").lines() {
        writeln!(out, "{prefix}{}", sanitize(line))?;
        prefix = "";
    }
    if let Some(hint) = error.chain().find_map(|cause| hint(cause.downcast_ref()?)) {
        writeln!(out, "hint: {}", sanitize(&hint))?;
    }
    Ok(())
}

/// The same of an error of the library by itself.
pub(super) fn report_error(error: &Error, out: &mut impl Write) -> io::Result<()> {
    writeln!(out, "error: {}", sanitize(&error.to_string()))?;
    match hint(error) {
        Some(hint) => writeln!(out, "hint: {}", sanitize(&hint)),
        None => Ok(()),
    }
}

fn hint(error: &Error) -> Option<String> {
    Some(match error {
        Error::PathNotFound { path } if path.as_os_str() == DEFAULT_CORPUS => {
            "name the folder of your articles: fouine index PATH".to_owned()
        }
        Error::PathNotFound { .. } => {
            "check the spelling of the path, and that no disk is missing".to_owned()
        }
        Error::RootGone { path, .. } if path.exists() && path.read_dir().is_err() => {
            "give yourself the permission to read it, or name the other paths to update these alone"
                .to_owned()
        }
        Error::RootGone { .. } => {
            "is a disk missing? to update the other paths alone, name them; if it was renamed: fouine index NEW OLD --prune; to forget these files: --prune".to_owned()
        }
        Error::NothingToIndex { .. } => {
            "fouine reads .txt, .md, .html and .jsonl files; what the index held before is untouched"
                .to_owned()
        }
        Error::IndexNotFound { .. } => {
            "build one first: fouine index PATH (or name it: --index DIR)".to_owned()
        }
        Error::NotAnIndex { .. } => {
            "name another folder with --index DIR: fouine writes only into empty folders, and those with its fouine.json; if that is lost, build the index anew elsewhere"
                .to_owned()
        }
        Error::NoQueries { .. } => {
            "write a query a line; without --queries they are drawn from the index".to_owned()
        }
        Error::NothingToDraw { .. } => {
            "bring queries of your own, one a line: fouine bench --queries FILE".to_owned()
        }
        Error::IndexDamaged { path, reason } if reason.contains(CANNOT_BE_MENDED) => format!(
            "build it anew from your articles: fouine index PATH --index {} --rebuild",
            path.display()
        ),
        Error::IndexDamaged { path, .. } => format!(
            "see what is damaged, and mend it: fouine check --index {0} --repair; or build it anew: fouine index PATH --index {0} --rebuild",
            path.display()
        ),
        Error::IndexVersion { path, .. } => format!(
            "build it anew from your articles: fouine index PATH --index {} --rebuild",
            path.display()
        ),
        Error::IndexIncomplete { path } => format!(
            "wait if it is being built right now, or run it again: fouine index PATH --index {}",
            path.display()
        ),
        Error::IndexLocked { .. } => "wait until it has finished, then try again".to_owned(),
        Error::IndexWrite { .. } | Error::Write { .. } => {
            "check that the disk is not full and the folder is writable; the last state of the index is intact"
                .to_owned()
        }
        Error::Read { source, .. } if source.kind() == io::ErrorKind::NotADirectory => {
            "name a folder with --index DIR, not a file".to_owned()
        }
        Error::Read { .. } | Error::Malformed { .. } | Error::Stopped => return None,
    })
}

//! What a check of an index has found, for people.

use std::io::{self, Write};
use std::path::Path;

use fouine::index::{CheckReport, RepairReport};

use super::terminal::sanitize;
use super::text::{bytes, count, write_build};

/// Items of a list that are named.
const MAX_NAMED: usize = 10;

/// Writes what was found.
pub(crate) fn write_check(found: &CheckReport, out: &mut impl Write) -> io::Result<()> {
    let files = &found.files;
    if files.damaged.is_empty() {
        writeln!(
            out,
            "index      {}, {}, as they were written",
            count(files.n_files, "file"),
            bytes(files.n_bytes)
        )?;
        writeln!(
            out,
            "content    {}, {}{}",
            count(found.articles, "article"),
            count(found.passages, "passage"),
            match found.problems.is_empty() {
                true => ", in agreement",
                false => "",
            }
        )?;
        if !found.finished {
            writeln!(
                out,
                "unfinished indexing was interrupted, or something was lost: fouine index goes on"
            )?;
        }
    }
    let damaged = files.damaged.iter();
    let damaged = damaged.map(|file| format!("{}: {}", file.name, file.reason));
    write_list("damaged files of the index", damaged.collect(), out)?;
    write_list("what does not agree", found.problems.clone(), out)?;
    if let Some(sources) = &found.sources {
        writeln!(
            out,
            "articles   {} as indexed, {} changed since, {} not there{}",
            count(sources.same, "file"),
            sources.changed,
            sources.missing,
            match sources.partial {
                0 => String::new(),
                partial => format!(", {partial} read in part"),
            }
        )?;
        let wrong = sources.wrong.iter();
        let wrong = wrong.map(|path| path.display().to_string());
        write_list(
            "files of which the index holds something else",
            wrong.collect(),
            out,
        )?;
    }
    Ok(())
}

/// What to do about it.
pub(crate) fn remedy(dir: &Path, found: &CheckReport) -> String {
    let dir = sanitize(&dir.display().to_string()).into_owned();
    let is_listed = found
        .files
        .damaged
        .iter()
        .any(|file| file.name == "meta.json");
    match is_listed {
        true => {
            format!("build it anew from your articles: fouine index PATH --index {dir} --rebuild")
        }
        false => format!("mend it, and keep what is whole: fouine check --index {dir} --repair"),
    }
}

/// Writes what was mended.
pub(crate) fn write_repair(repaired: &RepairReport, out: &mut impl Write) -> io::Result<()> {
    writeln!(
        out,
        "repaired   {} taken out, {} of which some was left",
        count(repaired.dropped, "damaged segment"),
        count(repaired.doubtful, "file")
    )?;
    if let Some(update) = &repaired.update {
        write_build(update, out)?;
    }
    match &repaired.not_read {
        None => Ok(()),
        Some(error) => writeln!(
            out,
            "not read again: {}; what is whole is kept",
            sanitize(&error.to_string())
        ),
    }
}

fn write_list(label: &str, items: Vec<String>, out: &mut impl Write) -> io::Result<()> {
    if items.is_empty() {
        return Ok(());
    }
    writeln!(out, "{label}: {}", items.len())?;
    for item in items.iter().take(MAX_NAMED) {
        writeln!(out, "  {}", sanitize(item))?;
    }
    match items.len().saturating_sub(MAX_NAMED) {
        0 => Ok(()),
        n_others => writeln!(out, "  and {n_others} more (--json lists them all)"),
    }
}

//! Text for people.

use std::io::{self, Write};
use std::ops::Range;
use std::path::Path;
use std::time::Duration;

use fouine::index::{ArticleRecord, BuildReport, PassageRecord, Status};
use fouine::language::Language;
use fouine::search::{Answer, Hit, Reading, Reason};

use super::terminal::{Role, Terminal, is_unsafe, sanitize, width};

/// Files named one by one in a list of those without consequence; the rest are counted.
const MAX_NAMED: usize = 10;

/// Stands between facts on a line.
const SEPARATOR: &str = " · ";

/// Spaces before the lines that belong to a hit.
const INDENT: usize = 4;

/// Writes hits, best first, and how many there are.
pub(crate) fn write_answer(
    answer: &Answer,
    terminal: &Terminal,
    out: &mut impl Write,
) -> io::Result<()> {
    for hit in &answer.hits {
        write_hit(hit, terminal, out)?;
    }
    if answer.n_passages == 0 {
        return Ok(());
    }
    let (dim, reset) = terminal.codes(Role::Aside);
    let hits = answer.hits.len();
    write!(
        out,
        "{dim}{hits} of {} in {} ({})",
        count(answer.n_passages, "passage"),
        count(answer.n_articles, "article"),
        duration(answer.elapsed)
    )?;
    let dropped = &answer.reading.dropped;
    if !dropped.is_empty() {
        write!(out, ", left out: {}", sanitize(&dropped.join(", ")))?;
    }
    writeln!(out, "{reset}")
}

/// Writes how many passages and articles match.
pub(crate) fn write_count(answer: &Answer, out: &mut impl Write) -> io::Result<()> {
    let passages = count(answer.n_passages, "passage");
    let articles = count(answer.n_articles, "article");
    writeln!(out, "{passages} in {articles}")
}

/// Writes the ids of the passages.
pub(crate) fn write_ids(answer: &Answer, out: &mut impl Write) -> io::Result<()> {
    for hit in &answer.hits {
        writeln!(out, "{}", sanitize(&hit.passage.id()))?;
    }
    Ok(())
}

/// Writes a query before its answer, where there are several.
pub(crate) fn write_query(text: &str, out: &mut impl Write) -> io::Result<()> {
    writeln!(out, "? {}", sanitize(text))
}

/// Writes how a query was read, and what was looked up for it.
pub(crate) fn write_reading(
    reading: &Reading,
    terminal: &Terminal,
    out: &mut impl Write,
) -> io::Result<()> {
    let (dim, reset) = terminal.codes(Role::Aside);
    let mut lines = vec![format!("read as: {}", reading.canonical)];
    if let Some(language) = reading.language {
        lines.push(format!("reads as {}", language.name()));
    }
    for lookup in &reading.lookups {
        let mut parts = lookup.wanted.clone();
        parts.extend(
            lookup
                .excluded
                .iter()
                .map(|excluded| format!("-{excluded}")),
        );
        if !parts.is_empty() {
            let parts = parts.join(" ");
            lines.push(format!("looked up in {}: {parts}", lookup.language.name()));
        }
    }
    for line in lines {
        writeln!(out, "{dim}{}{reset}", sanitize(&line))?;
    }
    writeln!(out)
}

/// Writes what the score of a hit is made of, a part a line.
fn write_explanation(hit: &Hit, terminal: &Terminal, out: &mut impl Write) -> io::Result<()> {
    let (dim, reset) = terminal.codes(Role::Aside);
    for part in &hit.explanation {
        let reason = match &part.reason {
            Reason::Words {
                typed,
                looked_up,
                frequency,
            } => format!("{typed}: {frequency} × {looked_up}"),
            Reason::Nearness => "words near each other as they were typed".to_owned(),
            Reason::Lead => "words that the article begins with".to_owned(),
            Reason::Article => "the article as a whole".to_owned(),
        };
        let line = format!("{:8.2}  {reason}", part.score);
        writeln!(out, "{:INDENT$}{dim}{}{reset}", "", sanitize(&line))?;
    }
    Ok(())
}

/// Writes through which words a hit was found that are not the query's own.
fn write_found(hit: &Hit, terminal: &Terminal, out: &mut impl Write) -> io::Result<()> {
    let found = hit.found.iter();
    let found = found.map(|found| format!("{} → {}", found.typed, found.written.join(", ")));
    let found = found.collect::<Vec<_>>().join("; ");
    let line = Marked {
        text: &format!("through {found}"),
        marks: &[],
        base: Role::Aside,
    };
    write!(out, "{:INDENT$}", "")?;
    line.write(terminal, out)
}

fn write_hit(hit: &Hit, terminal: &Terminal, out: &mut impl Write) -> io::Result<()> {
    let title = Marked {
        text: name(&hit.article),
        marks: &hit.title_highlights,
        base: Role::Title,
    };
    write!(out, "{:>2}. ", hit.rank)?;
    title.write(terminal, out)?;
    let place = place(&hit.article.path, hit.passage.place.lines);
    let facts = facts(hit);
    let (cyan, reset) = terminal.codes(Role::Where);
    write!(out, "{:INDENT$}{cyan}{}{reset}", "", sanitize(&place))?;
    let (dim, reset) = terminal.codes(Role::Aside);
    let columns = INDENT + width(&place) + width(SEPARATOR) + width(&facts);
    if terminal.columns().is_some_and(|most| columns > most) {
        write!(out, "\n{:INDENT$}", "")?;
    } else {
        write!(out, "{dim}{SEPARATOR}{reset}")?;
    }
    writeln!(out, "{dim}{}{reset}", sanitize(&facts))?;
    if let (Some(heading), false) = (
        &hit.passage.place.heading,
        hit.heading_highlights.is_empty(),
    ) {
        let heading = Marked {
            text: heading,
            marks: &hit.heading_highlights,
            base: Role::Aside,
        };
        write!(out, "{:INDENT$}", "")?;
        heading.write(terminal, out)?;
    }
    let snippet = Marked {
        text: &hit.snippet.text,
        marks: &hit.snippet.highlights,
        base: Role::Plain,
    };
    write!(out, "{:INDENT$}", "")?;
    snippet.write(terminal, out)?;
    if hit.is_translated && !hit.found.is_empty() {
        write_found(hit, terminal, out)?;
    }
    write_explanation(hit, terminal, out)?;
    writeln!(out)
}

/// What an article is called: its title, or its id where it has none, as records of a collection may.
fn name(article: &ArticleRecord) -> &str {
    if article.metadata.title.is_empty() {
        &article.id
    } else {
        &article.metadata.title
    }
}

/// A file and lines of it.
fn place(path: &str, lines: [u64; 2]) -> String {
    let path = short(Path::new(path));
    match lines {
        [first, last] if last > first => format!("{path}:{first}-{last}"),
        [first, _] => format!("{path}:{first}"),
    }
}

/// A file, and the line of it that is meant.
fn file_and_line(path: &Path, line: Option<u64>) -> String {
    match line {
        Some(line) => format!("{}:{line}", short(path)),
        None => short(path),
    }
}

/// A path, relative to the current folder where it is below.
fn short(path: &Path) -> String {
    let here = std::env::current_dir().unwrap_or_default();
    path.strip_prefix(here)
        .unwrap_or(path)
        .display()
        .to_string()
}

/// Date, language, score and id of a hit, as far as it has them.
fn facts(hit: &Hit) -> String {
    let mut facts = Vec::new();
    facts.extend(hit.article.metadata.date.map(|date| date.to_string()));
    facts.push(hit.passage.language.to_string());
    // Conditions alone have no score.
    if hit.score > 0.0 {
        facts.push(format!("{:.2}", hit.score));
    }
    facts.push(hit.passage.id());
    facts.join(SEPARATOR)
}

/// Text with marked parts.
struct Marked<'a> {
    text: &'a str,
    marks: &'a [Range<usize>],
    base: Role,
}

impl Marked<'_> {
    /// Writes it, wrapped and indented by [`INDENT`] on a terminal, with a line end.
    fn write(&self, terminal: &Terminal, out: &mut impl Write) -> io::Result<()> {
        let (base, base_reset) = terminal.codes(self.base);
        let (mark, mark_reset) = terminal.codes(Role::Match);
        let columns = terminal.columns().unwrap_or(usize::MAX);
        let mut column = INDENT;
        let mut at = 0;
        write!(out, "{base}")?;
        for (n_before, word) in self.text.split(' ').enumerate() {
            if n_before > 0 {
                let fits = column + 1 + width(word) <= columns;
                if fits || column == INDENT {
                    write!(out, " ")?;
                    column += 1;
                } else {
                    write!(out, "\n{:INDENT$}", "")?;
                    column = INDENT;
                }
                at += 1;
            }
            column += width(word);
            let end = at + word.len();
            while at < end {
                let next = self
                    .marks
                    .iter()
                    .find(|range| range.end > at && range.start < end);
                let (piece_end, is_marked) = match next {
                    Some(range) if range.start <= at => (range.end.min(end), true),
                    Some(range) => (range.start, false),
                    None => (end, false),
                };
                let piece = sanitize(&self.text[at..piece_end]);
                if is_marked {
                    write!(out, "{base_reset}{mark}{piece}{mark_reset}{base}")?;
                } else {
                    write!(out, "{piece}")?;
                }
                at = piece_end;
            }
        }
        writeln!(out, "{base_reset}")
    }
}

/// Writes what a person should know of how the query was read; that nothing was found, unless the output tells.
pub(crate) fn write_notices(answer: &Answer, tells: bool, out: &mut impl Write) -> io::Result<()> {
    for notice in &answer.reading.notices {
        writeln!(out, "note: {}", sanitize(notice))?;
    }
    if answer.n_passages == 0 && !tells {
        writeln!(out, "nothing found")?;
    }
    Ok(())
}

/// Writes an article, or the passages of it that are given.
pub(crate) fn write_article(
    article: &ArticleRecord,
    passages: &[PassageRecord],
    terminal: &Terminal,
    out: &mut impl Write,
) -> io::Result<()> {
    let metadata = &article.metadata;
    let (bold, reset) = terminal.codes(Role::Title);
    writeln!(out, "{bold}{}{reset}", sanitize(name(article)))?;
    let mut facts = Vec::new();
    facts.extend(metadata.date.map(|date| date.to_string()));
    facts.extend(metadata.author.clone());
    facts.extend(metadata.source.clone());
    facts.push(article.language.to_string());
    facts.extend(metadata.url.clone());
    let (dim, reset_dim) = terminal.codes(Role::Aside);
    writeln!(out, "{dim}{}", sanitize(&facts.join(SEPARATOR)))?;
    if let (Some(first), Some(last)) = (passages.first(), passages.last()) {
        let lines = [first.place.lines[0], last.place.lines[1]];
        write!(out, "{}", sanitize(&place(&article.path, lines)))?;
    }
    writeln!(out, "{reset_dim}\n")?;
    let mut heading = None;
    for (n_before, passage) in passages.iter().enumerate() {
        if passage.place.heading != heading {
            heading.clone_from(&passage.place.heading);
            if let Some(heading) = &heading {
                let space = if n_before > 0 { "\n" } else { "" };
                writeln!(out, "{space}{bold}{}{reset}\n", sanitize(heading))?;
            }
        }
        // Passages go on where the one before ends: together they are the article, line ends included.
        let is_last_of_section = passages
            .get(n_before + 1)
            .is_none_or(|next| next.place.heading != heading);
        if is_last_of_section {
            write_text(passage.text.trim_end(), out)?;
            writeln!(out)?;
        } else {
            write_text(&passage.text, out)?;
        }
    }
    Ok(())
}

/// Writes text as it is, line ends and tabs included, without what a terminal could act on.
fn write_text(text: &str, out: &mut impl Write) -> io::Result<()> {
    let safe: String = text
        .chars()
        .filter(|&c| c != '\r')
        .map(|c| {
            if is_unsafe(c) && c != '\n' && c != '\t' {
                '\u{FFFD}'
            } else {
                c
            }
        })
        .collect();
    write!(out, "{safe}")
}

/// Writes what was indexed, and everything that was not.
pub(crate) fn write_build(report: &BuildReport, out: &mut impl Write) -> io::Result<()> {
    if report.articles > 0 || report.files.is_nothing_new() && report.files.unchanged == 0 {
        writeln!(
            out,
            "{}, {} ({}), {} in {}",
            count(report.articles, "article"),
            count(report.passages, "passage"),
            by_language(&report.languages),
            bytes(report.bytes),
            duration(report.elapsed)
        )?;
    }
    write_files(report, out)?;
    if report.ignored > 0 {
        writeln!(
            out,
            "ignored: {} of other kinds",
            count(report.ignored, "file")
        )?;
    }
    let empty = report
        .empty
        .iter()
        .map(|empty| file_and_line(&empty.path, empty.line));
    write_some("without text", empty.collect(), out)?;
    let renamed = report.renamed.iter().map(|renamed| {
        let path = short(&renamed.path);
        format!(
            "{path}: {} is taken, indexed as {}",
            renamed.wanted, renamed.id
        )
    });
    write_some("ids used twice", renamed.collect(), out)?;
    if let Some(error) = &report.not_merged {
        let note = format!("not merged: {error}; nothing is lost, and the next run tries again");
        writeln!(out, "{}", sanitize(&note))?;
    }
    if !report.skipped.is_empty() {
        writeln!(out, "skipped: {}", report.skipped.len())?;
        for skipped in &report.skipped {
            let place = file_and_line(&skipped.path, skipped.line);
            writeln!(
                out,
                "  {}",
                sanitize(&format!("{place}: {}", skipped.reason))
            )?;
        }
    }
    Ok(())
}

/// Writes what became of the files, unless all are new.
fn write_files(report: &BuildReport, out: &mut impl Write) -> io::Result<()> {
    let files = &report.files;
    if files.is_nothing_new() && files.unchanged > 0 {
        return writeln!(
            out,
            "nothing new: {} unchanged, in {}",
            count(files.unchanged, "file"),
            duration(report.elapsed)
        );
    }
    let known = [
        (files.changed, "changed"),
        (files.moved, "moved"),
        (files.removed, "removed"),
        (files.unchanged, "unchanged"),
    ];
    if known.iter().all(|(number, _)| *number == 0) {
        return Ok(());
    }
    let counts = [(files.added, "added")].into_iter().chain(known);
    let counts: Vec<String> = counts
        .filter(|(number, _)| *number > 0)
        .map(|(number, became)| format!("{number} {became}"))
        .collect();
    writeln!(out, "files: {}", counts.join(", "))
}

/// Writes a list that is no reason to worry, its first items by name.
fn write_some(label: &str, items: Vec<String>, out: &mut impl Write) -> io::Result<()> {
    if items.is_empty() {
        return Ok(());
    }
    writeln!(out, "{label}: {}", items.len())?;
    for item in items.iter().take(MAX_NAMED) {
        writeln!(out, "  {}", sanitize(item))?;
    }
    if items.len() > MAX_NAMED {
        writeln!(
            out,
            "  and {} more (--json lists them all)",
            items.len() - MAX_NAMED
        )?;
    }
    Ok(())
}

/// Writes what is in the index.
pub(crate) fn write_status(path: &Path, status: &Status, out: &mut impl Write) -> io::Result<()> {
    let manifest = &status.manifest;
    writeln!(out, "index      {}", sanitize(&path.display().to_string()))?;
    writeln!(out, "articles   {}", status.articles)?;
    writeln!(
        out,
        "passages   {} ({})",
        status.passages,
        by_language(&status.languages)
    )?;
    writeln!(out, "on disk    {}", bytes(status.bytes))?;
    writeln!(
        out,
        "built      {} by fouine {}",
        manifest.built, manifest.fouine
    )?;
    for root in &manifest.roots {
        writeln!(out, "of         {}", sanitize(root))?;
    }
    if !manifest.finished {
        writeln!(
            out,
            "unfinished indexing goes on, or was interrupted: fouine index goes on"
        )?;
    }
    writeln!(
        out,
        "versions   format {}, analyzer {}",
        manifest.format, manifest.analyzer
    )
}

fn by_language(languages: &[(Language, u64)]) -> String {
    let counts = languages.iter();
    let counts: Vec<String> = counts
        .map(|(language, n_passages)| format!("{language} {n_passages}"))
        .collect();
    counts.join(", ")
}

pub(super) fn count(number: u64, noun: &str) -> String {
    let plural = if number == 1 { "" } else { "s" };
    format!("{number} {noun}{plural}")
}

pub(super) fn bytes(number: u64) -> String {
    const UNITS: [&str; 4] = ["kB", "MB", "GB", "TB"];
    if number < 1000 {
        return format!("{number} B");
    }
    let mut value = number as f64 / 1000.0;
    let mut unit = 0;
    while value >= 999.95 && unit + 1 < UNITS.len() {
        value /= 1000.0;
        unit += 1;
    }
    format!("{value:.1} {}", UNITS[unit])
}

fn duration(elapsed: Duration) -> String {
    let seconds = elapsed.as_secs_f64();
    if seconds < 0.1 {
        format!("{:.1} ms", seconds * 1000.0)
    } else {
        format!("{seconds:.2} s")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_rounded_to_a_unit_that_fits() {
        assert_eq!(bytes(999), "999 B");
        assert_eq!(bytes(1_234), "1.2 kB");
        assert_eq!(bytes(999_960), "1.0 MB");
        assert_eq!(bytes(122_000_000), "122.0 MB");
    }

    #[test]
    fn one_is_singular() {
        assert_eq!(count(1, "article"), "1 article");
        assert_eq!(count(0, "article"), "0 articles");
    }
}

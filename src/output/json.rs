//! JSON for programs: structures of its own, so that renaming a field of the engine changes nothing here. What was
//! shipped changes only by addition.

use std::collections::BTreeMap;
use std::io::{self, Write};
use std::ops::Range;
use std::path::{Path, PathBuf};

use fouine::corpus::Date;
use fouine::index::{ArticleRecord, BuildReport, CheckReport, PassageRecord, RepairReport, Status};
use fouine::language::Language;
use fouine::query::Query;
use fouine::search::{self, Answer, Hit, Reason};
use serde::Serialize;

use super::terminal::is_unsafe;

#[derive(Serialize)]
#[serde(tag = "type", rename_all = "lowercase")]
enum Line<'a> {
    Query {
        text: &'a str,
        read: Read<'a>,
        notices: &'a [String],
    },
    Hit(Box<HitLine<'a>>),
    Summary {
        hits: usize,
        passages: u64,
        articles: u64,
        elapsed_us: u128,
    },
}

#[derive(Serialize)]
struct HitLine<'a> {
    rank: usize,
    score: f32,
    article: Article<'a>,
    passage: Passage<'a>,
    snippet: Snippet<'a>,
    title_highlights: Vec<[usize; 2]>,
    heading_highlights: Vec<[usize; 2]>,
    /// The words of the query that it was found through, and how they are written.
    found: Vec<Found<'a>>,
    translated: bool,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    explanation: Vec<ScorePart<'a>>,
}

/// How the query was read.
#[derive(Serialize)]
struct Read<'a> {
    /// In the query language.
    query: &'a str,
    /// The language the query seems to be in.
    lang: Option<Language>,
    /// Stop words left out.
    dropped: &'a [String],
    /// By language of the passages: what was looked up in them.
    lookups: BTreeMap<&'static str, Lookup<'a>>,
}

#[derive(Serialize)]
struct Lookup<'a> {
    wanted: &'a [String],
    excluded: &'a [String],
}

#[derive(Serialize)]
struct Found<'a> {
    typed: &'a str,
    written: &'a [String],
}

/// A part of a score.
#[derive(Serialize)]
#[serde(tag = "part", rename_all = "lowercase")]
enum ScorePart<'a> {
    Words {
        typed: &'a str,
        looked_up: &'a str,
        frequency: u32,
        score: f32,
    },
    Nearness {
        score: f32,
    },
    Lead {
        score: f32,
    },
    Article {
        score: f32,
    },
}

#[derive(Serialize)]
struct Article<'a> {
    id: &'a str,
    path: &'a str,
    title: Option<&'a str>,
    date: Option<Date>,
    author: Option<&'a str>,
    source: Option<&'a str>,
    url: Option<&'a str>,
    lang: Language,
}

#[derive(Serialize)]
struct Passage<'a> {
    id: String,
    lang: Language,
    ordinal: u64,
    heading: Option<&'a str>,
    lines: [u64; 2],
    bytes: [u64; 2],
    text: &'a str,
}

#[derive(Serialize)]
struct Snippet<'a> {
    text: &'a str,
    highlights: Vec<[usize; 2]>,
}

/// Writes the answer to a query, as JSON lines.
pub(crate) fn write_answer(query: &Query, answer: &Answer, out: &mut impl Write) -> io::Result<()> {
    let reading = &answer.reading;
    let lookups = reading.lookups.iter().map(|lookup| {
        let wanted = &lookup.wanted;
        let excluded = &lookup.excluded;
        (lookup.language.code(), Lookup { wanted, excluded })
    });
    write_line(
        &Line::Query {
            text: &query.text,
            read: Read {
                query: &reading.canonical,
                lang: reading.language,
                dropped: &reading.dropped,
                lookups: lookups.collect(),
            },
            notices: &reading.notices,
        },
        out,
    )?;
    for hit in &answer.hits {
        write_line(&hit_line(hit), out)?;
    }
    write_line(
        &Line::Summary {
            hits: answer.hits.len(),
            passages: answer.n_passages,
            articles: answer.n_articles,
            elapsed_us: answer.elapsed.as_micros(),
        },
        out,
    )
}

fn hit_line(hit: &Hit) -> Line<'_> {
    Line::Hit(Box::new(HitLine {
        rank: hit.rank,
        score: hit.score,
        article: article(&hit.article),
        passage: passage(&hit.passage),
        snippet: Snippet {
            text: &hit.snippet.text,
            highlights: pairs(&hit.snippet.highlights),
        },
        title_highlights: pairs(&hit.title_highlights),
        heading_highlights: pairs(&hit.heading_highlights),
        found: hit
            .found
            .iter()
            .map(|found| Found {
                typed: &found.typed,
                written: &found.written,
            })
            .collect(),
        translated: hit.is_translated,
        explanation: hit.explanation.iter().map(score_part).collect(),
    }))
}

fn pairs(ranges: &[Range<usize>]) -> Vec<[usize; 2]> {
    let ranges = ranges.iter();
    ranges.map(|range| [range.start, range.end]).collect()
}

fn score_part(part: &search::ScorePart) -> ScorePart<'_> {
    let score = part.score;
    match &part.reason {
        Reason::Words {
            typed,
            looked_up,
            frequency,
        } => ScorePart::Words {
            typed,
            looked_up,
            frequency: *frequency,
            score,
        },
        Reason::Nearness => ScorePart::Nearness { score },
        Reason::Lead => ScorePart::Lead { score },
        Reason::Article => ScorePart::Article { score },
    }
}

/// Writes how many passages and articles match, on one line.
pub(crate) fn write_count(answer: &Answer, out: &mut impl Write) -> io::Result<()> {
    #[derive(Serialize)]
    struct Count {
        passages: u64,
        articles: u64,
    }
    let count = Count {
        passages: answer.n_passages,
        articles: answer.n_articles,
    };
    write_line(&count, out)
}

fn article(article: &ArticleRecord) -> Article<'_> {
    let metadata = &article.metadata;
    Article {
        id: &article.id,
        path: &article.path,
        title: Some(metadata.title.as_str()).filter(|title| !title.is_empty()),
        date: metadata.date,
        author: metadata.author.as_deref(),
        source: metadata.source.as_deref(),
        url: metadata.url.as_deref(),
        lang: article.language,
    }
}

fn passage(passage: &PassageRecord) -> Passage<'_> {
    Passage {
        id: passage.id(),
        lang: passage.language,
        ordinal: passage.ordinal,
        heading: passage.place.heading.as_deref(),
        lines: passage.place.lines,
        bytes: passage.place.bytes,
        text: &passage.text,
    }
}

/// Writes an article with its passages, on one line.
pub(crate) fn write_article(
    record: &ArticleRecord,
    passages: &[PassageRecord],
    out: &mut impl Write,
) -> io::Result<()> {
    #[derive(Serialize)]
    struct Shown<'a> {
        article: Article<'a>,
        passages: Vec<Passage<'a>>,
    }
    let shown = Shown {
        article: article(record),
        passages: passages.iter().map(passage).collect(),
    };
    write_line(&shown, out)
}

/// Writes what was indexed, on one line.
pub(crate) fn write_build(report: &BuildReport, out: &mut impl Write) -> io::Result<()> {
    #[derive(Serialize)]
    struct Built {
        articles: u64,
        passages: u64,
        languages: BTreeMap<&'static str, u64>,
        bytes: u64,
        seconds: f64,
        added: u64,
        changed: u64,
        moved: u64,
        removed: u64,
        unchanged: u64,
        ignored: u64,
        empty: Vec<Empty>,
        skipped: Vec<Skipped>,
        renamed: Vec<Renamed>,
        #[serde(skip_serializing_if = "Option::is_none")]
        not_merged: Option<String>,
    }
    #[derive(Serialize)]
    struct Empty {
        path: String,
        line: Option<u64>,
    }
    #[derive(Serialize)]
    struct Skipped {
        path: String,
        line: Option<u64>,
        reason: String,
    }
    #[derive(Serialize)]
    struct Renamed {
        path: String,
        wanted: String,
        id: String,
    }
    let display = |path: &Path| path.display().to_string();
    let empty = report.empty.iter().map(|empty| Empty {
        path: display(&empty.path),
        line: empty.line,
    });
    let skipped = report.skipped.iter().map(|skipped| Skipped {
        path: display(&skipped.path),
        line: skipped.line,
        reason: skipped.reason.to_string(),
    });
    let renamed = report.renamed.iter().map(|renamed| Renamed {
        path: display(&renamed.path),
        wanted: renamed.wanted.clone(),
        id: renamed.id.clone(),
    });
    let built = Built {
        articles: report.articles,
        passages: report.passages,
        languages: by_code(&report.languages),
        bytes: report.bytes,
        seconds: report.elapsed.as_secs_f64(),
        added: report.files.added,
        changed: report.files.changed,
        moved: report.files.moved,
        removed: report.files.removed,
        unchanged: report.files.unchanged,
        ignored: report.ignored,
        empty: empty.collect(),
        skipped: skipped.collect(),
        renamed: renamed.collect(),
        not_merged: report.not_merged.as_ref().map(ToString::to_string),
    };
    write_line(&built, out)
}

/// Writes what is in the index, on one line.
pub(crate) fn write_status(path: &Path, status: &Status, out: &mut impl Write) -> io::Result<()> {
    #[derive(Serialize)]
    struct Shown<'a> {
        index: String,
        articles: u64,
        passages: u64,
        languages: BTreeMap<&'static str, u64>,
        bytes: u64,
        format: u32,
        analyzer: u32,
        fouine: &'a str,
        built: &'a str,
        roots: &'a [String],
        finished: bool,
    }
    let manifest = &status.manifest;
    let shown = Shown {
        index: path.display().to_string(),
        articles: status.articles,
        passages: status.passages,
        languages: by_code(&status.languages),
        bytes: status.bytes,
        format: manifest.format,
        analyzer: manifest.analyzer,
        fouine: &manifest.fouine,
        built: &manifest.built,
        roots: &manifest.roots,
        finished: manifest.finished,
    };
    write_line(&shown, out)
}

/// Writes what a check of an index has found.
pub(crate) fn write_check(
    path: &Path,
    found: &CheckReport,
    out: &mut impl Write,
) -> io::Result<()> {
    #[derive(Serialize)]
    struct Found<'a> {
        index: String,
        sound: bool,
        files: u64,
        bytes: u64,
        damaged: Vec<Damaged<'a>>,
        articles: Option<u64>,
        passages: Option<u64>,
        finished: Option<bool>,
        problems: &'a [String],
        sources: Option<Sources>,
    }
    #[derive(Serialize)]
    struct Damaged<'a> {
        file: &'a str,
        reason: &'a str,
    }
    #[derive(Serialize)]
    struct Sources {
        same: u64,
        changed: u64,
        partial: u64,
        missing: u64,
        wrong: Vec<String>,
    }
    let display = |path: &PathBuf| path.display().to_string();
    let damaged = found.files.damaged.iter();
    // What is damaged is not read any further.
    let is_read = found.files.damaged.is_empty();
    let shown = Found {
        index: path.display().to_string(),
        sound: found.is_sound(),
        files: found.files.n_files,
        bytes: found.files.n_bytes,
        damaged: damaged
            .map(|file| Damaged {
                file: &file.name,
                reason: &file.reason,
            })
            .collect(),
        articles: is_read.then_some(found.articles),
        passages: is_read.then_some(found.passages),
        finished: is_read.then_some(found.finished),
        problems: &found.problems,
        sources: found.sources.as_ref().map(|sources| Sources {
            same: sources.same,
            changed: sources.changed,
            partial: sources.partial,
            missing: sources.missing,
            wrong: sources.wrong.iter().map(display).collect(),
        }),
    };
    write_line(&shown, out)
}

/// Writes what was mended, then what was read again, each on a line.
pub(crate) fn write_repair(repaired: &RepairReport, out: &mut impl Write) -> io::Result<()> {
    #[derive(Serialize)]
    struct Repaired {
        dropped_segments: u64,
        doubtful_files: u64,
        not_read: Option<String>,
    }
    let shown = Repaired {
        dropped_segments: repaired.dropped,
        doubtful_files: repaired.doubtful,
        not_read: repaired.not_read.as_ref().map(ToString::to_string),
    };
    write_line(&shown, out)?;
    match &repaired.update {
        Some(update) => write_build(update, out),
        None => Ok(()),
    }
}

fn by_code(languages: &[(Language, u64)]) -> BTreeMap<&'static str, u64> {
    let counts = languages.iter();
    counts
        .map(|&(language, n_passages)| (language.code(), n_passages))
        .collect()
}

/// Writes `value` on a line. What a terminal could act on is escaped, also where JSON does not ask for it (it stands in
/// strings only): a person may look at the output.
pub(super) fn write_line(value: &impl Serialize, out: &mut impl Write) -> io::Result<()> {
    let json = serde_json::to_string(value)?;
    let mut rest = json.as_str();
    while let Some(at) = rest.find(is_unsafe) {
        out.write_all(&rest.as_bytes()[..at])?;
        let c = rest[at..].chars().next().unwrap_or_default();
        write!(out, "\\u{:04x}", u32::from(c))?;
        rest = &rest[at + c.len_utf8()..];
    }
    writeln!(out, "{rest}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_terminal_could_act_on_is_escaped_and_read_back() {
        let text = "a\u{1b}b\u{9b}c\u{202E}d\u{7f}é";
        let mut line = Vec::new();
        write_line(&text, &mut line).unwrap();
        let line = String::from_utf8(line).unwrap();
        assert_eq!(line, "\"a\\u001bb\\u009bc\\u202ed\\u007fé\"\n");
        assert_eq!(serde_json::from_str::<String>(&line).unwrap(), text);
    }
}

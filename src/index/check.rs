//! Checks that an index tells the truth: its files are what was written, what is in them agrees with itself, and with the
//! articles it was made of.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::mpsc::sync_channel;
use std::thread;

use rustc_hash::FxHashMap;
use tantivy::DocAddress;

use super::build::Progress;
use super::files::{KnownFile, KnownFiles, known_files, path_key};
use super::lookup::{all_articles, article_at, articles_of_file};
use super::prepare::{Outcome, Prepared, prepare};
use super::record::article_key;
use super::snapshot::Snapshot;
use super::{Index, Verification, guarded};
use crate::corpus::{Fingerprint, Items, Limits, SourceFile, discover};
use crate::error::{Error, Result};

/// What a check has read, and found.
#[derive(Clone, Debug, Default)]
pub struct CheckReport {
    /// The files of the index.
    pub files: Verification,
    /// Articles in it.
    pub articles: u64,
    /// Passages in it.
    pub passages: u64,
    /// Whether all that was found there had been indexed by the last commit.
    pub finished: bool,
    /// What does not agree, a line each.
    pub problems: Vec<String>,
    /// The articles' own files; `None` when they were not looked at.
    pub sources: Option<SourceReport>,
}

/// How the index agrees with the files it was made of.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SourceReport {
    /// Files of which each passage is what the index holds, and where it says.
    pub same: u64,
    /// Files that have changed since they were indexed, which the next indexing sees.
    pub changed: u64,
    /// Collections of which only the beginning is indexed, with which the next indexing goes on.
    pub partial: u64,
    /// Files that are gone or cannot be read.
    pub missing: u64,
    /// Files that are the same, and of which the index holds something else.
    pub wrong: Vec<PathBuf>,
}

impl CheckReport {
    /// Whether nothing is wrong.
    pub fn is_sound(&self) -> bool {
        let sources = self.sources.as_ref();
        self.files.damaged.is_empty()
            && self.problems.is_empty()
            && sources.is_none_or(|sources| sources.wrong.is_empty())
    }
}

/// Checks the index in the folder `dir`; with `sources`, against the files it was made of too.
///
/// `progress` is told now and then how far the reading of these is.
///
/// # Errors
///
/// What [`Index::verify`] says; damage that is found is no error.
pub fn check(dir: &Path, sources: bool, progress: &mut dyn FnMut(Progress)) -> Result<CheckReport> {
    let mut report = CheckReport {
        files: Index::verify(dir)?,
        ..CheckReport::default()
    };
    if !report.files.damaged.is_empty() {
        return Ok(report); // whatever else is wrong follows from that
    }
    let index = Index::open(dir)?;
    report.finished = index.manifest()?.is_some_and(|manifest| manifest.finished);
    let checking = Checking {
        snapshot: index.snapshot()?,
    };
    let known = guarded(dir, || known_files(&checking.snapshot.searcher))?;
    guarded(dir, || checking.content(&known, &mut report))?;
    if sources {
        let read = checking.sources(dir, &index.roots()?, &known, progress)?;
        report.sources = Some(read);
    }
    Ok(report)
}

/// An index that is being checked.
struct Checking {
    snapshot: Snapshot,
}

impl Checking {
    /// Compares what the index says of files, articles and passages.
    fn content(&self, known: &KnownFiles, report: &mut CheckReport) -> tantivy::Result<()> {
        let mut ids: FxHashMap<u64, u32> = FxHashMap::default();
        let mut of_files: BTreeMap<u64, HeldOfFile> = BTreeMap::new();
        let mut problems = Vec::new();
        let (mut n_articles, mut n_passages) = (0, 0);
        // What no text is written with is read as well, since more may be.
        self.snapshot.dictionaries()?;
        all_articles(&self.snapshot, &mut |_, prepared| {
            let Prepared { article, passages } = &prepared;
            n_articles += 1;
            n_passages += passages.len() as u64;
            *ids.entry(article_key(&article.id)).or_default() += 1;
            let held = of_files.entry(article.origin).or_default();
            held.n_articles += 1;
            held.path.clone_from(&article.path);
            problems.extend(disagreement(&prepared));
        })?;
        let twice = ids.values().filter(|n| **n > 1).count();
        if twice > 0 {
            problems.push(format!("{twice} ids are those of several articles"));
        }
        for (path, file) in known {
            let held = of_files.remove(&file.origin).unwrap_or_default();
            if held.n_articles != file.n_articles {
                problems.push(format!(
                    "{path}: {} articles, and there should be {}",
                    held.n_articles, file.n_articles
                ));
            } else if file.details(&self.snapshot)?.is_none() {
                problems.push(format!("{path}: what is stored of it is lost"));
            } else if held.n_articles > 0 && !file.has_moved && held.path != *path {
                problems.push(format!("{path}: its articles are of {}", held.path));
            }
        }
        for HeldOfFile { path, .. } in of_files.into_values() {
            problems.push(format!("{path}: has articles, and is not among the files"));
        }
        report.articles = n_articles;
        report.passages = n_passages;
        report.problems = problems;
        Ok(())
    }

    /// Reads the files that have not changed once more, and compares.
    fn sources(
        &self,
        dir: &Path,
        roots: &[PathBuf],
        known: &KnownFiles,
        progress: &mut dyn FnMut(Progress),
    ) -> Result<SourceReport> {
        let mut report = SourceReport::default();
        let files = discover(roots, Some(dir)).files;
        let mut there: BTreeMap<String, SourceFile> = files
            .into_iter()
            .map(|file| (path_key(&file.path), file))
            .collect();
        let mut same = Vec::new();
        for (path, file) in known {
            match there.remove(path) {
                Some(_) if file.is_partial() => report.partial += 1,
                Some(found) if found.bytes != file.fingerprint.bytes => report.changed += 1,
                Some(found) => match Fingerprint::of_file(&found.path) {
                    Ok(now) if now.has_content_of(&file.fingerprint) => {
                        same.push(self.as_it_was_read(dir, file, found)?);
                    }
                    Ok(_) => report.changed += 1,
                    Err(_) => report.missing += 1,
                },
                None => report.missing += 1,
            }
        }
        let mut done = Progress {
            n_files: same.len() as u64,
            n_bytes: same.iter().map(|file| file.bytes).sum(),
            ..Progress::default()
        };
        // Whatever was read then is not too large now.
        let limits = Limits {
            max_file_bytes: u64::MAX,
        };
        let items = Items::new(same, limits);
        thread::scope(|scope| {
            let (sender, batches) = sync_channel(1);
            scope.spawn(move || prepare(items, &limits, &sender));
            let mut comparison: Option<Comparison> = None;
            for outcome in batches.into_iter().flatten() {
                let is_same = |comparison: &Comparison| comparison.path == outcome.file.path;
                if !comparison.as_ref().is_some_and(is_same) {
                    report.end(comparison.take());
                    done.files_done += 1;
                    let origin = known[&path_key(&outcome.file.path)].origin;
                    comparison = Some(guarded(dir, || self.comparison(&outcome.file, origin))?);
                }
                done.bytes_done += outcome.n_bytes;
                if let Some(comparison) = &mut comparison {
                    guarded(dir, || self.compare(comparison, outcome))?;
                }
                progress(done);
            }
            report.end(comparison);
            Ok::<(), Error>(())
        })?;
        Ok(report)
    }

    /// The file, to be read again as it was: a limit may have cut off lines.
    fn as_it_was_read(
        &self,
        dir: &Path,
        known: &KnownFile,
        mut file: SourceFile,
    ) -> Result<SourceFile> {
        if known.n_failures > 0 {
            let details = guarded(dir, || known.details(&self.snapshot))?;
            file.max_line_bytes = details.map(|details| details.max_bytes);
        }
        Ok(file)
    }

    /// What is to be found of a file.
    fn comparison(&self, file: &SourceFile, origin: u64) -> tantivy::Result<Comparison> {
        let mut addresses = BTreeMap::new();
        articles_of_file(&self.snapshot, origin, &mut |address, held| {
            if let Some(first) = held.passages.first() {
                addresses.insert(first.place.bytes[0], address);
            }
        })?;
        Ok(Comparison {
            path: file.path.clone(),
            addresses,
            is_wrong: false,
        })
    }

    /// Compares an article that was read with what the index holds of it.
    fn compare(&self, comparison: &mut Comparison, outcome: Outcome) -> tantivy::Result<()> {
        let Some(Ok(read)) = outcome.prepared else {
            return Ok(());
        };
        let place = read.passages.first().map(|passage| passage.place.bytes[0]);
        let address = place.and_then(|place| comparison.addresses.remove(&place));
        let held = match address {
            Some(address) => article_at(&self.snapshot, address)?,
            None => None,
        };
        comparison.is_wrong |= !held.is_some_and(|held| is_same(&held, &read));
        Ok(())
    }
}

/// Whether two readings of an article agree in all but the id, which may have been taken.
fn is_same(held: &Prepared, read: &Prepared) -> bool {
    let passages = held.passages.iter().zip(&read.passages);
    held.article.metadata == read.article.metadata
        && held.passages.len() == read.passages.len()
        && passages.into_iter().all(|(held, read)| {
            (held.ordinal, held.language) == (read.ordinal, read.language)
                && (&held.text, &held.place) == (&read.text, &read.place)
        })
}

/// What an article and its passages say of one another that is not so.
fn disagreement(prepared: &Prepared) -> Option<String> {
    let Prepared { article, passages } = prepared;
    let n_passages = passages.len() as u64;
    if n_passages != article.n_passages {
        let wanted = article.n_passages;
        return Some(format!(
            "{}: {n_passages} passages, and there should be {wanted}",
            article.id
        ));
    }
    let are_in_order = (1..).zip(passages).all(|(ordinal, passage)| {
        passage.ordinal == ordinal && passage.article == article.id && !passage.text.is_empty()
    });
    (!are_in_order).then(|| format!("{}: its passages are not those of the article", article.id))
}

/// What the index holds of a file, by its number.
#[derive(Default)]
struct HeldOfFile {
    n_articles: u64,
    /// Where it was when its articles were indexed.
    path: String,
}

/// A file that is compared with what the index holds of it.
struct Comparison {
    path: PathBuf,
    /// Its articles that were not met yet, by the byte at which their text begins.
    addresses: BTreeMap<u64, DocAddress>,
    is_wrong: bool,
}

impl SourceReport {
    fn end(&mut self, comparison: Option<Comparison>) {
        match comparison {
            Some(of) if of.is_wrong || !of.addresses.is_empty() => self.wrong.push(of.path),
            Some(_) => self.same += 1,
            None => {}
        }
    }
}

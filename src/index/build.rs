//! The index pipeline: discover → compare with what is known → load → split into passages → detect language → analyze →
//! write → commit. Before it, some files here and there are read, to learn how texts like theirs take few bytes (`sample`).
//!
//! One thread reads the files in order and hands batches of articles to all cores; the caller's thread passes what
//! comes back, still in order, to threads that build a segment of it (`segment`). Batches are bounded and so are the
//! channels between, so memory does not grow with the corpus. What is reported, and which of two articles keeps an id
//! that both have, follows the order of the files; that of the documents in a segment does not.
//!
//! What it costs, 10,487 files of 125 MB on two cores, beside raw tantivy with one field of stemmed words that are already
//! split into passages:
//!
//! | | processor time, raw tantivy = 1 | peak memory | on disk, text = 1 |
//! |---|---|---|---|
//! | keys and forms, both with positions, texts by lz4, in one segment (a tenth of the time, for searches that take half as long) | 3.2 | 616 MB | 1.58 |
//! | bytes bound what waits, texts are not copied, plain words are cut without a rule, texts by zstd | 3.0 | 394 MB | 1.35 |
//! | forms without positions, each file summed up | 2.7 | 440 MB | 1.18 |
//! | segments built here (`segment`) | 1.2 | 285 MB | 1.18 |
//! | texts in codes of dictionaries (`codec`), each by itself; no field twice | 1.4 | 380 MB | 0.94 |
//! | what follows | 0.98 | 415 MB | 0.95 |
//!
//! The last of these in steps, as shares of the time before each:
//!
//! | | time |
//! |---|---|
//! | words looked at once, sentence by sentence, for the language of paragraph, passage and article; trigrams beside those of nine languages instead of all | 0.93 |
//! | elided words, and words before quotes and dashes, cut without the rules for rare ones | 0.95 |
//! | what is stored waits in a file, so that memory is for words and there is one run less; buffers of 64 MB for postings instead of 32 | 0.91 |
//! | function words looked up by their bytes as numbers, ends of sentences by `memchr`, stems of words that are met once not remembered | 0.95 |
//! | every other line looked at for the language; trigrams from ten words on | 0.92 |
//! | what is stored written while postings are (a tenth more memory); quotes and dashes not looked up; room for the values of a document from the start | 0.97 |
//! | words that stand as they are written told apart where they stand, by as many bytes whatever their length | 0.98 |
//! | buffers of 128 MB; words of the texts to be stored told by 64 bytes at a time; smaller tables of where postings go | 0.98 to 1.00: not kept |
//!
//! Of its time a quarter reads, splits and recognizes, a third cuts into words and looks them up, a fifth writes postings, and
//! a fifth writes texts and learns how to.
//!
//! An index is brought up to date by difference: only files that are new or have changed are read, and what the index held
//! of them is replaced in the same commit. A long run commits as it goes, between files.

use std::path::{Path, PathBuf};
use std::sync::mpsc::sync_channel;
use std::thread;
use std::time::{Duration, Instant};

use super::difference::{difference, knows_any};
use super::files::{KnownFile, KnownFiles};
use super::prepare::prepare;
use super::watch::Stop;
use super::write::Writing;
use super::{Index, directory};
use crate::corpus::{Discovery, Items, Limits, Skipped, discover};
use crate::error::{Error, Result};
use crate::language::Language;

/// Batches that may wait to be written.
const WAITING_BATCHES: usize = 2;
/// Time between the commits of a long run, unless the caller says otherwise.
pub const DEFAULT_COMMIT_EVERY: Duration = Duration::from_secs(60);

/// How an index is built.
#[derive(Clone)]
pub struct BuildOptions {
    /// Limits on what is read.
    pub limits: Limits,
    /// Start over: forget everything that the index holds, not only what it holds of the paths given, and even if it is
    /// damaged or of another version.
    pub rebuild: bool,
    /// Forget what the index holds of a path that is not there any more, or is empty.
    pub prune: bool,
    /// Time after which what was done so far is committed.
    pub commit_every: Duration,
    /// Ends it before the next commit.
    pub stop: Option<Stop>,
}

impl Default for BuildOptions {
    fn default() -> BuildOptions {
        BuildOptions {
            limits: Limits::default(),
            rebuild: false,
            prune: false,
            commit_every: DEFAULT_COMMIT_EVERY,
            stop: None,
        }
    }
}

/// How far the building is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Progress {
    /// Files there are to read.
    pub n_files: u64,
    /// Bytes there are in them.
    pub n_bytes: u64,
    /// Files of which some or all was read.
    pub files_done: u64,
    /// Bytes that were read.
    pub bytes_done: u64,
    /// Articles that the last commit of this run holds more than before it.
    pub committed: u64,
}

/// What was indexed, and what was not.
#[derive(Debug, Default)]
pub struct BuildReport {
    /// What became of the files.
    pub files: FileCounts,
    /// Articles indexed.
    pub articles: u64,
    /// Passages they were split into.
    pub passages: u64,
    /// Passages of each language.
    pub languages: Vec<(Language, u64)>,
    /// Bytes they were read from.
    pub bytes: u64,
    /// Files of a kind that is not read.
    pub ignored: u64,
    /// Articles without text.
    pub empty: Vec<Skipped>,
    /// What should have been read and could not be, in the order of the corpus.
    pub skipped: Vec<Skipped>,
    /// Articles whose id another one had already.
    pub renamed: Vec<Renamed>,
    /// Why small segments were not merged, if that failed. Nothing is lost, and the next run tries again.
    pub not_merged: Option<Error>,
    /// How long it took.
    pub elapsed: Duration,
}

/// What became of the files of a corpus since it was last indexed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct FileCounts {
    /// Files that were not known.
    pub added: u64,
    /// Files whose content is another.
    pub changed: u64,
    /// Files that were elsewhere, with the same content.
    pub moved: u64,
    /// Files that are gone.
    pub removed: u64,
    /// Files that are the same.
    pub unchanged: u64,
}

impl FileCounts {
    /// Whether the index is as it was.
    pub fn is_nothing_new(&self) -> bool {
        let FileCounts {
            added,
            changed,
            moved,
            removed,
            unchanged: _,
        } = *self;
        added + changed + moved + removed == 0
    }
}

/// An article whose id another one had already, and that was indexed under a new one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Renamed {
    /// The file it is in.
    pub path: PathBuf,
    /// The id it should have had.
    pub wanted: String,
    /// The id it has.
    pub id: String,
}

/// Brings the index in the folder `dir`, which is made where there is none, up to date with the articles at `paths`
/// (folders, files, collections). What it holds of other paths stays.
///
/// `progress` is told now and then how far it is.
///
/// # Errors
///
/// [`Error::PathNotFound`]; [`Error::RootGone`]; [`Error::NothingToIndex`] when there is no article at all; what
/// [`Index::open_or_create`] says; [`Error::IndexLocked`]; [`Error::IndexWrite`]; [`Error::Stopped`]. After an error the index holds what the last
/// commit held, unless it could not be read and `rebuild` was asked for.
pub fn build(
    dir: &Path,
    paths: &[PathBuf],
    options: &BuildOptions,
    progress: &mut dyn FnMut(Progress),
) -> Result<BuildReport> {
    let started = Instant::now();
    directory::check_writable(dir)?;
    let discovery = discover(paths, Some(dir));
    if options.rebuild || !directory::is_index(dir) {
        // Before anything is made, or cleared.
        check_any_found(&discovery, paths, &KnownFiles::new())?;
    }
    let index = Index::open_or_create(dir, options.rebuild)?;
    let updated = update(&index, discovery, paths, options, progress);
    if updated.is_err() {
        // It may have been made for articles that turned out not to be there. Should this fail too, what failed first tells
        // more.
        let _ = index.discard_if_empty();
    }
    let mut report = updated?;
    report.elapsed = started.elapsed();
    Ok(report)
}

/// Brings an index up to date with what was found at `paths`.
fn update(
    index: &Index,
    discovery: Discovery,
    paths: &[PathBuf],
    options: &BuildOptions,
    progress: &mut dyn FnMut(Progress),
) -> Result<BuildReport> {
    let mut writing = Writing::start(index, options)?;
    check_any_found(&discovery, paths, writing.known())?;
    writing.note(&discovery);
    let difference = {
        let has_other_limit = |file: &KnownFile| writing.has_other_limit(file);
        difference(
            writing.known(),
            writing.roots(),
            discovery,
            options.prune,
            has_other_limit,
        )?
    };
    let to_read = writing.begin(difference)?;
    writing.learn(&to_read, &options.limits)?;
    let items = Items::new(to_read, options.limits);
    thread::scope(|scope| {
        let (sender, batches) = sync_channel(WAITING_BATCHES);
        let limits = options.limits;
        scope.spawn(move || prepare(items, &limits, &sender));
        writing.write_all(&batches, progress)
    })?;
    if writing.is_empty() {
        return Err(nothing_to_index(paths, &writing.into_report().skipped));
    }
    writing.commit()
}

/// Checks that each path is there, or known, and that there is anything at all.
fn check_any_found(discovery: &Discovery, paths: &[PathBuf], known: &KnownFiles) -> Result<()> {
    if let Some(path) = discovery
        .missing
        .iter()
        .find(|path| !knows_any(known, path))
    {
        return Err(Error::PathNotFound { path: path.clone() });
    }
    let is_known = || paths.iter().any(|path| knows_any(known, path));
    if discovery.files.is_empty() && !is_known() {
        return Err(nothing_to_index(paths, &discovery.skipped));
    }
    Ok(())
}

fn nothing_to_index(paths: &[PathBuf], skipped: &[Skipped]) -> Error {
    Error::NothingToIndex {
        paths: paths
            .iter()
            .map(|path| path.display().to_string())
            .collect(),
        skipped: skipped.iter().map(ToString::to_string).collect(),
    }
}

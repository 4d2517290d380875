//! The index on disk: created, opened, written, and what is in it.
//!
//! What it holds is in one tantivy index, committed as a whole: a search sees the state before a commit or after it,
//! never between. Beside it there is one marker file with the versions, written once.
//!
//! Start reading at [`Index`]; [`build()`] is the index pipeline.
//!
//! # What is promised
//!
//! | promise | by what | tried by |
//! |---|---|---|
//! | After a crash at any instant the index answers from its last commit, and the next [`build()`] completes it. | Files of a commit are written and synced before the list of segments is renamed into place; what is known of each file is a document in the same commit (`files`). | a process killed at random instants (`tests/integration/crashes`) |
//! | Each file is whole in every commit, even in those a long run makes as it goes: as it was, or as it is. Of a collection that is read for the first time there may be the beginning, and the next [`build()`] goes on from there. | Commits are made between files, or say how far a collection was read, if it has been left alone since (`write`). | the same, with a commit after each file |
//! | A full disk, a folder that may not be written or that vanishes costs no more than the run: the last commit is intact, and the message names the remedy. | Nothing of a commit is overwritten. | limits on file sizes, permissions, folders removed meanwhile |
//! | Damage is never read as another answer. | Each block of each file is compared with its sum when it is first read (`checked`); [`check()`] reads all of them. | bits flipped, files cut short, lost or exchanged, at random (`tests/integration/damage`) |
//! | A second writer is refused at once, and told who writes. A lock that a dead process left is no lock. | The system's file lock, which ends with the process; beside it a note of who holds it (`holder`), which counts only while the lock is held. | two processes |
//! | Readers are not disturbed, and disturb nobody. | A reader keeps the files of its commit open; they are removed from the folder meanwhile. | processes and threads that search while an index is updated |
//! | What cannot be read for now (a folder without permission, a disk that is not there) is not forgotten. | Only what is seen to be gone is removed; a path given that is empty or missing stops the run (`difference`). | folders closed, emptied and renamed |
//! | No input makes it panic, hang or use memory without bounds. | Limits on what is read, stated where they are ([`crate::corpus::Limits`], `prepare`); 64 MB a file or line unless told otherwise. | inputs broken by seed, and large ones that aim at it (`tests/fuzz`) |
//!
//! What is not promised: anything on network file systems whose locks or renames are not atomic; anything after a power
//! failure on disks that say they have written what they have not; that a file changed within its own time stamp, twice in
//! two seconds and to the same size, is seen at once (it is read again as long as its time is that fresh). An older state of
//! the whole folder, put back from a backup, is taken for what it is: an older commit.
//!
//! Where tantivy would break a promise: it sums up whole files and compares only when asked, hence `checked`; it panics on
//! some files that make no sense, hence `guarded`. Where it is slower than it need be: it looks each word up once a field,
//! and merges segments that need not have been several, hence `segment`.

mod addresses;
mod build;
mod check;
mod checked;
mod codec;
mod compact;
mod current;
mod deletion;
mod difference;
mod directory;
mod entry;
mod files;
mod form;
mod holder;
mod ids;
mod lookup;
mod memo;
mod prepare;
mod record;
mod repair;
mod sample;
mod schema;
mod segment;
mod sink;
mod snapshot;
mod stored;
mod strings;
mod verify;
mod vocabulary;
mod watch;
mod write;

use std::cell::Cell;
use std::fs;
use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::thread;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use tantivy::directory::error::{LockError, OpenReadError, OpenWriteError};
use tantivy::directory::{Directory, DirectoryLock, INDEX_WRITER_LOCK};
use tantivy::store::Compressor;
use tantivy::{IndexReader, IndexSettings, IndexWriter, ReloadPolicy, TantivyError, Term};

use self::checked::{CheckedDirectory, Damage, take_damage};
use crate::error::{Error, Result};
use crate::language::{ANALYZER_VERSION, Language};

pub use build::{
    BuildOptions, BuildReport, DEFAULT_COMMIT_EVERY, FileCounts, Progress, Renamed, build,
};
pub use check::{CheckReport, SourceReport, check};
pub use directory::FORMAT_VERSION;
pub(crate) use files::files_in_order;
pub(crate) use form::{form_term, name_words};
pub(crate) use lookup::{
    article_doc, article_of, find_article_with_passages, passage_at, stored_passage_at,
};
pub(crate) use memo::{Memo, known_or};
pub(crate) use record::article_key;
pub use record::{ArticleRecord, PassageRecord, Place, parse_passage_id};
pub use repair::{CANNOT_BE_MENDED, RepairReport, repair};
pub(crate) use schema::Fields;
pub(crate) use snapshot::Snapshot;
pub use verify::{DamagedFile, Verification};
pub(crate) use vocabulary::{Form, LookedUp, Size, Vocabulary};
pub use watch::{Stop, Wakes, Watched, watch};

/// The least memory that tantivy's writer wants, in bytes: it merges and commits, and is given nothing to index.
const WRITER_BYTES: usize = 15 << 20;

/// Bytes of what is stored that are read together: a snippet costs the reading of one such block.
const STORE_BLOCK_BYTES: usize = 4 << 10;

/// An index that is open.
pub struct Index {
    path: PathBuf,
    tantivy: tantivy::Index,
    fields: Fields,
}

/// What a commit says of itself.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Manifest {
    /// Format version.
    pub format: u32,
    /// Analyzer version.
    pub analyzer: u32,
    /// Version of the program that wrote it.
    pub fouine: String,
    /// When it was written: RFC 3339, UTC, whole seconds.
    pub built: String,
    /// The folders and files that were indexed, absolute; none lies in another.
    #[serde(default)]
    pub roots: Vec<String>,
    /// Whether all that was found there had been written by then.
    #[serde(default)]
    pub finished: bool,
    /// How many dictionaries of texts were ever made for it.
    #[serde(default)]
    pub dictionaries: u64,
}

impl Manifest {
    /// That of a commit made now, of nothing.
    fn now() -> Manifest {
        Manifest {
            format: FORMAT_VERSION,
            analyzer: ANALYZER_VERSION,
            fouine: env!("CARGO_PKG_VERSION").to_owned(),
            built: time_now(),
            roots: Vec::new(),
            finished: false,
            dictionaries: 0,
        }
    }
}

/// RFC 3339, UTC, whole seconds.
fn time_now() -> String {
    let now = jiff::Timestamp::now();
    now.round(jiff::Unit::Second).unwrap_or(now).to_string()
}

/// What is in an index.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Status {
    /// Articles.
    pub articles: u64,
    /// Passages.
    pub passages: u64,
    /// Passages of each language.
    pub languages: Vec<(Language, u64)>,
    /// Size on disk, in bytes.
    pub bytes: u64,
    /// What the last commit says of itself.
    pub manifest: Manifest,
}

impl Index {
    /// Opens the index in the folder `path`.
    ///
    /// # Errors
    ///
    /// [`Error::IndexNotFound`], [`Error::NotAnIndex`], [`Error::IndexVersion`], [`Error::IndexIncomplete`],
    /// [`Error::IndexDamaged`] or [`Error::Read`].
    pub fn open(path: &Path) -> Result<Index> {
        directory::check(path)?;
        let meta = path.join(directory::META);
        if let Err(source) = fs::File::open(&meta) {
            return Err(match source.kind() {
                io::ErrorKind::NotFound if directory::has_segments(path)? => {
                    damaged(path, format!("its file {} is missing", directory::META))
                }
                io::ErrorKind::NotFound => Error::IndexIncomplete { path: path.into() },
                _ => Error::Read { path: meta, source },
            });
        }
        let (schema, fields) = schema::build();
        let tantivy = guarded(path, || tantivy::Index::open(CheckedDirectory::open(path)?))?;
        if tantivy.schema() != schema {
            return Err(damaged(path, "its fields are not those of its version"));
        }
        Ok(Index {
            path: path.into(),
            tantivy,
            fields,
        })
    }

    /// Opens the index in the folder `path` for writing, or makes one there.
    ///
    /// With `rebuild`, an index that is damaged or of another version is cleared; one that is whole is left as it is,
    /// to be replaced by the next commit.
    ///
    /// # Errors
    ///
    /// As [`Index::open`] and [`Error::Write`]; without `rebuild` nothing that is there is touched.
    pub fn open_or_create(path: &Path, rebuild: bool) -> Result<Index> {
        directory::check_writable(path)?;
        let opened = Index::open(path).and_then(|index| {
            // What is damaged may show only when its segments are opened.
            index.manifest()?;
            index.snapshot()?;
            Ok(index)
        });
        match opened {
            Err(Error::IndexNotFound { .. } | Error::IndexIncomplete { .. }) => Index::create(path),
            Err(Error::IndexVersion { .. } | Error::IndexDamaged { .. }) if rebuild => {
                Index::recreate(path)
            }
            result => result,
        }
    }

    fn recreate(path: &Path) -> Result<Index> {
        let _lock = lock(path)?;
        directory::clear(path)?;
        Index::create_locked(path)
    }

    /// Removes the index if nothing was ever committed to it: it was made for articles that turned out not to be there.
    fn discard_if_empty(self) -> Result<()> {
        let _lock = lock(&self.path)?;
        if self.manifest()?.is_none() {
            directory::clear(&self.path)?;
        }
        Ok(())
    }

    /// Makes an index where there is none, or none that was ever begun in earnest; or opens the one that another process
    /// has made meanwhile.
    fn create(path: &Path) -> Result<Index> {
        fs::create_dir_all(path).map_err(|source| Error::Write {
            path: path.into(),
            source,
        })?;
        let _lock = lock(path)?;
        match Index::open(path) {
            Err(Error::IndexNotFound { .. } | Error::IndexIncomplete { .. }) => {
                Index::create_locked(path)
            }
            opened => opened,
        }
    }

    /// Makes an index; the caller holds the lock.
    fn create_locked(path: &Path) -> Result<Index> {
        directory::create(path)?;
        let (schema, fields) = schema::build();
        let settings = IndexSettings {
            // Each text is in few bytes by itself.
            docstore_compression: Compressor::None,
            docstore_blocksize: STORE_BLOCK_BYTES,
            ..IndexSettings::default()
        };
        let tantivy = CheckedDirectory::open(path)
            .map_err(TantivyError::from)
            .and_then(|directory| tantivy::Index::create(directory, schema, settings))
            .map_err(|error| write_error(path, &error))?;
        Ok(Index {
            path: path.into(),
            tantivy,
            fields,
        })
    }

    /// The folder it is in.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// What the last commit says of itself; `None` when nothing was committed yet.
    ///
    /// # Errors
    ///
    /// [`Error::IndexDamaged`].
    pub fn manifest(&self) -> Result<Option<Manifest>> {
        let meta = guarded(&self.path, || self.tantivy.load_metas())?;
        let Some(payload) = meta.payload else {
            return Ok(None);
        };
        serde_json::from_str(&payload)
            .map(Some)
            .map_err(|error| damaged(&self.path, error))
    }

    /// The folders and files that were indexed, absolute, as of the last commit.
    ///
    /// # Errors
    ///
    /// [`Error::IndexDamaged`].
    pub fn roots(&self) -> Result<Vec<PathBuf>> {
        let manifest = self.manifest()?;
        let roots = manifest.map_or_else(Vec::new, |manifest| manifest.roots);
        Ok(roots.iter().map(|root| files::path_of_key(root)).collect())
    }

    /// Counts what is in it.
    ///
    /// # Errors
    ///
    /// [`Error::IndexIncomplete`], [`Error::IndexDamaged`] or [`Error::Read`].
    pub fn status(&self) -> Result<Status> {
        let manifest = self.manifest()?.ok_or_else(|| Error::IndexIncomplete {
            path: self.path.clone(),
        })?;
        let searcher = self.snapshot()?.searcher;
        let languages: Vec<(Language, u64)> = guarded(&self.path, || {
            Language::ALL
                .into_iter()
                .map(|language| Ok((language, count_passages(&searcher, &self.fields, language)?)))
                .collect()
        })?;
        let passages = languages.iter().map(|(_, n_passages)| n_passages).sum();
        Ok(Status {
            articles: guarded(&self.path, || count_articles(&searcher, &self.fields))?,
            passages,
            languages,
            bytes: directory::size(&self.path)?,
            manifest,
        })
    }

    pub(crate) fn fields(&self) -> Fields {
        self.fields
    }

    /// The last commit.
    pub(crate) fn snapshot(&self) -> Result<Snapshot> {
        guarded(&self.path, || self.snapshot_unguarded())
    }

    /// The last commit, for who says otherwise what cannot be read.
    fn snapshot_unguarded(&self) -> tantivy::Result<Snapshot> {
        // It does not follow later ones.
        let reader = self.tantivy.reader_builder();
        let reader: IndexReader = reader.reload_policy(ReloadPolicy::Manual).try_into()?;
        Ok(Snapshot::new(reader.searcher(), self.fields))
    }

    fn writer(&self) -> Result<IndexWriter> {
        patiently(|| {
            self.tantivy
                .writer_with_num_threads(1, WRITER_BYTES)
                .map_err(|error| write_error(&self.path, &error))
        })
    }
}

/// Tries again for a moment while the index is locked: a lock that was just released is still held by any process that is
/// being started at that instant (between fork and exec it has the file open too).
fn patiently<T>(mut lock: impl FnMut() -> Result<T>) -> Result<T> {
    const TRIES: u32 = 5;
    const PAUSE: Duration = Duration::from_millis(10);
    for _ in 1..TRIES {
        match lock() {
            Err(Error::IndexLocked { .. }) => thread::sleep(PAUSE),
            result => return result,
        }
    }
    lock()
}

/// Passages of `language` that are not deleted.
pub(crate) fn count_passages(
    searcher: &tantivy::Searcher,
    fields: &Fields,
    language: Language,
) -> tantivy::Result<u64> {
    count(
        searcher,
        &Term::from_field_text(fields.language, language.code()),
    )
}

/// Articles that are not deleted.
fn count_articles(searcher: &tantivy::Searcher, fields: &Fields) -> tantivy::Result<u64> {
    let of_language = |language: Language| {
        let term = Term::from_field_text(fields.article_language, language.code());
        count(searcher, &term)
    };
    Language::ALL.into_iter().map(of_language).sum()
}

/// Documents with `term` that are not deleted.
fn count(searcher: &tantivy::Searcher, term: &Term) -> tantivy::Result<u64> {
    let mut n_documents = 0;
    for segment in searcher.segment_readers() {
        let inverted_index = segment.inverted_index(term.field())?;
        n_documents += match segment.alive_bitset() {
            None => u64::from(inverted_index.doc_freq(term)?),
            Some(alive) => inverted_index
                .read_postings(term, tantivy::schema::IndexRecordOption::Basic)?
                .map_or(0, |postings| {
                    u64::from(postings.doc_freq_given_deletes(alive))
                }),
        };
    }
    Ok(n_documents)
}

thread_local! {
    static IS_GUARDED: Cell<bool> = const { Cell::new(false) };
}

/// Tells whether this thread reads an index, and a panic is caught and becomes an [`Error::IndexDamaged`].
pub fn is_guarded() -> bool {
    IS_GUARDED.get()
}

/// Runs `read`, which reads the index in `path`: what fails, or panics inside tantivy on files that make no sense to
/// it, is [`Error::IndexDamaged`]. So is what succeeds although something was found to be damaged: whoever was told may
/// have made nothing of it, and the answer would be another one.
pub(crate) fn guarded<T>(path: &Path, read: impl FnOnce() -> tantivy::Result<T>) -> Result<T> {
    let was_guarded = IS_GUARDED.replace(true);
    if !was_guarded {
        take_damage();
    }
    let result = catch_unwind(AssertUnwindSafe(read));
    IS_GUARDED.set(was_guarded);
    if let Some(damage) = take_damage() {
        return Err(damaged(path, damage));
    }
    match result {
        Ok(Ok(value)) => Ok(value),
        Ok(Err(error)) => Err(match system_error(&error) {
            Some(source) => Error::Read {
                path: path.into(),
                source,
            },
            None => damaged(path, describe(&error)),
        }),
        Err(_) => Err(damaged(path, "its files make no sense")),
    }
}

/// Keeps other writers away from the index in `path` until it is dropped.
fn lock(path: &Path) -> Result<DirectoryLock> {
    let directory = CheckedDirectory::open(path).map_err(|error| damaged(path, error))?;
    patiently(|| {
        let lock = directory.acquire_lock(&INDEX_WRITER_LOCK);
        lock.map_err(|error| lock_error(path, &error))
    })
}

/// What the system refused, where that is the reason: no sign of damage.
fn system_error(error: &TantivyError) -> Option<io::Error> {
    let source = match error {
        TantivyError::IoError(source) => source,
        TantivyError::OpenReadError(OpenReadError::IoError { io_error, .. })
        | TantivyError::OpenWriteError(OpenWriteError::IoError { io_error, .. }) => io_error,
        _ => return None,
    };
    plain(source)
}

/// What the system said, without the names of files that were put around it.
fn plain(error: &io::Error) -> Option<io::Error> {
    error.raw_os_error().map(io::Error::from_raw_os_error)
}

/// The damage to a file that is the reason of an error, as other threads find it: those of a writer.
fn damage(error: &TantivyError) -> Option<&Damage> {
    match error {
        TantivyError::IoError(source) => Damage::of(source),
        TantivyError::OpenReadError(OpenReadError::IoError { io_error, .. }) => {
            Damage::of(io_error)
        }
        _ => None,
    }
}

/// Names the file that is at fault, where tantivy tells.
fn describe(error: &TantivyError) -> String {
    match error {
        TantivyError::OpenReadError(OpenReadError::FileDoesNotExist(file)) => {
            format!("its file {} is missing", name(file))
        }
        TantivyError::OpenReadError(OpenReadError::IoError { filepath, .. }) => {
            format!("its file {} does not make sense", name(filepath))
        }
        TantivyError::DataCorruption(corruption) => {
            // The path is private, and shown between backticks.
            let shown = format!("{corruption:?}");
            let file = shown
                .split('`')
                .nth(1)
                .map(|file| name(Path::new(file.trim_matches('"'))));
            match file {
                Some(file) => format!("its file {file} does not make sense"),
                None => "its data do not make sense".to_owned(),
            }
        }
        TantivyError::SchemaError(_) => "a part of a segment is missing".to_owned(),
        _ => error.to_string(),
    }
}

fn name(file: &Path) -> String {
    let name = file.file_name().unwrap_or(file.as_os_str());
    name.to_string_lossy().into_owned()
}

fn damaged(path: &Path, reason: impl ToString) -> Error {
    Error::IndexDamaged {
        path: path.into(),
        reason: reason.to_string(),
    }
}

fn write_error(path: &Path, error: &TantivyError) -> Error {
    if let Some(damage) = damage(error) {
        return damaged(path, damage);
    }
    match error {
        TantivyError::LockFailure(lock, _) => lock_error(path, lock),
        _ => Error::IndexWrite {
            path: path.into(),
            reason: match system_error(error) {
                Some(source) => source.to_string(),
                None => error.to_string(),
            },
        },
    }
}

fn lock_error(path: &Path, error: &LockError) -> Error {
    match error {
        LockError::LockBusy => Error::IndexLocked {
            path: path.into(),
            holder: holder::holder(path),
        },
        LockError::IoError(source) => Error::IndexWrite {
            path: path.into(),
            reason: plain(source)
                .unwrap_or_else(|| io::Error::other(error.to_string()))
                .to_string(),
        },
    }
}

//! Mends a damaged index without losing what is whole.
//!
//! What is damaged goes with the segment that it is a part of; all others stay. Files of which articles went with it are
//! marked as in doubt, so that the update that follows reads them again, and those of which the index still holds something
//! while they are gone are found by it as well. Only the list of segments itself cannot be mended: without it nothing tells
//! which passages were deleted.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use serde_json::Value;
use tantivy::directory::Directory;

use super::build::{BuildOptions, BuildReport, Progress, build};
use super::check::{CheckReport, check};
use super::checked::CheckedDirectory;
use super::files::{FileDetails, FileRecord, KnownFile, known_files, path_key, path_of_key};
use super::lookup::all_articles;
use super::prepare::Prepared;
use super::sink::Sink;
use super::{Index, Manifest, damaged, directory, guarded, lock};
use crate::corpus::{Fingerprint, Limits};
use crate::error::{Error, Result};

/// Says, in the reason of an [`Error::IndexDamaged`], that only building it anew helps.
pub const CANNOT_BE_MENDED: &str = "cannot be mended";

/// What was done to mend an index.
#[derive(Debug, Default)]
pub struct RepairReport {
    /// Segments that were damaged, and taken out.
    pub dropped: u64,
    /// Files of which articles were lost with them, or of which the index held something else than there is.
    pub doubtful: u64,
    /// What was read again.
    pub update: Option<BuildReport>,
    /// Why what was lost could not be read again; what is whole is there.
    pub not_read: Option<Error>,
}

/// Mends the index in the folder `dir`, of which a check has found `found`; what has to be read again is read within `limits`.
///
/// # Errors
///
/// [`Error::IndexDamaged`] when it cannot be mended, [`Error::IndexLocked`], [`Error::IndexWrite`] and [`Error::Write`].
pub fn repair(
    dir: &Path,
    found: &CheckReport,
    limits: Limits,
    progress: &mut dyn FnMut(Progress),
) -> Result<RepairReport> {
    let mut report = RepairReport::default();
    let damaged_files = &found.files.damaged;
    let is_damaged = |name: &str| damaged_files.iter().any(|file| file.name == name);
    if is_damaged(directory::META) {
        return Err(damaged(
            dir,
            format!(
                "its list of segments ({}) {CANNOT_BE_MENDED}",
                directory::META
            ),
        ));
    }
    let segments: BTreeSet<&str> = damaged_files
        .iter()
        .filter_map(|file| file.segment.as_deref())
        .collect();
    {
        let _lock = lock(dir)?;
        if is_damaged(directory::MARKER) {
            directory::create(dir)?;
        }
        if is_damaged(directory::MANAGED) {
            list_files(dir)?;
        }
        if !segments.is_empty() {
            report.dropped = drop_segments(dir, &segments)?;
        }
    }
    let index = Index::open(dir)?;
    let wrong = found.sources.iter().flat_map(|sources| &sources.wrong);
    let wrong: BTreeSet<String> = wrong.map(|path| path_key(path)).collect();
    report.doubtful = doubt(&index, &wrong)?;
    let roots = index.roots()?;
    drop(index);
    let options = BuildOptions {
        limits,
        ..BuildOptions::default()
    };
    match build(dir, &roots, &options, progress) {
        Ok(update) => report.update = Some(update),
        Err(error @ (Error::RootGone { .. } | Error::PathNotFound { .. })) => {
            report.not_read = Some(error);
        }
        Err(error) => return Err(error),
    }
    let left = check(dir, false, &mut |_| {})?;
    match left.files.damaged.first() {
        Some(file) => Err(damaged(
            dir,
            format!("its file {} is still damaged", file.name),
        )),
        None => Ok(report),
    }
}

/// Writes the list of files that tantivy may delete once nothing refers to them.
fn list_files(dir: &Path) -> Result<()> {
    let mut files: Vec<PathBuf> = directory::segment_files(dir)?
        .into_iter()
        .map(PathBuf::from)
        .collect();
    files.push(PathBuf::from(directory::META));
    let list = serde_json::to_vec(&files).expect("names of files are always JSON");
    write_checked(dir, directory::MANAGED, &list)
}

/// Takes segments out of the list; returns how many were in it.
fn drop_segments(dir: &Path, dropped: &BTreeSet<&str>) -> Result<u64> {
    let files = CheckedDirectory::open(dir).map_err(|error| damaged(dir, error))?;
    let list = files
        .atomic_read(Path::new(directory::META))
        .map_err(|error| damaged(dir, error))?;
    let mut meta: Value = serde_json::from_slice(&list).map_err(|error| damaged(dir, error))?;
    let Some(segments) = meta.get_mut("segments").and_then(Value::as_array_mut) else {
        return Err(damaged(dir, "its list of segments makes no sense"));
    };
    let n_before = segments.len();
    segments.retain(|segment| {
        let id = segment.get("segment_id").and_then(Value::as_str);
        !id.is_some_and(|id| dropped.contains(id.replace('-', "").as_str()))
    });
    let n_dropped = n_before - segments.len();
    // Until what was lost is read again, the index is not all there.
    let payload = meta.get("payload").and_then(Value::as_str);
    let manifest = payload.and_then(|payload| serde_json::from_str::<Manifest>(payload).ok());
    if let Some(manifest) = manifest {
        let unfinished = Manifest {
            finished: false,
            ..manifest
        };
        let payload =
            serde_json::to_string(&unfinished).expect("strings and numbers are always JSON");
        meta["payload"] = Value::String(payload);
    }
    let list = serde_json::to_vec(&meta).expect("JSON that was read is JSON");
    write_checked(dir, directory::META, &list)?;
    Ok(n_dropped as u64)
}

fn write_checked(dir: &Path, name: &str, content: &[u8]) -> Result<()> {
    let write = || -> std::io::Result<()> {
        let files = CheckedDirectory::open(dir).map_err(std::io::Error::other)?;
        files.atomic_write(Path::new(name), content)
    };
    write().map_err(|source| Error::Write {
        path: dir.join(name),
        source,
    })
}

/// A file of which the index may not hold what it should.
struct Doubtful<'k> {
    /// What the index knows of it.
    known: Option<&'k KnownFile>,
    origin: u64,
    /// Articles that it holds of it.
    n_articles: u64,
}

/// Marks the files of which the index does not hold as many articles as it should, and those at `wrong`, as in doubt: the
/// next update reads them again, or finds that they are gone. Returns how many there are.
fn doubt(index: &Index, wrong: &BTreeSet<String>) -> Result<u64> {
    let snapshot = index.snapshot()?;
    let known = guarded(&index.path, || known_files(&snapshot.searcher))?;
    // By the numbers of files, and where these were.
    let mut held: BTreeMap<u64, (u64, String)> = BTreeMap::new();
    guarded(&index.path, || {
        all_articles(&snapshot, &mut |_, prepared| {
            let Prepared { article, passages } = prepared;
            let held = held.entry(article.origin).or_insert((0, article.path));
            // What was written in a dictionary that is lost is lost as well.
            held.0 += u64::from(passages.len() as u64 == article.n_passages);
        })
    })?;
    let mut doubtful: BTreeMap<&str, Doubtful> = BTreeMap::new();
    for (path, file) in &known {
        let n_articles = held.remove(&file.origin).unwrap_or_default().0;
        let details = guarded(&index.path, || file.details(&snapshot))?;
        if n_articles != file.n_articles || details.is_none() || wrong.contains(path) {
            let doubt = Doubtful {
                known: Some(file),
                origin: file.origin,
                n_articles,
            };
            doubtful.insert(path, doubt);
        }
    }
    // Files of which only articles are left. Where another is by now, nothing says where they went: they go, and are read
    // again where they are.
    let mut lost = Vec::new();
    for (origin, (n_articles, path)) in held.iter().rev() {
        let doubt = Doubtful {
            known: None,
            origin: *origin,
            n_articles: *n_articles,
        };
        match known.contains_key(path) || doubtful.contains_key(path.as_str()) {
            true => lost.push(*origin),
            false => drop(doubtful.insert(path, doubt)),
        }
    }
    if doubtful.is_empty() && lost.is_empty() {
        return Ok(0);
    }
    let manifest = index.manifest()?.unwrap_or_else(Manifest::now);
    let mut sink = Sink::open(index, false)?;
    for origin in &lost {
        sink.forget_articles(*origin);
    }
    for (path, file) in &doubtful {
        sink.forget_file(path);
        let details = match file.known {
            Some(file) => guarded(&index.path, || file.details(&snapshot))?,
            None => None,
        };
        let record = FileRecord {
            path: (*path).to_owned(),
            origin: file.origin,
            has_moved: file.known.is_some_and(|file| file.has_moved),
            // No file is like this one.
            fingerprint: Fingerprint {
                bytes: u64::MAX,
                stamp: 0,
                hash: 0,
            },
            n_articles: file.n_articles,
            n_failures: 0,
            details: details.unwrap_or_else(FileDetails::lost),
        };
        let root = file.known.map_or("", |file| &*file.root);
        sink.write_file(&record, &path_of_key(root))?;
    }
    sink.commit(&manifest)?;
    sink.close();
    Ok((doubtful.len() + lost.len()) as u64)
}

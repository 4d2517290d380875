//! The folder of an index: whose it is, and whether this version can read it.
//!
//! A marker file is the first thing written and names the versions, so that a folder can be judged without reading
//! anything that another version may have written differently. Nothing that fouine did not write is ever deleted:
//! [`clear`] removes files by the names that only an index has, and is not called where there are others.

use std::collections::BTreeSet;
use std::fmt::Display;
use std::fs;
use std::io;
use std::path::Path;

use serde::{Deserialize, Serialize};

use super::checked::replace;
use super::holder::NOTE;
use crate::error::{Error, Result};
use crate::language::ANALYZER_VERSION;

/// Raised whenever the schema or what is stored changes: an index of another version must be rebuilt.
pub const FORMAT_VERSION: u32 = 8;

/// Name of the marker file.
pub(super) const MARKER: &str = "fouine.json";

/// Name of the file in which tantivy lists the segments of a commit.
pub(super) const META: &str = "meta.json";

/// Name of the file in which tantivy lists the files it has made.
pub(super) const MANAGED: &str = ".managed.json";

/// What the marker says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Marker {
    pub(super) format: u32,
    pub(super) analyzer: u32,
}

impl Marker {
    /// What this version writes, and reads.
    const CURRENT: Marker = Marker {
        format: FORMAT_VERSION,
        analyzer: ANALYZER_VERSION,
    };

    /// What is written.
    fn json(self) -> String {
        serde_json::to_string(&self).expect("numbers are always JSON") + "\n"
    }
}

/// Length of the marker of this version.
pub(super) fn marker_bytes() -> u64 {
    Marker::CURRENT.json().len() as u64
}

/// Checks that `path` is the folder of an index that this version reads.
///
/// # Errors
///
/// [`Error::IndexNotFound`], [`Error::NotAnIndex`], [`Error::IndexVersion`], [`Error::IndexDamaged`] (a marker that
/// makes no sense) or [`Error::Read`].
pub(super) fn check(path: &Path) -> Result<()> {
    match read_marker(path)? {
        Some(Marker::CURRENT) => Ok(()),
        Some(found) => Err(Error::IndexVersion {
            path: path.to_owned(),
            found_format: found.format,
            found_analyzer: found.analyzer,
            format: FORMAT_VERSION,
            analyzer: ANALYZER_VERSION,
        }),
        None => match entries(path, |name| !name.starts_with('.') && name != MARKER)? {
            // Another process may have begun an index meanwhile; the marker is what it writes first, and removes last.
            Some(_) if is_index(path) => check(path),
            Some(found) => Err(Error::NotAnIndex {
                path: path.to_owned(),
                found,
            }),
            None => Err(Error::IndexNotFound {
                path: path.to_owned(),
            }),
        },
    }
}

/// Checks that nothing in `path` would be in the way of an index: it holds one, or nothing but dotfiles, or is not there.
///
/// # Errors
///
/// [`Error::NotAnIndex`] or [`Error::Read`].
pub(super) fn check_writable(path: &Path) -> Result<()> {
    // Without the marker even what looks like ours is somebody else's: tantivy's own list of files above all, which it
    // would believe, and delete by.
    let is_there = |name: &str| (!name.starts_with('.') || name == MANAGED) && name != MARKER;
    let found = match entries(path, is_there)? {
        // Only now: another process may have begun an index meanwhile.
        Some(_) if is_index(path) => {
            entries(path, |name| !name.starts_with('.') && !is_ours(name))?
        }
        found => found,
    };
    match found {
        None => Ok(()),
        Some(found) => Err(Error::NotAnIndex {
            path: path.to_owned(),
            found,
        }),
    }
}

/// Makes the folder, which is there, an index of this version, still without content.
pub(super) fn create(path: &Path) -> Result<()> {
    let marker = path.join(MARKER);
    let written = replace(&marker, Marker::CURRENT.json().as_bytes());
    written.map_err(|source| Error::Write {
        path: marker,
        source,
    })
}

/// Tells whether there is an index in `path`, of whatever version, whole or not.
pub(super) fn is_index(path: &Path) -> bool {
    path.join(MARKER).exists()
}

/// Removes the files of an index, whatever its version, and nothing else. The caller has made sure that the folder is
/// an index, and holds its lock.
pub(super) fn clear(path: &Path) -> Result<()> {
    let mut ours = names(path)?;
    ours.retain(|name| is_ours(name) || [MANAGED, NOTE].contains(&name.as_str()));
    // The marker comes last: whatever is left when this is interrupted can be cleared again.
    ours.sort_by_key(|name| (name == MARKER, name == META));
    for name in ours {
        let file = path.join(&name);
        fs::remove_file(&file).map_err(|source| Error::Write { path: file, source })?;
    }
    Ok(())
}

/// Tells whether there are segments in the folder.
pub(super) fn has_segments(path: &Path) -> Result<bool> {
    Ok(!segment_files(path)?.is_empty())
}

/// The parts of segments that there are in the folder, of whatever commit.
pub(super) fn segment_files(path: &Path) -> Result<BTreeSet<String>> {
    let names = names(path)?.into_iter();
    Ok(names.filter(|name| segment(name).is_some()).collect())
}

/// Size of the index on disk, in bytes.
pub(super) fn size(path: &Path) -> Result<u64> {
    let mut total = 0;
    for name in names(path)? {
        // A file may vanish meanwhile: another process commits.
        if is_ours(&name)
            && let Ok(metadata) = fs::metadata(path.join(&name))
        {
            total += metadata.len();
        }
    }
    Ok(total)
}

fn read_marker(path: &Path) -> Result<Option<Marker>> {
    let file = path.join(MARKER);
    let json = match fs::read(&file) {
        Ok(json) => json,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(source) => return Err(Error::Read { path: file, source }),
    };
    let damaged = |reason: &dyn Display| Error::IndexDamaged {
        path: path.to_owned(),
        reason: format!("its file {MARKER} is damaged: {reason}"),
    };
    let marker: Marker = serde_json::from_slice(&json).map_err(|error| damaged(&error))?;
    // What another version writes is its own affair.
    if marker == Marker::CURRENT && json != marker.json().as_bytes() {
        return Err(damaged(&"it is not what was written"));
    }
    Ok(Some(marker))
}

/// Names some of the entries that are wanted; `None` when there are none, or no such folder.
fn entries(path: &Path, is_wanted: impl Fn(&str) -> bool) -> Result<Option<String>> {
    const NAMED: usize = 3;
    let mut found = match names(path) {
        Err(Error::Read { source, .. }) if source.kind() == io::ErrorKind::NotFound => {
            return Ok(None);
        }
        names => names?,
    };
    found.retain(|name| is_wanted(name));
    if found.is_empty() {
        return Ok(None);
    }
    found.sort();
    let n_others = found.len().saturating_sub(NAMED);
    found.truncate(NAMED);
    let mut list = found.join(", ");
    if n_others > 0 {
        list.push_str(&format!(" and {n_others} more"));
    }
    Ok(Some(list))
}

fn names(path: &Path) -> Result<Vec<String>> {
    let read = |source| Error::Read {
        path: path.to_owned(),
        source,
    };
    let mut names = Vec::new();
    for entry in fs::read_dir(path).map_err(read)? {
        names.push(
            entry
                .map_err(read)?
                .file_name()
                .to_string_lossy()
                .into_owned(),
        );
    }
    Ok(names)
}

/// Tells whether only an index has a file of this name: the marker, tantivy's list of segments, or a part of a segment.
fn is_ours(name: &str) -> bool {
    name == MARKER || name == META || segment(name).is_some()
}

/// The segment that a file is a part of, if it is one by its name: 32 hexadecimal digits, perhaps a number, an extension.
pub(super) fn segment(name: &str) -> Option<&str> {
    let (segment, extension) = name.split_once('.')?;
    let is_one = segment.len() == 32
        && segment.bytes().all(|byte| byte.is_ascii_hexdigit())
        && extension
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || byte == b'.');
    is_one.then_some(segment)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_empty_folder_or_none_may_become_an_index() {
        let folder = tempfile::tempdir().unwrap();
        check_writable(folder.path()).unwrap();
        check_writable(&folder.path().join("missing")).unwrap();
        fs::write(folder.path().join(".gitignore"), "*").unwrap();
        check_writable(folder.path()).unwrap();
        assert!(matches!(
            check(folder.path()),
            Err(Error::IndexNotFound { .. })
        ));
    }

    #[test]
    fn a_folder_with_anything_else_is_refused_by_name() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("notes.txt"), "mine").unwrap();
        let refused = check_writable(folder.path()).unwrap_err();
        assert!(refused.to_string().contains("notes.txt"), "{refused}");
        assert!(matches!(
            check(folder.path()),
            Err(Error::NotAnIndex { .. })
        ));
    }

    #[test]
    fn another_file_beside_an_index_is_refused_too_and_survives() {
        let folder = tempfile::tempdir().unwrap();
        create(folder.path()).unwrap();
        check_writable(folder.path()).unwrap();
        fs::write(folder.path().join("notes.txt"), "mine").unwrap();
        assert!(check_writable(folder.path()).is_err());
        clear(folder.path()).unwrap();
        assert!(folder.path().join("notes.txt").exists());
        assert!(!folder.path().join(MARKER).exists());
    }

    #[test]
    fn another_version_is_named() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join(MARKER), r#"{"format":99,"analyzer":1}"#).unwrap();
        let error = check(folder.path()).unwrap_err();
        assert!(error.to_string().contains("format 99"), "{error}");
    }

    #[test]
    fn only_names_of_segments_are_ours() {
        assert!(is_ours("0123456789abcdef0123456789abcdef.idx"));
        assert!(is_ours("0123456789abcdef0123456789abcdef.12.del"));
        assert!(!is_ours("0123456789abcdef0123456789abcde.idx"));
        assert!(!is_ours("article.txt"));
    }
}

//! Reads all of an index, to say which of its files are damaged.

use std::collections::BTreeSet;
use std::io;
use std::path::Path;

use tantivy::HasLen;
use tantivy::directory::error::OpenReadError;
use tantivy::directory::{Directory, META_LOCK};
use tantivy::index::SegmentComponent;

use super::checked::{CheckedDirectory, CheckedFile, Damage};
use super::{Index, damaged, directory, guarded};
use crate::error::{Error, Result};

/// What a file holds, if it is what was written.
type Whole<T> = std::result::Result<T, Damage>;

/// What [`Index::verify`] has read, and found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Verification {
    /// Files that there should be.
    pub n_files: u64,
    /// Bytes in those that are whole.
    pub n_bytes: u64,
    /// Those that are damaged or missing, by name.
    pub damaged: Vec<DamagedFile>,
}

/// A file of an index that is damaged or missing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DamagedFile {
    /// Its name.
    pub name: String,
    /// The segment that it is a part of, where it is a part of one.
    pub segment: Option<String>,
    /// What is wrong with it.
    pub reason: String,
}

impl Index {
    /// Reads every file of the last commit of the index in the folder `path`, and compares it with its sums.
    ///
    /// Where the list of segments is damaged, the segments are those there are in the folder.
    ///
    /// # Errors
    ///
    /// [`Error::IndexNotFound`], [`Error::NotAnIndex`], [`Error::IndexVersion`], [`Error::IndexIncomplete`] or
    /// [`Error::Read`]; [`Error::IndexDamaged`] where every file is what was written, and yet it cannot be opened.
    pub fn verify(path: &Path) -> Result<Verification> {
        let mut verification = Verification::default();
        verification.add(directory::MARKER, marker(path)?);
        if !path.join(directory::META).exists() && !directory::has_segments(path)? {
            return Err(Error::IndexIncomplete { path: path.into() });
        }
        let checked = CheckedDirectory::open(path).map_err(|error| damaged(path, error))?;
        let files = open_all(path, &checked, &mut verification)?;
        for (name, file) in files {
            let whole = file.and_then(|file| file.check().map(|()| file.len() as u64));
            verification.add(&name, whole);
        }
        verification.damaged.sort_by(|a, b| a.name.cmp(&b.name));
        if verification.damaged.is_empty() {
            let index = Index::open(path)?;
            index.manifest()?;
            index.snapshot()?;
        }
        Ok(verification)
    }
}

impl Verification {
    /// Counts a file that is whole, of so many bytes, or damaged.
    fn add(&mut self, name: &str, file: Whole<u64>) {
        self.n_files += 1;
        match file {
            Ok(n_bytes) => self.n_bytes += n_bytes,
            Err(damage) => self.damaged.push(DamagedFile {
                name: name.to_owned(),
                segment: directory::segment(name).map(str::to_owned),
                reason: damage.reason,
            }),
        }
    }
}

/// Length of the marker.
fn marker(path: &Path) -> Result<Whole<u64>> {
    match directory::check(path) {
        Ok(()) => Ok(Ok(directory::marker_bytes())),
        Err(Error::IndexDamaged { reason, .. }) => Ok(Err(Damage::new(directory::MARKER, reason))),
        Err(error) => Err(error),
    }
}

/// Reads the lists of files and opens these. Another process may remove files of an older commit before they are open;
/// once they are, no matter.
fn open_all(
    path: &Path,
    checked: &CheckedDirectory,
    verification: &mut Verification,
) -> Result<Vec<(String, Whole<CheckedFile>)>> {
    let lock = checked.acquire_lock(&META_LOCK);
    let _lock = lock.map_err(|error| super::lock_error(path, &error))?;
    let mut are_known = true;
    for name in [directory::MANAGED, directory::META] {
        let list = outcome(path, name, checked.atomic_read(Path::new(name)))?;
        are_known &= list.is_ok();
        verification.add(name, list.map(|json| json.len() as u64));
    }
    let names = match are_known {
        true => committed(path, checked)?,
        false => directory::segment_files(path)?,
    };
    let files = names.into_iter().map(|name| {
        let opened = outcome(path, &name, checked.open_file(Path::new(&name)))?;
        Ok((name, opened))
    });
    files.collect()
}

/// The files of the segments of the last commit.
fn committed(path: &Path, checked: &CheckedDirectory) -> Result<BTreeSet<String>> {
    let meta = guarded(path, || tantivy::Index::open(checked.clone())?.load_metas())?;
    let mut files = meta.list_segment_files();
    // Those are listed that a segment may have.
    for segment in &meta.segments {
        files.remove(&segment.relative_path(SegmentComponent::TempStore));
        if !segment.has_deletes() {
            files.remove(&segment.relative_path(SegmentComponent::Delete));
        }
    }
    let files = files.into_iter();
    Ok(files
        .map(|file| file.to_string_lossy().into_owned())
        .collect())
}

/// Tells damage, which the verification reports, from what the system refused, which ends it.
fn outcome<T>(
    path: &Path,
    name: &str,
    read: std::result::Result<T, OpenReadError>,
) -> Result<Whole<T>> {
    match read {
        Ok(read) => Ok(Ok(read)),
        Err(OpenReadError::FileDoesNotExist(_)) => Ok(Err(Damage::new(name, "it is missing"))),
        Err(OpenReadError::IoError { io_error, .. }) => match io_error.raw_os_error() {
            Some(code) => Err(Error::Read {
                path: path.join(name),
                source: io::Error::from_raw_os_error(code),
            }),
            None => Ok(Err(Damage::of(&io_error)
                .cloned()
                .unwrap_or_else(|| Damage::new(name, io_error)))),
        },
        Err(error) => Ok(Err(Damage::new(name, error))),
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use tantivy::Term;
    use tantivy::indexer::NoMergePolicy;

    use super::*;
    use crate::index::{BuildOptions, build};

    #[test]
    fn damage_to_the_list_of_deleted_passages_is_found_and_counts_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("index");
        let articles = ["a.txt", "b.txt"].map(|name| folder.path().join(name));
        for article in &articles {
            fs::write(article, "Le maire de la ville parle au conseil.\n").unwrap();
        }
        build(&path, &articles, &BuildOptions::default(), &mut |_| {}).unwrap();
        let index = Index::open(&path).unwrap();
        let payload = index.tantivy.load_metas().unwrap().payload.unwrap();
        let mut writer = index.writer().unwrap();
        writer.set_merge_policy(Box::new(NoMergePolicy));
        writer.delete_term(Term::from_field_u64(index.fields().origin, 1));
        let mut commit = writer.prepare_commit().unwrap();
        commit.set_payload(&payload);
        commit.commit().unwrap();
        drop(writer);
        assert_eq!(index.status().unwrap().articles, 1);
        let verification = Index::verify(&path).unwrap();
        assert_eq!(verification.damaged, []);
        assert_eq!(verification.n_files, 3 + 7);

        let names = directory::segment_files(&path).unwrap();
        let name = names.iter().find(|name| name.ends_with(".del")).unwrap();
        let whole = fs::read(path.join(name)).unwrap();
        for byte in 0..whole.len() {
            let mut bytes = whole.clone();
            bytes[byte] ^= 1 << (byte % 8);
            fs::write(path.join(name), bytes).unwrap();
            let damaged = Index::verify(&path).unwrap().damaged;
            assert_eq!(damaged.len(), 1, "byte {byte}");
            assert_eq!(&damaged[0].name, name);
            assert_eq!(damaged[0].segment.as_deref(), name.split('.').next());
            let status = Index::open(&path).and_then(|index| index.status());
            let error = status.unwrap_err().to_string();
            assert!(
                error.contains(&format!("its file {name} is damaged")),
                "{error}"
            );
        }
        fs::remove_file(path.join(name)).unwrap();
        let damaged = Index::verify(&path).unwrap().damaged;
        assert_eq!(damaged[0].reason, "it is missing");
    }
}

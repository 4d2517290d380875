//! Lists the files of a corpus: which there are, in an order that is the same everywhere.
//!
//! Folders are walked without regard to ignore files; hidden entries are left out, symbolic
//! links followed, and whatever is reached twice is taken once. No file is opened.

use std::collections::{HashMap, HashSet};
use std::ffi::OsStr;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use ignore::{DirEntry, WalkBuilder};
use rustc_hash::FxHashSet;
use serde::{Deserialize, Serialize};
use xxhash_rust::xxh3::xxh3_128;

use super::extract::{self, Kind};
use super::fingerprint;
use super::skipped::{SkipReason, Skipped};

/// A number for a path or a name; that two have one is less likely than that a disk reads a wrong bit.
fn digest(name: &OsStr) -> u128 {
    xxh3_128(name.as_encoded_bytes())
}

/// What was found under the paths given.
#[derive(Debug, Default)]
pub struct Discovery {
    /// The files that will be read: those of the first path first, each folder sorted by path.
    pub files: Vec<SourceFile>,
    /// How many other files there are, of kinds that are not read.
    pub ignored: u64,
    /// What should have been read and cannot be.
    pub skipped: Vec<Skipped>,
    /// The paths given that are there, links resolved.
    pub roots: Vec<Root>,
    /// The paths given that are not there, as they were given.
    pub missing: Vec<PathBuf>,
    /// The paths given that are links to folders, absolute: nothing lies under them by that name.
    pub links: Vec<PathBuf>,
}

/// A path given: a folder, or a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Root {
    /// Absolute, links resolved; but a file by the name it was given by, which decides its format.
    pub path: PathBuf,
    /// Files found there that will be read.
    pub n_files: usize,
}

/// A file to be read: one article, or a collection of them.
#[derive(Debug, Clone)]
pub struct SourceFile {
    /// The file, absolute, symbolic links resolved.
    pub path: PathBuf,
    /// What people call it, unique in a run: the folder given on the command line and the path
    /// below it, with `/` between; for a file given by itself, its file name.
    pub name: String,
    /// The path given under which it was found, absolute; it need not lie under it, if a link leads to it. Shared: there may be
    /// a million files.
    pub root: Arc<Path>,
    /// Its size when it was found.
    pub bytes: u64,
    /// Stands for the times at which it had last been changed; 0 when they are not known.
    pub stamp: u64,
    /// What is passed over of a collection, because it was read before.
    pub(crate) read: ReadSoFar,
    /// The size of a line of a collection that is too much, if that is not the same for all files.
    pub(crate) max_line_bytes: Option<u64>,
    pub(crate) kind: Kind,
}

/// The beginning of a collection that was read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct ReadSoFar {
    pub(crate) lines: u64,
    /// Bytes of those lines that were read as articles.
    pub(crate) bytes: u64,
}

impl SourceFile {
    /// Whether the file is one article; otherwise it is a collection.
    pub(crate) fn is_article(&self) -> bool {
        matches!(self.kind, Kind::Article(_))
    }
}

/// Finds the files under the given paths, which are folders or files; the folder `left_out`, that of the index, is not
/// entered. What is not there and what cannot be read is reported with the rest.
pub fn discover(paths: &[PathBuf], left_out: Option<&Path>) -> Discovery {
    let mut walk = Walk::default();
    if let Some(Ok(left_out)) = left_out.map(fs::canonicalize) {
        enter(&walk.seen_folders, &left_out);
    }
    for path in paths {
        if fs::symlink_metadata(path).is_err_and(|error| error.kind() == io::ErrorKind::NotFound) {
            walk.discovery.missing.push(path.clone());
            continue;
        }
        let n_files_before = walk.discovery.files.len();
        match fs::canonicalize(path).and_then(|root| Ok((fs::metadata(&root)?, root))) {
            Ok((metadata, root)) => {
                let root = if metadata.is_dir() {
                    walk.folder(path, &root);
                    walk.discovery
                        .links
                        .extend(Some(entry_path(path)).filter(|given| *given != root));
                    root
                } else {
                    walk.file_argument(path, &root, &metadata);
                    entry_path(path)
                };
                let n_files = walk.discovery.files.len() - n_files_before;
                walk.discovery.roots.push(Root {
                    path: root,
                    n_files,
                });
            }
            Err(error) => walk.skip(path, SkipReason::Unreadable(error)),
        }
    }
    walk.discovery
}

/// Where `path` is, whether there is something or not: absolute, links resolved but for the last.
pub(crate) fn entry_path(path: &Path) -> PathBuf {
    let parent = path
        .parent()
        .filter(|parent| !parent.as_os_str().is_empty());
    let parent = parent.unwrap_or(Path::new("."));
    match (parent.canonicalize(), path.file_name()) {
        (Ok(parent), Some(name)) => parent.join(name),
        _ => std::path::absolute(path).unwrap_or_else(|_| path.to_owned()),
    }
}

/// A discovery under way.
#[derive(Default)]
struct Walk {
    discovery: Discovery,
    /// What stands for the paths and the names of files that were found: of millions, too much to hold twice.
    seen_files: FxHashSet<u128>,
    /// Shared with the walker, which asks before it enters a folder.
    seen_folders: Arc<Mutex<HashSet<PathBuf>>>,
    seen_names: FxHashSet<u128>,
    /// How many different roots have had a name.
    root_names: HashMap<String, u32>,
}

impl Walk {
    fn skip(&mut self, path: &Path, reason: SkipReason) {
        self.discovery.skipped.push(Skipped {
            path: path.to_owned(),
            line: None,
            reason,
        });
    }

    fn file_argument(&mut self, path: &Path, canonical: &Path, metadata: &fs::Metadata) {
        // The name as given decides the format: a link may lead to a file without extension.
        let reason = match extract::kind_of(path) {
            _ if !metadata.is_file() => SkipReason::NotAFile,
            None => SkipReason::UnknownFormat,
            Some(kind) => {
                if !self.seen_files.contains(&digest(canonical.as_os_str())) {
                    let name = self.root_name(path, canonical);
                    self.add(
                        canonical.to_owned(),
                        &entry_path(path).into(),
                        name,
                        metadata,
                        kind,
                    );
                }
                return;
            }
        };
        self.skip(path, reason);
    }

    fn folder(&mut self, given: &Path, root: &Path) {
        if !enter(&self.seen_folders, root) {
            return;
        }
        let root_name = self.root_name(given, root);
        let seen_folders = Arc::clone(&self.seen_folders);
        // Entering each folder once also ends loops of links, and keeps folders that link to
        // one another from being walked along every path between them.
        let is_new = move |entry: &DirEntry| {
            let is_folder = entry.file_type().is_some_and(|kind| kind.is_dir());
            !is_folder
                || entry.depth() == 0
                || fs::canonicalize(entry.path()).map_or(true, |path| enter(&seen_folders, &path))
        };
        let entries = WalkBuilder::new(root)
            .standard_filters(false)
            .hidden(true)
            .follow_links(true)
            .sort_by_file_path(Path::cmp)
            .filter_entry(is_new)
            .build();
        let mut parents = CanonicalParents::default();
        let shared_root = Arc::from(root);
        for entry in entries {
            match entry {
                Ok(entry) => self.entry(&entry, &shared_root, &root_name, &mut parents),
                Err(error) => self.walk_error(root, &error),
            }
        }
    }

    fn entry(
        &mut self,
        entry: &DirEntry,
        root: &Arc<Path>,
        root_name: &str,
        parents: &mut CanonicalParents,
    ) {
        let path = entry.path();
        let Some(file_type) = entry.file_type().filter(|kind| !kind.is_dir()) else {
            return;
        };
        let kind = extract::kind_of(path).filter(|_| file_type.is_file());
        let Some(kind) = kind else {
            self.discovery.ignored += 1;
            return;
        };
        let found = parents.canonicalize(entry).and_then(|canonical| {
            let metadata = fs::metadata(&canonical)?;
            Ok((canonical, metadata))
        });
        match found {
            Ok((canonical, metadata)) => {
                let below = path.strip_prefix(root).unwrap_or(path);
                let name = format!("{root_name}/{}", slashed(below));
                self.add(canonical, root, name, &metadata, kind);
            }
            Err(error) => self.skip(path, SkipReason::Unreadable(error)),
        }
    }

    fn add(
        &mut self,
        path: PathBuf,
        root: &Arc<Path>,
        name: String,
        metadata: &fs::Metadata,
        kind: Kind,
    ) {
        if self.seen_files.insert(digest(path.as_os_str())) {
            let name = self.unique_name(name);
            // Its own name decides, so that it is read alike whichever link leads to it first.
            let kind = extract::kind_of(&path).unwrap_or(kind);
            self.discovery.files.push(SourceFile {
                path,
                name,
                root: Arc::clone(root),
                bytes: metadata.len(),
                stamp: fingerprint::stamp(metadata),
                read: ReadSoFar::default(),
                max_line_bytes: None,
                kind,
            });
        }
    }

    fn walk_error(&mut self, root: &Path, error: &ignore::Error) {
        let mut path = root.to_owned();
        let mut cause = error;
        loop {
            match cause {
                // Everything in the loop has been walked already.
                ignore::Error::Loop { .. } => return,
                ignore::Error::WithPath { path: at, err } => {
                    path.clone_from(at);
                    cause = err;
                }
                ignore::Error::WithDepth { err, .. }
                | ignore::Error::WithLineNumber { err, .. } => cause = err,
                _ => break,
            }
        }
        let cause = match cause.io_error() {
            Some(error) => system_error(error),
            None => io::Error::other(cause.to_string()),
        };
        let is_broken_link = cause.kind() == io::ErrorKind::NotFound;
        if is_broken_link && extract::kind_of(&path).is_none() {
            self.discovery.ignored += 1;
        } else {
            self.skip(&path, SkipReason::Unreadable(cause));
        }
    }

    /// Names that are not UTF-8 may look alike; the later ones are numbered.
    fn unique_name(&mut self, name: String) -> String {
        let mut unique = name.clone();
        let mut number = 1;
        while !self.seen_names.insert(digest(unique.as_ref())) {
            number += 1;
            unique = format!("{name} ({number})");
        }
        unique
    }

    /// The name of a path given on the command line, numbered if an earlier one had it.
    fn root_name(&mut self, given: &Path, canonical: &Path) -> String {
        // `.` and `..` say nothing; the folder they stand for has a name.
        let name = match given.file_name().or_else(|| canonical.file_name()) {
            Some(name) => name.to_string_lossy().into_owned(),
            None => String::new(),
        };
        let count = self.root_names.entry(name.clone()).or_insert(0);
        *count += 1;
        if *count == 1 {
            name
        } else {
            format!("{name} ({count})")
        }
    }
}

/// What the system said, without the names of paths that were put around it.
fn system_error(error: &(dyn std::error::Error + 'static)) -> io::Error {
    let mut cause = Some(error);
    while let Some(error) = cause {
        let code = error.downcast_ref().and_then(io::Error::raw_os_error);
        if let Some(code) = code {
            return io::Error::from_raw_os_error(code);
        }
        cause = error.source();
    }
    io::Error::other(error.to_string())
}

/// Notes a folder; false when it was noted before.
fn enter(folders: &Mutex<HashSet<PathBuf>>, path: &Path) -> bool {
    // A set is whole after any panic, so poisoning means nothing here.
    let mut folders = folders.lock().unwrap_or_else(PoisonError::into_inner);
    folders.insert(path.to_owned())
}

fn slashed(path: &Path) -> String {
    let parts: Vec<_> = path.iter().map(|part| part.to_string_lossy()).collect();
    parts.join("/")
}

/// Resolves the links in paths, once for each folder: entries come folder by folder, and asking
/// the system for every file would cost more than listing them.
#[derive(Default)]
struct CanonicalParents {
    last: Option<(PathBuf, PathBuf)>,
}

impl CanonicalParents {
    fn canonicalize(&mut self, entry: &DirEntry) -> io::Result<PathBuf> {
        let path = entry.path();
        let (Some(parent), Some(name), false) =
            (path.parent(), path.file_name(), entry.path_is_symlink())
        else {
            return fs::canonicalize(path);
        };
        if let Some((folder, canonical)) = &self.last
            && folder == parent
        {
            return Ok(canonical.join(name));
        }
        let canonical = fs::canonicalize(parent)?;
        let path = canonical.join(name);
        self.last = Some((parent.to_owned(), canonical));
        Ok(path)
    }
}

#[cfg(test)]
mod tests {
    use tempfile::TempDir;

    use super::*;

    fn folder(files: &[&str]) -> TempDir {
        let folder = TempDir::new().unwrap();
        for file in files {
            let path = folder.path().join(file);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, "texte").unwrap();
        }
        folder
    }

    fn names(discovery: &Discovery) -> Vec<&str> {
        discovery
            .files
            .iter()
            .map(|file| file.name.as_str())
            .collect()
    }

    #[test]
    fn files_are_sorted_and_named_after_their_folder() {
        let temp = folder(&[
            "c/b.md",
            "c/a.TXT",
            "c/x/z.html",
            "c/.caché.md",
            "c/.git/a.md",
            "c/i.png",
        ]);
        let found = discover(&[temp.path().join("c")], None);
        assert_eq!(names(&found), ["c/a.TXT", "c/b.md", "c/x/z.html"]);
        assert_eq!(found.ignored, 1);
        assert_eq!(found.files[0].bytes, 5);
        assert!(found.skipped.is_empty());
    }

    #[test]
    fn file_reached_twice_is_taken_once() {
        let temp = folder(&["c/a.md", "c/x/b.md"]);
        let root = temp.path().join("c");
        let again = root.join("x/../x");
        let found = discover(&[root.join("a.md"), root.clone(), again, root], None);
        assert_eq!(names(&found), ["a.md", "c/x/b.md"]);
    }

    #[cfg(unix)]
    #[test]
    fn a_link_of_another_kind_changes_nothing() {
        use std::os::unix::fs::symlink;
        let temp = folder(&["c/b.jsonl", "c/data"]);
        symlink("b.jsonl", temp.path().join("c/0.txt")).unwrap();
        symlink("data", temp.path().join("c/1.txt")).unwrap();
        let found = discover(&[temp.path().join("c")], None);
        assert_eq!(names(&found), ["c/0.txt", "c/1.txt"]);
        let are_articles = found.files.iter().map(SourceFile::is_article);
        assert_eq!(are_articles.collect::<Vec<_>>(), [false, true]);
    }

    #[test]
    fn roots_of_one_name_are_numbered() {
        let temp = folder(&["1/c/a.md", "2/c/a.md"]);
        let found = discover(&[temp.path().join("1/c"), temp.path().join("2/c")], None);
        assert_eq!(names(&found), ["c/a.md", "c (2)/a.md"]);
    }

    #[test]
    fn missing_path_is_named() {
        let temp = folder(&["a.txt"]);
        let missing = temp.path().join("rien");
        let found = discover(&[missing.clone(), temp.path().to_owned()], None);
        assert_eq!(found.missing, [missing]);
        assert_eq!(found.roots.len(), 1);
        assert_eq!(found.roots[0].n_files, 1);
    }

    #[test]
    fn file_of_unknown_kind_is_skipped_when_asked_for() {
        let temp = folder(&["a.png"]);
        let found = discover(&[temp.path().join("a.png")], None);
        assert!(matches!(found.skipped[0].reason, SkipReason::UnknownFormat));
    }

    #[cfg(unix)]
    #[test]
    fn links_are_followed_and_loops_end() {
        use std::os::unix::fs::symlink;
        let temp = folder(&["c/a.md", "d/b.md"]);
        let root = temp.path().join("c");
        symlink(&root, root.join("again")).unwrap();
        symlink(temp.path().join("d"), root.join("d")).unwrap();
        symlink(root.join("a.md"), root.join("z.md")).unwrap();
        symlink(temp.path().join("rien"), root.join("rien.md")).unwrap();
        symlink(temp.path().join("rien"), root.join("rien.png")).unwrap();
        let found = discover(&[root], None);
        assert_eq!(names(&found), ["c/a.md", "c/d/b.md"]);
        assert_eq!(
            found.files[1].path,
            temp.path().canonicalize().unwrap().join("d/b.md")
        );
        let skipped: Vec<String> = found.skipped.iter().map(Skipped::to_string).collect();
        assert!(
            skipped[0].ends_with("rien.md: cannot be read: No such file or directory (os error 2)"),
            "{skipped:?}"
        );
        assert_eq!((skipped.len(), found.ignored), (1, 1));
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn names_need_not_be_utf8() {
        use std::ffi::OsStr;
        use std::os::unix::ffi::OsStrExt;
        let temp = folder(&[]);
        fs::write(temp.path().join(OsStr::from_bytes(b"caf\xE9.md")), "x").unwrap();
        fs::write(temp.path().join(OsStr::from_bytes(b"caf\xE8.md")), "x").unwrap();
        let found = discover(&[temp.path().to_owned()], None);
        assert!(names(&found)[0].ends_with("/caf\u{fffd}.md"));
        assert!(names(&found)[1].ends_with("/caf\u{fffd}.md (2)"));
    }
}

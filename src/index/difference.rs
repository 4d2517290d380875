//! What has changed in a corpus since it was indexed: compares the files that are there with those the index knows.
//!
//! Size and time decide where they can; where they leave a doubt, and where a new file may be one that was moved, the
//! content does. Nothing is written here.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use rayon::prelude::*;

use super::files::{KnownFile, KnownFiles, path_key};
use crate::corpus::{Discovery, Fingerprint, Root, SkipReason, Skipped, SourceFile, entry_path};
use crate::error::{Error, Result};

/// What there is to do.
#[derive(Debug, Default)]
pub(super) struct Difference {
    /// Files that the index does not know.
    pub(super) added: Vec<SourceFile>,
    /// Files whose content is another.
    pub(super) changed: Vec<SourceFile>,
    /// Collections that are the same, and were read in part only.
    pub(super) resumed: Vec<SourceFile>,
    /// Files that were elsewhere: the key of the path they had, what they are now, and where.
    pub(super) moved: Vec<(String, Fingerprint, SourceFile)>,
    /// Keys of the paths of files that are gone.
    pub(super) removed: Vec<String>,
    /// How many files are the same.
    pub(super) n_unchanged: u64,
    /// Keys of the paths of those among them that could not be read as a whole.
    pub(super) unchanged_flawed: Vec<String>,
    /// Those whose time is another, or that were found under a path that is not there any more; and what they are
    /// now.
    pub(super) touched: Vec<(Fingerprint, SourceFile)>,
    /// What cannot be read.
    pub(super) skipped: Vec<Skipped>,
}

impl Difference {
    fn note_unchanged(&mut self, path: String, file: &KnownFile) {
        self.n_unchanged += 1;
        if file.n_failures > 0 || file.n_articles == 0 {
            self.unchanged_flawed.push(path);
        }
    }
}

/// Says what became of the files that the index knows under the paths that were looked at.
///
/// `roots` are those of the index; what was found by a link from one that is given, and lies under another that is not, is
/// for that other to judge. Files of which a limit had cut off lines are read again when it is another.
///
/// # Errors
///
/// [`Error::RootGone`] when a path given is not there, or has no files, and the index knows files of it; with `prune`
/// these are gone like any other.
pub(super) fn difference(
    known: &KnownFiles,
    roots_of_index: &[String],
    discovery: Discovery,
    prune: bool,
    has_other_limit: impl Fn(&KnownFile) -> bool,
) -> Result<Difference> {
    let roots = roots_of(&discovery);
    let there: BTreeSet<String> = discovery
        .files
        .iter()
        .map(|file| path_key(&file.path))
        .collect();
    if !prune {
        check_none_gone(known, &roots, &discovery.files)?;
    }
    let lost_roots: Vec<String> = discovery
        .missing
        .iter()
        .map(|path| path_key(&entry_path(path)))
        .collect();
    let has_lost_root = |known: &KnownFile| lost_roots.iter().any(|root| **root == *known.root);
    let mut difference = Difference::default();
    let mut in_doubt = Vec::new();
    for file in discovery.files {
        let key = path_key(&file.path);
        match known.get(&key) {
            None => difference.added.push(file),
            Some(known)
                if (known.n_failures > 0 || known.is_partial()) && has_other_limit(known) =>
            {
                difference.changed.push(file);
            }
            Some(known)
                if known.is_partial() && known.fingerprint.is_certainly(file.bytes, file.stamp) =>
            {
                difference.resumed.push(file);
            }
            Some(known) if known.fingerprint.is_certainly(file.bytes, file.stamp) => {
                if has_lost_root(known) {
                    difference.touched.push((known.fingerprint, file));
                }
                difference.note_unchanged(key, known);
            }
            Some(known) if known.fingerprint.bytes != file.bytes => difference.changed.push(file),
            Some(_) => in_doubt.push(file),
        }
    }
    for (fingerprint, file) in fingerprints(in_doubt) {
        let key = path_key(&file.path);
        match fingerprint {
            Some(fingerprint) if fingerprint.has_content_of(&known[&key].fingerprint) => {
                let known = &known[&key];
                if fingerprint != known.fingerprint || has_lost_root(known) {
                    difference.touched.push((fingerprint, file));
                }
                difference.note_unchanged(key, known);
            }
            _ => difference.changed.push(file),
        }
    }
    // What lies under something that cannot be read is not seen, which does not mean that it is gone.
    let unseen: Vec<String> = discovery
        .skipped
        .iter()
        .filter_map(|skipped| match &skipped.reason {
            SkipReason::Unreadable(error) => Some(hidden_by(&skipped.path, error)),
            _ => None,
        })
        .flatten()
        .map(|path| path_key(&path))
        .collect();
    let is_under = |path: &str, root: &str| Path::new(path).starts_with(root);
    let given: Vec<String> = roots.iter().map(|root| path_key(&root.path)).collect();
    let others: Vec<&String> = roots_of_index
        .iter()
        .filter(|root| !given.contains(root))
        .collect();
    let mut gone: BTreeMap<&str, &KnownFile> = known_under(known, &roots)
        .filter(|(path, _)| !there.contains(*path))
        .filter(|(path, file)| {
            !unseen.iter().any(|unseen| {
                // The walk does not say which of its links it could not follow, only below which root.
                is_under(path, unseen) || *file.root == **unseen
            })
        })
        .filter(|(path, _)| {
            given.iter().any(|root| is_under(path, root))
                || !others.iter().any(|root| is_under(path, root))
        })
        .collect();
    find_moved(&mut difference, &mut gone);
    difference.removed = gone.into_keys().map(str::to_owned).collect();
    difference.skipped = discovery.skipped;
    Ok(difference)
}

/// Checks of each path given that it still has files, if it ever had any: found there now, or found under another path given
/// before. What only links of it led to is no sign of it where something of its own is lost.
fn check_none_gone(known: &KnownFiles, roots: &[Root], files: &[SourceFile]) -> Result<()> {
    let there: BTreeSet<String> = files.iter().map(|file| path_key(&file.path)).collect();
    for root in roots.iter().filter(|root| root.n_files == 0) {
        if files.iter().any(|file| file.path.starts_with(&root.path)) {
            continue;
        }
        let (lost, found): (Vec<&str>, Vec<&str>) = known_under(known, std::slice::from_ref(root))
            .map(|(path, _)| path)
            .partition(|path| !there.contains(*path));
        let own = path_key(&root.path);
        let has_lost_own = lost.iter().any(|path| Path::new(path).starts_with(&own));
        if has_lost_own || (!lost.is_empty() && found.is_empty()) {
            return Err(Error::RootGone {
                path: root.path.clone(),
                n_files: lost.len(),
            });
        }
    }
    Ok(())
}

/// Where files may lie that are not seen because `path` cannot be read: there, and where it leads if it is a link.
fn hidden_by(path: &Path, error: &io::Error) -> Vec<PathBuf> {
    let mut hidden = vec![entry_path(path)];
    hidden.extend(path.canonicalize());
    // A link to what is not there hides nothing.
    if error.kind() != io::ErrorKind::NotFound
        && let (Ok(to), Some(folder)) = (fs::read_link(path), path.parent())
    {
        hidden.push(entry_path(&folder.join(to)));
    }
    hidden
}

/// Whether the index knows any file that was found under `path`, or lies there.
pub(super) fn knows_any(known: &KnownFiles, path: &Path) -> bool {
    let paths = [Some(entry_path(path)), path.canonicalize().ok()];
    let roots = paths.into_iter().flatten();
    let roots: Vec<Root> = roots.map(|path| Root { path, n_files: 0 }).collect();
    known_under(known, &roots).next().is_some()
}

/// The paths given, those that are not there too.
fn roots_of(discovery: &Discovery) -> Vec<Root> {
    let missing = discovery.missing.iter().map(|path| Root {
        path: entry_path(path),
        n_files: 0,
    });
    // What was known to lie there before it was a link is there no more.
    let links = discovery.links.iter().map(|path| Root {
        path: path.clone(),
        n_files: 1,
    });
    let roots = discovery.roots.iter().cloned();
    roots.chain(missing).chain(links).collect()
}

/// The files known that were found under any of `roots`, or lie there.
fn known_under<'k>(
    known: &'k KnownFiles,
    roots: &[Root],
) -> impl Iterator<Item = (&'k str, &'k KnownFile)> {
    let roots: Vec<String> = roots.iter().map(|root| path_key(&root.path)).collect();
    known
        .iter()
        .filter(move |(path, file)| {
            let mut roots = roots.iter();
            roots.any(|root| {
                Path::new(path).starts_with(root) || Path::new(&*file.root).starts_with(root)
            })
        })
        .map(|(path, file)| (path.as_str(), file))
}

/// Takes the files that were moved from those that are new and those that are gone.
fn find_moved(difference: &mut Difference, gone: &mut BTreeMap<&str, &KnownFile>) {
    let mut by_content: HashMap<(u64, u64), Vec<&str>> = HashMap::new();
    // The last in the order of paths is the first to be taken.
    for (path, file) in gone.iter().rev().filter(|(_, file)| !file.is_partial()) {
        let content = (file.fingerprint.bytes, file.fingerprint.hash);
        by_content.entry(content).or_default().push(path);
    }
    let sizes: BTreeSet<u64> = by_content.keys().map(|(bytes, _)| *bytes).collect();
    let (likely, others) = std::mem::take(&mut difference.added)
        .into_iter()
        .enumerate()
        .partition::<Vec<_>, _>(|(_, file)| sizes.contains(&file.bytes));
    let (places, likely): (Vec<usize>, Vec<SourceFile>) = likely.into_iter().unzip();
    let mut added = others;
    let mut left: Vec<_> = places.into_iter().zip(fingerprints(likely)).collect();
    // Of several with one content, the same name tells which is which, or the same folder.
    for is_likely in [has_name_of, has_folder_of, is_of_kind_of] {
        for (place, (fingerprint, file)) in std::mem::take(&mut left) {
            let from = fingerprint.and_then(|fingerprint| {
                let paths = by_content.get_mut(&(fingerprint.bytes, fingerprint.hash))?;
                let is_likely = |path: &&str| {
                    let path = Path::new(path);
                    is_of_kind_of(path, &file.path) && is_likely(path, &file.path)
                };
                let from = paths.iter().rposition(is_likely)?;
                Some((fingerprint, paths.remove(from)))
            });
            match from {
                Some((fingerprint, from)) => {
                    gone.remove(from);
                    difference.moved.push((from.to_owned(), fingerprint, file));
                }
                None => left.push((place, (fingerprint, file))),
            }
        }
    }
    added.extend(left.into_iter().map(|(place, (_, file))| (place, file)));
    added.sort_by_key(|(place, _)| *place);
    difference.added = added.into_iter().map(|(_, file)| file).collect();
}

fn has_name_of(one: &Path, other: &Path) -> bool {
    one.file_name() == other.file_name()
}

fn has_folder_of(one: &Path, other: &Path) -> bool {
    one.parent() == other.parent()
}

/// Whether both are read as articles of one format, or both as collections.
fn is_of_kind_of(one: &Path, other: &Path) -> bool {
    match (one.extension(), other.extension()) {
        (Some(one), Some(other)) => one.eq_ignore_ascii_case(other),
        (one, other) => one == other,
    }
}

/// Reads files to their ends, on all cores; none of one that cannot be read.
fn fingerprints(files: Vec<SourceFile>) -> Vec<(Option<Fingerprint>, SourceFile)> {
    files
        .into_par_iter()
        .map(|file| (Fingerprint::of_file(&file.path).ok(), file))
        .collect()
}

//! Keeps an index up to date while files change.
//!
//! What the system tells of changes only says when to look: each time the whole difference is taken, as by [`build()`],
//! which costs a walk of the folders and no more, and cannot miss what an event left out. Between events the folders are
//! looked at now and then all the same: network disks tell nothing.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use notify::{EventKind, RecommendedWatcher, RecursiveMode, Watcher};

use super::build::{BuildOptions, BuildReport, Progress, build};
use crate::corpus::entry_path;
use crate::error::{Error, Result};

/// No event for so long ends a burst: an editor writes a file in several steps, a copy of a folder in thousands.
const QUIET: Duration = Duration::from_millis(300);
/// A burst that goes on is looked at all the same.
const LONGEST_BURST: Duration = Duration::from_secs(5);
/// After a failure that may pass (another process writes to the index) it is tried again.
const RETRY: Duration = Duration::from_secs(5);

/// What there is to tell while an index is watched.
#[derive(Debug)]
pub enum Watched {
    /// The index is up to date, and from now on follows these.
    Watching(Vec<PathBuf>),
    /// The system tells nothing of changes there, only the regular look does.
    Unwatched(PathBuf, String),
    /// How far the first reading is.
    Reading(Progress),
    /// There were changes.
    Updated(Box<BuildReport>),
    /// Something is in the way; the index is as it was, and it is tried again.
    Failed(Error),
}

/// Ends a [`watch`] from another thread.
#[derive(Clone)]
pub struct Stop {
    flag: Arc<AtomicBool>,
    wake: Arc<Mutex<Sender<Wake>>>,
}

/// What the watching thread waits for.
enum Wake {
    Changed,
    Stop,
}

/// What a [`watch`] listens to.
pub struct Wakes(Receiver<Wake>);

impl Stop {
    /// A stop, and what is to be given to [`watch`] with it.
    pub fn new() -> (Stop, Wakes) {
        let (sender, receiver) = channel();
        let stop = Stop {
            flag: Arc::default(),
            wake: Arc::new(Mutex::new(sender)),
        };
        (stop, Wakes(receiver))
    }

    /// Ends the watching: at once, or where an update is under way, before its next commit.
    pub fn stop(&self) {
        self.flag.store(true, Ordering::SeqCst);
        self.send(Wake::Stop);
    }

    /// Whether it was asked to stop.
    pub fn is_stopped(&self) -> bool {
        self.flag.load(Ordering::SeqCst)
    }

    fn send(&self, wake: Wake) {
        let sender = self.wake.lock().unwrap_or_else(PoisonError::into_inner);
        let _ = sender.send(wake); // nobody listens any more
    }
}

/// Brings the index in `dir` up to date with `paths` and keeps it so, until `stop`; looks at all of them every `rescan`.
///
/// # Errors
///
/// What [`build()`] says the first time. Later failures are told to `tell`, and it goes on.
pub fn watch(
    dir: &Path,
    paths: &[PathBuf],
    options: &BuildOptions,
    rescan: Duration,
    (stop, wakes): (&Stop, &Wakes),
    tell: &mut dyn FnMut(Watched),
) -> Result<()> {
    let options = BuildOptions {
        stop: Some(stop.clone()),
        ..options.clone()
    };
    // Before the first look, so that nothing falls between.
    let mut watches: Vec<Watch> = paths.iter().map(|path| Watch::new(path)).collect();
    let unwatched = renew(&mut watches, dir, stop);
    match build(dir, paths, &options, &mut |progress| {
        tell(Watched::Reading(progress));
    }) {
        Ok(report) => tell(Watched::Updated(Box::new(report))),
        Err(Error::Stopped) => return Ok(()),
        // The disk that is missing may come; the others are kept up meanwhile.
        Err(Error::RootGone { .. }) if paths.len() > 1 => {
            update(dir, paths, &options, tell);
        }
        Err(error) => return Err(error),
    }
    for (path, reason) in unwatched {
        tell(Watched::Unwatched(path, reason));
    }
    tell(Watched::Watching(paths.to_vec()));
    let options = BuildOptions {
        rebuild: false,
        ..options
    };
    let mut pause = rescan;
    while wait(wakes, pause) && !stop.is_stopped() {
        for (path, reason) in renew(&mut watches, dir, stop) {
            tell(Watched::Unwatched(path, reason));
        }
        pause = match update(dir, paths, &options, tell) {
            true => rescan,
            false => RETRY.min(rescan),
        };
    }
    Ok(())
}

/// Takes in what has changed at those of `paths` that are there; returns whether that went well.
fn update(
    dir: &Path,
    paths: &[PathBuf],
    options: &BuildOptions,
    tell: &mut dyn FnMut(Watched),
) -> bool {
    let mut paths = paths.to_vec();
    while !paths.is_empty() {
        let error = match build(dir, &paths, options, &mut |_| {}) {
            Ok(report) => {
                if !report.files.is_nothing_new() {
                    tell(Watched::Updated(Box::new(report)));
                }
                return true;
            }
            Err(Error::Stopped) => return true,
            Err(error) => error,
        };
        // One path that is lost keeps no other from being looked at.
        let lost = match &error {
            Error::RootGone { path, .. } | Error::PathNotFound { path } => Some(path.clone()),
            _ => None,
        };
        tell(Watched::Failed(error));
        let Some(lost) = lost else { return false };
        let n_before = paths.len();
        paths.retain(|path| *path != lost && path.canonicalize().is_ok_and(|path| path != lost));
        if paths.len() == n_before {
            return false;
        }
    }
    true
}

/// Waits until a burst of changes is over, or `pause` has passed without any; false when it is to stop.
fn wait(wakes: &Wakes, pause: Duration) -> bool {
    match wakes.0.recv_timeout(pause) {
        Ok(Wake::Changed) => {}
        Ok(Wake::Stop) | Err(RecvTimeoutError::Disconnected) => return false,
        Err(RecvTimeoutError::Timeout) => return true,
    }
    let started = Instant::now();
    while started.elapsed() < LONGEST_BURST {
        match wakes.0.recv_timeout(QUIET) {
            Ok(Wake::Changed) => {}
            Ok(Wake::Stop) | Err(RecvTimeoutError::Disconnected) => return false,
            Err(RecvTimeoutError::Timeout) => break,
        }
    }
    true
}

/// A path that is watched.
struct Watch {
    path: PathBuf,
    watcher: Option<RecommendedWatcher>,
    /// What was there when the watcher was made: what is put in its place is another, which the watcher does not see.
    watched: Option<Identity>,
}

/// What tells a folder or a file from another of the same path.
type Identity = (u64, u64);

impl Watch {
    fn new(path: &Path) -> Watch {
        Watch {
            path: path.to_owned(),
            watcher: None,
            watched: None,
        }
    }
}

/// Makes the watchers of paths at which there is something else than before. Returns those that cannot be watched, with the
/// reason.
fn renew(watches: &mut [Watch], dir: &Path, stop: &Stop) -> Vec<(PathBuf, String)> {
    let mut unwatched = Vec::new();
    for watch in watches {
        let now = identity(&watch.path);
        if watch.watcher.is_some() && now == watch.watched {
            continue;
        }
        watch.watched = now;
        watch.watcher = match watcher(&watch.path, dir, stop) {
            Ok(watcher) => Some(watcher),
            Err(error) => {
                if now.is_some() {
                    unwatched.push((watch.path.clone(), error.to_string()));
                }
                None
            }
        };
    }
    unwatched
}

#[cfg(unix)]
fn identity(path: &Path) -> Option<Identity> {
    use std::os::unix::fs::MetadataExt;
    let metadata = std::fs::metadata(path).ok()?;
    Some((metadata.dev(), metadata.ino()))
}

#[cfg(not(unix))]
fn identity(path: &Path) -> Option<Identity> {
    path.exists().then_some((0, 0))
}

/// Has the system tell of changes at `path`, except in the folder of the index; and of changes to the entry of `path` itself,
/// which are told to the folder that it is in.
fn watcher(path: &Path, dir: &Path, stop: &Stop) -> notify::Result<RecommendedWatcher> {
    let stop = stop.clone();
    let dir = dir.canonicalize().or_else(|_| std::path::absolute(dir))?;
    let root = path.canonicalize().unwrap_or_else(|_| entry_path(path));
    let watched = root.clone();
    let mut watcher = notify::recommended_watcher(move |event: notify::Result<notify::Event>| {
        let is_change = event.is_ok_and(|event| {
            let is_wanted = |path: &PathBuf| path.starts_with(&watched) && !path.starts_with(&dir);
            !matches!(event.kind, EventKind::Access(_))
                && (event.paths.is_empty() || event.paths.iter().any(is_wanted))
        });
        if is_change {
            stop.send(Wake::Changed);
        }
    })?;
    let above = root.parent().map(|parent| {
        let mode = RecursiveMode::NonRecursive;
        watcher.watch(parent, mode)
    });
    if root.is_dir() {
        watcher.watch(&root, RecursiveMode::Recursive)?;
    } else if let Some(above) = above {
        above?;
    }
    Ok(watcher)
}

//! Who is writing to an index: a note beside the lock, for those who find it locked.
//!
//! The lock alone says whether anybody writes. The note is written by whoever has the lock, goes with it, and is left
//! behind by a process that was killed: it is only read where the lock is held, and only believed where a process of that
//! number is running.

use std::fs;
use std::path::{Path, PathBuf};
use std::process;

use crate::error::Holder;

/// Name of the note: a dotfile, so that it is no matter to any version that looks at the folder.
pub(super) const NOTE: &str = ".fouine-writer.json";

/// The note of this process; removed when it is dropped.
pub(super) struct Note {
    path: PathBuf,
}

impl Note {
    /// Leaves the note in the folder `path`, of which the caller holds the lock. Where that is not possible the index can
    /// be written all the same.
    pub(super) fn leave(path: &Path, now: String) -> Note {
        let path = path.join(NOTE);
        let holder = Holder {
            process: process::id(),
            since: now,
        };
        if let Ok(json) = serde_json::to_string(&holder) {
            let _ = fs::write(&path, json + "\n");
        }
        Note { path }
    }
}

impl Drop for Note {
    fn drop(&mut self) {
        let _ = fs::remove_file(&self.path);
    }
}

/// Who holds the lock of the index in `path`, where that is known; the caller has found it locked.
pub(super) fn holder(path: &Path) -> Option<Holder> {
    let json = fs::read(path.join(NOTE)).ok()?;
    let holder: Holder = serde_json::from_slice(&json).ok()?;
    may_be_running(holder.process).then_some(holder)
}

/// Whether a process of this number may be running; certain only where the system lists them as files.
fn may_be_running(process: u32) -> bool {
    let list = Path::new("/proc");
    !list.join("self").exists() || list.join(process.to_string()).exists()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_note_is_read_while_it_is_there_and_its_process_runs() {
        let folder = tempfile::tempdir().unwrap();
        assert_eq!(holder(folder.path()), None);
        let note = Note::leave(folder.path(), "2026-11-21T10:02:00Z".to_owned());
        let found = holder(folder.path()).unwrap();
        assert_eq!(found.process, process::id());
        drop(note);
        assert_eq!(holder(folder.path()), None);
        for nonsense in ["", "{}", "{\"process\":-1,\"since\":\"\"}"] {
            fs::write(folder.path().join(NOTE), nonsense).unwrap();
            assert_eq!(holder(folder.path()), None, "{nonsense}");
        }
    }
}

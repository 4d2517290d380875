//! `fouine watch`: changes are taken in as they happen, also to what is put in the place of something else.

use std::fs;
use std::io::{BufRead, BufReader};
use std::process::{Child, ChildStdout, Stdio};

use crate::support::Workspace;

/// A process that watches; it ends with the test.
struct Watching {
    child: Child,
    lines: std::io::Lines<BufReader<ChildStdout>>,
}

impl Watching {
    fn start(workspace: &Workspace, args: &[&str]) -> Watching {
        let mut child = workspace
            .command(&[&["watch", "--json"], args].concat())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let stdout = child.stdout.take().unwrap();
        Watching {
            child,
            lines: BufReader::new(stdout).lines(),
        }
    }

    /// Waits for the next update; what became of the files: added, changed, moved, removed.
    fn update(&mut self) -> [u64; 4] {
        let line = self.lines.next().unwrap().unwrap();
        let json: serde_json::Value = serde_json::from_str(&line).unwrap();
        ["added", "changed", "moved", "removed"].map(|became| json[became].as_u64().unwrap())
    }
}

impl Drop for Watching {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[test]
fn changes_are_taken_in_as_they_happen() {
    let workspace = Workspace::new().file("corpus/a.txt", "Les martres dorment.");
    // The index is in the folder that is watched: what is written there is no change.
    let mut watching = Watching::start(&workspace, &["corpus", "--index", "corpus/ix"]);
    assert_eq!(watching.update(), [1, 0, 0, 0]);
    workspace.write("corpus/b.txt", "Les loutres nagent.");
    assert_eq!(watching.update(), [1, 0, 0, 0]);
    fs::rename(
        workspace.path("corpus/b.txt"),
        workspace.path("corpus/c.txt"),
    )
    .unwrap();
    assert_eq!(watching.update(), [0, 0, 1, 0]);
    fs::remove_file(workspace.path("corpus/c.txt")).unwrap();
    assert_eq!(watching.update(), [0, 0, 0, 1]);
}

#[cfg(target_os = "linux")]
#[test]
fn what_is_put_in_the_place_of_a_folder_or_a_file_is_watched() {
    let workspace = Workspace::new()
        .file("corpus/a.txt", "Les martres dorment.")
        .file("alone.txt", "Les hermines chassent.");
    let mut watching = Watching::start(&workspace, &["corpus", "alone.txt"]);
    assert_eq!(watching.update(), [2, 0, 0, 0]);
    for text in ["Les belettes courent.", "Les putois sentent."] {
        workspace.write("fresh.txt", text);
        fs::rename(workspace.path("fresh.txt"), workspace.path("alone.txt")).unwrap();
        assert_eq!(watching.update(), [0, 1, 0, 0]);
    }
    workspace.write("other/a.txt", "Les martres dorment.");
    workspace.write("other/b.txt", "Les loutres nagent.");
    fs::rename(workspace.path("corpus"), workspace.path("old")).unwrap();
    fs::rename(workspace.path("other"), workspace.path("corpus")).unwrap();
    assert_eq!(watching.update(), [1, 0, 0, 0]);
    workspace.write("corpus/c.txt", "Les visons plongent.");
    assert_eq!(watching.update(), [1, 0, 0, 0]);
}

#[cfg(target_os = "linux")]
#[test]
fn a_disk_that_is_missing_keeps_the_others_from_nothing() {
    let workspace = Workspace::new()
        .file("corpus/a.txt", "Les martres dorment.")
        .file("disk/b.txt", "Les loutres nagent.");
    workspace.run(&["index", "corpus", "disk"]).succeeds();
    fs::rename(workspace.path("disk"), workspace.path("away")).unwrap();
    workspace.write("corpus/c.txt", "Les visons plongent.");
    let mut watching = Watching::start(&workspace, &[]);
    assert_eq!(watching.update(), [1, 0, 0, 0]);
    workspace.write("corpus/d.txt", "Les putois sentent.");
    assert_eq!(watching.update(), [1, 0, 0, 0]);
    workspace.write("away/e.txt", "Les blaireaux creusent.");
    fs::rename(workspace.path("away"), workspace.path("disk")).unwrap();
    assert_eq!(watching.update(), [1, 0, 0, 0]);
    assert_eq!(workspace.found("loutres").len(), 1);
}

#[cfg(unix)]
#[test]
fn asked_to_end_it_ends_well() {
    let workspace = Workspace::new().file("corpus/a.txt", "Les martres dorment.");
    for signal in ["-INT", "-TERM"] {
        let mut watching = Watching::start(&workspace, &["corpus"]);
        assert_eq!(watching.update()[1..], [0, 0, 0]);
        let kill = std::process::Command::new("kill")
            .args([signal, &watching.child.id().to_string()])
            .status();
        assert!(kill.unwrap().success());
        assert_eq!(watching.child.wait().unwrap().code(), Some(0), "{signal}");
        workspace.run(&["check"]).succeeds();
    }
}

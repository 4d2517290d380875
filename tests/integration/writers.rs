//! Two writers of one index: the second is refused at once and told of the first; a dead one is in nobody's way.

use std::fs;
use std::process::{self, Command};
use std::time::Duration;

use fouine::index::{BuildOptions, build};

use super::support::{Contents, Workspace};

#[test]
fn a_second_writer_is_told_who_is_writing() {
    let workspace = Workspace::with_texts(&["Le maire."]);
    workspace.write("corpus/b.txt", "Le préfet.\n");
    let mut n_tried = 0;
    let mut try_another = |_| {
        for args in [&["index"][..], &["index", "--rebuild"]] {
            workspace.run(args).fails_saying(&[
                &format!("error: process {}, since 2", process::id()),
                ", is writing to the index in index",
                "hint: wait",
            ]);
            n_tried += 1;
        }
        assert_eq!(workspace.found("maire"), ["1"]);
    };
    let [dir, corpus] = ["index", "corpus"].map(|name| workspace.path(name));
    let built = build(&dir, &[corpus], &BuildOptions::default(), &mut try_another);
    assert_eq!(built.unwrap().files.added, 1);
    assert!(n_tried > 0);
    workspace.run(&["index"]).succeeds();
    assert_eq!(workspace.found("préfet").len(), 1);
}

#[test]
fn a_note_of_a_process_that_is_gone_is_not_believed() {
    let workspace = Workspace::with_texts(&["Le maire."]);
    let mut gone = workspace.command(&["--version"]);
    let mut gone = gone.stdout(process::Stdio::null()).spawn().unwrap();
    gone.wait().unwrap();
    let note = format!(
        "{{\"process\":{},\"since\":\"2020-01-01T00:00:00Z\"}}\n",
        gone.id()
    );
    workspace.write("index/.fouine-writer.json", note);
    let lock = fs::File::open(workspace.path("index/.tantivy-writer.lock")).unwrap();
    lock.lock().unwrap();
    let output = workspace.run(&["index"]);
    if cfg!(target_os = "linux") {
        output.fails_saying(&["error: another process is writing to the index in index"]);
    }
    drop(lock);
    workspace.run(&["index"]).succeeds();
    assert!(!workspace.path("index/.fouine-writer.json").exists());
}

/// The test runs itself, in a process that kills itself while it holds the lock.
#[cfg(unix)]
#[test]
fn a_writer_that_was_killed_is_in_nobodys_way() {
    const DIES_IN: &str = "FOUINE_TEST_DIES_IN";
    if let Ok(folder) = std::env::var(DIES_IN) {
        let folder = std::path::Path::new(&folder);
        let options = BuildOptions {
            commit_every: Duration::ZERO,
            ..BuildOptions::default()
        };
        let mut die = |_| {
            let id = process::id().to_string();
            Command::new("kill").args(["-9", &id]).status().unwrap();
        };
        let _ = build(
            &folder.join("index"),
            &[folder.join("corpus")],
            &options,
            &mut die,
        );
        panic!("it should be dead");
    }
    let workspace = Workspace::new()
        .file("corpus/a.txt", "Le maire.\n")
        .file("corpus/b.txt", "Le préfet.\n");
    let status = Command::new(std::env::current_exe().unwrap())
        .args([
            "--exact",
            "writers::a_writer_that_was_killed_is_in_nobodys_way",
        ])
        .env(DIES_IN, workspace.path(""))
        .stdout(process::Stdio::null())
        .status()
        .unwrap();
    assert_eq!(status.code(), None, "killed");
    assert!(workspace.path("index/.fouine-writer.json").exists());
    assert_eq!(Contents::of(&workspace.path("index")).files.len(), 1);
    workspace.run(&["index"]).succeeds();
    assert_eq!(Contents::of(&workspace.path("index")).files.len(), 2);
    assert!(!workspace.path("index/.fouine-writer.json").exists());
}

/// Of processes that start together, each does its work or is refused; nothing is lost, and nothing comes twice.
#[test]
fn writers_that_start_together_do_not_mix() {
    let workspace = Workspace::new();
    for n in 0..20 {
        workspace.write(&format!("corpus/{n}.txt"), format!("Article {n}.\n"));
    }
    for round in 0..3 {
        let children: Vec<_> = (0..4)
            .map(|_| {
                let mut command = workspace.command(&["index", "--commit-every", "0"]);
                command
                    .stdout(process::Stdio::piped())
                    .stderr(process::Stdio::piped());
                command.spawn().unwrap()
            })
            .collect();
        let mut n_done = 0;
        for child in children {
            let output = child.wait_with_output().unwrap();
            let stderr = String::from_utf8(output.stderr).unwrap();
            match output.status.code() {
                Some(0) => n_done += 1,
                _ => assert!(
                    stderr.contains("is writing to the index in index"),
                    "round {round}: {stderr}"
                ),
            }
        }
        assert!(n_done > 0, "round {round}");
        let contents = Contents::of(&workspace.path("index"));
        assert_eq!(contents.files.len(), 20);
        assert!(contents.files.values().all(|articles| articles.len() == 1));
        fs::remove_dir_all(workspace.path("index")).unwrap();
    }
}

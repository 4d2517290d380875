//! Disks that are full, folders that may only be read or vanish, and whatever else lies among articles: each is said,
//! nothing hangs, and the last commit stands.
//!
//! `FILES_IN_A_FOLDER=100000` makes one folder larger.

use std::fs::{self, File};
use std::os::unix::net::UnixListener;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Command, Stdio};

use fouine::index::{BuildOptions, build};

use super::support::{Contents, Output, Workspace, number_from};

const FOUINE: &str = env!("CARGO_BIN_EXE_fouine");

/// Text that does not compress well.
fn noise(n_bytes: usize, seed: u64) -> String {
    let mut random = fouine::random::SplitMix64::new(seed);
    let mut text = String::new();
    while text.len() < n_bytes {
        text.push_str(&format!("{:x} ", random.next_u64()));
    }
    text
}

/// A shell that runs `script` in the workspace, where `$FOUINE` is the command.
fn shell(workspace: &Workspace, script: &str) -> Output {
    let mut command = Command::new("sh");
    command
        .args(["-c", script])
        .env("FOUINE", FOUINE)
        .env_remove("FOUINE_INDEX")
        .current_dir(workspace.path(""))
        .stdin(Stdio::null());
    Output::of(command.output().unwrap())
}

/// The same, where file systems can be mounted that nobody else sees; `None` where that is not allowed.
fn shell_that_mounts(workspace: &Workspace, mounts: &str, script: &str) -> Option<Output> {
    const NOT_ALLOWED: i32 = 77;
    let script = format!("{{ {mounts}; }} >/dev/null 2>&1 || exit {NOT_ALLOWED}; {script}");
    let mut command = Command::new("unshare");
    command
        .args(["-rm", "sh", "-c", &script])
        .env("FOUINE", FOUINE)
        .env_remove("FOUINE_INDEX")
        .current_dir(workspace.path(""))
        .stdin(Stdio::null());
    let output = command.output().ok()?;
    let is_allowed = output.status.code() != Some(NOT_ALLOWED)
        && !String::from_utf8_lossy(&output.stderr).contains("unshare:");
    is_allowed.then(|| Output::of(output))
}

#[test]
fn a_full_disk_is_said_and_the_last_commit_stands() {
    let workspace = Workspace::with_texts(&["Le maire."]);
    for n in 0..10 {
        workspace.write(&format!("corpus/{n}.txt"), noise(30_000, n));
    }
    let before = Contents::of(&workspace.path("index"));
    for blocks in [1, 20, 80] {
        for args in ["", "--commit-every 0", "--rebuild"] {
            let script = format!("ulimit -f {blocks}; exec \"$FOUINE\" index {args}");
            let output = shell(&workspace, &script).fails_saying(&[
                "cannot write",
                "hint: ",
                "disk is not full",
            ]);
            assert!(
                output.stderr.contains("File too large"),
                "{blocks} {args}: {output:?}"
            );
            assert!(
                !output.stderr.contains("panicked"),
                "{blocks} {args}: {output:?}"
            );
            let script =
                format!("ulimit -f {blocks}; \"$FOUINE\" index {args} >/dev/null 2>&1; true");
            shell(&workspace, &script).succeeds();
            let now = Contents::of(&workspace.path("index"));
            for (path, articles) in &before.files {
                assert_eq!(now.files.get(path), Some(articles), "{blocks} {args}");
            }
        }
    }
    workspace.run(&["index"]).succeeds();
    assert_eq!(Contents::of(&workspace.path("index")).files.len(), 11);
}

/// What is stored waits in a file before there is anything else to write.
#[test]
fn a_disk_that_is_full_while_articles_are_taken_in_is_said() {
    let workspace = Workspace::with_texts(&["Le maire."]);
    for n in 0..6 {
        workspace.write(&format!("corpus/{n}.txt"), noise(800_000, n));
    }
    let output = shell(&workspace, "ulimit -f 2200; exec \"$FOUINE\" index");
    let output = output.fails_saying(&["cannot write", "hint: ", "disk is not full"]);
    assert!(!output.stderr.contains("panicked"), "{output:?}");
    assert_eq!(Contents::of(&workspace.path("index")).files.len(), 1);
    workspace.run(&["index"]).succeeds();
    assert_eq!(Contents::of(&workspace.path("index")).files.len(), 7);
}

#[test]
fn a_merge_that_fails_is_said_and_costs_nothing() {
    let workspace = Workspace::new();
    let mut has_failed = false;
    for n in 0..6 {
        workspace.write(&format!("corpus/{n}.txt"), noise(30_000, n));
        let output = shell(&workspace, "ulimit -f 150; exec \"$FOUINE\" index").succeeds();
        has_failed |= output.stdout.contains("not merged: cannot write");
        workspace.run(&["check"]).succeeds();
        assert_eq!(
            Contents::of(&workspace.path("index")).files.len() as u64,
            n + 1
        );
    }
    assert!(has_failed);
    let output = workspace.run(&["index"]).succeeds();
    assert!(!output.stdout.contains("not merged"), "{output:?}");
}

#[test]
fn a_small_disk_that_fills_up_is_said_and_holds_no_half_index() {
    let workspace = Workspace::new();
    for n in 0..20 {
        workspace.write(&format!("corpus/{n}.txt"), noise(50_000, n));
    }
    fs::create_dir(workspace.path("disk")).unwrap();
    let script = "\"$FOUINE\" index corpus --index disk/index; status=$?; \
        \"$FOUINE\" search --index disk/index maire >&2; \
        rm -f corpus/?.txt corpus/1[0-8].txt; \"$FOUINE\" index corpus --index disk/index >&2 || exit 50; exit $status";
    let Some(output) =
        shell_that_mounts(&workspace, "mount -t tmpfs -o size=600k none disk", script)
    else {
        return;
    };
    output.fails_saying(&[
        "error: cannot write",
        "No space left on device",
        "hint: check that the disk is not full",
    ]);
}

#[test]
fn an_index_that_may_only_be_read_is_searched_and_not_written() {
    let workspace = Workspace::with_texts(&["Le maire."]);
    workspace.write("corpus/b.txt", "Le préfet.\n");
    for what in ["index", "."] {
        let mounts = format!("mount --bind {what} {what} && mount -o remount,ro,bind {what}");
        // The shell stands in the folder as it was before.
        let script = "cd \"$PWD\"; \"$FOUINE\" search maire >/dev/null && \"$FOUINE\" status >/dev/null \
            && \"$FOUINE\" show 1 >/dev/null || exit 50; \"$FOUINE\" index";
        let Some(output) = shell_that_mounts(&workspace, &mounts, script) else {
            return;
        };
        let output = output.fails_saying(&["cannot write", "Read-only file system", "hint: "]);
        assert!(!output.stderr.contains("damaged"), "{output:?}");
        let script = "cd \"$PWD\"; \"$FOUINE\" index corpus --index index/new";
        let output = shell_that_mounts(&workspace, &mounts, script).unwrap();
        output.fails_saying(&["cannot write", "Read-only file system", "hint: "]);
    }
    assert_eq!(workspace.found("maire"), ["1"]);
    workspace.run(&["index"]).succeeds();
}

/// As another user, where this is the superuser, whom no permission stops.
#[test]
fn folders_without_permission_are_said_and_what_was_in_them_stays() {
    const NOBODY: u32 = 65_534;
    let workspace = Workspace::new()
        .file("corpus/a.txt", "Le maire.\n")
        .file("corpus/closed/b.txt", "Le préfet.\n")
        .file("corpus/below/c.txt", "La ville.\n");
    std::os::unix::fs::symlink("../closed2", workspace.path("corpus/link")).unwrap();
    workspace.write("closed2/d.txt", "Les livres.\n");
    workspace.run(&["index"]).succeeds();
    let is_superuser = shell(&workspace, "id -u").stdout.trim() == "0";
    let set = |script: &str| drop(shell(&workspace, script).succeeds());
    if is_superuser {
        set(&format!("chown -R {NOBODY} ."));
    }
    let run = |args: &[&str]| {
        let mut command = workspace.command(args);
        if is_superuser {
            command.uid(NOBODY).gid(NOBODY);
        }
        command.output()
    };
    // The program itself may be out of reach of others.
    if run(&["--version"]).is_err() {
        return;
    }
    set("rm corpus/a.txt; chmod 0 corpus/closed corpus/below/c.txt closed2");
    let output = Output::of(run(&["index"]).unwrap());
    assert_eq!(output.status, 2, "{output:?}");
    assert!(
        output.stdout.contains("cannot be read: Permission denied"),
        "{output:?}"
    );
    for still_there in ["préfet", "ville", "livres"] {
        assert_eq!(
            workspace.found(still_there).len(),
            1,
            "{still_there}: {output:?}"
        );
    }
    set("chmod 755 corpus/closed closed2; chmod 644 corpus/below/c.txt; chmod 555 index");
    workspace.write("corpus/new.txt", "La préfecture.\n");
    Output::of(run(&["index"]).unwrap()).fails_saying(&[
        "cannot write",
        "Permission denied",
        "hint: ",
    ]);
    let output = Output::of(run(&["search", "préfet"]).unwrap());
    assert_eq!(output.status, 0, "{output:?}");
    set("chmod 0 index");
    for args in [&["index"][..], &["search", "préfet"], &["status"]] {
        let output = Output::of(run(args).unwrap()).fails_saying(&["Permission denied"]);
        assert!(!output.stderr.contains("damaged"), "{output:?}");
    }
    set("chmod 755 index");
    let output = Output::of(run(&["index"]).unwrap()).succeeds();
    assert!(
        output
            .stdout
            .contains("files: 1 added, 1 removed, 3 unchanged"),
        "{output:?}"
    );
}

#[test]
fn what_is_no_file_is_passed_over_and_waited_for_by_nobody() {
    let workspace = Workspace::new().file("corpus/a.txt", "Le maire.\n");
    shell(
        &workspace,
        "mkfifo corpus/pipe.txt corpus/pipe.jsonl pipe.md",
    )
    .succeeds();
    let _socket = UnixListener::bind(workspace.path("corpus/socket.txt")).unwrap();
    for (to, name) in [
        ("/dev/zero", "zero.txt"),
        ("/dev/null", "null.jsonl"),
        ("pipe.txt", "link.txt"),
    ] {
        std::os::unix::fs::symlink(to, workspace.path("corpus").join(name)).unwrap();
    }
    fs::create_dir(workspace.path("corpus/folder.txt")).unwrap();
    workspace.run(&["index"]).succeeds();
    assert_eq!(Contents::of(&workspace.path("index")).files.len(), 1);
    for odd in ["pipe.md", "corpus/socket.txt", "corpus/zero.txt"] {
        workspace
            .run(&["index", odd, "--index", "other"])
            .fails_saying(&["neither a file nor a folder"]);
    }
    // What takes the place of a file takes its articles away.
    fs::remove_file(workspace.path("corpus/a.txt")).unwrap();
    workspace.write("corpus/b.txt", "Le préfet.\n");
    shell(&workspace, "mkfifo corpus/a.txt").succeeds();
    workspace.run(&["index"]).succeeds();
    assert!(workspace.found("maire").is_empty());
}

#[test]
fn an_index_removed_while_it_is_written_is_said() {
    let workspace = Workspace::with_texts(&["Le maire."]);
    workspace.write("corpus/b.txt", "Le préfet.\n");
    let [dir, corpus] = ["index", "corpus"].map(|name| workspace.path(name));
    let mut remove = |_| {
        // The writer may be adding to it.
        while dir.exists() {
            let _ = fs::remove_dir_all(&dir);
        }
    };
    let error = build(
        &dir,
        std::slice::from_ref(&corpus),
        &BuildOptions::default(),
        &mut remove,
    )
    .unwrap_err();
    assert!(error.to_string().contains("index"), "{error}");
    workspace.run(&["index"]).succeeds();
    assert_eq!(Contents::of(&dir).files.len(), 2);
}

#[test]
fn a_corpus_that_vanishes_or_changes_while_it_is_read_does_no_harm() {
    // Several batches of articles: what comes after the first has yet to be read.
    let workspace = Workspace::new();
    for n in 0..1200 {
        workspace.write(&format!("corpus/{n:04}.txt"), format!("Mot{n}.\n"));
    }
    let lines: String = (0..1000)
        .map(|n| format!("{{\"text\":\"Ligne{n}.\"}}\n"))
        .collect();
    workspace.write("corpus/z.jsonl", &lines);
    let [dir, corpus] = ["index", "corpus"].map(|name| workspace.path(name));
    let run = |change: &mut dyn FnMut()| {
        let mut is_first = true;
        let mut progress = |_| {
            if std::mem::take(&mut is_first) {
                change();
            }
        };
        build(
            &dir,
            std::slice::from_ref(&corpus),
            &BuildOptions::default(),
            &mut progress,
        )
    };
    let truncate = |path: &str| {
        let file = File::options()
            .write(true)
            .open(workspace.path(path))
            .unwrap();
        file.set_len(5).unwrap();
    };
    run(&mut || {
        truncate("corpus/1199.txt");
        truncate("corpus/z.jsonl");
        workspace.write("corpus/1100.txt", "Tout autre chose.\n");
    })
    .unwrap();
    workspace.run(&["index"]);
    let fresh = |name: &str| {
        workspace.run(&["index", "--index", name]);
        Contents::of(&workspace.path(name))
    };
    assert_eq!(Contents::of(&dir), fresh("fresh"));
    for n in 0..1200 {
        workspace.write(&format!("corpus/{n:04}.txt"), format!("Mot{n} encore.\n"));
    }
    let report = run(&mut || fs::rename(&corpus, workspace.path("away")).unwrap()).unwrap();
    assert!(
        report
            .skipped
            .iter()
            .any(|skipped| skipped.to_string().contains("cannot be read"))
    );
    let contents = Contents::of(&dir);
    assert!(contents.files.len() >= 1200, "what cannot be read is kept");
    fs::rename(workspace.path("away"), &corpus).unwrap();
    workspace.run(&["index"]);
    assert_eq!(Contents::of(&dir), fresh("fresh again"));
}

#[test]
fn a_folder_of_very_many_files_is_read() {
    let n_files = number_from("FILES_IN_A_FOLDER", 3000);
    let workspace = Workspace::new();
    fs::create_dir(workspace.path("corpus")).unwrap();
    for n in 0..n_files {
        fs::write(
            workspace.path("corpus").join(format!("{n}.txt")),
            format!("Mot{n}.\n"),
        )
        .unwrap();
    }
    workspace.run(&["index"]).succeeds();
    fs::remove_file(workspace.path("corpus/17.txt")).unwrap();
    let output = workspace.run(&["index"]).succeeds();
    let expected = format!("files: 1 removed, {} unchanged\n", n_files - 1);
    assert_eq!(output.stdout, expected);
    assert_eq!(workspace.found("mot18").len(), 1);
    assert!(workspace.found("\"mot17\"").is_empty());
}

#[test]
fn a_path_that_is_very_long_is_read_and_one_that_is_too_long_is_said() {
    let workspace = Workspace::new().file("corpus/a.txt", "Le maire.\n");
    let mut long = workspace.path("corpus");
    while long.as_os_str().len() < 3_880 {
        long.push("d".repeat(100));
    }
    fs::create_dir_all(&long).unwrap();
    long.push("e".repeat(4_000 - long.as_os_str().len()) + ".txt");
    fs::write(&long, "Le préfet.\n").unwrap();
    workspace.run(&["index"]).succeeds();
    let hit = &workspace.search(&["préfet"]).hits[0];
    assert_eq!(hit.article.path, long);
    workspace.run(&["index"]).succeeds();
    // Longer than the system takes in one piece, by a folder that is renamed.
    let short = long.parent().unwrap().join("s");
    fs::create_dir(&short).unwrap();
    fs::write(short.join("f".repeat(60) + ".txt"), "La ville.\n").unwrap();
    let folder = workspace.path("corpus").join("d".repeat(100));
    fs::rename(&folder, workspace.path("corpus").join("d".repeat(250))).unwrap();
    let output = workspace.run(&["index"]);
    assert!(!output.stderr.contains("panicked"), "{output:?}");
    assert_eq!(workspace.found("maire").len(), 1);
    if output.status == 2 {
        assert!(
            output.stdout.contains("cannot be read: File name too long"),
            "{output:?}"
        );
    } else {
        assert_eq!(workspace.found("ville").len(), 1);
    }
}

#[test]
fn names_that_are_not_text_or_look_like_others_are_kept_apart() {
    use std::ffi::OsStr;
    use std::os::unix::ffi::OsStrExt;
    let workspace = Workspace::new();
    let corpus = workspace.path("corpus");
    fs::create_dir(&corpus).unwrap();
    let names: [&[u8]; 5] = [
        b"caf\xE9.txt",
        "caf\u{FFFD}E9.txt".as_bytes(),
        "caf\u{FFFD}.txt".as_bytes(),
        "café.txt".as_bytes(),
        "cafe\u{301}.txt".as_bytes(),
    ];
    let path = |name: &[u8]| corpus.join(OsStr::from_bytes(name));
    for (n, name) in names.iter().enumerate() {
        fs::write(path(name), format!("Mot{n}.\n")).unwrap();
    }
    let n_of = |dir: &Path| Contents::of(dir).files.len();
    workspace.run(&["index"]).succeeds();
    let dir = workspace.path("index");
    assert_eq!(n_of(&dir), names.len());
    workspace.run(&["index"]).succeeds();
    for (n, name) in names.iter().enumerate() {
        fs::write(path(name), format!("Autre{n}.\n")).unwrap();
        workspace.run(&["index"]).succeeds();
        assert_eq!(workspace.found(&format!("autre{n}")).len(), 1);
        assert_eq!(n_of(&dir), names.len());
    }
    for (n, name) in names.iter().enumerate().take(4) {
        fs::remove_file(path(name)).unwrap();
        workspace.run(&["index"]).succeeds();
        assert_eq!(n_of(&dir), names.len() - 1 - n);
    }
}

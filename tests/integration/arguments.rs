//! What is typed and how it is answered: bytes of any kind, names of files, places in messages.

use std::process::Stdio;

use super::support::Workspace;

#[cfg(unix)]
#[test]
fn a_query_of_any_bytes_is_a_query() {
    use std::ffi::OsStr;
    use std::os::unix::ffi::OsStrExt;
    let workspace = Workspace::with_texts(&["Le maire."]);
    for bytes in [&b"maire \xff"[..], b"\xff maire", b"maire\xe9 maire"] {
        for option in ["--json", "--color=never"] {
            let mut command = workspace.command(&["search", option]);
            let output = command.arg(OsStr::from_bytes(bytes)).output().unwrap();
            let stderr = String::from_utf8_lossy(&output.stderr);
            assert_eq!(output.status.code(), Some(0), "{bytes:?}: {stderr}");
        }
    }
}

#[test]
fn the_summary_names_files_as_hits_do() {
    let workspace = Workspace::new()
        .file("corpus/a.txt", "Le maire.\n")
        .file("corpus/vide.txt", "\n")
        .file("corpus/image.txt", b"\x89PNG\r\n\x1a\n\0\0");
    let hit = workspace.run(&["search", "maire"]).stdout;
    assert!(hit.contains("    corpus/a.txt:1 · "), "{hit}");
    let summary = workspace.run(&["index"]).stdout;
    for line in ["\n  corpus/vide.txt\n", "\n  corpus/image.txt: binary data"] {
        assert!(summary.contains(line), "{summary}");
    }
}

#[test]
fn an_empty_record_is_named_by_file_and_line() {
    let workspace =
        Workspace::new().file("all.jsonl", "{\"text\":\"Le maire.\"}\n{\"text\":\"\"}\n");
    let summary = workspace.run(&["index", "all.jsonl"]).succeeds().stdout;
    assert!(summary.contains("all.jsonl:2\n"), "{summary}");
}

#[test]
fn a_record_that_is_no_object_is_told_in_words() {
    let workspace = Workspace::new().file("all.jsonl", "{\"text\":\"Le maire.\"}\n[1]\n");
    let summary = workspace.run(&["index", "all.jsonl"]).stdout;
    assert!(
        summary.contains("all.jsonl:2: not a JSON object"),
        "{summary}"
    );
    for jargon in ["a map", "column 0"] {
        assert!(!summary.contains(jargon), "{summary}");
    }
}

#[test]
fn one_passage_is_not_a_range_of_passages() {
    let workspace = Workspace::with_texts(&["Le maire."]);
    let output = workspace.run(&["show", "1", "--passage"]);
    assert_eq!((output.status, output.stdout.as_str()), (1, ""));
    assert!(!output.stderr.contains("1#1 to 1#1"), "{output:?}");
}

#[test]
fn every_command_is_quiet_when_nobody_reads() {
    let workspace = Workspace::with_texts(&["Le maire."]);
    workspace.write("queries", "q1\tmaire\n");
    workspace.write("qrels", "q1\t1\t1\n");
    for args in [
        &["index"][..],
        &["eval", "--queries", "queries", "--qrels", "qrels"],
        &["search", "maire"],
        &["search", "maire", "--json"],
        &["show", "1"],
        &["status"],
        &["--help"],
    ] {
        // The reader is gone before the command begins.
        let (reader, writer) = std::io::pipe().unwrap();
        drop(reader);
        let mut command = workspace.command(args);
        let output = command
            .stdout(writer)
            .stderr(Stdio::piped())
            .output()
            .unwrap();
        assert_eq!(String::from_utf8_lossy(&output.stderr), "", "{args:?}");
        assert_eq!(output.status.code(), Some(0), "{args:?}");
    }
}

#[cfg(target_os = "linux")]
#[test]
fn output_that_cannot_be_written_is_a_failure() {
    let workspace = Workspace::with_texts(&["Le maire."]);
    for args in [
        &["search", "maire"][..],
        &["search", "maire", "--json"],
        &["status"],
        &["show", "1"],
    ] {
        let full = std::fs::File::options()
            .write(true)
            .open("/dev/full")
            .unwrap();
        let output = workspace.command(args).stdout(full).output().unwrap();
        let stderr = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(2), "{args:?}: {stderr}");
        assert!(stderr.starts_with("error: "), "{args:?}: {stderr}");
    }
}

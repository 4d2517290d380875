//! Files, folders and indexes that are not what they should be: each gets a message with the remedy, nothing is lost.

use std::fs;
use std::io::Write;

use super::support::Workspace;

#[test]
fn a_missing_folder_is_named_and_makes_no_index() {
    let workspace = Workspace::new();
    workspace
        .run(&["index", "articles"])
        .fails_saying(&["articles does not exist", "hint:"]);
    workspace
        .run(&["index"])
        .fails_saying(&["corpus does not exist", "fouine index PATH"]);
    assert_eq!(workspace.names(""), [""; 0]);
}

#[test]
fn a_folder_without_articles_loses_nothing() {
    let workspace = Workspace::with_texts(&["Le maire."]);
    workspace.write("empty/photo.jpg", "");
    workspace
        .run(&["index", "empty"])
        .fails_saying(&["no articles found in empty", "untouched"]);
    assert_eq!(workspace.found("maire"), ["1"]);
    fs::remove_file(workspace.path("corpus/texts.jsonl")).unwrap();
    workspace.run(&["index"]).fails_saying(&[
        "corpus has no articles any more",
        "1 file ",
        "--prune",
    ]);
    fs::remove_dir(workspace.path("corpus")).unwrap();
    workspace
        .run(&["index"])
        .fails_saying(&["corpus is not there", "--prune"]);
    assert_eq!(
        workspace.found("maire"),
        ["1"],
        "an emptied folder is no reason to forget it"
    );
    let output = workspace.run(&["index", "--prune"]).succeeds();
    assert_eq!(output.stdout, "files: 1 removed\n");
    assert!(workspace.found("maire").is_empty());
}

#[test]
fn when_nothing_can_be_read_the_reasons_are_said_and_no_index_is_left() {
    let workspace = Workspace::new()
        .file("corpus/a.txt", b"%PDF-1.4\x00\x01")
        .file("notes.odt", "x");
    workspace
        .run(&["index", "corpus", "notes.odt"])
        .fails_saying(&[
            "a.txt: binary data",
            "notes.odt: not a kind of file that is read",
        ]);
    assert_eq!(workspace.names("index"), [""; 0]);
}

#[cfg(unix)]
#[test]
fn an_unreadable_file_does_not_stop_the_rest() {
    use std::os::unix::fs::PermissionsExt;
    let workspace = Workspace::new()
        .file("corpus/a.txt", "Le maire.\n")
        .file("corpus/b.txt", "Le préfet.\n");
    let locked = workspace.path("corpus/b.txt");
    fs::set_permissions(&locked, fs::Permissions::from_mode(0o000)).unwrap();
    let can_read_all = fs::read(&locked).is_ok(); // as root
    let output = workspace.run(&["index"]);
    if !can_read_all {
        assert_eq!(output.status, 2);
        assert!(
            output.stdout.contains("b.txt: cannot be read"),
            "{output:?}"
        );
    }
    assert_eq!(workspace.found("maire").len(), 1);
}

#[cfg(unix)]
#[test]
fn links_that_loop_and_break_and_names_that_are_not_text_do_no_harm() {
    use std::ffi::OsStr;
    use std::os::unix::ffi::OsStrExt;
    let workspace = Workspace::new().file("corpus/a.txt", "Le maire.\n");
    std::os::unix::fs::symlink(".", workspace.path("corpus/loop")).unwrap();
    std::os::unix::fs::symlink("nowhere.txt", workspace.path("corpus/broken.txt")).unwrap();
    let odd = workspace
        .path("corpus")
        .join(OsStr::from_bytes(b"caf\xe9.txt"));
    fs::write(odd, "Le préfet.\n").unwrap();
    let output = workspace.run(&["index"]);
    assert_eq!(output.status, 2);
    assert!(
        output.stdout.contains("broken.txt: cannot be read"),
        "{output:?}"
    );
    assert_eq!(workspace.found("maire").len(), 1);
    assert_eq!(workspace.found("préfet").len(), 1);
}

#[test]
fn a_line_that_is_not_json_is_named_by_file_and_line() {
    let lines = "{\"_id\":\"1\",\"text\":\"Le maire.\"}\nnot json\n{\"_id\":\"3\"}\n[]\n{\"_id\":\"5\",\"text\":\"La maire.\"}\n";
    let workspace = Workspace::new().file("all.jsonl", lines);
    let output = workspace.run(&["index", "all.jsonl"]);
    assert_eq!(output.status, 2);
    for part in [
        "all.jsonl:2: not a JSON object",
        "all.jsonl:3: has no string field",
        "all.jsonl:4: not a JSON object",
    ] {
        assert!(output.stdout.contains(part), "no “{part}” in {output:?}");
    }
    assert_eq!(workspace.found("maire"), ["1", "5"]);
}

#[test]
fn a_line_of_a_hundred_megabytes_is_skipped_by_name_or_read_if_asked() {
    let workspace = Workspace::new().file("corpus/a.txt", "Le maire.\n");
    let mut long = fs::File::create(workspace.path("corpus/long.jsonl")).unwrap();
    long.write_all(b"{\"_id\":\"long\",\"text\":\"").unwrap();
    let megabyte = vec![b'x'; 1 << 20];
    for _ in 0..100 {
        long.write_all(&megabyte).unwrap();
    }
    long.write_all(b"\"}\n{\"_id\":\"next\",\"text\":\"La maire.\"}\n")
        .unwrap();
    drop(long);
    let output = workspace.run(&["index"]);
    assert_eq!(output.status, 2);
    assert!(
        output
            .stdout
            .contains("long.jsonl:1: larger than 64 MB (--max-file-size)"),
        "{output:?}"
    );
    assert_eq!(workspace.found("maire").len(), 2);
}

#[test]
fn a_limit_can_be_raised_and_lowered() {
    let text = "Le maire parle et parle encore. ".repeat(40_000); // 1.28 MB without a line end
    let workspace = Workspace::new()
        .file("corpus/a.txt", &text)
        .file("corpus/b.txt", "Le préfet.\n");
    let output = workspace.run(&["index", "--max-file-size", "1"]);
    assert!(
        output.stdout.contains("a.txt: larger than 1 MB"),
        "{output:?}"
    );
    workspace.run(&["index", "--max-file-size", "2"]).succeeds();
    let hits = workspace
        .search(&["maire", "-n", "5", "--per-article", "5"])
        .hits;
    assert_eq!(hits.len(), 5);
    assert!(
        hits.iter()
            .all(|hit| hit.passage.text.split_whitespace().count() <= 256)
    );
}

#[test]
fn a_missing_index_is_said_with_the_remedy() {
    let workspace = Workspace::new();
    for command in [&["search", "maire"][..], &["status"], &["show", "x"]] {
        workspace
            .run(command)
            .fails_saying(&["no index in index", "fouine index PATH"]);
    }
    assert_eq!(workspace.names(""), [""; 0], "asking makes nothing");
}

#[test]
fn a_folder_that_is_no_index_is_refused_and_left_alone() {
    let workspace = Workspace::new()
        .file("corpus/a.txt", "Le maire.\n")
        .file("mine/notes.txt", "à moi");
    for rebuild in [&[][..], &["--rebuild"]] {
        let args = [&["index", "corpus", "--index", "mine"], rebuild].concat();
        workspace
            .run(&args)
            .fails_saying(&["mine is not an index", "notes.txt", "--index DIR"]);
    }
    workspace
        .run(&["search", "maire", "--index", "mine"])
        .fails_saying(&["notes.txt"]);
    assert_eq!(workspace.names("mine"), ["notes.txt"]);
    workspace.write("file", "");
    workspace
        .run(&["index", "corpus", "--index", "file"])
        .fails_saying(&["file"]);
    assert_eq!(fs::read(workspace.path("file")).unwrap(), b"");
}

#[test]
fn a_file_beside_the_index_is_never_deleted() {
    let workspace = Workspace::with_texts(&["Le maire."]);
    workspace.write("index/notes.txt", "à moi");
    workspace
        .run(&["index", "--rebuild"])
        .fails_saying(&["notes.txt"]);
    assert_eq!(
        fs::read(workspace.path("index/notes.txt")).unwrap(),
        "à moi".as_bytes()
    );
    assert_eq!(workspace.found("maire"), ["1"], "the index still answers");
}

#[test]
fn dotfiles_beside_the_index_are_no_matter() {
    let workspace = Workspace::new()
        .file("corpus/a.txt", "Le maire.\n")
        .file("index/.gitignore", "*\n");
    workspace.run(&["index"]).succeeds();
    workspace.run(&["index", "--rebuild"]).succeeds();
    assert_eq!(
        fs::read(workspace.path("index/.gitignore")).unwrap(),
        b"*\n"
    );
}

#[test]
fn another_version_says_how_to_rebuild() {
    let workspace = Workspace::with_texts(&["Le maire."]);
    workspace.write("index/fouine.json", r#"{"format":99,"analyzer":7}"#);
    for command in [
        &["search", "maire"][..],
        &["status"],
        &["show", "1"],
        &["index"],
    ] {
        workspace
            .run(command)
            .fails_saying(&["format 99, analyzer 7", "--rebuild"]);
    }
    workspace.run(&["index", "corpus", "--rebuild"]).succeeds();
    assert_eq!(workspace.found("maire"), ["1"]);
}

#[test]
fn a_damaged_index_is_reported_and_can_be_rebuilt() {
    let workspace = Workspace::with_texts(&["Le maire.", "La maire."]);
    for name in workspace.names("index") {
        if name == "fouine.json" {
            continue; // without it the folder is somebody else's
        }
        let whole = fs::read(workspace.path("index").join(&name)).unwrap();
        for damage in ["missing", "empty", "short"] {
            let file = workspace.path("index").join(&name);
            match damage {
                "missing" => fs::remove_file(&file).unwrap(),
                "empty" => fs::write(&file, b"").unwrap(),
                _ => fs::write(&file, &whole[..whole.len() / 2]).unwrap(),
            }
            let output = workspace.run(&["search", "maire"]);
            assert_eq!(output.status, 2, "{name} {damage}: {output:?}");
            assert!(
                output.stderr.contains("hint:"),
                "{name} {damage}: {output:?}"
            );
            assert!(
                !output.stderr.contains("panicked"),
                "{name} {damage}: {output:?}"
            );
            fs::write(&file, &whole).unwrap();
        }
    }
    assert_eq!(
        workspace.found("maire").len(),
        2,
        "put back, it is whole again"
    );
    let segment = workspace
        .names("index")
        .into_iter()
        .find(|name| name.ends_with(".store"))
        .unwrap();
    fs::remove_file(workspace.path("index").join(segment)).unwrap();
    workspace
        .run(&["index"])
        .fails_saying(&["is missing", "--rebuild"]);
    workspace.run(&["index", "--rebuild"]).succeeds();
    assert_eq!(workspace.found("maire").len(), 2);
}

#[test]
fn overlong_ids_titles_and_headings_do_no_harm() {
    let long = "maire ".repeat(20_000);
    let record = serde_json::json!({ "_id": long, "title": long, "text": "Le maire parle." });
    let markdown = format!("---\ntitle: T\n---\n## {long}\n\nLe maire parle.\n");
    let workspace = Workspace::new()
        .file("corpus/a.jsonl", format!("{record}\n"))
        .file("corpus/b.md", markdown);
    workspace.run(&["index"]).succeeds();
    let hits = workspace.search(&["maire"]).hits;
    assert_eq!(hits.len(), 2);
    assert!(hits.iter().all(|hit| hit.article.id.len() < 100));
}

#[test]
fn repetitive_text_takes_no_more_time_than_other_text() {
    // Each of these once took time that grew with the square of its length: minutes for a file of this size.
    let workspace = Workspace::new()
        .file("corpus/guillemets.txt", "! »".repeat(80_000))
        .file("corpus/figures.txt", format!("1{}x", " 000".repeat(60_000)))
        .file("corpus/letters.txt", "a.".repeat(100_000) + "aa")
        .file(
            "corpus/page.html",
            format!("<pre>{}</pre>", "ligne\r\n".repeat(40_000)),
        )
        .file("corpus/csv.txt", "a,".repeat(100_000))
        .file("corpus/last.txt", "Le maire parle.\n");
    let output = workspace.run(&["index"]);
    assert_eq!(output.status, 0, "{output:?}");
    assert_eq!(workspace.found("maire").len(), 1);
    let hits = workspace
        .search(&["a", "--per-article", "1000", "-n", "1000"])
        .hits;
    assert!(
        hits.iter()
            .all(|hit| hit.passage.text.split(',').count() <= 257)
    );
}

#[cfg(unix)]
#[test]
fn a_broken_link_among_the_paths_is_skipped_and_the_index_is_not_to_blame() {
    let workspace = Workspace::with_texts(&["Le maire."]);
    workspace.write("good.txt", "Le préfet.\n");
    std::os::unix::fs::symlink("nowhere", workspace.path("broken.md")).unwrap();
    let output = workspace.run(&["index", "good.txt", "broken.md"]);
    assert_eq!(output.status, 2);
    assert!(
        output.stdout.contains("broken.md: cannot be read"),
        "{output:?}"
    );
    assert!(!output.stderr.contains("damaged"), "{output:?}");
    assert_eq!(workspace.found("maire préfet").len(), 2);
}

#[test]
fn of_a_collection_of_bad_lines_some_are_named_and_the_others_counted() {
    let workspace = Workspace::new().file(
        "corpus/bad.jsonl",
        format!(
            "{}{{\"text\": \"Les loutres nagent.\"}}\n",
            "x\n".repeat(5_000)
        ),
    );
    let output = workspace.run(&["index"]);
    assert_eq!(output.status, 2);
    assert!(output.stdout.contains("4900 lines more"), "{output:?}");
    assert!(output.stdout.lines().count() < 200, "{output:?}");
    assert_eq!(workspace.found("loutres").len(), 1);
}

#[test]
fn an_index_that_does_not_tell_what_it_is_of_is_not_rebuilt_of_something_else() {
    let workspace = Workspace::with_texts(&["Le maire."]).file("other/a.txt", "Les loutres.");
    workspace.run(&["index", "other"]).succeeds();
    fs::write(workspace.path("index/meta.json"), "{}").unwrap();
    workspace
        .run(&["index", "--rebuild"])
        .fails_saying(&["damaged", "fouine index PATH"]);
    workspace.run(&["index", "other", "--rebuild"]).succeeds();
    assert_eq!(workspace.found("loutres").len(), 1);
}

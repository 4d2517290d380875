//! The folder of the index: what is written there, by one process at a time, and what is never touched.

use std::fs;

use super::support::Workspace;

#[test]
fn a_second_writer_is_refused_while_searches_go_on() {
    let workspace = Workspace::with_texts(&["Le maire."]);
    let lock = fs::File::open(workspace.path("index/.tantivy-writer.lock")).unwrap();
    lock.lock().unwrap();
    for args in [&["index"][..], &["index", "--rebuild"]] {
        workspace.run(args).fails_saying(&[
            "another process is writing to the index in index",
            "hint: wait",
        ]);
    }
    assert_eq!(workspace.found("maire"), ["1"]);
    drop(lock);
    workspace.run(&["index"]).succeeds();
}

#[test]
fn dotfiles_survive_whatever_a_list_of_files_beside_them_says() {
    // The search library deletes what such a list names and it does not know.
    let workspace = Workspace::new()
        .file("corpus/a.txt", "Le maire.\n")
        .file("index/.notes", "à moi")
        .file("index/.managed.json", "[\".notes\"]");
    let output = workspace.run(&["index"]);
    assert!(
        workspace.path("index/.notes").exists(),
        "deleted by {output:?}"
    );
}

#[test]
fn a_list_of_files_that_makes_no_sense_is_said_to_be_damage() {
    let workspace = Workspace::with_texts(&["Le maire."]);
    workspace.write("index/.managed.json", "{}");
    let output = workspace.run(&["index"]).fails_saying(&["--rebuild"]);
    assert!(!output.stderr.contains("disk is not full"), "{output:?}");
    workspace.run(&["index", "corpus", "--rebuild"]).succeeds();
}

#[test]
fn an_index_that_lost_its_list_of_segments_is_damaged_and_not_begun_anew_unasked() {
    let workspace = Workspace::new()
        .file("one/a.txt", "Le maire.\n")
        .file("two/b.txt", "Le préfet.\n");
    workspace.run(&["index", "one", "two"]).succeeds();
    fs::remove_file(workspace.path("index/meta.json")).unwrap();
    workspace
        .run(&["search", "maire"])
        .fails_saying(&["damaged", "--rebuild"]);
    workspace
        .run(&["index", "two"])
        .fails_saying(&["damaged", "--rebuild"]);
}

#[test]
fn damage_is_told_in_a_sentence() {
    let workspace = Workspace::with_texts(&["Le maire."]);
    workspace.write("index/meta.json", "{\"index_settings\":");
    let output = workspace
        .run(&["search", "maire"])
        .fails_saying(&["meta.json"]);
    for debris in ["Error(", "Content:", "Data corrupted"] {
        assert!(!output.stderr.contains(debris), "{output:?}");
    }
}

#[test]
fn a_file_in_place_of_the_index_is_no_folder_and_says_what_to_do() {
    let workspace = Workspace::new()
        .file("corpus/a.txt", "Le maire.\n")
        .file("taken", "à moi");
    for args in [
        &["index", "--index", "taken"][..],
        &["search", "maire", "--index", "taken"],
    ] {
        workspace.run(args).fails_saying(&["taken", "hint: "]);
    }
    assert_eq!(
        fs::read(workspace.path("taken")).unwrap(),
        "à moi".as_bytes()
    );
}

#[test]
fn an_index_below_the_folder_it_is_of_does_not_count_itself() {
    let workspace = Workspace::new().file("a.txt", "Le maire.\n");
    let ignored = || {
        let output = workspace.run(&["index", ".", "--json"]).succeeds();
        let json: serde_json::Value = serde_json::from_str(&output.stdout).unwrap();
        json["ignored"].as_u64()
    };
    assert_eq!(ignored(), Some(0));
    assert_eq!(ignored(), Some(0), "the same folder, the same summary");
}

#[test]
fn a_missing_path_among_others_is_named_and_the_index_stays_as_it_was() {
    let workspace = Workspace::with_texts(&["Le maire."]);
    workspace.write("more/b.txt", "Le préfet.\n");
    workspace
        .run(&["index", "more", "mroe"])
        .fails_saying(&["mroe does not exist", "hint: "]);
    assert_eq!(workspace.found("maire"), ["1"]);
}

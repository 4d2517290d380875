//! `fouine check`: what it finds, what it leaves alone, and what `--repair` mends.

use std::fs;
use std::path::PathBuf;

use crate::support::Workspace;

const FRENCH: &str = "Le maire a ouvert la bibliothèque. Les habitants sont venus nombreux.";
const ENGLISH: &str = "The mayor has opened the library. Many people came to see the books.";

fn built() -> Workspace {
    let workspace = Workspace::new()
        .file("corpus/a.txt", FRENCH)
        .file("corpus/b.md", ENGLISH)
        .file(
            "corpus/c.jsonl",
            "{\"text\": \"Les martres dorment.\"}\n{\"text\": \"Les loutres nagent.\"}\n",
        );
    workspace.run(&["index"]).succeeds();
    workspace
}

fn files_of_index(workspace: &Workspace, ending: &str) -> Vec<PathBuf> {
    let entries = fs::read_dir(workspace.path("index")).unwrap();
    let mut files: Vec<PathBuf> = entries
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.to_string_lossy().ends_with(ending))
        .collect();
    files.sort();
    files
}

fn flip_a_bit(path: &PathBuf) {
    let mut bytes = fs::read(path).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 4;
    fs::write(path, bytes).unwrap();
}

fn everything(workspace: &Workspace) -> Vec<Vec<String>> {
    let queries = ["maire", "mayor library", "martres", "loutres", "people"];
    queries.map(|query| workspace.found(query)).to_vec()
}

#[test]
fn a_sound_index_is_called_so() {
    let workspace = built();
    let output = workspace.run(&["check"]).succeeds();
    assert!(
        output
            .stdout
            .contains("4 articles, 4 passages, in agreement")
    );
    assert!(
        output
            .stdout
            .contains("3 files as indexed, 0 changed since, 0 not there"),
        "{output:?}"
    );
}

#[test]
fn articles_that_have_changed_are_no_damage() {
    let workspace = built();
    workspace.write("corpus/a.txt", "Autre chose.");
    fs::remove_file(workspace.path("corpus/b.md")).unwrap();
    let output = workspace.run(&["check"]).succeeds();
    assert!(
        output
            .stdout
            .contains("1 file as indexed, 1 changed since, 1 not there"),
        "{output:?}"
    );
}

#[test]
fn damage_to_any_file_is_found_and_mended() {
    for ending in [
        ".idx",
        ".pos",
        ".term",
        ".store",
        ".fast",
        ".fieldnorm",
        "fouine.json",
        ".managed.json",
    ] {
        let workspace = built();
        let before = everything(&workspace);
        for file in files_of_index(&workspace, ending) {
            flip_a_bit(&file);
        }
        let found = workspace.run(&["check"]);
        assert_eq!(found.status, 2, "{ending}: {found:?}");
        assert!(found.stdout.contains(ending), "{ending}: {found:?}");
        assert!(found.stderr.contains("--repair"), "{ending}: {found:?}");
        let repaired = workspace.run(&["check", "--repair"]);
        assert_eq!(repaired.status, 0, "{ending}: {repaired:?}");
        workspace.run(&["check"]).succeeds();
        assert_eq!(everything(&workspace), before, "{ending}");
    }
}

#[test]
fn what_is_whole_is_kept_when_the_articles_are_gone() {
    let workspace = built();
    // A segment of its own, since the first is large by comparison with none.
    let n_segments = files_of_index(&workspace, ".store").len();
    assert_eq!(n_segments, 1);
    flip_a_bit(&files_of_index(&workspace, ".store")[0]);
    fs::rename(workspace.path("corpus"), workspace.path("unplugged")).unwrap();
    let output = workspace.run(&["check", "--repair"]);
    assert_eq!(output.status, 2, "{output:?}");
    assert!(output.stdout.contains("not read again"), "{output:?}");
    fs::rename(workspace.path("unplugged"), workspace.path("corpus")).unwrap();
    workspace.run(&["index"]).succeeds();
    assert_eq!(workspace.found("loutres").len(), 1);
    workspace.run(&["check"]).succeeds();
}

#[test]
fn without_the_list_of_segments_the_remedy_is_to_build_anew() {
    let workspace = built();
    flip_a_bit(&workspace.path("index/meta.json"));
    let found = workspace.run(&["check"]);
    assert!(found.stderr.contains("--rebuild"), "{found:?}");
    workspace
        .run(&["check", "--repair"])
        .fails_saying(&["cannot be mended", "--rebuild"]);
    workspace.run(&["index", "corpus", "--rebuild"]).succeeds();
    workspace.run(&["check"]).succeeds();
}

#[test]
fn what_was_lost_and_not_read_again_is_not_called_finished() {
    let workspace = built();
    flip_a_bit(&files_of_index(&workspace, ".pos")[0]);
    fs::rename(workspace.path("corpus"), workspace.path("unplugged")).unwrap();
    let output = workspace.run(&["check", "--repair"]);
    assert_eq!(output.status, 2, "{output:?}");
    let checked = workspace.run(&["check"]).succeeds();
    assert!(checked.stdout.contains("unfinished"), "{checked:?}");
    let status = workspace.run(&["status"]).succeeds();
    assert!(status.stdout.contains("unfinished"), "{status:?}");
    fs::rename(workspace.path("unplugged"), workspace.path("corpus")).unwrap();
    workspace.run(&["index"]).succeeds();
    let checked = workspace.run(&["check"]).succeeds();
    assert!(!checked.stdout.contains("unfinished"), "{checked:?}");
}

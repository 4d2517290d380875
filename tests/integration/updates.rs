//! `fouine index` on an index that is there: what has changed is read, and nothing else.

use std::fs::{self, File};
use std::time::{Duration, SystemTime};

use crate::support::Workspace;

const FRENCH: &str = "Le maire a ouvert la bibliothèque. Les habitants sont venus nombreux.";
const ENGLISH: &str = "The mayor has opened the library. Many people came to see the books.";

/// Gives a file a time that is long past, so that it tells whether the file has changed.
fn settle(workspace: &Workspace, path: &str) {
    let file = File::options()
        .write(true)
        .open(workspace.path(path))
        .unwrap();
    file.set_modified(SystemTime::now() - Duration::from_secs(3600))
        .unwrap();
}

/// The files of the index, with their sizes and times.
fn files_of_index(workspace: &Workspace) -> Vec<(String, u64, SystemTime)> {
    let mut files: Vec<_> = fs::read_dir(workspace.path("index"))
        .unwrap()
        .map(|entry| {
            let entry = entry.unwrap();
            let metadata = entry.metadata().unwrap();
            let name = entry.file_name().into_string().unwrap();
            (name, metadata.len(), metadata.modified().unwrap())
        })
        .collect();
    files.sort();
    files
}

fn json_of(workspace: &Workspace, args: &[&str]) -> serde_json::Value {
    serde_json::from_str(&workspace.run(args).succeeds().stdout).unwrap()
}

fn summary(workspace: &Workspace) -> [u64; 5] {
    let json = json_of(workspace, &["index", "--json"]);
    ["added", "changed", "moved", "removed", "unchanged"]
        .map(|became| json[became].as_u64().unwrap())
}

#[test]
fn where_nothing_is_new_nothing_is_written() {
    let workspace = Workspace::new()
        .file("corpus/a.txt", FRENCH)
        .file("corpus/b.md", ENGLISH);
    settle(&workspace, "corpus/a.txt"); // the other one is in doubt
    assert_eq!(summary(&workspace), [2, 0, 0, 0, 0]);
    let before = files_of_index(&workspace);
    let output = workspace.run(&["index"]).succeeds();
    assert!(
        output.stdout.starts_with("nothing new: 2 files unchanged"),
        "{output:?}"
    );
    assert_eq!(files_of_index(&workspace), before);
}

#[test]
fn each_change_is_seen_and_named() {
    let workspace = Workspace::new()
        .file("corpus/stays.txt", "Les fouines restent.")
        .file("corpus/changes.txt", "Les martres dorment.")
        .file("corpus/goes.txt", "Les hermines partent.")
        .file("corpus/moves.txt", "Les belettes voyagent.");
    assert_eq!(summary(&workspace), [4, 0, 0, 0, 0]);
    let id_of = |query: &str| workspace.found(query);
    let moved_id = id_of("belettes");
    workspace.write("corpus/changes.txt", "Les loutres nagent.");
    workspace.write("corpus/comes.txt", "Les blaireaux arrivent.");
    fs::remove_file(workspace.path("corpus/goes.txt")).unwrap();
    fs::create_dir(workspace.path("corpus/below")).unwrap();
    fs::rename(
        workspace.path("corpus/moves.txt"),
        workspace.path("corpus/below/moves.txt"),
    )
    .unwrap();
    assert_eq!(summary(&workspace), [1, 1, 1, 1, 1]);
    for gone in ["martres", "hermines"] {
        assert!(id_of(gone).is_empty(), "{gone}");
    }
    for there in ["fouines", "loutres", "blaireaux", "belettes"] {
        assert_eq!(id_of(there).len(), 1, "{there}");
    }
    assert_eq!(id_of("belettes"), moved_id, "a moved article keeps its id");
    assert_eq!(workspace.found("path:below").len(), 1);
    assert!(workspace.found("path:moves -path:below").is_empty());
    assert_eq!(summary(&workspace), [0, 0, 0, 0, 4]);
}

#[test]
fn files_that_have_moved_are_where_they_are() {
    let workspace = Workspace::new()
        .file("corpus/old/a.txt", "Les fouines\n\nLes fouines restent.")
        .file("corpus/z.txt", "Les martres\n\nLes fouines dorment.");
    assert_eq!(summary(&workspace), [2, 0, 0, 0, 0]);
    let move_to = |from: &str, to: &str| {
        let [from, to] = [from, to].map(|path| workspace.path(path));
        fs::create_dir_all(to.parent().unwrap()).unwrap();
        fs::rename(from, to).unwrap();
    };
    let found = |args: &[&str]| -> Vec<String> {
        let args = [&["search", "fouines", "--sort", "path", "--json"], args].concat();
        let lines = workspace.run(&args).stdout; // nothing found is a failure
        let lines = lines
            .lines()
            .map(|line| serde_json::from_str(line).unwrap());
        let hits = lines.filter(|line: &serde_json::Value| line["type"] == "hit");
        let folder = workspace.path("corpus").canonicalize().unwrap();
        let path = |hit: serde_json::Value| {
            let path = std::path::PathBuf::from(hit["article"]["path"].as_str().unwrap());
            path.strip_prefix(&folder).unwrap().display().to_string()
        };
        hits.map(path).collect()
    };
    move_to("corpus/old/a.txt", "corpus/zz/new/a.txt");
    assert_eq!(summary(&workspace), [0, 0, 1, 0, 1]);
    assert_eq!(found(&[]), ["z.txt", "zz/new/a.txt"]);
    assert_eq!(found(&["--path", "zz/ne*"]), ["zz/new/a.txt"]);
    assert_eq!(found(&["--path", "new/a"]), ["zz/new/a.txt"]);
    assert_eq!(found(&["--path", "old"]), [""; 0]);

    // Where it was, another; and that one moves, too.
    workspace.write("corpus/old/a.txt", "Les loutres\n\nLes fouines nagent.");
    assert_eq!(summary(&workspace), [1, 0, 0, 0, 2]);
    assert_eq!(found(&["--path", "old"]), ["old/a.txt"]);
    move_to("corpus/old/a.txt", "corpus/b/a.txt");
    assert_eq!(summary(&workspace), [0, 0, 1, 0, 2]);
    move_to("corpus/zz/new/a.txt", "corpus/old/a.txt");
    assert_eq!(summary(&workspace), [0, 0, 1, 0, 2]);
    assert_eq!(found(&[]), ["b/a.txt", "old/a.txt", "z.txt"]);
    workspace.run(&["check"]).succeeds();

    workspace.write("corpus/b/a.txt", "Les loutres\n\nLes loutres plongent.");
    assert_eq!(summary(&workspace), [0, 1, 0, 0, 2]);
    assert_eq!(found(&[]), ["old/a.txt", "z.txt"]);
    fs::remove_dir_all(workspace.path("corpus/old")).unwrap();
    assert_eq!(summary(&workspace), [0, 0, 0, 1, 2]);
    assert_eq!(found(&[]), ["z.txt"]);
    workspace.run(&["check"]).succeeds();
}

#[test]
fn a_title_made_of_the_file_name_follows_it() {
    let text = "Une phrase qui est trop longue pour servir de titre à cet article, parce qu’elle finit par un point.";
    let workspace = Workspace::new()
        .file("corpus/les-martres.txt", text)
        .file("corpus/b.txt", ENGLISH);
    summary(&workspace);
    assert_eq!(workspace.found("title:martres").len(), 1);
    fs::rename(
        workspace.path("corpus/les-martres.txt"),
        workspace.path("corpus/les-loutres.txt"),
    )
    .unwrap();
    assert_eq!(summary(&workspace), [0, 0, 1, 0, 1]);
    assert!(workspace.found("title:martres").is_empty());
    assert_eq!(workspace.found("title:loutres").len(), 1);
}

#[test]
fn a_file_of_the_same_size_and_time_is_read_again_if_it_was_fresh() {
    let workspace = Workspace::new().file("corpus/a.txt", "Les martres dorment.");
    summary(&workspace);
    let path = workspace.path("corpus/a.txt");
    let time = fs::metadata(&path).unwrap().modified().unwrap();
    workspace.write("corpus/a.txt", "Les loutres dorment.");
    let file = File::options().write(true).open(&path).unwrap();
    file.set_modified(time).unwrap();
    assert_eq!(summary(&workspace), [0, 1, 0, 0, 0]);
    assert_eq!(workspace.found("loutres").len(), 1);
}

#[test]
fn a_new_time_alone_changes_nothing() {
    let workspace = Workspace::new().file("corpus/a.txt", FRENCH);
    settle(&workspace, "corpus/a.txt");
    summary(&workspace);
    workspace.write("corpus/a.txt", FRENCH);
    assert_eq!(summary(&workspace), [0, 0, 0, 0, 1]);
}

#[test]
fn a_lost_root_stops_everything_unless_it_is_pruned() {
    let workspace = Workspace::new()
        .file("here/a.txt", FRENCH)
        .file("disk/b.txt", ENGLISH);
    workspace.run(&["index", "here", "disk"]).succeeds();
    fs::rename(workspace.path("disk"), workspace.path("unplugged")).unwrap();
    workspace.write("here/a.txt", "Les loutres nagent.");
    workspace.run(&["index"]).fails_saying(&[
        "disk is not there",
        "holds 1 files of it",
        "--prune",
    ]);
    assert_eq!(workspace.found("maire").len(), 1, "nothing was changed");
    workspace.run(&["index", "here"]).succeeds();
    assert_eq!(workspace.found("loutres").len(), 1);
    assert_eq!(workspace.found("mayor").len(), 1, "the other root stays");
    workspace.run(&["index", "--prune"]).succeeds();
    assert!(workspace.found("mayor").is_empty());
    let json = json_of(&workspace, &["status", "--json"]);
    assert_eq!(json["roots"].as_array().unwrap().len(), 1);
}

#[test]
fn a_collection_is_replaced_as_a_whole() {
    let workspace = Workspace::with_texts(&["Les martres.", "Les loutres."]);
    workspace.run(&["index"]).succeeds();
    workspace.write(
        "corpus/texts.jsonl",
        "{\"text\": \"Les loutres.\"}\nnot json\n",
    );
    let output = workspace.run(&["index"]);
    assert_eq!(output.status, 2, "{output:?}");
    assert!(workspace.found("martres").is_empty());
    assert_eq!(workspace.found("loutres").len(), 1);
    let again = workspace.run(&["index"]);
    assert_eq!(again.status, 2, "{again:?}");
    assert!(
        again.stdout.contains("has 1 lines that could not be read"),
        "{again:?}"
    );
    let larger = workspace.run(&["index", "--max-file-size", "65"]);
    assert!(larger.stdout.contains("not a JSON object"), "{larger:?}");
}

#[cfg(unix)]
#[test]
fn what_cannot_be_read_for_now_is_kept() {
    use std::os::unix::fs::PermissionsExt;
    let workspace = Workspace::new()
        .file("corpus/a.txt", FRENCH)
        .file("corpus/closed/b.txt", ENGLISH);
    workspace.run(&["index"]).succeeds();
    let closed = workspace.path("corpus/closed");
    fs::set_permissions(&closed, fs::Permissions::from_mode(0o0)).unwrap();
    let is_refused = fs::read_dir(&closed).is_err(); // not for the superuser
    let output = workspace.run(&["index"]);
    fs::set_permissions(&closed, fs::Permissions::from_mode(0o755)).unwrap();
    assert_eq!(output.status, i32::from(is_refused) * 2, "{output:?}");
    assert_eq!(workspace.found("mayor").len(), 1, "{output:?}");
}

#[test]
fn files_of_one_size_and_time_that_change_places_are_told_apart() {
    let workspace = Workspace::new()
        .file("corpus/a.txt", "Les martres dorment.")
        .file("corpus/b.txt", "Les loutres dorment.");
    for path in ["corpus/a.txt", "corpus/b.txt"] {
        let file = File::options()
            .write(true)
            .open(workspace.path(path))
            .unwrap();
        file.set_modified(SystemTime::UNIX_EPOCH + Duration::from_secs(1_500_000_000))
            .unwrap();
    }
    assert_eq!(summary(&workspace), [2, 0, 0, 0, 0]);
    let [a, b, c] = ["corpus/a.txt", "corpus/b.txt", "c.txt"].map(|path| workspace.path(path));
    fs::rename(&a, &c).unwrap();
    fs::rename(&b, &a).unwrap();
    fs::rename(&c, &b).unwrap();
    assert_eq!(summary(&workspace), [0, 2, 0, 0, 0]);
    assert_eq!(workspace.found("martres path:b").len(), 1);
}

#[cfg(unix)]
#[test]
fn a_file_given_by_a_link_is_found_again_by_it() {
    let workspace = Workspace::new().file("real/article", FRENCH);
    std::os::unix::fs::symlink("real/article", workspace.path("link.txt")).unwrap();
    workspace.run(&["index", "link.txt"]).succeeds();
    assert_eq!(summary(&workspace), [0, 0, 0, 0, 1]);
    workspace.write("real/article", ENGLISH);
    assert_eq!(summary(&workspace), [0, 1, 0, 0, 0]);
}

#[cfg(unix)]
#[test]
fn a_folder_that_was_moved_and_is_now_a_link_to_where_it_is_keeps_its_articles_once() {
    let workspace = Workspace::new()
        .file("notes/a.txt", FRENCH)
        .file("notes/b.txt", ENGLISH);
    workspace.run(&["index", "notes"]).succeeds();
    let before = workspace.found("maire mayor");
    fs::create_dir(workspace.path("disk")).unwrap();
    fs::rename(workspace.path("notes"), workspace.path("disk/notes")).unwrap();
    std::os::unix::fs::symlink("disk/notes", workspace.path("notes")).unwrap();
    assert_eq!(summary(&workspace), [0, 0, 2, 0, 0]);
    assert_eq!(workspace.found("maire mayor"), before);
    assert_eq!(summary(&workspace), [0, 0, 0, 0, 2]);
    let json = json_of(&workspace, &["status", "--json"]);
    assert_eq!(json["roots"].as_array().unwrap().len(), 1);
}

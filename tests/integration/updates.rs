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
    workspace
        .run(&["index"])
        .fails_saying(&["disk is not there", "holds 1 file of it", "--prune"]);
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
        again.stdout.contains("has 1 line that could not be read"),
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

/// Stops a run once the first articles are written.
#[test]
fn a_run_that_is_stopped_in_a_collection_is_gone_on_with_and_unfinished_until_then() {
    use fouine::index::{BuildOptions, Index, Stop, build};
    let lines = |word: &str| -> String {
        let line = |n: u32| format!("{{\"_id\": \"{word}{n}\", \"text\": \"{word} {n}.\"}}\n");
        (0..600).map(line).collect()
    };
    let workspace = Workspace::new()
        .file("one/c.jsonl", lines("fouine"))
        .file("two/a.txt", FRENCH);
    settle(&workspace, "one/c.jsonl");
    let [one, two, dir] = ["one", "two", "index"].map(|path| workspace.path(path));
    let stop_early = || {
        let (stop, _wakes) = Stop::new();
        let options = BuildOptions {
            stop: Some(stop.clone()),
            ..BuildOptions::default()
        };
        build(&dir, std::slice::from_ref(&one), &options, &mut |_| {
            stop.stop();
        })
        .unwrap_err();
        Index::open(&dir).unwrap().status().unwrap()
    };
    let status = stop_early();
    assert!((1..600).contains(&status.articles), "{status:?}");
    assert!(!status.manifest.finished);

    // Another path does not make it whole.
    build(&dir, &[two], &BuildOptions::default(), &mut |_| {}).unwrap();
    assert!(
        !Index::open(&dir)
            .unwrap()
            .manifest()
            .unwrap()
            .unwrap()
            .finished
    );
    let before = files_of_index(&workspace);
    workspace.run(&["index", "two"]).succeeds();
    assert_eq!(
        files_of_index(&workspace),
        before,
        "nothing is written again and again"
    );
    let json = json_of(&workspace, &["check", "--json"]);
    assert_eq!(json["sources"]["partial"], 1);

    // What has changed since is begun anew, and gone on with as well.
    workspace.write("one/c.jsonl", lines("martre"));
    settle(&workspace, "one/c.jsonl");
    let status = stop_early();
    assert!((2..601).contains(&status.articles), "{status:?}");
    assert_eq!(workspace.found("fouine").len(), 0);
    let json = json_of(&workspace, &["index", "--json"]);
    assert_eq!(json["articles"].as_u64().unwrap(), 601 - status.articles);
    assert_eq!(json["added"], 1);
    let status = Index::open(&dir).unwrap().status().unwrap();
    assert_eq!((status.articles, status.manifest.finished), (601, true));
    workspace.run(&["check"]).succeeds();
}

#[test]
fn a_limit_is_that_of_the_file_that_was_read_with_it() {
    let long = format!("{{\"text\": \"{}\"}}\n", "fouine ".repeat(200_000));
    let good = "{\"text\": \"Les fouines.\"}\n";
    let workspace = Workspace::new()
        .file("a/a.jsonl", format!("{good}{long}"))
        .file("b/b.jsonl", format!("{good}{{bad\n"));
    workspace.run(&["index", "a", "--max-file-size", "1"]);
    workspace.run(&["index", "b"]);
    let json = json_of(&workspace, &["check", "--json"]);
    assert_eq!(json["sources"]["same"], 2, "{json}");

    // It goes with the file.
    fs::rename(workspace.path("a/a.jsonl"), workspace.path("a/z.jsonl")).unwrap();
    let output = workspace.run(&["index", "a", "--max-file-size", "1"]);
    assert!(output.stdout.contains("files: 1 moved"), "{output:?}");
    assert!(output.stdout.contains("has 1 line that"), "{output:?}");
    let json = json_of(&workspace, &["check", "--json"]);
    assert_eq!(json["sources"]["same"], 2, "{json}");
}

#[test]
fn what_is_too_large_by_now_is_not_lost_when_it_moves() {
    let workspace = Workspace::new().file("corpus/long-nom.txt", "fouine ".repeat(200_000));
    workspace.run(&["index"]).succeeds();
    let [from, to] = ["corpus/long-nom.txt", "corpus/autre.txt"].map(|path| workspace.path(path));
    fs::rename(from, to).unwrap();
    let output = workspace.run(&["index", "--max-file-size", "1"]).succeeds();
    assert!(output.stdout.starts_with("files: 1 moved"), "{output:?}");
    assert!(!workspace.found("fouine").is_empty());
}

#[test]
fn of_files_with_one_content_those_of_one_name_are_the_same() {
    let workspace = Workspace::new()
        .file("corpus/p/un.txt", FRENCH)
        .file("corpus/p/zwei.txt", FRENCH);
    workspace.run(&["index"]).succeeds();
    let ids = |name: &str| {
        workspace
            .search(&["maire", "--path", name])
            .articles()
            .join(" ")
    };
    let before = ["un", "zwei"].map(&ids);
    fs::create_dir(workspace.path("corpus/q")).unwrap();
    for (from, to) in [("zwei", "zwei"), ("un", "zzz-un")] {
        let [from, to] = [("p", from), ("q", to)]
            .map(|(folder, name)| workspace.path(&format!("corpus/{folder}/{name}.txt")));
        fs::rename(from, to).unwrap();
    }
    assert_eq!(summary(&workspace), [0, 0, 2, 0, 0]);
    assert_eq!(["zzz", "zwei"].map(ids), before);
}

#[test]
fn any_number_of_files_may_have_the_beginning_of_a_path() {
    let workspace = Workspace::new();
    for n in 0..1_100 {
        workspace.write(&format!("corpus/f{n}.txt"), "Un texte sur le fleuve.");
    }
    workspace.run(&["index"]).succeeds();
    let count = |query: &str| workspace.run(&["search", "--count", query]).stdout;
    assert!(
        count("fleuve path:f*").starts_with("1100 "),
        "{}",
        count("fleuve path:f*")
    );
    assert!(
        count("fleuve -path:f*").starts_with("0 "),
        "{}",
        count("fleuve -path:f*")
    );
}

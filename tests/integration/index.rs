//! What is indexed, replaced, ignored, left out, and what the summary says.

use super::support::Workspace;

const FRENCH: &str = "Le maire a parlé de la dette de la ville au conseil.\n";
const ENGLISH: &str = "The mayor has spoken of the debt of the town at length.\n";

/// The summary without the time it took.
fn summary(stdout: &str) -> String {
    let lines = stdout.lines().map(|line| match line.split_once(" in ") {
        Some((before, _)) => before,
        None => line,
    });
    lines.collect::<Vec<_>>().join("\n")
}

#[test]
fn the_summary_counts_what_was_indexed_and_names_what_was_not() {
    let workspace = Workspace::new()
        .file("corpus/a.txt", FRENCH)
        .file("corpus/sub/b.md", ENGLISH)
        .file("corpus/photo.jpg", "not read")
        .file("corpus/empty.txt", "\n")
        .file("corpus/binary.txt", b"\x00\x01\x02\x03binary\x00\x00")
        .file("corpus/.hidden.txt", FRENCH);
    let output = workspace.run(&["index"]);
    assert_eq!(output.status, 2, "a file was skipped");
    assert_eq!(
        summary(&output.stdout),
        "2 articles, 2 passages (fr 1, en 1, other 0), 110 B\n\
         ignored: 1 file of other kinds\n\
         without text: 1\n  corpus/empty.txt\n\
         skipped: 1\n  corpus/binary.txt: binary data, not text"
    );
    assert_eq!(output.stderr, "");
    assert_eq!(
        workspace.found("maire mayor").len(),
        2,
        "all the rest is indexed"
    );
}

#[test]
fn the_summary_can_be_json() {
    let workspace = Workspace::new()
        .file("corpus/a.txt", FRENCH)
        .file("corpus/bad.jsonl", "{]\n");
    let output = workspace.run(&["index", "--json"]);
    assert_eq!(output.status, 2);
    let json: serde_json::Value = serde_json::from_str(&output.stdout).unwrap();
    assert_eq!(json["articles"], 1);
    assert_eq!(
        json["languages"],
        serde_json::json!({"fr": 1, "en": 0, "other": 0})
    );
    assert_eq!(json["skipped"][0]["line"], 1);
    assert!(json["seconds"].is_f64());
}

#[test]
fn indexing_again_gives_the_same_answers() {
    let workspace = Workspace::new()
        .file("corpus/a.txt", FRENCH)
        .file("corpus/b.txt", ENGLISH);
    workspace.run(&["index"]).succeeds();
    let answer = |workspace: &Workspace| {
        let output = workspace
            .run(&["search", "--json", "dette debt ville"])
            .succeeds();
        let lines: Vec<String> = output.stdout.lines().map(str::to_owned).collect();
        lines[..lines.len() - 1].join("\n")
    };
    let before = answer(&workspace);
    workspace.run(&["index"]).succeeds();
    assert_eq!(answer(&workspace), before);
    workspace.run(&["index", "--rebuild"]).succeeds();
    assert_eq!(answer(&workspace), before);
}

#[test]
fn a_path_indexed_again_is_replaced_and_others_stay() {
    let workspace = Workspace::new()
        .file("old/a.txt", FRENCH)
        .file("new/b.txt", FRENCH);
    workspace.run(&["index", "old"]).succeeds();
    workspace.run(&["index", "new"]).succeeds();
    assert_eq!(workspace.found("maire").len(), 2);
    workspace.write("new/b.txt", "La gare est fermée pour travaux.\n");
    workspace.run(&["index", "new"]).succeeds();
    assert_eq!(workspace.found("maire").len(), 1);
    assert_eq!(workspace.found("travaux").len(), 1);
    workspace.run(&["index", "new", "--rebuild"]).succeeds();
    assert_eq!(
        workspace.found("maire").len(),
        0,
        "--rebuild forgets the other path"
    );
}

#[test]
fn scores_do_not_change_when_a_part_is_indexed_again() {
    let workspace = Workspace::new();
    for n in 0..20 {
        workspace.write(
            &format!("corpus/{}/{n}.txt", n % 2),
            format!("Le maire numéro {n} parle.\n"),
        );
    }
    workspace.run(&["index"]).succeeds();
    let score = || workspace.search(&["maire"]).hits[0].score;
    let before = score();
    workspace.run(&["index", "corpus/1"]).succeeds();
    assert_eq!(score(), before);
}

#[test]
fn collections_hold_an_article_a_line() {
    let lines = [
        r#"{"_id":"q1","title":"La dette","text":"Le maire a parlé.","date":"2020-05-12","author":"Ève Roy"}"#,
        r#"{"id":7,"text":"The mayor has spoken to the council.","lang":"en"}"#,
        "",
        r#"{"title":"Sans identité","text":"La gare est là."}"#,
    ];
    let workspace = Workspace::new().file("all.jsonl", lines.join("\n"));
    workspace.run(&["index", "all.jsonl"]).succeeds();
    assert_eq!(
        workspace.found("maire mayor gare"),
        ["7", "all.jsonl:4", "q1"]
    );
    let hit = workspace.search(&["maire"]).hits.remove(0);
    assert_eq!(hit.article.title.as_deref(), Some("La dette"));
    assert_eq!(hit.article.date.as_deref(), Some("2020-05-12"));
    assert_eq!(hit.passage.lines, [1, 1]);
}

#[test]
fn an_id_used_twice_loses_no_article() {
    let record = |text: &str| format!("{{\"_id\":\"1\",\"text\":\"{text}\"}}\n");
    let workspace = Workspace::new()
        .file("a.jsonl", record("Le maire.") + &record("La maire."))
        .file("b.jsonl", record("Un maire."));
    let output = workspace.run(&["index", "a.jsonl"]).succeeds();
    assert!(
        output.stdout.contains("1 is taken, indexed as 1~2"),
        "{output:?}"
    );
    workspace.run(&["index", "b.jsonl"]).succeeds();
    assert_eq!(workspace.found("maire"), ["1", "1~2", "1~3"]);
    workspace.run(&["index", "b.jsonl"]).succeeds();
    assert_eq!(
        workspace.found("maire"),
        ["1", "1~2", "1~3"],
        "its own old id does not count"
    );
}

#[test]
fn the_same_file_by_two_paths_is_one_article() {
    let workspace = Workspace::new().file("corpus/sub/a.txt", FRENCH);
    workspace
        .run(&["index", "corpus", "corpus/sub", "corpus/sub/a.txt"])
        .succeeds();
    assert_eq!(workspace.found("maire").len(), 1);
}

#[test]
fn the_index_can_be_named_by_the_environment() {
    let workspace = Workspace::new().file("corpus/a.txt", FRENCH);
    workspace
        .run_with(&["index"], &[("FOUINE_INDEX", "elsewhere")])
        .succeeds();
    assert!(workspace.path("elsewhere").is_dir() && !workspace.path("index").exists());
    let output = workspace.run_with(&["search", "maire"], &[("FOUINE_INDEX", "elsewhere")]);
    assert_eq!(output.status, 0);
    assert_eq!(
        workspace
            .run(&["search", "maire", "--index", "elsewhere"])
            .status,
        0
    );
}

#[test]
fn many_parts_indexed_in_many_rounds_stay_whole() {
    let workspace = Workspace::new();
    for folder in 0..12 {
        for file in 0..3 {
            let text = format!("Le maire du quartier {folder} parle au numéro {file}.\n");
            workspace.write(&format!("corpus/{folder}/{file}.txt"), text);
        }
    }
    for _ in 0..2 {
        for folder in 0..12 {
            workspace
                .run(&["index", &format!("corpus/{folder}")])
                .succeeds();
        }
    }
    assert_eq!(workspace.found("maire").len(), 36);
    let segments = workspace
        .names("index")
        .into_iter()
        .filter(|name| name.ends_with(".store"));
    assert!(segments.count() <= 8);
}

#[cfg(unix)]
#[test]
fn an_article_reached_by_a_link_is_replaced_too() {
    let workspace = Workspace::new()
        .file("elsewhere/a.txt", FRENCH)
        .file("corpus/b.txt", ENGLISH);
    std::os::unix::fs::symlink("../elsewhere/a.txt", workspace.path("corpus/a.txt")).unwrap();
    workspace.run(&["index"]).succeeds();
    assert_eq!(workspace.found("maire mayor").len(), 2);
    workspace.write("elsewhere/a.txt", "Un autre texte, sur les martres.");
    let output = workspace.run(&["index"]).succeeds();
    assert!(
        output.stdout.contains("files: 1 changed, 1 unchanged"),
        "{output:?}"
    );
    assert_eq!(workspace.found("maire mayor").len(), 1);
    assert_eq!(workspace.found("martres").len(), 1);
    std::fs::remove_file(workspace.path("corpus/a.txt")).unwrap();
    workspace.run(&["index"]).succeeds();
    assert!(workspace.found("martres").is_empty(), "the link is gone");
}

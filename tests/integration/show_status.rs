//! Printing articles and passages, counting what there is.

use super::support::Workspace;

const ARTICLE: &str = "---\ntitle: La crue\ndate: 2018-01-29\nauthor: Ève Roy\n---\nL'eau monte.\n\nPersonne n'est mort.\n\n## Les écluses\n\nElles tiennent.\n";

#[test]
fn an_article_is_shown_as_it_stands() {
    let workspace = Workspace::new().file("corpus/crue.md", ARTICLE);
    workspace.run(&["index"]).succeeds();
    let hit = workspace.search(&["écluses"]).hits.remove(0);
    let expected = "La crue\n2018-01-29 · Ève Roy · fr\ncorpus/crue.md:6-12\n\nL'eau monte.\n\nPersonne n'est mort.\n\nLes écluses\n\nElles tiennent.\n";
    assert_eq!(
        workspace.run(&["show", &hit.article.id]).succeeds().stdout,
        expected
    );
    let by_passage = workspace.run(&["show", &hit.passage.id]).succeeds();
    assert_eq!(
        by_passage.stdout, expected,
        "a passage's id shows its article"
    );
}

#[test]
fn a_passage_is_shown_alone() {
    let workspace = Workspace::new().file("corpus/crue.md", ARTICLE);
    workspace.run(&["index"]).succeeds();
    let hit = workspace.search(&["écluses"]).hits.remove(0);
    let output = workspace
        .run(&["show", &hit.passage.id, "--passage"])
        .succeeds();
    assert!(output.stdout.ends_with("\nElles tiennent.\n") && !output.stdout.contains("Personne"));
    let article = workspace.run(&["show", &hit.article.id, "--passage"]);
    assert_eq!(article.status, 1);
    assert!(
        article.stderr.contains(&format!("{}#1 to", hit.article.id)),
        "{article:?}"
    );
}

#[test]
fn articles_are_shown_as_json_too() {
    let workspace = Workspace::new().file("corpus/crue.md", ARTICLE);
    workspace.run(&["index"]).succeeds();
    let id = workspace.search(&["écluses"]).hits.remove(0).article.id;
    let output = workspace.run(&["show", &id, "--json"]).succeeds();
    let json: serde_json::Value = serde_json::from_str(&output.stdout).unwrap();
    assert_eq!(json["article"]["title"], "La crue");
    assert_eq!(json["passages"][1]["heading"], "Les écluses");
}

#[test]
fn an_unknown_id_is_nothing_found() {
    let workspace = Workspace::with_texts(&["Le maire."]);
    for id in ["nope", "nope#1", "1#2#3", ""] {
        let output = workspace.run(&["show", "--", id]);
        assert_eq!((output.status, output.stdout.as_str()), (1, ""), "{id}");
        assert!(
            output.stderr.contains("no article or passage"),
            "{output:?}"
        );
    }
}

#[test]
fn status_counts_what_is_in_the_index() {
    let workspace = Workspace::with_texts(&[
        "Le maire de la ville.",
        "The mayor of the town.",
        "La dette de la ville.",
    ]);
    let output = workspace.run(&["status", "--json"]).succeeds();
    let json: serde_json::Value = serde_json::from_str(&output.stdout).unwrap();
    assert_eq!(
        (&json["articles"], &json["passages"]),
        (&3.into(), &3.into())
    );
    assert_eq!(
        json["languages"],
        serde_json::json!({"fr": 2, "en": 1, "other": 0})
    );
    assert!(json["bytes"].as_u64().unwrap() > 0);
    assert_eq!(json["format"], fouine::index::FORMAT_VERSION);
    assert_eq!(json["analyzer"], 1);
    assert_eq!(json["finished"], true);
    let root = workspace.path("corpus").canonicalize().unwrap();
    assert_eq!(json["roots"], serde_json::json!([root]));
    assert!(json["built"].as_str().unwrap().ends_with('Z'));
    let text = workspace.run(&["status"]).succeeds().stdout;
    for line in [
        "articles   3",
        "passages   3 (fr 2, en 1, other 0)",
        &format!(
            "versions   format {}, analyzer 1",
            fouine::index::FORMAT_VERSION
        ),
    ] {
        assert!(text.contains(line), "{text}");
    }
}

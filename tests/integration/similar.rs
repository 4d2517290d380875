//! Passages like one that is known.

use super::support::Workspace;

/// Two articles on a bridge, one on a school, one on a bridge in English.
fn town() -> Workspace {
    Workspace::with_texts(&[
        "Le pont des Tanneurs enjambe la rivière, et les travaux du pont durent depuis deux ans.",
        "Les travaux du pont sur la rivière sont finis, dit la maire.",
        "L'école du quartier rouvre lundi, dit la maire.",
        "Les élèves de l'école mangent à la cantine du quartier.",
        "The bridge over the river is closed, said the mayor of the town.",
    ])
}

#[test]
fn an_article_is_like_those_on_its_subject_and_not_like_itself() {
    let workspace = town();
    for id in ["1", "1#1"] {
        let output = workspace.run(&["similar", id, "--ids"]).succeeds();
        assert_eq!(output.stdout, "2#1\n", "{id}");
    }
    let output = workspace.run(&["similar", "2", "--ids"]).succeeds();
    assert_eq!(
        output.stdout, "1#1\n3#1\n",
        "first the bridge, then the mayor"
    );
}

#[test]
fn other_passages_of_its_article_are_left_out_too() {
    let about = |subject: &str| format!("Le tramway avance lentement {subject}.");
    let long = [
        about("sur le pont"),
        about("dans la rue"),
        about("vers le dépôt"),
    ]
    .map(|sentence| [sentence.as_str(); 30].join(" "))
    .join("\n\n");
    let workspace = Workspace::with_texts(&[&long, "Un tramway passe sur le pont."]);
    let passages = workspace.run(&["search", "tramway", "--count"]).succeeds();
    assert!(
        !passages.stdout.starts_with("2 "),
        "one is long: {passages:?}"
    );
    for id in ["1", "1#1", "1#2"] {
        let output = workspace.run(&["similar", id, "--ids"]).succeeds();
        assert_eq!(output.stdout, "2#1\n", "{id}");
        let output = workspace.run(&["similar", id, "--count"]).succeeds();
        assert_eq!(output.stdout, "1 passage in 1 article\n", "{id}");
    }
}

#[test]
fn an_unknown_id_is_told() {
    let workspace = town();
    for id in ["9", "1#2", "1#0", "#1", "", "1#", "maire"] {
        let output = workspace.run(&["similar", id]);
        assert_eq!((output.status, output.stdout.as_str()), (1, ""));
        let expected = "no article or passage has the id";
        assert!(output.stderr.contains(expected), "{output:?}");
    }
}

#[test]
fn an_article_like_no_other_finds_nothing() {
    let workspace = Workspace::with_texts(&["Le pont rouvre.", "Une école ferme."]);
    let output = workspace.run(&["similar", "1"]);
    assert_eq!((output.status, output.stdout.as_str()), (1, ""));
    assert!(output.stderr.contains("nothing found"), "{output:?}");
}

#[test]
fn it_takes_the_options_of_a_search() {
    let workspace = town();
    let similar = |args: &[&str]| workspace.run(&[&["similar", "2"], args].concat()).stdout;
    assert_eq!(similar(&["--ids", "-n", "1"]), "1#1\n");
    assert_eq!(similar(&["--ids", "--lang", "en"]), "");
    assert_eq!(similar(&["--count"]), "2 passages in 2 articles\n");
    let lines = similar(&["--json"]);
    let mut lines = lines
        .lines()
        .map(|line| serde_json::from_str::<serde_json::Value>(line).unwrap()["type"].clone());
    assert!(lines.by_ref().eq(["query", "hit", "hit", "summary"]));
    assert!(similar(&["--explain"]).contains("read as: travaux pont"));
}

#[test]
fn through_a_glossary_it_finds_the_other_language() {
    let workspace = town();
    let output = workspace
        .run(&["similar", "2", "--ids", "--translate"])
        .succeeds();
    assert!(output.stdout.contains("5#1\n"), "{output:?}");
}

#[test]
fn signs_in_a_text_are_no_operators() {
    let workspace = Workspace::with_texts(&[
        "Le maire ET la dette (\"budget\" -ville) title:pont élect* NEAR/5.",
        "Le pont de la ville.",
        "La dette du maire.",
    ]);
    let output = workspace.run(&["similar", "1", "--ids"]).succeeds();
    let mut ids: Vec<&str> = output.stdout.lines().collect();
    ids.sort_unstable();
    assert_eq!(ids, ["2#1", "3#1"]);
}

#[test]
fn words_that_tell_as_much_as_each_other_are_all_looked_for() {
    // Forty words that only two articles have, each once.
    let words: Vec<String> = (b'a'..b'u')
        .flat_map(|one| ["bra", "cro"].map(|end| format!("{end}{}fan", char::from(one))))
        .collect();
    let text = format!("Les mots que le maire a dits sont {}.", words.join(", "));
    let workspace = Workspace::with_texts(&[
        &text,
        &text,
        "La gare est dans la ville et le train part.",
        "Les travaux du pont sont finis, dit la presse.",
    ]);
    let output = workspace.run(&["similar", "1", "--ids"]).succeeds();
    assert_eq!(output.stdout, "2#1\n");
}

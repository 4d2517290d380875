//! Words looked for in the other language: by the glossary, by one's own, as names and cognates.

use super::support::{Hit, Workspace};

const TEXTS: [&str; 6] = [
    "The mayor of the town was charged with fraud by the prosecutor.",
    "Le maire de la ville a été mis en examen.",
    "The swimming pool is closed, and a beech marten sleeps in the attic.",
    "The town hall's budget was passed by the council of Levallois-Perret.",
    "Un pompier sauve un chat dans la rue.",
    "The cosmonaut waved at the crowd in the street.",
];

/// What a hit was found through: `typed → written`.
fn through(hit: &Hit) -> Vec<String> {
    let found = hit.found.iter();
    found
        .map(|found| format!("{} → {}", found.typed, found.written.join(", ")))
        .collect()
}

#[test]
fn a_french_question_finds_an_english_passage() {
    let workspace = Workspace::with_texts(&TEXTS);
    let question = "la piscine est-elle fermée ?";
    let answer = workspace.search(&[question, "--translate"]);
    assert_eq!(answer.articles(), ["3"]);
    assert_eq!(answer.query.read.lang.as_deref(), Some("fr"));
    assert_eq!(
        answer.query.notices,
        ["searched in English: piscine → swimming pool, pool; fermée → closed, close"]
    );
    let hit = &answer.hits[0];
    assert!(hit.translated);
    assert_eq!(
        through(hit),
        ["piscine → pool, swimming pool", "fermée → closed"]
    );
    assert_eq!(hit.highlighted(), ["swimming pool", "closed"]);
}

#[test]
fn an_english_question_finds_a_french_passage() {
    let workspace = Workspace::with_texts(&TEXTS);
    let answer = workspace.search(&["the firefighters and the cat", "--translate"]);
    assert_eq!(answer.articles(), ["5"]);
    assert_eq!(answer.query.read.lang.as_deref(), Some("en"));
    assert!(answer.hits[0].translated);
    assert_eq!(
        through(&answer.hits[0]),
        ["firefighters → pompier", "cat → chat"]
    );
}

#[test]
fn hits_in_the_language_of_the_query_are_not_translated() {
    let workspace = Workspace::with_texts(&TEXTS);
    let answer = workspace.search(&["le maire", "--translate"]);
    let translated = answer
        .hits
        .iter()
        .map(|hit| (hit.article.id.as_str(), hit.translated));
    assert_eq!(translated.collect::<Vec<_>>(), [("2", false), ("1", true)]);
    let answer = workspace.search(&["le maire", "--translate", "--lang", "en"]);
    assert_eq!(answer.articles(), ["1"]);
}

#[test]
fn nothing_is_translated_unless_asked() {
    let workspace = Workspace::with_texts(&TEXTS);
    let answer = workspace.search(&["la piscine est-elle fermée ?"]);
    assert_eq!(answer.articles(), [""; 0]);
    assert!(
        !answer
            .query
            .notices
            .iter()
            .any(|notice| notice.contains('→'))
    );
    let answer = workspace.search(&["le maire"]);
    assert_eq!(answer.articles(), ["2"]);
    assert!(!answer.hits[0].translated);
}

#[test]
fn text_for_people_says_through_which_words() {
    let workspace = Workspace::with_texts(&TEXTS);
    let output = workspace
        .run(&["search", "la piscine", "--translate"])
        .succeeds();
    assert!(
        output
            .stdout
            .contains("\n    through piscine → pool, swimming pool\n"),
        "{output:?}"
    );
    assert_eq!(
        output.stderr,
        "note: searched in English: piscine → swimming pool, pool\n"
    );
    let output = workspace
        .run(&["search", "le budget de la mairie", "--translate"])
        .succeeds();
    assert!(
        output.stdout.contains("; mairie → town hall\n"),
        "{output:?}"
    );
    let output = workspace
        .run(&["search", "pompier", "--translate"])
        .succeeds();
    assert!(!output.stdout.contains("through"), "{output:?}");
}

#[test]
fn a_word_that_the_index_lacks_is_read_by_the_glossary() {
    let workspace = Workspace::with_texts(&TEXTS);
    for (query, expected) in [("piscine", "3"), ("grenier", "3"), ("firefighter", "5")] {
        let answer = workspace.search(&[query, "--translate"]);
        assert_eq!(answer.articles(), [expected], "{query}");
    }
}

#[test]
fn a_word_left_out_does_not_hide_the_language() {
    let workspace = Workspace::with_texts(&TEXTS);
    // In English passages, `fraude` has the stem of *fraud*.
    let answer = workspace.search(&["--translate", "--", "maire -fraude"]);
    assert_eq!(answer.query.read.lang.as_deref(), Some("fr"));
    assert_eq!(answer.query.notices, ["searched in English: maire → mayor"]);
    assert_eq!(answer.articles(), ["2"]);
}

#[test]
fn terms_of_several_words_are_translated_as_one() {
    let workspace = Workspace::with_texts(&TEXTS);
    for query in ["mise en examen", "\"mise en examen\"", "mises en examen"] {
        let answer = workspace.search(&[query, "--translate"]);
        assert_eq!(answer.articles(), ["2", "1"], "{query}");
        let english = &answer.hits[1];
        assert_eq!(
            english.found.last().unwrap().written,
            ["charged"],
            "{query}"
        );
    }
}

#[test]
fn the_query_language_goes_with_it() {
    let workspace = Workspace::with_texts(&TEXTS);
    let found = |query: &str| {
        let answer = workspace.search(&["--translate", "--", query]);
        let mut ids: Vec<String> = answer.articles().into_iter().map(str::to_owned).collect();
        ids.sort();
        ids
    };
    assert_eq!(found("le maire de la ville"), ["1", "2", "4"], "town hall");
    assert_eq!(found("+maire +ville"), ["1", "2"]);
    assert_eq!(found("maire NEAR/3 ville"), ["1", "2"]);
    assert_eq!(found("maire ET procureur"), ["1"]);
    assert_eq!(found("maire -fraud"), ["2"]);
    assert_eq!(found("lang:en maire"), ["1"]);
    assert_eq!(found("=maire"), ["2"], "this very form");
    assert_eq!(found("mair*"), ["2"], "patterns are of letters");
}

#[test]
fn names_stay_and_cognates_are_near() {
    let workspace = Workspace::with_texts(&TEXTS);
    let answer = workspace.search(&["le conseil de Levallois", "--translate"]);
    assert_eq!(answer.articles()[0], "4");
    let found = &answer.hits[0].found;
    let written: Vec<&str> = found
        .iter()
        .flat_map(|found| &found.written)
        .map(String::as_str)
        .collect();
    assert!(written.contains(&"levallois"), "{found:?}");
    // The glossary lacks this one.
    workspace.write(
        "corpus/b.txt",
        "The mycologue was there, and so was the town.\n",
    );
    workspace.run(&["index"]).succeeds();
    let answer = workspace.search(&["les mycologues de la ville", "--translate"]);
    assert_eq!(answer.query.read.lang.as_deref(), Some("fr"));
    let through: Vec<String> = answer.hits.iter().flat_map(through).collect();
    assert!(
        through.contains(&"mycologues → mycologue".to_owned()),
        "{through:?}"
    );
}

#[test]
fn ones_own_glossary_comes_first() {
    let workspace = Workspace::with_texts(&TEXTS);
    workspace.write(
        "own.tsv",
        "\u{FEFF}# mine\r\n\r\nfouine\tbeech marten; stone marten\r\nmaire\tcosmonaut\n",
    );
    let answer = workspace.search(&["la fouine", "--glossary", "own.tsv"]);
    assert_eq!(answer.articles(), ["3"]);
    assert_eq!(through(&answer.hits[0]), ["fouine → beech marten"]);
    let answer = workspace.search(&["la fouine", "--translate"]);
    assert_eq!(answer.articles(), [""; 0], "the bundled one lacks it");
    let answer = workspace.search(&["le maire", "--glossary", "own.tsv"]);
    assert_eq!(
        answer.query.notices,
        ["searched in English: maire → cosmonaut, mayor"]
    );
    let mut found = answer.articles();
    found.sort_unstable();
    assert_eq!(found, ["1", "2", "6"], "and the bundled one second");
    let answer = workspace.search(&["beech marten", "--glossary", "own.tsv"]);
    assert_eq!(answer.query.read.lang.as_deref(), Some("en"));
}

#[test]
fn a_broken_glossary_is_told_by_its_line() {
    let workspace = Workspace::with_texts(&TEXTS);
    for (content, reason) in [
        (
            &b"# mine\nfouine\tbeech marten\nmartre marten\n"[..],
            "line 3: no tab",
        ),
        (b"fouine\tmarten\tx\n", "line 1: more than one tab"),
        (b"a\tb\n\tmarten\n", "line 2: nothing before the tab"),
        (b"fouine\t;\n", "line 1: nothing after the tab"),
        (b"a\tb\nc\td\n\xE9lu\telected\n", "line 3: not UTF-8"),
    ] {
        workspace.write("own.tsv", content);
        let output = workspace.run(&["search", "maire", "--glossary", "own.tsv"]);
        assert_eq!(output.stdout, "", "{reason}");
        output.fails_saying(&["own.tsv", reason, "expected french<TAB>english"]);
    }
    let output = workspace.run(&["search", "maire", "--glossary", "none.tsv"]);
    output.fails_saying(&["cannot read none.tsv"]);
    let output = workspace.run(&["search", "maire", "--glossary", "corpus"]);
    output.fails_saying(&["cannot read corpus"]);
}

#[test]
fn where_no_other_language_is_searched_there_is_nothing_to_translate() {
    let workspace = Workspace::with_texts(&TEXTS);
    let answer = workspace.search(&["lang:other maire", "--translate"]);
    assert_eq!(
        answer.query.notices[0],
        "nothing to translate: no other language is searched"
    );
}

#[test]
fn a_term_or_all_of_its_parts_is_every_word() {
    let workspace = Workspace::with_texts(&[
        "He was put under formal investigation on Monday by the judge of the town.",
        "The examination was put off by the teachers of the school in the town.",
        "The teachers of the school in the town were not there on Monday.",
    ]);
    let args = ["mise en examen", "--translate", "--lang", "en"];
    let found = |more: &[&str]| {
        let answer = workspace.search(&[&args, more].concat());
        let mut articles: Vec<String> = answer
            .hits
            .iter()
            .map(|hit| hit.article.id.clone())
            .collect();
        articles.sort();
        articles
    };
    assert_eq!(found(&["--all"]), ["1", "2"]);
    let answer = workspace.search(&args);
    assert_eq!(
        answer.hits[0].article.id, "1",
        "the term tells more than its parts"
    );
}

//! What a query finds and does not find, in which order, and how the command ends.

use super::support::Workspace;

/// Texts, and queries that must find them: what is the same to a searcher.
const SAME: [(&str, &[&str]); 18] = [
    (
        "Les députées ont voté le texte.",
        &[
            "députée",
            "deputees",
            "depute",
            "députés",
            "DÉPUTÉ",
            "vote",
            "votèrent",
        ],
    ),
    (
        "L’école de l’Île a rouvert.",
        &[
            "école",
            "l'école",
            "l’école",
            "L'ECOLE",
            "ecoles",
            "d'école",
            "ile",
            "qu'école",
        ],
    ),
    (
        "Jusqu'à aujourd'hui, quelqu'un parlait d’Artagnan.",
        &[
            "aujourd’hui",
            "aujourd'hui",
            "d'aujourd’hui",
            "quelqu’un",
            "Artagnan",
            "d'Artagnan",
        ],
    ),
    (
        "Les œufs et le cœur du problème.",
        &["oeuf", "œuf", "OEUFS", "coeur", "cœurs"],
    ),
    (
        "Un e\u{301}le\u{300}ve a\u{302}ge\u{301}.",
        &["élève", "eleves", "âgés", "e\u{301}le\u{300}ve"],
    ),
    (
        "Une obscurité totale.",
        &["obscurite", "obscurites", "obscurité", "obscurités"],
    ),
    (
        "ETATS GENERAUX DE L'EDUCATION",
        &["État", "éducation", "généraux"],
    ),
    (
        "L'évènement de l'année.",
        &["événement", "evenements", "évènements"],
    ),
    (
        "Agnès Pottier-Dumas, candidate.",
        &["Pottier-Dumas", "Pottier Dumas", "pottier‑dumas", "agnes"],
    ),
    (
        "Une ville de 63\u{202F}500 habitants.",
        &[
            "63500",
            "63 500",
            "63,500",
            "63.500",
            "63\u{A0}500",
            "habitant 63 500",
        ],
    ),
    ("Elle obtient 34,6 % des voix.", &["34,6", "34.6", "34,6%"]),
    ("La S.N.C.F. recrute.", &["SNCF", "S.N.C.F.", "sncf"]),
    ("Des bijoux et des chevaux.", &["bijou", "cheval"]),
    (
        "Le gouver\u{AD}nement démissionne.",
        &["gouvernement", "gouver\u{AD}nement"],
    ),
    (
        "The president's cities were growing.",
        &[
            "president",
            "presidents",
            "president’s",
            "city",
            "grow",
            "CITIES",
        ],
    ),
    (
        "They don't know O'Brien.",
        &["don’t", "don't know", "O’Brien", "obrien"],
    ),
    (
        "The naïve café owner of L'Oréal.",
        &["naive", "cafe", "cafés", "oreal", "l’Oréal"],
    ),
    (
        "Le maire a dit : “We will not sell the town hall”, puis s'est tu.",
        &[
            "maires",
            "sold sell",
            "halls",
            "\"town hall\"",
            "« le maire »",
        ],
    ),
];

#[test]
fn what_is_the_same_to_a_searcher_is_found() {
    let texts: Vec<&str> = SAME.iter().map(|(text, _)| *text).collect();
    let workspace = Workspace::with_texts(&texts);
    for (n_before, (text, queries)) in SAME.iter().enumerate() {
        let id = (n_before + 1).to_string();
        for query in *queries {
            let found = workspace.found(query);
            assert!(
                found.contains(&id),
                "“{query}” does not find “{text}”, but {found:?}"
            );
        }
    }
}

#[test]
fn what_only_looks_the_same_is_not_found() {
    let workspace = Workspace::with_texts(&[
        "The old tea house of the town.",
        "Un thé vert dans un salon.",
        "Le châtiment fut exemplaire, et les châtiments aussi.",
        "Un chat dort sur les chats.",
        "Le péché originel.",
        "La pêche à la ligne.",
    ]);
    assert_eq!(workspace.found("thé"), ["2"]);
    assert_eq!(workspace.found("thés"), ["2"]);
    assert_eq!(workspace.found("chat"), ["4"]);
    assert_eq!(workspace.found("pêche"), ["6"]);
    assert_eq!(workspace.found("péché"), ["5"]);
    assert_eq!(workspace.found("peche"), ["5", "6"]);
}

#[test]
fn stop_words_are_found_where_nothing_else_was_asked() {
    let workspace = Workspace::with_texts(&[
        "« Être ou ne pas être », dit le comédien.",
        "To be or not to be, said the player.",
        "Un comédien joue.",
        "A player plays.",
    ]);
    assert_eq!(workspace.found("\"être ou ne pas être\""), ["1"]);
    assert_eq!(workspace.found("\"to be or not to be\""), ["2"]);
    assert_eq!(workspace.found("être ou ne pas être"), ["1"]);
    assert_eq!(workspace.found("to be or not to be"), ["2"]);
    assert_eq!(workspace.found("le comédien"), ["1", "3"]);
    assert_eq!(workspace.found("the player"), ["2", "4"]);
}

#[test]
fn acronyms_are_not_taken_for_function_words() {
    let workspace = Workspace::with_texts(&[
        "The UN has adopted a resolution on the matter.",
        "The EU budget was passed by the parliament.",
        "Le prix de l'or monte à la bourse.",
        "Un accident de car sur la route de la mer.",
    ]);
    assert!(workspace.found("UN").contains(&"1".to_owned()));
    assert_eq!(workspace.search(&["UN resolution"]).hits[0].article.id, "1");
    assert_eq!(workspace.found("EU"), ["2"]);
    assert_eq!(workspace.found("l'or"), ["3"]);
    assert_eq!(workspace.found("\"accident de car\" car"), ["4"]);
    let output = workspace
        .run(&["search", "le", "prix", "de", "l'or"])
        .succeeds();
    assert!(output.stdout.contains("left out: le, de"), "{output:?}");
}

#[test]
fn phrases_are_words_that_follow_each_other() {
    let workspace = Workspace::with_texts(&[
        "Le conseil municipal a voté la dette.",
        "Le municipal a pris conseil.",
        "Les conseils municipaux des villes.",
        "The council of the town voted.",
        "The town council voted.",
    ]);
    assert_eq!(workspace.found("\"conseil municipal\""), ["1", "3"]);
    assert_eq!(
        workspace.found("«\u{A0}conseil municipal\u{A0}»"),
        ["1", "3"]
    );
    assert_eq!(workspace.found("“town council”"), ["5"]);
    assert_eq!(workspace.found("conseil municipal"), ["1", "2", "3"]);
    assert_eq!(workspace.found("\"a vote la dette\""), ["1"]);
}

#[test]
fn exclusions_leave_out() {
    let workspace = Workspace::with_texts(&[
        "Le maire parle du nucléaire.",
        "Le maire parle de l'éolien.",
        "The mayor of Pottier-Dumas speaks.",
        "The mayor Dumas speaks to Pottier.",
    ]);
    assert_eq!(workspace.found("maire -nucleaires"), ["2"]);
    assert_eq!(workspace.found("maire -\"parle de\""), ["1"]);
    assert_eq!(workspace.found("mayor -Pottier-Dumas"), ["4"]);
    let as_arguments = workspace.run(&["search", "maire", "-nucléaire"]).succeeds();
    assert!(as_arguments.stdout.contains("l'éolien"));
    assert!(!as_arguments.stdout.contains("du nucléaire"));
    let first = workspace
        .run(&["search", "-éolien", "maire", "-n", "5"])
        .succeeds();
    assert!(first.stdout.contains("du nucléaire"), "{first:?}");
}

#[test]
fn titles_and_headings_count() {
    let workspace = Workspace::new()
        .file("corpus/a.md", "---\ntitle: La crue de la Sorne\n---\nL'eau monte.\n\n## Les écluses\n\nElles tiennent.\n")
        .file("corpus/b.txt", "Il pleut sur la ville, dit-on.\n");
    workspace.run(&["index"]).succeeds();
    assert_eq!(workspace.search(&["crue"]).hits.len(), 2);
    let by_heading = workspace.search(&["écluse"]);
    assert_eq!(by_heading.hits.len(), 1);
    assert_eq!(by_heading.hits[0].passage.text.trim(), "Elles tiennent.");
}

#[test]
fn rarer_words_and_more_of_them_come_first() {
    let workspace = Workspace::with_texts(&[
        "La ville parle de la ville et du pont.",
        "Le pont de la ville est fermé par un éboulement.",
        "La ville dort.",
        "La ville veille.",
    ]);
    let answer = workspace.search(&["ville pont éboulement"]);
    assert_eq!(
        answer.hits[0].article.id, "2",
        "the rarest word, and all three"
    );
    assert_eq!(answer.hits[1].article.id, "1", "two words");
    assert_eq!(answer.hits.len(), 4);
    let scores: Vec<f64> = answer.hits.iter().map(|hit| hit.score).collect();
    assert!(scores.is_sorted_by(|a, b| a >= b));
}

#[test]
fn languages_have_statistics_of_their_own() {
    // "pont" is in half of the French passages: a hundred English ones must not make it rare.
    let french = ["Le pont.", "La rue.", "Le pont neuf.", "La rue haute."];
    let few = Workspace::with_texts(&french);
    let mut texts = french.to_vec();
    texts.extend(["The bridge of the old town is here."; 100]);
    let many = Workspace::with_texts(&texts);
    let score = |workspace: &Workspace| workspace.search(&["pont"]).hits[0].score;
    assert_eq!(score(&few), score(&many));
}

#[test]
fn at_most_three_passages_of_an_article_unless_asked() {
    let paragraph = format!("Le tramway {}.", "avance lentement ".repeat(40).trim());
    let article = [paragraph.as_str(); 6].join("\n\n");
    let workspace = Workspace::with_texts(&[&article, "Un autre tramway."]);
    let ids = |args: &[&str]| -> Vec<String> {
        let hits = workspace.search(args).hits;
        hits.into_iter().map(|hit| hit.article.id).collect()
    };
    let of_first = |ids: Vec<String>| ids.iter().filter(|id| *id == "1").count();
    assert_eq!(of_first(ids(&["tramway"])), 3);
    assert_eq!(of_first(ids(&["tramway", "--per-article", "1"])), 1);
    assert_eq!(of_first(ids(&["tramway", "--per-article", "10"])), 6);
    let summary = workspace.search(&["tramway", "-n", "1"]).summary;
    assert_eq!(
        (summary.hits, summary.passages, summary.articles),
        (1, 7, 2)
    );
}

#[test]
fn a_language_can_be_asked_for() {
    let workspace = Workspace::with_texts(&[
        "Le festival de Valmorin ouvre ce soir dans la cour.",
        "The festival of Valmorin opens tonight in the yard.",
    ]);
    let langs = |args: &[&str]| -> Vec<String> {
        let hits = workspace.search(args).hits;
        hits.into_iter().map(|hit| hit.passage.lang).collect()
    };
    assert_eq!(langs(&["Valmorin", "--lang", "fr"]), ["fr"]);
    assert_eq!(langs(&["Valmorin", "--lang", "en"]), ["en"]);
    assert_eq!(langs(&["Valmorin"]).len(), 2);
}

#[test]
fn equal_scores_keep_their_order_when_the_index_is_built_again() {
    let texts = vec!["Une phrase toute pareille."; 60];
    let workspace = Workspace::with_texts(&texts);
    let order = |workspace: &Workspace| -> Vec<String> {
        let hits = workspace.search(&["phrase", "-n", "20"]).hits;
        hits.into_iter().map(|hit| hit.article.id).collect()
    };
    let before = order(&workspace);
    for _ in 0..3 {
        workspace.run(&["index"]).succeeds();
        assert_eq!(order(&workspace), before);
    }
}

#[test]
fn status_tells_found_from_not_found() {
    let workspace = Workspace::with_texts(&["Le maire."]);
    assert_eq!(workspace.run(&["search", "maire"]).status, 0);
    let nothing = workspace.run(&["search", "xyzzy"]);
    assert_eq!((nothing.status, nothing.stdout.as_str()), (1, ""));
    assert!(
        nothing.stderr.contains("no passage has “xyzzy”"),
        "{nothing:?}"
    );
    assert_eq!(workspace.run(&["search"]).status, 2);
}

#[test]
fn nothing_typed_is_an_error() {
    let workspace = Workspace::with_texts(&["Le maire."]);
    let long = "maire ".repeat(20_000);
    let stars = "*".repeat(10_000);
    let nested = "(".repeat(1_000);
    for query in [
        "",
        " ",
        "\"",
        "\"\"",
        "«",
        "-",
        "--",
        "-\"",
        "((",
        "*",
        "?",
        "AND",
        "a:b",
        "[1 TO",
        "\\",
        "\u{0}",
        "\u{1b}[31m",
        "l'",
        "'",
        "é\u{301}\u{301}",
        "63 500 ",
        &long,
        &stars,
        &nested,
    ] {
        let output = workspace.run(&["search", "--json", "--", &query.replace('\0', "\u{1}")]);
        assert!(output.status < 2, "{query:.40}: {output:?}");
    }
    assert_eq!(workspace.found(&long), ["1"]);
}

#[test]
fn what_was_guessed_or_not_found_is_said() {
    let workspace = Workspace::with_texts(&["Le maire du conseil municipal."]);
    let output = workspace
        .run(&["search", "maire \"conseil municipal"])
        .succeeds();
    assert!(output.stderr.contains("quotation mark"), "{output:?}");
    assert_eq!(
        workspace
            .search(&["maire \"conseil municipal"])
            .query
            .notices
            .len(),
        1
    );
    let output = workspace.run(&["search", "-maire"]);
    assert!(output.stderr.contains("only says what to leave out") && output.status == 1);
}

#[test]
fn without_an_index_the_corpus_is_indexed_first() {
    let workspace = Workspace::new().file("corpus/a.txt", "Le maire parle.\n");
    let output = workspace.run(&["search", "maire"]).succeeds();
    assert!(
        output.stderr.contains("indexing corpus first"),
        "{output:?}"
    );
    assert!(output.stdout.starts_with(" 1. "), "{output:?}");
    let again = workspace.run(&["search", "maire"]).succeeds();
    assert_eq!(again.stderr, "");
}

#[test]
fn text_for_people_shows_rank_title_place_date_language_score_id_and_snippet() {
    let article = "---\ntitle: La crue\ndate: 2018-01-29\n---\nL'eau monte sur les quais. Personne n'est mort.\n";
    let workspace = Workspace::new().file("corpus/crue.md", article);
    workspace.run(&["index"]).succeeds();
    let output = workspace.run(&["search", "quai"]).succeeds();
    let (hit, count) = output
        .stdout
        .split_at(output.stdout.find("1 of 1").unwrap());
    insta::assert_snapshot!(hit, @r"
     1. La crue
        corpus/crue.md:5 · 2018-01-29 · fr · 0.40 · gw3f79zw1yjv#1
        L'eau monte sur les quais. Personne n'est mort.

    ");
    assert!(
        count.starts_with("1 of 1 passage in 1 article ("),
        "{count}"
    );
}

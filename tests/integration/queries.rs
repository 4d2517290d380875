//! The query language: what each form of it finds, highlights and tells, and what a word is widened to.

use super::support::{Answer, Workspace};

/// Checks what each query finds.
#[track_caller]
fn all_find(workspace: &Workspace, cases: &[(&str, &[&str])]) {
    for (query, expected) in cases {
        assert_eq!(workspace.found(query), *expected, "{query}");
    }
}

/// What is highlighted in the only hit.
#[track_caller]
fn highlighted(text: &str, query: &str) -> Vec<String> {
    let hits = Workspace::with_texts(&[text]).search(&["--", query]).hits;
    assert_eq!(hits.len(), 1, "{query}");
    hits[0]
        .highlighted()
        .into_iter()
        .map(str::to_owned)
        .collect()
}

fn council() -> Workspace {
    Workspace::with_texts(&[
        "Le maire parle de la dette.",
        "Le maire parle du budget.",
        "La dette de la ville augmente.",
        "Les écoles de la ville rouvrent.",
    ])
}

#[test]
fn signs_ask_for_words_or_leave_them_out() {
    all_find(
        &council(),
        &[
            ("maire dette", &["1", "2", "3"]),
            ("+maire dette", &["1", "2"]),
            ("+maire +dette", &["1"]),
            ("maire -dette", &["2"]),
            ("-dette maire", &["2"]),
            ("dette \u{2212}maire", &["3"]),
            ("+(dette école) ville", &["1", "3", "4"]),
            ("ville -(dette budget)", &["4"]),
            ("+ville +(dette école) -augmenter", &["4"]),
            ("maire - dette", &["1", "2", "3"]),
        ],
    );
}

#[test]
fn operators_are_french_or_english_capitals() {
    all_find(
        &council(),
        &[
            ("maire AND dette", &["1"]),
            ("maire ET dette", &["1"]),
            ("budget OR école", &["2", "4"]),
            ("budget OU école", &["2", "4"]),
            ("maire NOT dette", &["2"]),
            ("maire SAUF dette", &["2"]),
            ("maire AND NOT dette", &["2"]),
            ("maire ET SAUF dette", &["2"]),
            ("maire et dette", &["1", "2", "3"]),
            ("maire and dette", &["1", "2", "3"]),
            ("maire AND école", &[]),
        ],
    );
}

#[test]
fn and_binds_before_or_and_parentheses_before_both() {
    all_find(
        &council(),
        &[
            ("école OR maire AND dette", &["1", "4"]),
            ("dette ET maire OU école", &["1", "4"]),
            ("(école OR maire) AND dette", &["1"]),
            ("(école OU dette) ET ville", &["3", "4"]),
            ("((dette) AND (ville OR maire))", &["1", "3"]),
            ("maire NOT (budget OR école)", &["1"]),
            ("(maire NOT budget) OR (ville NOT école)", &["1", "3"]),
        ],
    );
}

#[test]
fn phrases_may_be_loose() {
    let workspace = Workspace::with_texts(&[
        "Le maire adjoint parle.",
        "Le maire et son adjoint parlent.",
        "Le maire parle, et chacun de tous ses amis, et puis son adjoint.",
        "L'adjoint du maire parle.",
    ]);
    all_find(
        &workspace,
        &[
            ("\"maire adjoint\"", &["1"]),
            ("\"maire adjoint\"~0", &["1"]),
            ("\"maire adjoint\"~1", &["1"]),
            ("\"maire adjoint\"~2", &["1", "2"]),
            ("«\u{202F}maire adjoint\u{202F}»~2", &["1", "2"]),
            ("“maires adjoints”", &["1"]),
            ("„maire adjoint“", &["1"]),
            ("\"maire adjoint\"~50", &["1", "2", "3", "4"]),
            (
                "\"maire adjoint\"~99999999999999999999",
                &["1", "2", "3", "4"],
            ),
            ("\"mair* adjoint\"", &["1"]),
            ("+\"maire adjoint\" parle", &["1"]),
            ("adjoint -\"maire adjoint\"", &["2", "3", "4"]),
        ],
    );
}

#[test]
fn french_quotation_marks_are_quotation_marks() {
    let workspace = Workspace::with_texts(&[
        "Le conseil municipal vote.",
        "Un conseil du parti municipal.",
    ]);
    for query in [
        "« conseil municipal »",
        "«conseil municipal»",
        "«\u{A0}conseil municipal\u{A0}»",
        "«\u{202F}conseil municipal\u{202F}»",
    ] {
        assert_eq!(workspace.found(query), ["1"], "{query}");
        let read = workspace.search(&[query]).query.read;
        assert_eq!(read.query, "\"conseil municipal\"", "{query}");
    }
}

#[test]
fn near_counts_words_in_any_order() {
    let workspace = Workspace::with_texts(&[
        "Le pont de la rivière est fermé.",
        "La rivière passe sous un pont.",
        "Le pont est loin, et l'on ne voit pas du tout de là-bas où coule la rivière.",
    ]);
    all_find(
        &workspace,
        &[
            ("pont NEAR/2 rivière", &[]),
            ("pont NEAR/3 rivière", &["1"]),
            ("pont NEAR/4 rivière", &["1", "2"]),
            ("rivière NEAR/4 pont", &["1", "2"]),
            ("rivières PRÈS/4 ponts", &["1", "2"]),
            ("rivière PRES/3 pont", &["1"]),
            ("pont NEAR rivière", &["1", "2"]),
            ("pont NEAR/50 rivière", &["1", "2", "3"]),
            ("(pont tunnel) NEAR/3 rivière", &["1"]),
            ("\"un pont\" NEAR/5 riv*", &["2"]),
            ("+rivière -(pont NEAR/4 rivière)", &["3"]),
        ],
    );
}

#[test]
fn wildcards_stand_for_letters() {
    let workspace = Workspace::with_texts(&[
        "Les électeurs votent.",
        "The electric car stops.",
        "One woman spoke.",
        "Two women spoke.",
        "La construction avance.",
        "Le constructeur se plaint.",
    ]);
    all_find(
        &workspace,
        &[
            ("élect*", &["1"]),
            ("ÉLECT*", &["1"]),
            ("elect*", &["1", "2"]),
            ("l'élect*", &["1"]),
            ("wom?n", &["3", "4"]),
            ("wom?", &[]),
            ("w*n", &["3", "4"]),
            ("*tion", &["5"]),
            ("construct*r", &["6"]),
            ("co*ct?on", &["5"]),
            ("spoke -wom?n", &[]),
            ("+constr* -*eur", &["5"]),
        ],
    );
}

#[test]
fn a_question_mark_at_the_end_asks() {
    let workspace = Workspace::with_texts(&["Le maire parle.", "Les maires parlent."]);
    assert_eq!(workspace.found("où est le maire?"), ["1", "2"]);
    assert_eq!(workspace.found("=maire?"), ["1"]);
}

#[test]
fn tildes_reach_words_edits_away() {
    let workspace = Workspace::with_texts(&[
        "Le préfet signe.",
        "Un projet arrive.",
        "Le parfait accord.",
        "Un profet ment.",
    ]);
    all_find(
        &workspace,
        &[
            ("préfet~0", &["1"]),
            ("préfet~", &["1", "4"]),
            ("prefet~1", &["1", "4"]),
            ("préfet~2", &["1", "2", "4"]),
            ("rpéfet~", &["1"]),
            ("signe -profet~2", &[]),
        ],
    );
    let answer = workspace.search(&["préfet~7"]);
    assert_eq!(answer.query.read.query, "préfet~2");
    assert!(answer.query.notices[0].contains("at most 2 edits"));
}

#[test]
fn an_equals_sign_asks_for_this_very_form() {
    let workspace = Workspace::with_texts(&[
        "L'état des routes.",
        "Les états des routes.",
        "Etat des routes, par etat.",
        "The estate was sold.",
    ]);
    all_find(
        &workspace,
        &[
            ("état", &["1", "2", "3"]),
            ("=état", &["1"]),
            ("=États", &["2"]),
            ("=etat", &["3"]),
            ("=\"états des routes\"", &["2"]),
            ("=«\u{A0}l'état des\u{A0}»", &["1"]),
            ("route -=états", &["1", "3"]),
            ("+=etat +route", &["3"]),
        ],
    );
}

#[test]
fn regular_expressions_match_whole_words() {
    let workspace = Workspace::with_texts(&[
        "Un électeur vote.",
        "Des électrices votent.",
        "La liste électorale est close.",
        "Un lecteur lit.",
    ]);
    all_find(
        &workspace,
        &[
            ("/élect(eur|rice)s?/", &["1", "2"]),
            ("/Élect(eur|rice)s?/", &["1", "2"]),
            ("/elect.*/", &["1", "2", "3"]),
            ("/.*lecteur/", &["1", "4"]),
            ("/lect/", &[]),
            ("(/lecteurs?/ OR liste)", &["3", "4"]),
            ("+/[ée]lect.*/ -/.*rices?/", &["1", "3"]),
        ],
    );
    let output = workspace.run(&["search", "/(/", "liste"]).succeeds();
    assert!(
        output.stderr.contains("/(/ is no regular expression"),
        "{output:?}"
    );
}

#[test]
fn fields_say_which_articles() {
    let workspace = articles();
    for (query, expected) in [
        ("eau title:crue", &["crue", "old"][..]),
        ("eau titre:crues", &["crue", "old"]),
        ("eau title:\"crue de la Sorne\"", &["crue"]),
        ("eau title:(sorne OR canal)", &["canal", "crue"]),
        ("eau -title:crue", &["canal"]),
        ("eau author:roy", &["crue"]),
        ("eau author:\"eve roy\"", &["crue"]),
        ("eau auteur:Ève", &["crue"]),
        ("eau author:(roy hall)", &["canal", "crue"]),
        ("eau author:\"roy ève\"", &[]),
        ("eau source:écho", &["canal", "crue"]),
        ("eau source:\"L'Écho\" -author:hall", &["crue"]),
        ("eau path:2020/crue", &["crue"]),
        ("eau chemin:2018", &["old"]),
        ("eau path:20*", &["canal", "crue", "old"]),
        ("eau lang:fr", &["canal", "crue", "old"]),
        ("water lang:en", &["flood"]),
        ("water lang:fr", &[]),
        ("(eau water) -lang:fr", &["flood"]),
        ("eau date:2020", &["canal", "crue"]),
        ("eau date:2020-03..2020-06", &["crue"]),
        ("eau date:2020-04", &["crue"]),
        ("eau date:>=2020-03-15", &["canal", "crue"]),
        ("eau date:<2020", &["old"]),
        ("eau date:..2020-04", &["crue", "old"]),
        ("eau -date:2020", &["old"]),
        ("title:crue", &["crue", "old"]),
        ("date:2021", &["flood"]),
        ("author:hall lang:fr", &["canal"]),
    ] {
        assert_eq!(stems(&workspace, &["--", query]), expected, "{query}");
    }
}

#[test]
fn fields_that_are_none_or_have_no_such_value_are_told() {
    let workspace = articles();
    for (query, notice) in [
        ("sujet:eau", "no field is called “sujet”"),
        ("eau lang:xx", "lang: takes fr, en or other"),
        ("eau date:hier", "date: takes 2020"),
        ("eau date:2020-06..2020-03", "date: takes 2020"),
    ] {
        let answer = workspace.search(&[query]);
        assert_eq!(answer.hits.len(), 3, "{query}");
        let told = &answer.query.notices[0];
        assert!(told.contains(notice), "{query}: {told}");
    }
}

/// Articles of several dates, authors and folders.
pub(super) fn articles() -> Workspace {
    let article = |front: &str, text: &str| format!("---\n{front}\n---\n{text}\n");
    let workspace = Workspace::new()
        .file(
            "corpus/2020/crue.md",
            article(
                "title: La crue de la Sorne\ndate: 2020-04-12\nauthor: Ève Roy\nsource: L'Écho",
                "L'eau monte sur les quais de la ville, et les pompiers veillent.",
            ),
        )
        .file(
            "corpus/2020/canal.md",
            article(
                "title: Le canal est à sec\ndate: 2020-11-02\nauthor: P. Hall\nsource: L'Écho",
                "L'eau manque dans le canal depuis le mois de mai.",
            ),
        )
        .file(
            "corpus/2018/old.md",
            article(
                "title: Une crue ancienne\ndate: 2018",
                "L'eau avait déjà pris la rue en son temps.",
            ),
        )
        .file(
            "corpus/en/flood.md",
            article(
                "title: The flood\ndate: 2021-01-05\nauthor: P. Hall",
                "The water is rising in the streets of the old town.",
            ),
        );
    workspace.run(&["index"]).succeeds();
    workspace
}

/// The names of the files of what is found, without their endings, sorted.
#[track_caller]
pub(super) fn stems(workspace: &Workspace, args: &[&str]) -> Vec<String> {
    let mut stems = stems_in_order(workspace, args);
    stems.sort();
    stems
}

/// The names of the files of what is found, without their endings.
#[track_caller]
pub(super) fn stems_in_order(workspace: &Workspace, args: &[&str]) -> Vec<String> {
    let hits = workspace.search(args).hits.into_iter();
    hits.map(|hit| {
        hit.article
            .path
            .file_stem()
            .unwrap()
            .to_string_lossy()
            .into_owned()
    })
    .collect()
}

#[test]
fn the_query_as_read_reads_as_itself() {
    let workspace = council();
    for (query, expected) in [
        ("maire dette", "maire dette"),
        ("63 500 habitants", "63 500 habitants"),
        ("+maire -dette", "+\"maire\" -\"dette\""),
        (
            "maire ET dette OU ville",
            "((+\"maire\" +\"dette\") OR \"ville\")",
        ),
        ("maire SAUF (budget dette)", "maire -(budget dette)"),
        ("« la dette »~3", "\"la dette\"~3"),
        ("maire PRÈS/5 dette", "(\"maire\" NEAR/5 \"dette\")"),
        ("maire~ élect* wom?n", "maire~1 élect* wom?n"),
        ("=Maire /d.*e/", "=\"Maire\" /d.*e/"),
        ("titre:dette maire", "title:\"dette\" maire"),
        ("auteur:Roy maire", "author:\"Roy\" maire"),
        ("langue:français maire", "lang:fr maire"),
        ("date:15/03/2020 maire", "date:15/03/2020 maire"),
        ("(maire", "maire"),
        ("ET maire", "maire"),
        ("maire \"la dette", "maire \"la dette\""),
        ("", ""),
    ] {
        let read = workspace.search(&["--", query]).query.read.query;
        assert_eq!(read, expected, "{query}");
        let again = workspace.search(&["--", &read]).query.read.query;
        assert_eq!(again, read, "{query}");
    }
}

#[test]
fn what_matched_is_highlighted() {
    let text =
        "Le maire de la ville parle de la dette ; le maire adjoint vote le budget de l'école.";
    for (query, expected) in [
        ("maires", &["maire", "maire"][..]),
        ("+dette -tramway", &["dette"]),
        ("\"maire adjoint\"", &["maire adjoint"]),
        ("\"le budget\" dette", &["dette", "le budget"]),
        ("maire NEAR/3 ville", &["maire", "ville"]),
        ("ville NEAR/3 maire", &["maire", "ville"]),
        ("d?tte", &["dette"]),
        ("budg* écol*", &["budget", "école"]),
        ("vile~", &["ville"]),
        ("=dette", &["dette"]),
        ("/b.*t/", &["budget"]),
        ("dette OR tramway", &["dette"]),
        ("dette AND budget", &["dette", "budget"]),
        ("(dette AND tramway) OR école", &["école"]),
        ("dette OR (école NOT maire)", &["dette"]),
    ] {
        assert_eq!(highlighted(text, query), expected, "{query}");
    }
}

#[test]
fn loose_phrases_highlight_their_words_not_what_is_between() {
    let text = "Le maire et son adjoint parlent ; un autre maire se tait.";
    assert_eq!(
        highlighted(text, "\"maire adjoint\"~3"),
        ["maire et son adjoint"]
    );
}

#[test]
fn titles_are_highlighted_where_they_match() {
    let workspace = articles();
    let answer = workspace.search(&["title:crue eau", "--date", "2020"]);
    let hit = &answer.hits[0];
    let title = hit.article.title.as_deref().unwrap();
    let marked = hit
        .title_highlights
        .iter()
        .map(|&[start, end]| &title[start..end]);
    assert_eq!(marked.collect::<Vec<_>>(), ["crue"]);
    assert_eq!(hit.highlighted(), ["eau"]);
}

#[test]
fn a_mistyped_word_is_looked_for_in_the_nearest_spelling() {
    let workspace = Workspace::with_texts(&[
        "Monsieur Messafta a été élu.",
        "Le maire parle de la dette.",
    ]);
    let answer = workspace.search(&["Messatfa"]);
    assert_eq!(answer.articles(), ["1"]);
    assert_eq!(answer.query.notices, ["searched also: messatfa → messafta"]);
    assert_eq!(answer.hits[0].highlighted(), ["Messafta"]);
    let output = workspace.run(&["search", "Messatfa"]).succeeds();
    assert!(
        output.stderr.contains("searched also: messatfa → messafta"),
        "{output:?}"
    );
    assert!(!output.stdout.contains("searched also"), "{output:?}");
}

#[test]
fn a_known_word_is_not_taken_for_a_slip() {
    let workspace =
        Workspace::with_texts(&["Le maire parle.", "Le maire paie.", "Un maigre repas."]);
    let answer = workspace.search(&["maire"]);
    assert_eq!(answer.articles(), ["1", "2"]);
    assert_eq!(answer.query.notices, [""; 0]);
}

#[test]
fn a_hardly_known_word_is_also_looked_for_as_a_frequent_one_which_counts_less() {
    let mut texts = vec!["Le gouvernement parle."; 20];
    texts.push("Le gouvernemant parle.");
    let workspace = Workspace::with_texts(&texts);
    let answer = workspace.search(&["gouvernemant", "-n", "30"]);
    assert_eq!(answer.hits.len(), 21);
    assert_eq!(answer.hits[0].article.id, "21");
    assert!(answer.hits[0].score > answer.hits[1].score);
    assert_eq!(
        answer.query.notices,
        ["searched also: gouvernemant → gouvernement"]
    );
}

#[test]
fn what_must_be_there_is_no_slip_as_far_as_it_is_known() {
    let mut texts = vec!["Le gouvernement parle."; 20];
    texts.push("Le gouvernemant parle.");
    let workspace = Workspace::with_texts(&texts);
    for query in [
        "+gouvernemant",
        "\"gouvernemant\"",
        "gouvernemant AND parle",
        "\"gouvernemant parle\"",
    ] {
        assert_eq!(workspace.found(query), ["21"], "{query}");
    }
    assert_eq!(workspace.found("+gouvernment").len(), 20, "not known");
}

#[test]
fn no_word_is_a_slip_of_a_function_word_nor_a_short_one_that_is_known() {
    let mut texts = vec!["Avec elle, deux plus deux."; 20];
    texts.push("Une élue aux yeux bleus.");
    let workspace = Workspace::with_texts(&texts);
    for query in ["yeux", "elue", "avecc"] {
        let expected: &[&str] = if query == "avecc" { &[] } else { &["21"] };
        assert_eq!(workspace.found(query), expected, "{query}");
    }
}

#[test]
fn what_is_excluded_beside_or_is_excluded_from_all() {
    let workspace = Workspace::with_texts(&["Le pont de Sorne.", "La gare.", "Le pont. La gare."]);
    for query in [
        "pont -sorne OR gare",
        "pont OU -sorne gare",
        "(pont OR NOT sorne) gare",
    ] {
        let mut found = workspace.found(query);
        found.sort();
        assert_eq!(found, ["2", "3"], "{query}");
    }
}

#[test]
fn names_of_authors_are_found_with_a_slip() {
    let workspace = Workspace::new().file(
        "corpus/a.md",
        "---\nauthor: R. F. Attwater\n---\nLe maire parle.\n",
    );
    workspace.run(&["index"]).succeeds();
    let answer = workspace.search(&["author:atwater maire"]);
    assert_eq!(answer.summary.passages, 1);
    assert_eq!(answer.query.notices, ["searched also: atwater → attwater"]);
    let exact = workspace.search(&["author:atwater maire", "--exact"]);
    assert_eq!(exact.summary.passages, 0);
}

#[test]
fn unknown_words_are_named_on_one_line() {
    let workspace = Workspace::with_texts(&["Le maire parle."]);
    let words: Vec<String> = (0..14).map(|n| format!("zork{n}")).collect();
    let answer = workspace.search(&[&words.join(" ")]);
    assert_eq!(answer.query.notices.len(), 1);
    assert!(
        answer.query.notices[0].ends_with("“zork9” and 4 more"),
        "{:?}",
        answer.query.notices
    );
    let english = workspace.search(&["maire", "--lang", "en"]);
    assert_eq!(english.query.notices, ["no passage in English has “maire”"]);
}

#[test]
fn a_star_alone_asks_for_everything() {
    let workspace = Workspace::with_texts(&["Le maire parle.", "La gare."]);
    let mut found = workspace.found("*");
    found.sort();
    assert_eq!(found, ["1", "2"]);
}

#[test]
fn numbers_and_short_words_are_near_to_nothing() {
    let workspace = Workspace::with_texts(&["En 2012, le roi.", "Un bus passe."]);
    for query in ["2013", "rai", "bis", "20122"] {
        let answer = workspace.search(&[query]);
        assert_eq!(answer.summary.passages, 0, "{query}");
        assert_eq!(answer.query.notices, [format!("no passage has “{query}”")]);
    }
}

#[test]
fn excluded_words_are_not_widened_to_slips() {
    let workspace = Workspace::with_texts(&["Le maire parle de Messafta.", "Le maire se tait."]);
    assert_eq!(workspace.found("maire -Messatfa"), ["1", "2"]);
    assert_eq!(workspace.found("maire -Messafta"), ["2"]);
}

#[test]
fn exact_switches_every_widening_off() {
    let workspace = Workspace::with_texts(&[
        "La députée Messafta parle.",
        "Les députées parlent.",
        "Le depute parle.",
        "Les électeurs votent.",
    ]);
    let ids = |args: &[&str]| {
        let answer = workspace.search(args);
        let mut ids: Vec<String> = answer.articles().into_iter().map(str::to_owned).collect();
        ids.sort();
        (ids, answer.query.notices)
    };
    assert_eq!(ids(&["député"]).0, ["1", "2", "3"]);
    assert_eq!(ids(&["député", "--exact"]).0, ["1", "2"]);
    assert_eq!(ids(&["electeur"]).0, ["4"]);
    assert_eq!(ids(&["electeur", "--exact"]).0, [""; 0]);
    assert_eq!(ids(&["électeur", "--exact"]).0, ["4"], "inflections stay");
    assert_eq!(ids(&["Messatfa"]).0, ["1"]);
    let (found, notices) = ids(&["Messatfa", "--exact"]);
    assert_eq!(found, [""; 0]);
    assert_eq!(notices, ["no passage has “messatfa”"]);
}

#[test]
fn names_are_found_in_their_variants() {
    let workspace = Workspace::with_texts(&[
        "Jean-Marie Le Guen a parlé.",
        "J.-M. Dupond a répondu.",
        "Le général de Gaulle est venu.",
        "Isabelle Balkani et Sophie Deschiens siègent.",
        "Agnès Pottier-Dumas préside.",
        "The O'Neill family was there.",
    ]);
    for (query, expected) in [
        ("Jean Marie Le Guen", "1"),
        ("jean-marie LeGuen", "1"),
        ("\"Jean Marie Le Guen\"", "1"),
        ("JM Dupond", "2"),
        ("J.M. Dupond", "2"),
        ("J. M. Dupond", "2"),
        ("De Gaule", "3"),
        ("Degaulle", "3"),
        ("Balcani", "4"),
        ("Balkanny", "4"),
        ("Dechiens", "4"),
        ("Pottier Dumas", "5"),
        ("Potier-Dumas", "5"),
        ("Agnes Potier Dumas", "5"),
        ("ONeill", "6"),
        ("O Neill", "6"),
        ("O’Neil", "6"),
    ] {
        let answer = workspace.search(&[query]);
        assert_eq!(
            answer.articles().first(),
            Some(&expected),
            "{query}: {answer:?}"
        );
    }
}

/// Five thousand passages of words drawn by their places, the lower the more often: more than are looked at at once.
fn many() -> Workspace {
    const WORDS: [&str; 16] = [
        "maire", "ville", "dette", "pont", "gare", "budget", "école", "travaux", "mayor", "town",
        "debt", "bridge", "station", "school", "election", "works",
    ];
    let mut state = 7_u64;
    let mut random = || {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) as f64 / f64::from(1_u32 << 31)
    };
    let texts: Vec<String> = (0..5_000)
        .map(|n| {
            let (first, glue) = if n % 2 == 0 { (0, "la") } else { (8, "the") };
            let n_words = 4 + (random() * 30.0) as usize;
            let words = (0..n_words).map(|_| WORDS[first + (random() * random() * 8.0) as usize]);
            let words: Vec<String> = words.map(|word| format!("{glue} {word}")).collect();
            format!("{}.", words.join(" "))
        })
        .collect();
    Workspace::with_texts(&texts.iter().map(String::as_str).collect::<Vec<_>>())
}

#[test]
fn the_first_hits_are_the_same_to_the_last_bit_however_many_are_asked_for() {
    let workspace = many();
    for query in [
        "maire travaux",
        "school works debt",
        "pont gare dette budget maire école",
        "\"la gare\" travaux maire",
        "maire mayor ville town",
        "trav* maire",
        "maire dette -école",
        "maire dette lang:fr",
        "maire dette travaux path:texts",
        "bridge station \"the town\" works -school",
    ] {
        // The fewer are asked for, the more passages are passed over that cannot be among them.
        let all = workspace.search(&["-n", "300", "--", query]);
        let sorted = workspace.search(&["-n", "3", "--sort", "path", "--", query]);
        let few = workspace.search(&["-n", "3", "--", query]);
        let hits = |answer: &Answer| -> Vec<(String, u64)> {
            let hits = answer.hits.iter().take(3);
            hits.map(|hit| (hit.passage.id.clone(), hit.score.to_bits()))
                .collect()
        };
        assert_eq!(all.hits.len(), 300, "{query}");
        assert_eq!(hits(&few), hits(&all), "{query}");
        let counts = |answer: &Answer| (answer.summary.passages, answer.summary.articles);
        assert_eq!(counts(&few), counts(&all), "{query}");
        assert_eq!(counts(&few), counts(&sorted), "{query}");
    }
}

//! Queries that nobody means: endless, nested, unbalanced, of control characters, at random. None is an error.

use fouine::query::Query;
use fouine::search::{SearchOptions, Searcher};
use proptest::prelude::*;

use super::support::{Answer, Workspace};

/// What queries are made of at random: signs, operators, halves of things, words.
const PIECES: [&str; 62] = [
    "maire",
    "dette",
    "ville",
    "La",
    "l'Île",
    "Pottier-Dumas",
    "63 500",
    "état",
    "mayor",
    "AND",
    "ET",
    "OR",
    "OU",
    "NOT",
    "SAUF",
    "NEAR",
    "NEAR/3",
    "PRÈS/5",
    "et",
    "(",
    ")",
    "((",
    "))",
    "+",
    "-",
    "--",
    "\"",
    "«",
    "»",
    "“",
    "~",
    "~2",
    "=",
    "=état",
    "=\"",
    "title:",
    "titre:",
    "author:",
    "source:",
    "path:",
    "lang:",
    "lang:fr",
    "date:",
    "date:2020",
    "date:2019..2020",
    "*",
    "?",
    "mai*",
    "*re",
    "m?ire",
    "maire~",
    "/",
    "/m.*/",
    "/(/",
    "/a|b/",
    "'",
    ":",
    "sujet:x",
    "\\",
    "\t",
    "🙂",
    "\u{202E}",
];

fn town() -> Workspace {
    Workspace::with_texts(&[
        "Le maire de la ville parle de la dette de l'État.",
        "Agnès Pottier-Dumas, maire d'une ville de 63 500 habitants.",
        "The mayor of the town speaks of the debt.",
    ])
}

/// Asks all queries, a line each, with `options`; fails unless each is answered.
#[track_caller]
fn ask(workspace: &Workspace, queries: &[String], options: &[&str]) -> Vec<Answer> {
    let args = [&["search", "--json", "--queries", "-"], options].concat();
    let output = workspace.run_reading(&args, queries.join("\n"));
    assert!(output.status < 2, "{options:?}: {:.500}", output.stderr);
    assert_eq!(output.stderr, "", "{options:?}");
    let answers = Answer::read_all(&output.stdout);
    assert_eq!(answers.len(), queries.len(), "{options:?}");
    answers
}

/// The answer to one query.
#[track_caller]
fn answer(workspace: &Workspace, query: &str) -> Answer {
    ask(workspace, &[query.to_owned()], &[]).remove(0)
}

#[test]
fn endless_queries_are_answered() {
    let workspace = town();
    let nested = |open: &str, n: usize| format!("{}maire{}", open.repeat(n), ")".repeat(n));
    let queries = [
        "maire ".repeat(17_000),
        "a".repeat(100_000),
        "*".repeat(10_000),
        "* ".repeat(10_000),
        "a*".repeat(5_000),
        format!("m{}e", "?".repeat(10_000)),
        format!("{}maire", "-".repeat(10_000)),
        format!("{}maire", "=".repeat(10_000)),
        format!("maire{}", "~".repeat(10_000)),
        "\\".repeat(10_000),
        "/".repeat(10_001),
        "\"".repeat(10_001),
        "«".repeat(10_000),
        format!("\"{}\"", "maire ville ".repeat(8_000)),
        format!("\"{}\"~10000", "maire ville ".repeat(2_000)),
        format!("e{} maire", "\u{301}".repeat(10_000)),
        format!("{}maire", "maire AND ".repeat(2_000)),
        format!("{}maire", "maire OR ".repeat(2_000)),
        format!("{}maire", "NOT ".repeat(10_000)),
        format!("{}maire", "maire -dette SAUF ".repeat(2_000)),
        nested("(", 1_000),
        nested("(dette AND ", 1_000),
        nested("dette OR (", 1_000),
        nested("-(", 1_000),
        nested("NOT (", 1_000),
        nested("title:(", 1_000),
        nested("-title:(", 12_000),
        nested("maire NEAR (", 1_000),
        nested("dette NEAR/3 (ville AND -(", 1_000),
        "maire author:x ".repeat(1_000),
        "date:2020 ".repeat(1_000),
        (0..200).map(|n| format!("/.*{n}.*/ ")).collect(),
        (0..200).map(|n| format!("maire{n}~2 ")).collect(),
        (0..200).map(|n| format!("\"mai* {n}\" ")).collect(),
    ];
    for options in [&[][..], &["--all", "--explain", "--sort", "path"]] {
        let answers = ask(&workspace, &queries, options);
        assert_eq!(answers[0].articles().len(), 2, "{options:?}");
        assert_eq!(answers[20].articles().len(), 2, "{options:?}");
    }
}

#[test]
fn what_nests_without_parentheses_does_not_exhaust_the_stack() {
    let workspace = town();
    let queries = [
        "title:",
        "-title:",
        "NOT title:",
        "author:",
        "lang:",
        "date:path:",
        "maire NEAR ",
        "maire NEAR -",
        "maire NEAR title:",
        "maire AND -",
        "maire PRÈS/2 dette ET ",
    ]
    .map(|piece| format!("{}maire", piece.repeat(100_000 / piece.len())));
    for options in [&[][..], &["--all", "--explain"]] {
        ask(&workspace, &queries, options);
    }
    let answer = answer(&workspace, &format!("{}maire", "ville NEAR ".repeat(50)));
    assert_eq!(
        answer.query.notices,
        ["NEARs after the first 20 were read as AND: 30"]
    );
}

#[test]
fn long_queries_are_translated_too() {
    let workspace = town();
    let queries = [
        "maire ville dette ".repeat(500),
        format!("{}mayor", "mayor AND ".repeat(200)),
        format!("\"{}\"", "maire ville ".repeat(200)),
        format!("{}maire", "ville NEAR ".repeat(200)),
    ];
    let answers = ask(&workspace, &queries, &["--translate", "--explain"]);
    assert!(!answers[0].hits.is_empty());
}

#[test]
fn what_was_cut_is_told() {
    let workspace = town();
    for (query, notice) in [
        (
            (0..600).map(|n| format!("mot{n} ")).collect::<String>(),
            "only the first 500 words",
        ),
        (
            format!("{}maire{}", "(dette ".repeat(1_000), ")".repeat(1_000)),
            "nested more than 50 deep",
        ),
        (
            (0..30).map(|n| format!("m{n}* ")).collect(),
            "only the first 20 patterns",
        ),
        (
            (0..50)
                .map(|n| format!("mairie{} ", "x".repeat(n)))
                .collect(),
            "only the first 40 words",
        ),
        (
            "(maire".to_owned(),
            "parentheses without a partner were left out: 1",
        ),
        (
            "maire))".to_owned(),
            "parentheses without a partner were left out: 2",
        ),
        ("maire \"de la ville".to_owned(), "not closed"),
        ("maire « de la ville".to_owned(), "not closed"),
    ] {
        let notices = answer(&workspace, &query).query.notices;
        let is_told = notices.iter().any(|told| told.contains(notice));
        assert!(is_told, "{notice}: {notices:?}");
    }
}

#[test]
fn unbalanced_marks_and_parentheses_still_find() {
    let workspace = town();
    for query in [
        "\"de la ville",
        "« de la ville",
        "“de la ville",
        "(+dette +maire",
        "+dette +maire)",
        ")dette( maire)) -habitants",
        "(dette AND (maire",
        "dette OR )",
        "\"dette\"\"",
        "dette \"\" () «»",
    ] {
        let answer = answer(&workspace, query);
        assert!(answer.articles().contains(&"1"), "{query}: {answer:?}");
    }
}

#[test]
fn control_characters_are_spaces_that_no_terminal_sees() {
    let workspace = town();
    let controls: String = ('\u{1}'..' ')
        .chain(['\u{7F}', '\u{9B}', '\u{202E}'])
        .collect();
    let query = format!("{controls}maire{controls}\"{controls}ville{controls}\"{controls}");
    for options in [&[][..], &["--json"], &["--explain"], &["--count"]] {
        let output = workspace
            .run(&[&["search"], options, &["--", &query]].concat())
            .succeeds();
        for unsafe_character in ['\u{1}', '\u{7}', '\u{1B}', '\u{7F}', '\u{9B}', '\u{202E}'] {
            let both = [&output.stdout, &output.stderr];
            assert!(
                !both.iter().any(|text| text.contains(unsafe_character)),
                "{options:?}: {output:?}"
            );
        }
    }
    assert_eq!(workspace.search(&["--", &query]).articles().len(), 2);
}

#[test]
fn regular_expressions_that_explode_or_are_none_are_left_out() {
    let workspace = town();
    for (expression, notice) in [
        ("/((a{1000}){1000}){1000}/", "is too large: left out"),
        ("/[a-z]{1,60000}/", "is too large: left out"),
        ("/(/", "is no regular expression: left out"),
        ("/[z-a]/", "is no regular expression: left out"),
        ("/(?<x/", "is no regular expression: left out"),
        ("/a{2,1}/", "is no regular expression: left out"),
        (
            &format!("/{}a{}/", "(".repeat(500), ")".repeat(500)),
            "is no regular expression: left out",
        ),
    ] {
        for query in [
            format!("{expression} dette"),
            format!("+dette +{expression}"),
            format!("dette AND {expression}"),
            format!("dette -{expression}"),
        ] {
            let answer = answer(&workspace, &query);
            assert_eq!(answer.articles(), ["1"], "{query:.60}");
            let notices = &answer.query.notices;
            assert!(notices[0].contains(notice), "{query:.60}: {notices:?}");
            assert_eq!(notices.len(), 1, "{query:.60}: {notices:?}");
        }
        assert_eq!(answer(&workspace, expression).hits.len(), 0);
    }
    for expression in ["/(a*)*b/", "/(((((.*)*)*)*)*)*x/", "/(x+x+)+y/"] {
        let answer = answer(&workspace, &format!("{expression} dette"));
        assert_eq!(answer.articles(), ["1"], "{expression}");
        let expected = format!("no passage has “{expression}”");
        assert_eq!(answer.query.notices, [expected], "told once");
    }
}

#[test]
fn a_prefix_of_every_word_says_for_how_many_it_stands() {
    let text: String = (0..1_500).map(|n| format!("a{n} ")).collect();
    let workspace = Workspace::with_texts(&[&text, "La ville a un maire."]);
    let first = answer(&workspace, "a*");
    assert_eq!(
        first.query.notices,
        ["a* stands for 1501 words: the 1000 most frequent were looked up"]
    );
    assert!(first.articles().contains(&"1"));
    let phrase = answer(&workspace, "\"a* a*\"").query.notices;
    assert!(
        phrase
            .iter()
            .any(|notice| notice.contains("inside of a phrase")),
        "{phrase:?}"
    );
    for query in ["/.*/", "*a*", "?*", "a?*"] {
        answer(&workspace, query);
    }
}

#[test]
fn dates_that_are_none_are_no_failure_in_a_query() {
    let workspace = town();
    for value in [
        "99999",
        "0000",
        "2020-99",
        "65536/01/01",
        "..",
        ">",
        "<=",
        ">=..",
        "2020...",
        "-1",
        "2020-03-15-1",
        "4294967296",
        ">9999-12-31",
        "\"2020",
        "(2020",
        "١٩٩٩",
    ] {
        let answer = answer(&workspace, &format!("date:{value} dette"));
        assert!(answer.hits.len() < 2, "{value}");
    }
}

/// A generator that gives the same numbers on every machine.
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, end: usize) -> usize {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1);
        (self.0 >> 33) as usize % end
    }
}

#[test]
fn what_a_random_query_is_read_as_reads_as_itself() {
    let workspace = town();
    let mut numbers = Numbers(17);
    let mut random_query = |_| {
        let glue = ["", " ", " "][numbers.below(3)];
        let n_pieces = 1 + numbers.below(14);
        let pieces: Vec<&str> = (0..n_pieces)
            .map(|_| PIECES[numbers.below(PIECES.len())])
            .collect();
        pieces.join(glue)
    };
    let queries: Vec<String> = (0..500).map(&mut random_query).collect();
    let read = |queries: &[String], options: &[&str]| -> Vec<String> {
        let answers = ask(&workspace, queries, options).into_iter();
        answers.map(|answer| answer.query.read.query).collect()
    };
    let canonical = read(&queries, &["--explain"]);
    assert!(
        canonical
            .iter()
            .filter(|query| query.contains("maire"))
            .count()
            > 50
    );
    let again = read(&canonical, &["--all"]);
    for ((query, once), twice) in queries.iter().zip(&canonical).zip(&again) {
        assert_eq!(twice, once, "{query:?}");
    }
}

#[test]
fn random_queries_are_answered() {
    let workspace = town();
    let searcher = Searcher::open(&workspace.path("index")).unwrap();
    let pieces = prop::collection::vec(prop::sample::select(PIECES.to_vec()), 0..30);
    let anything = prop_oneof![
        (pieces, prop::sample::select(vec!["", " "])).prop_map(|(pieces, glue)| pieces.join(glue)),
        "\\PC{0,40}",
        "(?s:.){0,40}",
    ];
    let flags = prop::array::uniform3(any::<bool>());
    let config = ProptestConfig {
        cases: 400,
        failure_persistence: None,
        ..ProptestConfig::default()
    };
    proptest!(config, |(text in anything, [all, exact, translates] in flags)| {
        let options = SearchOptions {
            all,
            exact,
            glossary: translates.then(fouine::glossary::Glossary::bundled),
            explain: true,
            ..SearchOptions::default()
        };
        let answer = searcher.search(&Query::parse(&text), &options).unwrap();
        prop_assert!(answer.hits.len() as u64 <= answer.n_passages);
        prop_assert!(answer.n_articles <= 3 && answer.n_passages <= 3);
        prop_assert_eq!(answer.hits.is_empty(), answer.n_passages == 0);
        for hit in &answer.hits {
            let text = &hit.snippet.text;
            let is_text = |range: &std::ops::Range<usize>| text.get(range.clone()).is_some();
            prop_assert!(hit.snippet.highlights.iter().all(is_text));
            prop_assert!(hit.score.is_finite() && hit.score >= 0.0);
        }
    });
}

//! The options of `search`: what they narrow, in which order hits come, what is shown of them, files of queries.

use super::queries::{articles, stems, stems_in_order};
use super::support::{Answer, Workspace};

#[test]
fn an_option_narrows_as_its_field_does() {
    let workspace = articles();
    for (options, field, expected) in [
        (&["--title", "crue"][..], "title:crue", &["crue", "old"][..]),
        (
            &["--title", "sorne crue"],
            "title:sorne title:crue",
            &["crue"],
        ),
        (&["--title", "\"la crue\""], "title:\"la crue\"", &["crue"]),
        (
            &["--title", "crue -ancienne"],
            "title:crue -title:ancienne",
            &["crue"],
        ),
        (&["--title", "can*"], "title:can*", &["canal"]),
        (&["--author", "ève roy"], "author:\"eve roy\"", &["crue"]),
        (&["--author", "roy ève"], "author:\"roy ève\"", &[]),
        (
            &["--source", "l'écho"],
            "source:\"l'écho\"",
            &["canal", "crue"],
        ),
        (
            &["--path", "corpus/2020"],
            "path:corpus/2020",
            &["canal", "crue"],
        ),
        (&["--path", "2018/ol*"], "path:2018/ol*", &["old"]),
        (&["--lang", "fr"], "lang:fr", &["canal", "crue", "old"]),
        (&["--lang", "en"], "lang:en", &["flood"]),
        (&["--date", "2020"], "date:2020", &["canal", "crue"]),
        (
            &["--date", "2020-03..2020-06"],
            "date:2020-03..2020-06",
            &["crue"],
        ),
        (
            &["--date", ">=2020-11"],
            "date:>=2020-11",
            &["canal", "flood"],
        ),
        (&["--date", "12/04/2020"], "date:12/04/2020", &["crue"]),
        (
            &["--from", "2020-11"],
            "date:2020-11..",
            &["canal", "flood"],
        ),
        (&["--to", "2020-04"], "date:..2020-04", &["crue", "old"]),
        (
            &["--from", "2020-04-12", "--to", "2020-11-02"],
            "date:2020-04-12..2020-11-02",
            &["canal", "crue"],
        ),
        (
            &["--author", "hall", "--date", "2020", "--title", "canal"],
            "author:hall date:2020 title:canal",
            &["canal"],
        ),
    ] {
        let both = "eau water";
        assert_eq!(
            stems(&workspace, &[&[both], options].concat()),
            expected,
            "{options:?}"
        );
        let query = format!("{both} {field}");
        assert_eq!(stems(&workspace, &["--", &query]), expected, "{query}");
    }
}

#[test]
fn conditions_may_stand_without_a_query() {
    let workspace = articles();
    for (options, expected) in [
        (&["--title", "crue"][..], &["crue", "old"][..]),
        (&["--author", "hall"], &["canal", "flood"]),
        (&["--source", "écho"], &["canal", "crue"]),
        (&["--path", "en"], &["flood"]),
        (&["--date", "2018"], &["old"]),
        (&["--from", "2020-11"], &["canal", "flood"]),
        (&["--to", "2019"], &["old"]),
        (&["--author", "hall", "--lang", "en"], &["flood"]),
        (&["--lang", "en"], &["flood"]),
    ] {
        assert_eq!(stems(&workspace, options), expected, "{options:?}");
    }
    workspace.run(&["search"]).fails_saying(&["QUERY"]);
}

#[test]
fn a_malformed_date_says_the_forms() {
    let workspace = Workspace::with_texts(&["Le maire."]);
    for option in ["--date", "--from", "--to"] {
        for value in [
            "hier",
            "2020-13",
            "2020-02-30",
            "20",
            "",
            "..",
            ">=",
            "2020..2019",
        ] {
            let output = workspace.run(&["search", "maire", option, value]);
            output.fails_saying(&[option, "a date is 2020, 2020-03 or 2020-03-15"]);
        }
    }
    for value in ["2019..2020", ">=2020", "<2020"] {
        let output = workspace.run(&["search", "maire", "--from", value]);
        output.fails_saying(&["--from"]);
    }
}

#[test]
fn an_unknown_language_or_order_names_those_there_are() {
    let workspace = Workspace::with_texts(&["Le maire."]);
    let output = workspace.run(&["search", "maire", "--lang", "de"]);
    output.fails_saying(&["--lang", "fr", "en"]);
    let output = workspace.run(&["search", "maire", "--sort", "size"]);
    output.fails_saying(&["--sort", "score", "date", "path"]);
}

#[test]
fn all_asks_for_every_word() {
    let workspace = Workspace::with_texts(&[
        "Le maire parle de la dette de la ville.",
        "Le maire parle du budget.",
        "La dette de la ville.",
        "The mayor speaks of the debt.",
    ]);
    let all = |query: &str| {
        let answer = workspace.search(&["--all", "--", query]);
        let mut ids: Vec<String> = answer.articles().into_iter().map(str::to_owned).collect();
        ids.sort();
        ids
    };
    assert_eq!(all("maire dette"), ["1"]);
    assert_eq!(
        all("la dette de la ville"),
        ["1", "3"],
        "stop words may be missing"
    );
    assert_eq!(all("maire dette -ville"), [""; 0]);
    assert_eq!(
        all("ville (dette budget)"),
        [""; 0],
        "in parentheses as well"
    );
    assert_eq!(all("maire (dette OR budget)"), ["1", "2"]);
    assert_eq!(all("maire tramway"), [""; 0]);
    assert_eq!(all("mayor debt"), ["4"]);
    assert_eq!(all("mairr dette"), ["1"], "a slip is a word too");
}

#[test]
fn hits_come_by_score_date_or_path() {
    let workspace = articles();
    workspace.write(
        "corpus/2019/sans-date.md",
        "---\ntitle: Eau\n---\nL'eau, l'eau, l'eau est là.\n",
    );
    workspace.run(&["index"]).succeeds();
    let sorted = |args: &[&str]| stems_in_order(&workspace, &[&["eau water"], args].concat());
    assert_eq!(
        sorted(&["--sort", "date"]),
        ["flood", "canal", "crue", "old", "sans-date"],
        "the undated one comes last"
    );
    assert_eq!(
        sorted(&["--sort", "path"]),
        ["old", "sans-date", "canal", "crue", "flood"]
    );
    assert_eq!(sorted(&[]), sorted(&["--sort", "score"]));
    assert!(
        sorted(&["--sort", "score"])
            .iter()
            .position(|stem| stem == "sans-date")
            < Some(2),
        "three times the word, and in the title"
    );
    assert_eq!(sorted(&["--sort", "date", "-n", "2"]), ["flood", "canal"]);
    assert_eq!(sorted(&["--sort", "path", "-n", "1"]), ["old"]);
    let answer = workspace.search(&["eau water", "--sort", "path", "-n", "1"]);
    assert_eq!(answer.summary.passages, 5);
}

#[test]
fn passages_of_an_article_sorted_by_date_or_path_are_the_best_first() {
    let paragraph = |n: usize| {
        format!(
            "{} {}.",
            "Le tramway ".repeat(n),
            "avance lentement ".repeat(40 - n)
        )
    };
    let article = [1, 9, 4]
        .map(|n| paragraph(n).replace(" .", "."))
        .join("\n\n");
    let workspace = Workspace::with_texts(&[&article, "Un tramway."]);
    for sort in ["date", "path"] {
        let hits = workspace.search(&["tramway", "--sort", sort]).hits;
        let of_first = hits.iter().filter(|hit| hit.article.id == "1");
        let scores: Vec<f64> = of_first.map(|hit| hit.score).collect();
        assert_eq!(scores.len(), 3, "{sort}");
        assert!(scores.is_sorted_by(|a, b| a > b), "{sort}: {scores:?}");
    }
}

#[test]
fn count_prints_the_numbers_and_nothing_else() {
    let paragraph = format!("Le tramway {}.", "avance lentement ".repeat(40).trim());
    let long = [paragraph.as_str(); 5].join("\n\n");
    let workspace = Workspace::with_texts(&[&long, "Un autre tramway.", "Une école."]);
    for (query, expected) in [
        ("école", "1 passage in 1 article\n"),
        ("tramway", "6 passages in 2 articles\n"),
        ("avance", "5 passages in 1 article\n"),
    ] {
        let output = workspace
            .run(&["search", "--count", "--", query])
            .succeeds();
        assert_eq!(
            (output.stdout.as_str(), output.stderr.as_str()),
            (expected, ""),
            "{query}"
        );
        let limited = workspace.run(&["search", "--count", "-n", "1", "--", query]);
        assert_eq!(limited.stdout, expected, "{query}");
    }
    let output = workspace.run(&["search", "--count", "xyzzy"]);
    assert_eq!(
        (output.status, output.stdout.as_str()),
        (1, "0 passages in 0 articles\n")
    );
    let output = workspace
        .run(&["search", "--count", "--json", "tramway"])
        .succeeds();
    assert_eq!(output.stdout, "{\"passages\":6,\"articles\":2}\n");
    let output = workspace.run(&["search", "--count", "--json", "xyzzy"]);
    assert_eq!(
        (output.status, output.stdout.as_str()),
        (1, "{\"passages\":0,\"articles\":0}\n")
    );
}

#[test]
fn ids_are_those_of_the_hits_and_show_takes_them() {
    let workspace = Workspace::with_texts(&["Un maire.", "Le maire et le maire.", "Une école."]);
    let hits = workspace.search(&["maire"]).hits;
    let expected: String = hits
        .iter()
        .map(|hit| format!("{}\n", hit.passage.id))
        .collect();
    let output = workspace.run(&["search", "maire", "--ids"]).succeeds();
    assert_eq!((&output.stdout, output.stderr.as_str()), (&expected, ""));
    for id in output.stdout.lines() {
        workspace.run(&["show", id]).succeeds();
    }
    let output = workspace.run(&["search", "xyzzy", "--ids"]);
    assert_eq!((output.status, output.stdout.as_str()), (1, ""));
}

#[test]
fn what_cannot_go_together_is_refused() {
    let workspace = Workspace::with_texts(&["Le maire."]);
    workspace.write("queries", "maire\n");
    for args in [
        &["maire", "--count", "--ids"][..],
        &["maire", "--json", "--ids"],
        &["maire", "--explain", "--count"],
        &["maire", "--explain", "--ids"],
        &["maire", "--queries", "queries"],
        &["--queries", "queries", "--ids"],
        &["maire", "--per-article", "0"],
    ] {
        let output = workspace.run(&[&["search"], args].concat());
        assert_eq!(output.stdout, "", "{args:?}");
        output.fails_saying(&["error: "]);
    }
}

/// Fails unless the parts of each hit's score sum up to it.
#[track_caller]
fn adds_up(answer: &Answer) {
    for hit in &answer.hits {
        assert!(!hit.explanation.is_empty(), "{hit:?}");
        let sum: f64 = hit.explanation.iter().map(|part| part.score).sum();
        assert!(
            (sum - hit.score).abs() < 1e-5 * (1.0 + hit.score),
            "{sum} is not {} in {hit:?}",
            hit.score
        );
    }
}

#[test]
fn the_parts_of_a_score_sum_up_to_it() {
    let paragraph = format!(
        "Le conseil municipal vote la dette {}.",
        "de la ville ".repeat(60).trim()
    );
    let long = [paragraph.as_str(); 4].join("\n\n");
    let mut texts = vec![
        long.as_str(),
        "Le conseil municipal, et le conseil du maire.",
        "Le maire parle de la dette municipale, et de l'Etat.",
        "Messafta vote au conseil municipal de la ville.",
        "The town council votes on the debt.",
    ];
    texts.extend(["Une ville, un conseil."; 60]);
    let workspace = Workspace::with_texts(&texts);
    for query in [
        "conseil",
        "conseil municipal dette",
        "\"conseil municipal\" ville",
        "conseil NEAR/5 dette",
        "(maire AND dette) OR conseil",
        "(maire ET tramway) OU (conseil SAUF maire)",
        "municip* vot~ =conseil",
        "\"conseil maire\"~4 Messatfa",
        "+conseil -dette lang:fr",
        "état dettes",
        "ville ville ville conseil",
    ] {
        for options in [
            &[][..],
            &["--all"],
            &["--sort", "path"],
            &["--translate"],
            &["-n", "100"],
        ] {
            let answer = workspace.search(&[options, &["--explain", "--", query]].concat());
            assert!(options == ["--all"] || !answer.hits.is_empty(), "{query}");
            adds_up(&answer);
        }
        let answer = workspace.search(&["--", query]);
        assert!(answer.hits.iter().all(|hit| hit.explanation.is_empty()));
    }
    let parts: Vec<String> = workspace.search(&["--explain", "conseil municipal"]).hits[0]
        .explanation
        .iter()
        .map(|part| part.part.clone())
        .collect();
    assert_eq!(parts, ["words", "words", "nearness", "lead", "article"]);
}

#[test]
fn explained_text_has_the_reading_and_lines_that_add_up() {
    let workspace = Workspace::with_texts(&[
        "Le conseil municipal vote la dette de la ville.",
        "Le conseil du maire.",
    ]);
    let output = workspace
        .run(&["search", "--explain", "conseil municipal -tramway"])
        .succeeds();
    let mut lines = output.stdout.lines();
    assert_eq!(
        lines.next(),
        Some("read as: conseil municipal -\"tramway\"")
    );
    assert_eq!(lines.next(), Some("reads as French"));
    assert_eq!(
        lines.next(),
        Some("looked up in French: conseil municipal -tramway")
    );
    let first = output.stdout.split("\n\n").nth(1).unwrap();
    let facts = first.lines().nth(1).unwrap();
    let score: f64 = facts.split(" · ").nth(2).unwrap().parse().unwrap();
    let parts = first.lines().skip(3).map(|line| {
        let number = line.split_whitespace().next().unwrap();
        number.parse::<f64>().unwrap()
    });
    let parts: Vec<f64> = parts.collect();
    assert_eq!(parts.len(), 5, "{first}");
    let sum: f64 = parts.iter().sum();
    assert!((sum - score).abs() < 0.005 * 6.0 + 1e-9, "{first}");
    assert!(first.contains(": 1 × conseil"), "{first}");
    assert!(first.contains("the article as a whole"), "{first}");
    let plain = workspace.run(&["search", "conseil municipal"]).succeeds();
    assert!(!plain.stdout.contains("read as"), "{plain:?}");
}

#[test]
fn each_line_of_a_file_is_a_query() {
    let workspace = Workspace::with_texts(&["Le maire parle.", "La dette de l'Île."]);
    let file = "\u{FEFF}maire\r\n\r\nxyzzy\n\"la dette\" -maire\n  \nÎle";
    workspace.write("queries", file);
    let args = ["search", "--json", "--queries"];
    let output = workspace
        .run(&[&args[..], &["queries"]].concat())
        .succeeds();
    let answers = Answer::read_all(&output.stdout);
    let texts: Vec<&str> = answers
        .iter()
        .map(|answer| answer.query.text.as_str())
        .collect();
    assert_eq!(
        texts,
        ["maire", "", "xyzzy", "\"la dette\" -maire", "  ", "Île"]
    );
    let found: Vec<Vec<&str>> = answers.iter().map(Answer::articles).collect();
    assert_eq!(found, [&["1"][..], &[], &[], &["2"], &[], &["2"]]);
    let piped = workspace
        .run_reading(&[&args[..], &["-"]].concat(), file)
        .succeeds();
    let texts = Answer::read_all(&piped.stdout)
        .into_iter()
        .map(|answer| answer.query.text);
    assert!(texts.eq(answers.into_iter().map(|answer| answer.query.text)));
}

#[test]
fn options_apply_to_each_query_of_a_file() {
    let workspace = articles();
    workspace.write("queries", "eau\nwater\ncrue canal\n");
    let run =
        |options: &[&str]| workspace.run(&[&["search", "--queries", "queries"], options].concat());
    let json = run(&[
        "--json",
        "--lang",
        "fr",
        "--date",
        "2020",
        "-n",
        "1",
        "--explain",
    ])
    .succeeds();
    let answers = Answer::read_all(&json.stdout);
    let hits: Vec<usize> = answers.iter().map(|answer| answer.hits.len()).collect();
    assert_eq!(hits, [1, 0, 1]);
    answers.iter().for_each(adds_up);
    assert_eq!(
        run(&["--count"]).stdout,
        "3 passages in 3 articles\n1 passage in 1 article\n3 passages in 3 articles\n"
    );
    assert_eq!(
        run(&["--count", "--json"]).stdout.lines().next(),
        Some("{\"passages\":3,\"articles\":3}")
    );
    let text = run(&["-n", "1"]).stdout;
    let questions: Vec<&str> = text.lines().filter(|line| line.starts_with("? ")).collect();
    assert_eq!(questions, ["? eau", "? water", "? crue canal"]);
}

#[test]
fn a_file_of_queries_that_find_nothing_ends_with_one() {
    let workspace = Workspace::with_texts(&["Le maire."]);
    for (input, status) in [
        ("xyzzy\nplugh\n", 1),
        ("xyzzy\nmaire\n", 0),
        ("maire\nxyzzy", 0),
        ("", 1),
    ] {
        let output = workspace.run_reading(&["search", "--json", "--queries", "-"], input);
        assert_eq!(output.status, status, "{input:?}");
        let n_lines = input.lines().count();
        assert_eq!(Answer::read_all(&output.stdout).len(), n_lines, "{input:?}");
    }
}

#[test]
fn bytes_that_are_no_text_are_a_query_all_the_same() {
    let workspace = Workspace::with_texts(&["Le maire."]);
    let input = b"maire\xff\nmaire \xe9t\xe9\n\xff\xfe\n\0\x01\x1b[2J\nmaire\n";
    let output = workspace
        .run_reading(&["search", "--json", "--queries", "-"], input)
        .succeeds();
    let found: Vec<u64> = Answer::read_all(&output.stdout)
        .iter()
        .map(|answer| answer.summary.articles)
        .collect();
    assert_eq!(found, [1, 1, 0, 0, 1]);
    assert!(!output.stdout.contains('\u{1b}'));
}

#[test]
fn a_file_of_queries_that_is_not_there_is_named() {
    let workspace = Workspace::with_texts(&["Le maire."]);
    let output = workspace.run(&["search", "--json", "--queries", "none.txt"]);
    assert_eq!(output.stdout, "");
    output.fails_saying(&["none.txt"]);
    let output = workspace.run(&["search", "--json", "--queries", "corpus"]);
    output.fails_saying(&["corpus"]);
}

#[test]
fn an_answer_is_written_before_the_next_query_is_read() {
    use std::io::{BufRead, BufReader, Write};
    use std::process::Stdio;
    let workspace = Workspace::with_texts(&["Le maire."]);
    let mut command = workspace.command(&["search", "--json", "--queries", "-"]);
    command.stdin(Stdio::piped()).stdout(Stdio::piped());
    let mut child = command.spawn().unwrap();
    let mut stdin = child.stdin.take().unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    for query in ["maire", "xyzzy"] {
        writeln!(stdin, "{query}").unwrap();
        let summary = lines
            .by_ref()
            .map(Result::unwrap)
            .find(|line| line.contains("\"summary\""));
        assert!(summary.is_some(), "{query}");
    }
    drop(stdin);
    assert!(child.wait().unwrap().success());
}

#[test]
fn values_that_cannot_be_met_are_refused() {
    let workspace = Workspace::with_texts(&["Le maire parle."]);
    workspace
        .run(&["search", "maire", "--author", ""])
        .fails_saying(&["--author", "a word, or several"]);
    workspace
        .run(&["search", "maire", "--from", "2021", "--to", "2020"])
        .fails_saying(&["--from is later than --to"]);
}

#[test]
fn a_line_of_queries_may_be_an_object() {
    let workspace = Workspace::with_texts(&["Le maire parle.", "La gare."]);
    workspace.write(
        "queries",
        "{\"_id\": \"q1\", \"text\": \"maire\"}\n{maire\n",
    );
    let output = workspace
        .run(&["search", "--count", "--queries", "queries"])
        .succeeds();
    assert_eq!(
        output.stdout,
        "1 passage in 1 article\n1 passage in 1 article\n"
    );
}

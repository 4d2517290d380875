//! Measures: every form of their files, values computed by hand, errors that name their line, runs written and read.

use std::fs;

use serde_json::Value;

use super::support::{Output, Workspace};

/// Three queries: q1 is answered by d1 (well) and d2, q2 by d3, q3 by d1.
const QRELS: &str =
    "query-id\tcorpus-id\tscore\nq1\td1\t2\nq1\td2\t1\nq1\td9\t0\nq2\td3\t1\nq3\td1\t1\n";

/// q1: d2 first, d1 third; q2: d3 second; q3: nothing relevant.
const RUN: &str = "q1 Q0 d2 1 9.5 x\nq1 Q0 d9 2 9 x\nq1 Q0 d1 3 8 x\nq2 Q0 d1 1 3 x\nq2 Q0 d3 2 2 x\nq3 Q0 d2 1 1 x\n";

/// As [`RUN`], but q1 is ranked perfectly, and q3 not at all.
const BETTER_RUN: &str = "q1 Q0 d1 1 9 y\nq1 Q0 d2 2 8 y\nq2 Q0 d1 1 3 y\nq2 Q0 d3 2 2 y\n";

/// As the JSON lines call them.
const METRICS: [&str; 5] = ["ndcg@10", "mrr@10", "map", "recall@100", "success@1"];

fn measured(args: &[&str], workspace: &Workspace) -> Output {
    workspace.run(&[&["eval", "--qrels", "qrels.tsv"], args].concat())
}

#[track_caller]
fn json_lines(output: &Output) -> Vec<Value> {
    assert_eq!(output.status, 0, "{output:?}");
    let lines = output.stdout.lines();
    lines
        .map(|line| serde_json::from_str(line).unwrap())
        .collect()
}

#[track_caller]
fn assert_close(value: &Value, expected: f64) {
    let value = value.as_f64().unwrap();
    assert!((value - expected).abs() < 1e-9, "{value} is not {expected}");
}

/// Three articles, ids `1` to `3`; the mayor is in the first and, more rarely, in the second.
fn searchable() -> Workspace {
    Workspace::with_texts(&[
        "Le maire parle au maire.",
        "Le maire ouvre le nouveau pont sur la rivière.",
        "La rivière monte.",
    ])
}

/// nDCG of q1 in [`RUN`]: gains 1, 0, 2 against 2, 1.
fn ndcg_of_q1() -> f64 {
    (1.0 + 2.0 / 4f64.log2()) / (2.0 + 1.0 / 3f64.log2())
}

#[test]
fn a_run_is_measured_as_by_hand() {
    let workspace = Workspace::new()
        .file("qrels.tsv", QRELS)
        .file("run.trec", RUN);
    let output = measured(
        &["--run-in", "run.trec", "--json", "--per-query"],
        &workspace,
    );
    let lines = json_lines(&output);
    let [q1, q2, q3, summary] = lines.as_slice() else {
        panic!("{lines:?}");
    };
    let ndcg_of_q2 = 1.0 / 3f64.log2();
    for (line, id, values) in [
        (
            q1,
            "q1",
            [ndcg_of_q1(), 1.0, (1.0 + 2.0 / 3.0) / 2.0, 1.0, 1.0],
        ),
        (q2, "q2", [ndcg_of_q2, 0.5, 0.5, 1.0, 0.0]),
        (q3, "q3", [0.0; 5]),
    ] {
        assert_eq!((&line["type"], &line["id"]), (&"query".into(), &id.into()));
        for (name, value) in METRICS.into_iter().zip(values) {
            assert_close(&line[name], value);
        }
    }
    assert_eq!(summary["type"], "summary");
    assert_eq!(summary["queries"], 3);
    let means = [
        (ndcg_of_q1() + ndcg_of_q2) / 3.0,
        1.5 / 3.0,
        (5.0 / 6.0 + 0.5) / 3.0,
        2.0 / 3.0,
        1.0 / 3.0,
    ];
    for (name, mean) in METRICS.into_iter().zip(means) {
        assert_close(&summary[name], mean);
    }
}

#[test]
fn people_get_a_table() {
    let workspace = Workspace::new()
        .file("qrels.tsv", QRELS)
        .file("run.trec", RUN);
    let output = measured(&["--run-in", "run.trec", "--per-query"], &workspace).succeeds();
    insta::assert_snapshot!(output.stdout.replace('\t', "→"), @r"
    query→nDCG@10→MRR@10→MAP→recall@100→success@1
    q1→0.7602→1.0000→0.8333→1.0000→1.0000
    q2→0.6309→0.5000→0.5000→1.0000→0.0000
    q3→0.0000→0.0000→0.0000→0.0000→0.0000

    queries          3
    nDCG@10     0.4637
    MRR@10      0.5000
    MAP         0.4444
    recall@100  0.6667
    success@1   0.3333
    ");
    assert_eq!(output.stderr, "");
}

#[test]
fn two_runs_are_compared() {
    let workspace = Workspace::new()
        .file("qrels.tsv", QRELS)
        .file("a.trec", RUN)
        .file("b.trec", BETTER_RUN);
    let args = ["--compare", "a.trec", "b.trec", "--per-query"];
    let output = measured(&args, &workspace).succeeds();
    insta::assert_snapshot!(output.stdout.replace('\t', "→"), @r"
    query→A→B→B−A
    q1→0.7602→1.0000→+0.2398
    q2→0.6309→0.6309→+0.0000
    q3→0.0000→0.0000→+0.0000

    queries          3
                     A       B      B−A       p  better   worse    same
    nDCG@10     0.4637  0.5436  +0.0799  1.0000       1       0       2
    MRR@10      0.5000  0.5000  +0.0000  1.0000       0       0       3
    MAP         0.4444  0.5000  +0.0556  1.0000       1       0       2
    recall@100  0.6667  0.6667  +0.0000  1.0000       0       0       3
    success@1   0.3333  0.3333  +0.0000  1.0000       0       0       3
    ");
    insta::assert_snapshot!(output.stderr, @"note: judged queries that b.trec lacks, counted as 0: 1");
    let output = measured(&[&args[..], &["--json"]].concat(), &workspace);
    let lines = json_lines(&output);
    assert_eq!(lines.len(), 4);
    assert_eq!(lines[0]["id"], "q1");
    assert_close(&lines[0]["ndcg@10"]["difference"], 1.0 - ndcg_of_q1());
    let comparison = &lines[3];
    assert_eq!(comparison["type"], "comparison");
    assert_eq!(comparison["queries"], 3);
    let by_map = &comparison["metrics"]["map"];
    assert_close(&by_map["a"], (5.0 / 6.0 + 0.5) / 3.0);
    assert_close(&by_map["b"], 1.5 / 3.0);
    assert_close(&by_map["difference"], (1.0 / 6.0) / 3.0);
    // One query differs: its sign may be either.
    assert_close(&by_map["p"], 1.0);
    for (field, number) in [("better", 1), ("worse", 0), ("same", 2)] {
        assert_eq!(by_map[field], number);
    }
}

#[test]
fn each_form_of_queries_and_judgments_gives_the_same() {
    let workspace = searchable();
    let queries = [
        "{\"_id\":\"q1\",\"text\":\"maire\",\"lang\":\"fr\"}\n{\"_id\":\"q2\",\"text\":\"rivière\"}\n",
        "q1\tmaire\nq2\trivière\n",
        "<top>\n<num> Number: q1\n<title> maire\n\n<desc> Description:\nla rivière\n</top>\n\
         <top>\n<num> Number: q2\n<title> rivière\n</top>\n",
        "\u{FEFF}q1\tmaire\r\n\r\nq2\trivière\r\n",
    ];
    let qrels = [
        "query-id\tcorpus-id\tscore\nq1\t2\t1\nq2\t3\t2\nq2\t2\t1\n",
        "q1\t2\t1\nq2\t3\t2\nq2\t2\t1\n",
        "q1 0 2 1\nq2 0 3 2\nq2 0 2 1\n",
        "\u{FEFF}q1 0 2 1\r\n\r\nq2 0 3 2\r\nq2 0 2 1\r\n",
    ];
    for queries in queries {
        workspace.write("queries", queries);
        for qrels in qrels {
            workspace.write("qrels.tsv", qrels);
            let output = measured(&["--queries", "queries", "--json"], &workspace);
            assert_eq!(output.stderr, "");
            let lines = json_lines(&output);
            let [summary] = lines.as_slice() else {
                panic!("{lines:?}");
            };
            assert_eq!(summary["queries"], 2, "{queries} {qrels}");
            // Article 2 is second for q1, for 1 has the word twice; q2 is perfect, for 3 is shorter.
            assert_close(&summary["ndcg@10"], (1.0 / 3f64.log2() + 1.0) / 2.0);
            assert_close(&summary["mrr@10"], 0.75);
            assert_close(&summary["success@1"], 0.5);
        }
    }
}

#[test]
fn a_run_written_and_read_gives_the_same_numbers() {
    let ids = ["le maire.md", "a%20b", "b", "a"];
    let records =
        ids.map(|id| format!("{}\n", serde_json::json!({"_id": id, "text": "Le maire."})));
    let workspace = Workspace::new()
        .file("corpus/texts.jsonl", records.concat())
        .file("queries", "q 1\tmaire\nq2\tle maire\n")
        .file(
            "qrels.tsv",
            "q 1\tle maire.md\t1\nq2\ta%20b\t2\nq2\tle maire.md\t1\n",
        );
    workspace.run(&["index"]).succeeds();
    let asked = measured(
        &[
            "--queries",
            "queries",
            "--run-out",
            "run.trec",
            "--per-query",
            "--json",
        ],
        &workspace,
    );
    let read = measured(
        &["--run-in", "run.trec", "--per-query", "--json"],
        &workspace,
    );
    assert_eq!(json_lines(&asked), json_lines(&read));
    assert!(json_lines(&asked)[2]["recall@100"] == 1.0, "{asked:?}");
    assert_eq!((asked.stderr, read.stderr), (String::new(), String::new()));
    let run = fs::read_to_string(workspace.path("run.trec")).unwrap();
    assert!(run.contains(" Q0 %:le%20maire.md "), "{run}");
    let lines: Vec<Vec<&str>> = run.lines().map(|line| line.split(' ').collect()).collect();
    assert_eq!(lines.len(), 8);
    // All four articles have the same score; in the run they are told apart.
    for pair in lines.windows(2) {
        let score = |line: &[&str]| line[4].parse::<f64>().unwrap();
        let is_same_query = pair[0][0] == pair[1][0];
        assert!(!is_same_query || score(&pair[0]) > score(&pair[1]), "{run}");
        assert_eq!(pair[0].len(), 6);
    }
}

#[test]
fn rankings_are_those_of_search() {
    let workspace = searchable();
    workspace.write("queries", "q1\trivière maire -monte\n");
    workspace.write("qrels.tsv", "q1\t1\t1\n");
    measured(&["--queries", "queries", "--run-out", "run"], &workspace).succeeds();
    let answer = workspace.search(&["--per-article", "1", "--", "rivière maire -monte"]);
    let found: Vec<String> = answer.hits.into_iter().map(|hit| hit.article.id).collect();
    let run = fs::read_to_string(workspace.path("run")).unwrap();
    let ranked: Vec<&str> = run
        .lines()
        .map(|line| line.split(' ').nth(2).unwrap())
        .collect();
    assert_eq!(ranked, found);
    assert_eq!(found.len(), 2);
}

#[test]
fn the_options_of_search_are_heeded() {
    let workspace = searchable();
    workspace.write("queries", "q1\tmaire\n");
    workspace.write("qrels.tsv", "q1\t1\t1\n");
    let recall = |lang: &str| {
        let args = ["--queries", "queries", "--json", "--lang", lang];
        json_lines(&measured(&args, &workspace))[0]["recall@100"]
            .as_f64()
            .unwrap()
    };
    assert_eq!((recall("fr"), recall("en")), (1.0, 0.0));
}

#[test]
fn an_article_is_ranked_once_by_its_best_passage() {
    let paragraphs: String = (0..200)
        .map(|n| format!("Paragraphe {n} : le maire parle encore du budget de la commune.\n\n"))
        .collect();
    let workspace = Workspace::new()
        .file("corpus/long.txt", &paragraphs)
        .file("corpus/court.txt", "Le budget du maire.\n")
        .file("queries", "q1\tmaire budget\n")
        .file("qrels.tsv", "q1\tcorpus/long.txt\t1\n");
    workspace.run(&["index"]).succeeds();
    measured(&["--queries", "queries", "--run-out", "run"], &workspace).succeeds();
    assert_eq!(
        fs::read_to_string(workspace.path("run"))
            .unwrap()
            .lines()
            .count(),
        2
    );
}

#[test]
fn files_that_do_not_fit_together_are_told_in_notes() {
    let workspace = searchable();
    workspace.write(
        "queries",
        "q1\tmaire\nq1\tpont\nq5\tpont\nq6\tpont\nq7\tzzz\n",
    );
    workspace.write(
        "qrels.tsv",
        "q1\t1\t1\nq1\tlost\t1\nq4\t1\t1\nq6\t1\t0\nq7\t1\t1\n",
    );
    let output = measured(&["--queries", "queries", "--json"], &workspace);
    insta::assert_snapshot!(output.stderr, @r"
    note: judged queries without a relevant article, left out: 1
    note: queries with the id of one before, not asked: 1
    note: queries without an article judged relevant, not asked: 2
    note: judged queries that are not among the queries, left out: 1
    note: articles judged relevant that the index lacks: 1
    note: queries that find nothing, counted as 0: 1
    ");
    assert_eq!(json_lines(&output)[0]["queries"], 2);
    workspace.write("run", "q1 Q0 1 1 1 x\nq8 Q0 1 1 1 x\n");
    let output = measured(&["--run-in", "run", "--json"], &workspace);
    insta::assert_snapshot!(output.stderr, @r"
    note: judged queries without a relevant article, left out: 1
    note: queries of run without an article judged relevant, left out: 1
    note: judged queries that run lacks, counted as 0: 2
    ");
    assert_eq!(json_lines(&output)[0]["queries"], 3);
}

#[test]
fn errors_name_file_and_line_and_what_is_expected() {
    let workspace = searchable();
    let try_files = |queries: &str, qrels: &str, run: &str| {
        workspace.write("queries", queries);
        workspace.write("qrels.tsv", qrels);
        workspace.write("run", run);
        let asked = measured(&["--queries", "queries"], &workspace);
        let read = measured(&["--run-in", "run"], &workspace);
        let compared = measured(&["--compare", "run", "run"], &workspace);
        (asked, read, compared)
    };
    for (queries, parts) in [
        (
            "q1\tmaire\n\nq2 pont\n",
            ["queries:3: no tab", "expected two columns"],
        ),
        (
            "{\"_id\":\"q1\",\"text\":\"a\"}\n{\"_id\":\"q2\"}\n",
            ["queries:2: no text", "expected a JSON"],
        ),
        (
            "<top>\n<num> 1\n</top>\n",
            ["queries:1: a topic without title", "expected <top>"],
        ),
    ] {
        let (asked, ..) = try_files(queries, "q1\t1\t1\n", "");
        asked.fails_saying(&parts);
    }
    for (qrels, parts) in [
        (
            "q1\t1\t1\nq1\t2\n",
            ["qrels.tsv:2: 2 columns", "expected three columns"],
        ),
        (
            "q1 0 1 1\n\nq1 1 1\n",
            ["qrels.tsv:3: 3 columns", "expected four columns"],
        ),
        (
            "q1 0 1 yes\n",
            ["qrels.tsv:1: the score “yes”", "expected four columns"],
        ),
        (
            "q1 0 1 1\nq1 0 1 2\n",
            [
                "qrels.tsv:2: document 1 is judged again",
                "expected one judgment",
            ],
        ),
    ] {
        let (asked, read, compared) = try_files("q1\tmaire\n", qrels, "");
        for output in [asked, read, compared] {
            output.fails_saying(&parts);
        }
    }
    for (run, parts) in [
        (
            "q1 Q0 1 1 2.5\n",
            ["run:1: 5 columns", "expected six columns"],
        ),
        (
            "q1 Q0 1 1 2.5 x\nq1 Q0 1 2 2.4 x\n",
            ["run:2: document 1 again", "expected each document once"],
        ),
    ] {
        let (_, read, compared) = try_files("q1\tmaire\n", "q1\t1\t1\n", run);
        for output in [read, compared] {
            output.fails_saying(&parts);
        }
    }
    workspace.write("qrels.tsv", b"q1\t1\t1\nq2\t\xE9\t1\n");
    measured(&["--run-in", "run"], &workspace)
        .fails_saying(&["qrels.tsv:2: bytes that are no text"]);
}

#[test]
fn nothing_to_measure_by_is_an_error() {
    let workspace = searchable();
    workspace.write("qrels.tsv", "q1 0 1 0\n");
    workspace.write("queries", "q1\tmaire\n");
    workspace.write("run", "q1 Q0 1 1 1 x\n");
    for args in [
        &["--queries", "queries"][..],
        &["--run-in", "run"],
        &["--compare", "run", "run"],
    ] {
        let output =
            measured(args, &workspace).fails_saying(&["no query has an article judged relevant"]);
        assert_eq!(output.stdout, "");
    }
    workspace.write("qrels.tsv", "q9 0 1 1\n");
    measured(&["--queries", "queries"], &workspace)
        .fails_saying(&["ids of queries must be the same"]);
    measured(&["--queries", "nowhere"], &workspace).fails_saying(&["cannot read nowhere"]);
}

#[test]
fn a_run_that_cannot_be_written_is_told() {
    let workspace = searchable();
    workspace.write("qrels.tsv", "q1 0 1 1\n");
    workspace.write("queries", "q1\tmaire\n");
    let args = ["--queries", "queries", "--run-out", "nowhere/run"];
    measured(&args, &workspace).fails_saying(&["cannot write nowhere/run"]);
}

#[test]
fn one_source_of_rankings_is_asked_for() {
    let workspace = Workspace::new();
    for args in [
        &[][..],
        &["--queries", "q", "--run-in", "r"],
        &["--queries", "q", "--compare", "a", "b"],
        &["--run-in", "r", "--compare", "a", "b"],
        &["--compare", "a"],
        &["--run-in", "r", "--run-out", "o"],
        &["--compare", "a", "b", "--run-out", "o"],
        &["--run-in", "r", "--lang", "fr"],
        &["--compare", "a", "b", "--lang", "fr"],
    ] {
        measured(args, &workspace).fails_saying(&["Usage: fouine eval"]);
    }
}

#[test]
fn a_run_is_measured_without_an_index_whatever_the_environment_says() {
    let workspace = Workspace::new()
        .file("qrels.tsv", QRELS)
        .file("run.trec", RUN);
    let args = ["eval", "--qrels", "qrels.tsv", "--run-in", "run.trec"];
    workspace
        .run_with(&args, &[("FOUINE_INDEX", "nowhere")])
        .succeeds();
    assert!(!workspace.path("index").exists());
}

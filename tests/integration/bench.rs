//! The measurement of speed: what is asked, what is told, in which forms; no time is judged.

use std::fs;

use serde_json::Value;

use super::support::{Output, Workspace};

/// As the JSON calls them.
const KINDS: [&str; 8] = [
    "all",
    "one_word",
    "few_words",
    "question",
    "phrase",
    "prefix",
    "fuzzy",
    "filtered",
];

/// Articles with sentences that are long enough for every kind of query.
fn searchable() -> Workspace {
    Workspace::with_texts(&[
        "Le conseil municipal de la ville a voté hier soir le nouveau budget des cantines et des écoles primaires.",
        "The town council voted yesterday evening on the annual budget of the primary schools and their kitchens.",
        "Les habitants du quartier demandent depuis longtemps une passerelle au-dessus de la rivière.",
    ])
}

/// Measures with one round, unless asked for more.
fn bench(workspace: &Workspace, args: &[&str]) -> Output {
    let quick: &[&str] = match args.contains(&"--repeat") {
        true => &["bench", "--warmup", "0", "--threads", "2"],
        false => &["bench", "--warmup", "0", "--threads", "2", "--repeat", "1"],
    };
    workspace.run(&[quick, args].concat())
}

#[track_caller]
fn json(workspace: &Workspace, args: &[&str]) -> Value {
    let output = bench(workspace, &[&["--json"], args].concat()).succeeds();
    assert_eq!(output.stdout.lines().count(), 1);
    serde_json::from_str(&output.stdout).unwrap()
}

fn kinds(report: &Value) -> Vec<(&str, u64)> {
    let latencies = report["latency"].as_array().unwrap().iter();
    latencies
        .map(|latency| {
            let kind = latency["kind"].as_str().unwrap();
            (kind, latency["queries"].as_u64().unwrap())
        })
        .collect()
}

#[test]
fn every_kind_of_query_is_drawn_and_told_apart() {
    let workspace = searchable();
    let report = json(&workspace, &[]);
    assert_eq!(report["type"], "bench");
    assert_eq!(report["version"], env!("CARGO_PKG_VERSION"));
    assert_eq!(report["index"]["articles"], 3);
    assert_eq!(report["index"]["passages"], 3);
    assert!(report["index"]["bytes"].as_u64().unwrap() > 0);
    assert!(report["machine"]["cpus"].as_u64().unwrap() > 0);
    assert!(!report["machine"]["cpu"].as_str().unwrap().is_empty());
    assert_eq!(report["queries"]["file"], Value::Null);
    assert_eq!(report["queries"]["number"], 350);
    assert_eq!(report["rounds"]["repeat"], 1);
    for field in ["first", "again", "first_search"] {
        assert!(report["opening"][field].as_f64().unwrap() > 0.0, "{field}");
    }
    let expected = KINDS.map(|kind| (kind, if kind == "all" { 350 } else { 50 }));
    assert_eq!(kinds(&report), expected);
    for latency in report["latency"].as_array().unwrap() {
        for side in ["with_snippets", "without_snippets"] {
            let side = &latency[side];
            assert_eq!(side["searches"], latency["queries"]);
            let fields = ["p50", "p90", "p99", "p99.9", "max"];
            let values = fields.map(|field| side[field].as_f64().unwrap());
            assert!(values[0] > 0.0 && values.is_sorted(), "{side}");
            assert!(side["mean"].as_f64().unwrap() > 0.0);
            let distribution = side["distribution"].as_array().unwrap();
            assert_eq!(distribution[0][0], 0.0);
            assert_eq!(distribution.last().unwrap()[0], 100.0);
            assert_eq!(distribution.last().unwrap()[1], side["max"]);
        }
    }
    let throughput = report["throughput"].as_array().unwrap();
    assert_eq!(throughput.len(), 2);
    for (at, at_once) in throughput.iter().enumerate() {
        assert_eq!(at_once["threads"], at + 1);
        assert_eq!(at_once["searches"], 350);
        assert!(at_once["per_second"].as_f64().unwrap() > 0.0);
    }
}

#[test]
fn the_same_articles_and_seed_give_the_same_queries() {
    let workspace = searchable();
    let first = json(&workspace, &[]);
    workspace.run(&["index", "--rebuild"]).succeeds();
    let again = json(&workspace, &[]);
    assert_eq!(first["queries"], again["queries"]);
    let others = json(&workspace, &["--seed", "2"]);
    assert_ne!(
        first["queries"]["fingerprint"],
        others["queries"]["fingerprint"]
    );
    // The same queries asked in another way are not the same work.
    let exact = json(&workspace, &["--exact"]);
    assert_ne!(
        first["queries"]["fingerprint"],
        exact["queries"]["fingerprint"]
    );
}

#[test]
fn queries_of_every_form_are_told_by_how_they_are_read() {
    let workspace = searchable()
        .file("plain.txt", "conseil\r\n\r\ntown council\n\"primary schools\"\n")
        .file("ids.tsv", "q1\tconseil\nq2\ttown council\nq3\t\"primary schools\"\n")
        .file(
            "lines.jsonl",
            "{\"text\":\"conseil\"}\n{\"_id\":\"2\",\"text\":\"town council\"}\n{\"text\":\"\\\"primary schools\\\"\"}\n",
        )
        .file(
            "topics.trec",
            "<top><num>1<title>conseil</top><top><num>2<title>town council</top>\
             <top><num>3<title>\"primary schools\"</top>",
        );
    let mut fingerprints = Vec::new();
    for file in ["plain.txt", "ids.tsv", "lines.jsonl", "topics.trec"] {
        let report = json(&workspace, &["--queries", file]);
        assert_eq!(report["queries"]["file"], file);
        let expected = [("all", 3), ("one_word", 1), ("few_words", 1), ("phrase", 1)];
        assert_eq!(kinds(&report), expected, "{file}");
        fingerprints.push(report["queries"]["fingerprint"].clone());
    }
    fingerprints.dedup();
    assert_eq!(fingerprints.len(), 1);
}

#[test]
fn a_table_says_it_for_people() {
    let workspace = searchable().file("queries.txt", "conseil\n");
    let output = bench(&workspace, &["--queries", "queries.txt", "--repeat", "3"]).succeeds();
    for part in [
        "index: 3 articles, 3 passages, ",
        "1 query from queries.txt, 3 rounds after 0 to warm up",
        "opening: ",
        "with snippets, in ms",
        "ranking alone, in ms",
        "p99.9",
        "one word",
        "2 threads",
    ] {
        assert!(output.stdout.contains(part), "no “{part}” in {output:?}");
    }
    let rows = output.stdout.lines();
    let rows: Vec<&str> = rows.filter(|row| row.starts_with("one word")).collect();
    assert_eq!(rows.len(), 2);
    assert!(rows.iter().all(|row| row.split_whitespace().count() == 9));
    assert!(output.stderr.contains("note: "), "{output:?}");
}

#[test]
fn two_measurements_stand_side_by_side() {
    let workspace = searchable().file("queries.txt", "conseil\ntown council\n");
    let old = bench(&workspace, &["--json", "--queries", "queries.txt"]).succeeds();
    workspace.write("old.json", &old.stdout);
    let compare = ["--compare", "old.json", "--queries", "queries.txt"];
    let output = bench(&workspace, &compare).succeeds();
    assert!(output.stdout.contains("new/old"), "{output:?}");
    assert!(!output.stderr.contains("differ"), "{output:?}");
    let report = json(&workspace, &compare);
    let comparison = &report["comparison"];
    assert_eq!(comparison["differences"].as_array().unwrap().len(), 0);
    assert_eq!(comparison["index_bytes"], 1.0);
    let ratios = comparison["latency"].as_array().unwrap();
    assert_eq!(ratios.len(), 3);
    assert_eq!(ratios[0]["kind"], "all");
    assert!(ratios[0]["with_snippets"]["p99.9"].as_f64().unwrap() > 0.0);
    assert_eq!(comparison["throughput"][1]["threads"], 2);
    // One that was compared can be compared with.
    workspace.write("old.json", report.to_string());
    bench(&workspace, &compare).succeeds();
}

#[test]
fn another_index_and_other_queries_are_told() {
    let workspace = searchable().file("queries.txt", "conseil\n");
    let old = bench(&workspace, &["--json"]).succeeds();
    workspace.write("old.json", &old.stdout);
    workspace.write("more/one.txt", "Un texte de plus.");
    workspace.run(&["index", "more"]).succeeds();
    let output = bench(
        &workspace,
        &["--compare", "old.json", "--queries", "queries.txt"],
    );
    let output = output.succeeds();
    for part in [
        "note: the index differs: 3 articles, 3 passages then, 4 articles, 4 passages now",
        "note: the queries, or how they are asked, differ",
    ] {
        assert!(output.stderr.contains(part), "{output:?}");
    }
}

#[test]
fn the_picture_is_well_formed() {
    let workspace = searchable();
    bench(&workspace, &["--svg", "latency.svg"]).succeeds();
    let svg = fs::read_to_string(workspace.path("latency.svg")).unwrap();
    assert!(svg.starts_with("<svg xmlns="));
    assert_eq!(svg.matches("<polyline").count(), 2 * KINDS.len());
    assert!(!svg.contains("NaN") && !svg.contains("inf"));
    // Every tag that opens closes, in order.
    let mut open: Vec<&str> = Vec::new();
    for tag in svg.split('<').skip(1) {
        let (tag, text) = tag.split_once('>').unwrap();
        assert!(!text.contains('>'), "{text}");
        assert_eq!(tag.matches('"').count() % 2, 0, "{tag}");
        if let Some(name) = tag.strip_prefix('/') {
            assert_eq!(open.pop(), Some(name));
        } else if !tag.ends_with('/') {
            open.push(tag.split_whitespace().next().unwrap());
        }
    }
    assert!(open.is_empty(), "{open:?}");
}

#[test]
fn options_of_a_search_are_those_of_a_measurement() {
    let workspace = searchable().file("queries.txt", "conseil\n");
    for option in [
        &["--lang", "fr"][..],
        &["--all", "--date", "2020"],
        &["--translate", "--sort", "date"],
    ] {
        let report = json(
            &workspace,
            &[&["--queries", "queries.txt"], option].concat(),
        );
        // What is asked is still one word, whatever it is narrowed to.
        assert_eq!(kinds(&report), [("all", 1), ("one_word", 1)]);
    }
}

#[test]
fn what_cannot_be_measured_is_said_with_a_remedy() {
    let workspace = searchable()
        .file("empty.txt", "\n \n")
        .file("broken.jsonl", "{\"text\":\"a\"}\n{\"text\":1}\n")
        .file("latin.txt", b"a\n\xE9t\xE9\n")
        .file("broken.json", "{\"type\":\"bench\",\n\"version\":1}")
        .file("other.json", "{\"type\":\"summary\",\"version\":\"0\"}")
        .file("hits.json", "");
    let cases: [(&[&str], &[&str]); 8] = [
        (
            &["--queries", "empty.txt"],
            &["no queries in empty.txt", "hint: write a query a line"],
        ),
        (
            &["--queries", "broken.jsonl"],
            &["broken.jsonl:2: no text; expected"],
        ),
        (&["--queries", "latin.txt"], &["latin.txt:2:"]),
        (&["--queries", "none.txt"], &["cannot read none.txt"]),
        (
            &["--compare", "broken.json"],
            &["broken.json:2: invalid type", "`fouine bench --json`"],
        ),
        (
            &["--compare", "other.json"],
            &["other.json:1: unknown variant `summary`"],
        ),
        (&["--compare", "hits.json"], &["hits.json:1: EOF"]),
        (&["--svg", "no/where.svg"], &["cannot write no/where.svg"]),
    ];
    for (args, says) in cases {
        bench(&workspace, args).fails_saying(says);
    }
    for (option, value) in [("--repeat", "0"), ("--threads", "0"), ("--threads", "9999")] {
        workspace
            .run(&["bench", option, value])
            .fails_saying(&["a number from 1"]);
    }
    let empty = Workspace::new();
    bench(&empty, &[]).fails_saying(&["no index in index", "hint: build one first"]);
}

#[test]
fn an_index_without_words_worth_asking_for_says_so() {
    let workspace = Workspace::with_texts(&["1 2 3", "!?"]);
    bench(&workspace, &[]).fails_saying(&[
        "no words in the index in index to draw queries from",
        "hint: bring queries of your own",
    ]);
    let workspace = workspace.file("queries.txt", "1\n!?\n");
    bench(&workspace, &["--queries", "queries.txt"]).succeeds();
}

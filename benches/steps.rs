//! Each step of the two pipelines by itself, on the bundled articles: `cargo bench`.
//!
//! Steps that only the crate knows are measured on the shortest way to them: `decode` is reading plain text in a legacy
//! encoding, of which walking and opening files is a part; `write` is the whole index pipeline on a collection, where
//! little is left to decode and nothing to extract. Of a search, `parse` reads the query; `plan` is a search for words that
//! are not there, retrieving nothing; `retrieve` only counts what matches; `rank` finds the ten best without counting;
//! `snippet` does both, and shows the ten.

#![allow(
    missing_docs,
    clippy::unwrap_used,
    reason = "criterion's macros; a benchmark that cannot run should stop"
)]

use std::fs;
use std::hint::black_box;
use std::path::{Path, PathBuf};

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use fouine::corpus::{Document, Items, Limits, Piece, discover};
use fouine::index::{BuildOptions, build};
use fouine::language::{Analyzer, Language, detect};
use fouine::passage::split;
use fouine::query::Query;
use fouine::search::{SearchOptions, Searcher};

fn corpus() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus")
}

fn load(path: &Path) -> Vec<Document> {
    let files = discover(&[path.to_owned()], None).files;
    let limits = Limits::default();
    Items::new(files, limits)
        .filter_map(|piece| match piece {
            Piece::Article(item) => Some(item.load(&limits).document.unwrap()),
            _ => None,
        })
        .collect()
}

/// A folder with the texts of some articles, each a file in windows-1252; letters that it lacks are left out.
fn write_legacy(documents: &[Document], folder: &Path) {
    for document in documents {
        let (bytes, _, _) = encoding_rs::WINDOWS_1252.encode(&document.text);
        fs::write(folder.join(format!("{}.txt", document.id)), bytes).unwrap();
    }
}

/// A collection of some articles.
fn write_collection(documents: &[Document], path: &Path) {
    let lines = documents.iter().map(|document| {
        let title = &document.metadata.title;
        let line = serde_json::json!({"_id": document.id, "title": title, "text": document.text});
        format!("{line}\n")
    });
    fs::write(path, lines.collect::<String>()).unwrap();
}

fn build_in(folder: &Path, path: &Path) -> u64 {
    let paths = [path.to_owned()];
    let report = build(folder, &paths, &BuildOptions::default(), &mut |_| {});
    report.unwrap().articles
}

fn index_steps(criterion: &mut Criterion) {
    let documents = load(&corpus());
    let n_bytes = documents
        .iter()
        .map(|document| document.text.len() as u64)
        .sum();
    let mut group = criterion.benchmark_group("index");
    group.throughput(Throughput::Bytes(n_bytes));

    group.bench_function("load", |bencher| {
        bencher.iter(|| assert_eq!(black_box(load(&corpus())).len(), documents.len()));
    });
    group.bench_function("decode", |bencher| {
        let folder = tempfile::tempdir().unwrap();
        write_legacy(&documents, folder.path());
        bencher.iter(|| assert_eq!(black_box(load(folder.path())).len(), documents.len()));
    });
    group.bench_function("split", |bencher| {
        bencher.iter(|| {
            for document in &documents {
                assert!(!black_box(split(&document.text, &[0])).is_empty());
            }
        });
    });
    group.bench_function("detect", |bencher| {
        bencher.iter(|| {
            for document in &documents {
                assert_ne!(black_box(detect(&document.text, None)), Language::Other);
            }
        });
    });
    group.bench_function("analyze", |bencher| {
        let mut analyzer = Analyzer::new(Language::French);
        bencher.iter(|| {
            for document in &documents {
                assert!(!black_box(analyzer.tokens(&document.text)).is_empty());
            }
        });
    });
    group.sample_size(10);
    let folder = tempfile::tempdir().unwrap();
    let collection = folder.path().join("articles.jsonl");
    write_collection(&documents, &collection);
    for (name, path) in [("write", collection), ("build", corpus())] {
        group.bench_function(name, |bencher| {
            bencher.iter(|| {
                let folder = tempfile::tempdir().unwrap();
                assert_eq!(build_in(folder.path(), &path), documents.len() as u64);
            });
        });
    }
    group.finish();
}

fn search_steps(criterion: &mut Criterion) {
    let folder = tempfile::tempdir().unwrap();
    build_in(folder.path(), &corpus());
    let searcher = Searcher::open(folder.path()).unwrap();
    let complete = SearchOptions::default();
    let ranked = SearchOptions {
        rank_only: true,
        ..complete.clone()
    };
    let counted = SearchOptions {
        limit: 0,
        ..complete.clone()
    };
    let exact = SearchOptions {
        exact: true,
        ..complete.clone()
    };
    let queries = [
        ("one word", "mairie"),
        (
            "question",
            "combien de voitures les fouines ont-elles abîmées près de la gare",
        ),
        ("phrase", "\"to be or not to be\""),
    ];
    for (kind, text) in queries {
        let mut group = criterion.benchmark_group(format!("search: {kind}"));
        let query = Query::parse(text);
        group.bench_function("parse", |bencher| {
            bencher.iter(|| black_box(Query::parse(black_box(text))));
        });
        group.bench_function("plan", |bencher| {
            let query = Query::parse(&unknown(text));
            bencher.iter(|| {
                let answer = searcher.search(black_box(&query), &exact).unwrap();
                assert_eq!(answer.n_passages, 0);
            });
        });
        assert!(searcher.search(&query, &complete).unwrap().n_passages > 0);
        for (name, options) in [
            ("retrieve", &counted),
            ("rank", &ranked),
            ("snippet", &complete),
        ] {
            group.bench_function(name, |bencher| {
                bencher.iter(|| searcher.search(black_box(&query), options).unwrap());
            });
        }
        group.finish();
    }
    let mut group = criterion.benchmark_group("search");
    group.bench_function("open", |bencher| {
        bencher.iter(|| Searcher::open(black_box(folder.path())).unwrap());
    });
    group.finish();
}

/// A query like `text`, of words that no text has.
fn unknown(text: &str) -> String {
    let words = text.split(' ').map(|word| match word.strip_suffix('"') {
        Some(word) => format!("{word}qxqx\""),
        None => format!("{word}qxqx"),
    });
    words.collect::<Vec<_>>().join(" ")
}

criterion_group!(benches, index_steps, search_steps);
criterion_main!(benches);

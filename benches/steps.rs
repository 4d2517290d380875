//! Each step of the two pipelines by itself, on the bundled articles: `cargo bench`.

#![allow(
    missing_docs,
    clippy::unwrap_used,
    reason = "criterion's macros; a benchmark that cannot run should stop"
)]

use std::hint::black_box;
use std::path::{Path, PathBuf};

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use fouine::corpus::{Document, Items, Limits, discover};
use fouine::index::{BuildOptions, build};
use fouine::language::{Analyzer, Language, detect};
use fouine::passage::split;
use fouine::query::Query;
use fouine::search::{SearchOptions, Searcher};

fn corpus() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus")
}

fn load() -> Vec<Document> {
    let files = discover(&[corpus()], None).unwrap().files;
    let limits = Limits::default();
    Items::new(files, limits)
        .map(|item| item.unwrap().load(&limits).unwrap())
        .collect()
}

fn index_steps(criterion: &mut Criterion) {
    let documents = load();
    let n_bytes = documents
        .iter()
        .map(|document| document.text.len() as u64)
        .sum();
    let mut group = criterion.benchmark_group("index");
    group.throughput(Throughput::Bytes(n_bytes));

    group.bench_function("load", |bencher| {
        bencher.iter(|| assert_eq!(black_box(load()).len(), documents.len()));
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
    group.bench_function("build", |bencher| {
        bencher.iter(|| {
            let folder = tempfile::tempdir().unwrap();
            let report = build(
                folder.path(),
                &[corpus()],
                &BuildOptions::default(),
                &mut |_| {},
            );
            assert_eq!(report.unwrap().articles, documents.len() as u64);
        });
    });
    group.finish();
}

fn search_steps(criterion: &mut Criterion) {
    let folder = tempfile::tempdir().unwrap();
    build(
        folder.path(),
        &[corpus()],
        &BuildOptions::default(),
        &mut |_| {},
    )
    .unwrap();
    let searcher = Searcher::open(folder.path()).unwrap();
    let options = SearchOptions::default();
    let queries = [
        ("one word", "mairie"),
        (
            "question",
            "combien de voitures les fouines ont-elles abîmées près de la gare",
        ),
        ("phrase", "\"to be or not to be\""),
    ];
    let mut group = criterion.benchmark_group("search");
    for (kind, text) in queries {
        let query = Query::parse(text);
        group.bench_function(kind, |bencher| {
            bencher.iter(|| {
                let answer = searcher.search(black_box(&query), &options).unwrap();
                assert!(answer.n_passages > 0);
            });
        });
    }
    group.bench_function("open", |bencher| {
        bencher.iter(|| Searcher::open(black_box(folder.path())).unwrap());
    });
    group.finish();
}

criterion_group!(benches, index_steps, search_steps);
criterion_main!(benches);

//! The whole pipeline beside a yardstick, in the same run: what the library under it does with the same text, already
//! split into passages, when nothing is built around it.
//!
//! ```text
//! cargo bench --bench pipeline -- --megabytes 100 --rounds 5
//! cargo bench --bench pipeline -- --megabytes 100 --only-generate FOLDER
//! ```
//!
//! Both index the same generated corpus with two threads, one after the other, round by round: fouine walks the folder,
//! reads, extracts, detects languages, splits, analyzes and writes; the yardstick reads passages from JSON lines and
//! writes them with tantivy's own tokenizer and a Snowball stemmer. Then both answer the same queries on one thread, ten
//! hits without texts. Medians of the rounds are printed, and fouine's by the yardstick's. How many threads fouine takes
//! is the machine's business; on two cores they are two.
//!
//! How it grows: corpora made by `--only-generate`, indexed by `fouine index`, asked by `fouine bench --repeat 3 --threads 1`
//! (questions drawn from the index; memory is the process's own, without mapped files).
//!
//! | passages | time | memory | on disk, text = 1 | segments | questions, ranking alone: p50, p99 | with ten snippets: p50, p99 |
//! |---|---|---|---|---|---|---|
//! | 99,318 | 5.6 s | 273 MB | 1.07 | 1 | 0.18, 0.45 ms | 0.43, 0.91 ms |
//! | 1,000,513 | 49 s | 334 MB | 0.87 | 1 | 0.56, 2.1 ms | 1.0, 3.1 ms |
//! | 9,999,372 | 628 s | 517 MB | 0.85 | 9 | 4.4, 15 ms | 8.7, 20 ms |
//! | with memory from glibc: 9,999,369 | 528 s | 644 MB | 0.84 | 8 | 4.6, 15 ms | 11, 23 ms |
//! | with texts compressed by zstd: 99,318 | 7.6 s | 334 MB | 1.31 | 1 | 0.25, 0.66 ms | 0.9, 1.6 ms |
//! | 1,000,516 | 70 s | 429 MB | 1.11 | 1 | 0.72, 3.0 ms | 1.9, 5.9 ms |
//! | 9,999,382 | 939 s | 636 MB | 1.13 | 13 | 4.4, 17 ms | 9.7, 23 ms |
//!
//! Ten million were indexed beside other work, each time; the questions with memory from glibc were asked of the new index.
//! When segments came from tantivy's writer: 15, 155 and 2,978 s, and questions in 0.40, 1.7 and 13 ms over 1, 8 and 8
//! segments.
//!
//! With what search gained since (the tables of `fouine::search`), the first three of these indexes:
//!
//! | passages | questions, ranking alone: p50, p99 | with ten snippets: p50, p99 |
//! |---|---|---|
//! | 99,318 | 0.09, 0.32 ms | 0.28, 0.58 ms |
//! | 1,000,513 | 0.45, 1.7 ms | 0.79, 2.1 ms |
//! | 9,999,372 | 2.8, 11 ms | 5.2, 16 ms |
//!
//! Beside the yardstick, with `--megabytes 907 --rounds 1` (a million passages): indexing 0.94 of its time, two words 1.3 of its
//! p50 and p90 and 0.7 of its p99, long questions 0.1 of each. With what search gained since (the tables of
//! `fouine::search`): indexing 0.88, two words 0.60 to 0.69, 0.60 to 0.66 and 0.48 (two runs), long
//! questions 0.1.

#![allow(
    missing_docs,
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a benchmark prints what it measures, and one that cannot run should stop"
)]

mod generate;
mod yardstick;

use std::io::Write;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};
use std::{fs, io};

use fouine::corpus::{Items, Limits, Piece, discover};
use fouine::index::{BuildOptions, build};
use fouine::language::{detect, is_any_stop_word};
use fouine::passage::split;
use fouine::query::Query;
use fouine::random::SplitMix64;
use fouine::search::{SearchOptions, Searcher};

use yardstick::Passage;

/// Queries of each kind.
const N_QUERIES: usize = 200;

fn main() {
    let arguments = Arguments::parse(std::env::args().skip(1));
    let n_bytes = (arguments.megabytes * 1e6) as usize;
    if let Some(folder) = &arguments.only_generate {
        let generated = generate::generate(folder, n_bytes, arguments.seed).unwrap();
        let (n_articles, n_bytes) = (generated.n_articles, generated.n_bytes);
        println!(
            "{n_articles} articles, {n_bytes} bytes in {}",
            folder.display()
        );
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let paths = Paths {
        corpus: folder.path().join("corpus"),
        passages: folder.path().join("passages.jsonl"),
        index: folder.path().join("index"),
        yardstick: folder.path().join("yardstick"),
    };
    let generated = generate::generate(&paths.corpus, n_bytes, arguments.seed).unwrap();
    let split = write_passages(&paths.corpus, &paths.passages).unwrap();
    println!(
        "{} articles, {:.1} MB; {} passages, {:.1} MB of text; seed {}, {} rounds\n",
        generated.n_articles,
        generated.n_bytes as f64 / 1e6,
        split.n_passages,
        split.n_bytes as f64 / 1e6,
        arguments.seed,
        arguments.rounds
    );
    if cfg!(debug_assertions) {
        println!("built without optimization: the ratios tell nothing\n");
    }
    println!(
        "{:24} {:>10} {:>10} {:>7}",
        "", "fouine", "yardstick", "ratio"
    );
    compare_indexing(&paths, &split, arguments.rounds);
    compare_searching(&paths, &arguments);
}

/// What was asked for.
struct Arguments {
    megabytes: f64,
    rounds: usize,
    seed: u64,
    only_generate: Option<PathBuf>,
}

impl Arguments {
    fn parse(mut arguments: impl Iterator<Item = String>) -> Arguments {
        let mut parsed = Arguments {
            megabytes: 20.0,
            rounds: 3,
            seed: 1,
            only_generate: None,
        };
        while let Some(name) = arguments.next() {
            // cargo says this to every benchmark.
            if name == "--bench" {
                continue;
            }
            let Some(value) = arguments.next() else {
                panic!("{name} wants a value");
            };
            match name.as_str() {
                "--megabytes" => parsed.megabytes = value.parse().unwrap(),
                "--rounds" => parsed.rounds = value.parse().unwrap(),
                "--seed" => parsed.seed = value.parse().unwrap(),
                "--only-generate" => parsed.only_generate = Some(value.into()),
                _ => panic!("no such option: {name}"),
            }
        }
        assert!(parsed.rounds > 0, "--rounds is at least 1");
        parsed
    }
}

struct Paths {
    corpus: PathBuf,
    passages: PathBuf,
    index: PathBuf,
    yardstick: PathBuf,
}

/// The text that both index.
struct Split {
    n_passages: usize,
    n_bytes: usize,
}

/// Splits the corpus as fouine does, and writes its passages for the yardstick.
fn write_passages(corpus: &Path, path: &Path) -> io::Result<Split> {
    let files = discover(&[corpus.to_owned()], None).files;
    let limits = Limits::default();
    let mut out = io::BufWriter::new(fs::File::create(path)?);
    let mut written = Split {
        n_passages: 0,
        n_bytes: 0,
    };
    for piece in Items::new(files, limits) {
        let Piece::Article(item) = piece else {
            continue;
        };
        let document = item.load(&limits).document.unwrap();
        let language = detect(&document.text, None);
        let starts: Vec<usize> = document
            .sections
            .iter()
            .map(|section| section.start)
            .collect();
        for passage in split(&document.text, &starts) {
            let passage = Passage {
                title: document.metadata.title.clone(),
                language: language.code().to_owned(),
                text: document.text[passage.range].to_owned(),
            };
            written.n_passages += 1;
            written.n_bytes += passage.text.len();
            serde_json::to_writer(&mut out, &passage)?;
            writeln!(out)?;
        }
    }
    out.flush()?;
    Ok(written)
}

fn compare_indexing(paths: &Paths, split: &Split, n_rounds: usize) {
    let (mut ours, mut theirs) = (Vec::new(), Vec::new());
    for _ in 0..n_rounds {
        clear(&paths.index);
        let started = Instant::now();
        let corpus = [paths.corpus.clone()];
        let report = build(&paths.index, &corpus, &BuildOptions::default(), &mut |_| {});
        ours.push(started.elapsed());
        assert_eq!(report.unwrap().passages, split.n_passages as u64);

        clear(&paths.yardstick);
        let started = Instant::now();
        let n_passages = yardstick::index(&paths.passages, &paths.yardstick);
        theirs.push(started.elapsed());
        assert_eq!(n_passages, split.n_passages);
    }
    let in_seconds = |duration: Duration| format!("{:.3} s", duration.as_secs_f64());
    row(
        "indexing",
        median(&mut ours),
        median(&mut theirs),
        in_seconds,
    );
    let sizes = [size(&paths.index), size(&paths.yardstick)];
    let of_text = sizes.map(|size| size as f64 / split.n_bytes as f64);
    let times = of_text[0] / of_text[1];
    println!(
        "{:24} {:>10.2} {:>10.2} {times:>7.2}",
        "index / text", of_text[0], of_text[1]
    );
}

fn compare_searching(paths: &Paths, arguments: &Arguments) {
    let searcher = Searcher::open(&paths.index).unwrap();
    let yardstick = yardstick::Searcher::open(&paths.yardstick);
    let options = SearchOptions {
        rank_only: true,
        ..SearchOptions::default()
    };
    for (kind, n_words) in [("two words", 2), ("long questions", 9)] {
        let queries = queries(&paths.passages, n_words, arguments.seed);
        let (mut ours, mut theirs) = (Vec::new(), Vec::new());
        // The first round warms up.
        for round in 0..=arguments.rounds {
            for query in &queries {
                let started = Instant::now();
                searcher.search(&Query::parse(query), &options).unwrap();
                if round > 0 {
                    ours.push(started.elapsed());
                }
            }
            for query in &queries {
                let started = Instant::now();
                yardstick.search(query);
                if round > 0 {
                    theirs.push(started.elapsed());
                }
            }
        }
        let in_ms = |duration: Duration| format!("{:.3} ms", duration.as_secs_f64() * 1e3);
        for percent in [50, 90, 99] {
            let (ours, theirs) = (
                percentile(&mut ours, percent),
                percentile(&mut theirs, percent),
            );
            row(&format!("{kind}, p{percent}"), ours, theirs, in_ms);
        }
    }
}

/// Queries of so many words from passages all over the corpus: a piece of text where they are many, words that tell what a
/// text is about where they are few.
fn queries(passages: &Path, n_words: usize, seed: u64) -> Vec<String> {
    let passages = fs::read_to_string(passages).unwrap();
    let passages: Vec<&str> = passages.lines().collect();
    let mut random = SplitMix64::new(seed);
    let mut queries = Vec::new();
    while queries.len() < N_QUERIES {
        let line = passages[random.below(passages.len())];
        let passage: Passage = serde_json::from_str(line).unwrap();
        let words = passage.text.split(|c: char| !c.is_alphanumeric());
        let is_wanted = |word: &&str| match n_words {
            ..=3 => !word.is_empty() && !is_any_stop_word(&word.to_lowercase()),
            _ => !word.is_empty(),
        };
        let words: Vec<&str> = words.filter(is_wanted).collect();
        if words.len() >= n_words {
            let start = random.below(words.len() - n_words + 1);
            queries.push(words[start..start + n_words].join(" "));
        }
    }
    queries
}

fn row(name: &str, ours: Duration, theirs: Duration, shown: impl Fn(Duration) -> String) {
    let times = ours.as_secs_f64() / theirs.as_secs_f64().max(1e-9);
    println!(
        "{name:24} {:>10} {:>10} {times:>7.2}",
        shown(ours),
        shown(theirs)
    );
}

fn median(durations: &mut [Duration]) -> Duration {
    percentile(durations, 50)
}

fn percentile(durations: &mut [Duration], percent: usize) -> Duration {
    durations.sort_unstable();
    durations[(durations.len() - 1) * percent / 100]
}

fn clear(folder: &Path) {
    if folder.exists() {
        fs::remove_dir_all(folder).unwrap();
    }
}

/// Bytes of the files in a folder.
fn size(folder: &Path) -> u64 {
    let entries = fs::read_dir(folder).unwrap();
    entries
        .map(|entry| entry.unwrap().metadata().unwrap().len())
        .sum()
}

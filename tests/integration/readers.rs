//! Searches while the index is written: none fails, and each sees one commit, whole.
//!
//! `COMMITS=50` makes more of them.

use std::collections::BTreeSet;
use std::fs;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

use fouine::index::{BuildOptions, Index, build};
use fouine::query::Query;
use fouine::search::{Answer, SearchOptions, Searcher};

use super::support::{Workspace, number_from};

/// Articles of the collection that each commit replaces, and files of one article each beside it.
const ARTICLES: usize = 12;
const FILES: usize = 6;

/// Writes all articles anew: each names the generation in its text and its title.
fn write_generation(workspace: &Workspace, generation: usize) {
    let lines = (0..ARTICLES).map(|n| {
        let record = serde_json::json!({
            "_id": format!("{n}"),
            "title": format!("Génération {generation}"),
            "text": format!("Le maire parle de la génération {generation}."),
        });
        format!("{record}\n")
    });
    // In one step, so that the writer does not read half of it.
    workspace.write("new.jsonl", lines.collect::<String>());
    fs::rename(
        workspace.path("new.jsonl"),
        workspace.path("corpus/all.jsonl"),
    )
    .unwrap();
    for n in 0..FILES {
        let text = format!(
            "Génération {generation}\n\nLe maire parle aussi de la génération {generation}.\n"
        );
        workspace.write(&format!("corpus/{n}.txt"), text);
    }
}

fn generations<'t>(texts: impl Iterator<Item = &'t str>) -> BTreeSet<usize> {
    texts
        .flat_map(|text| text.split(|c: char| !c.is_ascii_digit()))
        .filter_map(|number| number.parse().ok())
        .collect()
}

fn check(answer: &Answer) {
    let texts = answer.hits.iter().flat_map(|hit| {
        [
            hit.passage.text.as_str(),
            hit.article.metadata.title.as_str(),
        ]
    });
    let generations = generations(texts);
    assert_eq!(generations.len(), 1, "{generations:?}");
    let all = (ARTICLES + FILES) as u64;
    assert_eq!(
        (answer.n_articles, answer.n_passages),
        (all, all),
        "in {generations:?}"
    );
    assert_eq!(answer.hits.len() as u64, all);
}

#[test]
fn searches_see_one_commit_each_while_others_are_made() {
    let workspace = Workspace::new();
    fs::create_dir(workspace.path("corpus")).unwrap();
    write_generation(&workspace, 1);
    workspace.run(&["index"]).succeeds();
    let n_commits = number_from("COMMITS", 12);
    let dir = workspace.path("index");
    let is_over = AtomicBool::new(false);
    let options = SearchOptions {
        limit: 1000,
        ..SearchOptions::default()
    };
    thread::scope(|scope| {
        let (workspace, dir, options, is_over) = (&workspace, &dir, &options, &is_over);
        let mut readers = Vec::new();
        // Threads that open the index for each search, and threads that keep one open.
        for number in 0..4 {
            readers.push(scope.spawn(move || {
                let query = Query::parse("maire");
                let kept = Searcher::open(dir).unwrap();
                let first = kept.search(&query, options).unwrap();
                let mut n_searches = 0;
                while n_searches == 0 || !is_over.load(Ordering::Relaxed) {
                    if number % 2 == 0 {
                        check(
                            &Searcher::open(dir)
                                .unwrap()
                                .search(&query, options)
                                .unwrap(),
                        );
                        let status = Index::open(dir).unwrap().status().unwrap();
                        assert_eq!(status.articles, (ARTICLES + FILES) as u64);
                        assert_eq!(status.passages, status.articles);
                    } else {
                        let again = kept.search(&query, options).unwrap();
                        check(&again);
                        assert_eq!(again.hits[0].passage.text, first.hits[0].passage.text);
                        assert!(kept.article("3").unwrap().is_some());
                    }
                    n_searches += 1;
                }
                n_searches
            }));
        }
        for _ in 0..4 {
            readers.push(scope.spawn(move || {
                let mut n_searches = 0;
                while n_searches == 0 || !is_over.load(Ordering::Relaxed) {
                    let answer = workspace.search(&["-n", "1000", "maire"]);
                    let all = ARTICLES + FILES;
                    assert_eq!(answer.hits.len(), all);
                    assert_eq!(
                        (answer.summary.articles, answer.summary.passages),
                        (all as u64, all as u64)
                    );
                    let generations =
                        generations(answer.hits.iter().map(|hit| hit.passage.text.as_str()));
                    assert_eq!(generations.len(), 1, "{generations:?}");
                    n_searches += 1;
                }
                n_searches
            }));
        }
        let write = scope.spawn(move || {
            for generation in 2..=n_commits {
                write_generation(workspace, generation);
                match generation % 3 {
                    0 => drop(workspace.run(&["index"]).succeeds()),
                    1 => drop(workspace.run(&["index", "--rebuild"]).succeeds()),
                    _ => {
                        let options = BuildOptions {
                            commit_every: Duration::MAX,
                            ..BuildOptions::default()
                        };
                        build(dir, &[workspace.path("corpus")], &options, &mut |_| {}).unwrap();
                    }
                }
            }
        });
        let written = write.join();
        is_over.store(true, Ordering::Relaxed);
        assert!(written.is_ok());
        for reader in readers {
            assert!(reader.join().unwrap() > 0);
        }
    });
    let answer = Searcher::open(&dir)
        .unwrap()
        .search(&Query::parse("maire"), &options)
        .unwrap();
    check(&answer);
    assert_eq!(
        generations(answer.hits.iter().map(|hit| hit.passage.text.as_str())),
        BTreeSet::from([n_commits])
    );
}

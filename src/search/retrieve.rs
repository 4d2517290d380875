//! Finds the best passages, and counts all that match.
//!
//! Words side by side, of which any may be there, take the short way ([`Disjunction`]): only what may be among the best
//! is scored. Everything else goes through the passages of a segment window by window ([`Tree`]). Either way all that
//! matches is counted, if wanted, in a set of bits.

use std::rc::Rc;

use rustc_hash::FxHashMap;
use tantivy::{DocId, Searcher};

use super::best::{Best, Candidate, Order, Passages};
use super::bits::Bits;
use super::disjunction::{Disjunction, List};
use super::segments::{Segment, Segments};
use super::tree::{Tree, WINDOW};
use super::weights::{BySearched, Weighted};
use super::windows::Room;
use crate::index::{Snapshot, files_in_order};

/// What was found.
pub(super) struct Retrieved<'s> {
    /// The best, in no order.
    pub(super) best: Vec<Candidate<'s>>,
    /// Passages that match, if they were counted; else 0.
    pub(super) n_passages: u64,
    /// Articles with a passage that matches, likewise.
    pub(super) n_articles: u64,
}

/// By what hits are put in order.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Sort {
    /// The best first.
    #[default]
    Score,
    /// The latest first, those without a date last.
    Date,
    /// By the path of the file.
    Path,
}

/// Which passages are retrieved, in what order, and whether all that match are counted.
pub(super) struct Scope {
    pub(super) sort: Sort,
    pub(super) counts: bool,
    /// The key of an article whose passages are left out.
    pub(super) except: Option<u64>,
}

/// Retrieves the first `limit` passages.
pub(super) fn retrieve<'s>(
    snapshot: &'s Snapshot,
    segments: &'s Segments,
    languages: &[Weighted<'_>],
    scope: &Scope,
    limit: usize,
) -> tantivy::Result<Retrieved<'s>> {
    let orders = orders(&snapshot.searcher, scope.sort)?;
    let mut found = Best::new(limit, &orders, scope.except);
    let lists: BySearched<Option<List<'_>>> = languages
        .iter()
        .map(|weighted| List::of(weighted.plan).filter(|_| scope.sort == Sort::Score))
        .collect();
    // The language that the query is in first, or where its words are worth most: what scores less in others is not
    // looked at then.
    let mut by_worth: BySearched<(usize, &Weighted<'_>)> = languages.iter().enumerate().collect();
    let worth = |weighted: &Weighted<'_>| weighted.idfs.iter().sum::<f32>();
    by_worth.sort_by(|(_, one), (_, other)| worth(other).total_cmp(&worth(one)));
    let (mut n_passages, mut n_articles) = (0, 0);
    let mut room = Room::take();
    // What is left out would be counted among the best.
    let n_best = scope.except.map_or(limit, |_| usize::MAX);
    for segment_ord in 0..orders.len() as u32 {
        let segment = segments.open(snapshot, segment_ord)?;
        let article_ends = segments.article_ends(segment)?;
        let Segment {
            reader, columns, ..
        } = segment;
        let n_counted = if scope.counts { reader.max_doc() } else { 0 };
        let mut matched = Bits::none(n_counted);
        for &(language, weighted) in &by_worth {
            let passages = Passages {
                language,
                segment_ord,
                columns,
                article_ends,
            };
            if let Some(list) = &lists[language] {
                let disjunction = Disjunction::new(segment, weighted, list);
                if scope.counts {
                    disjunction.add_all(&mut matched)?;
                }
                if limit > 0 {
                    disjunction.best(&mut room, found.worst(), n_best, |doc, score| {
                        found.push(passages, doc, score);
                        found.worst()
                    })?;
                }
            } else if let Some(mut tree) = Tree::open(segment, weighted)? {
                let mut from = 0;
                while let Some((window, filled)) = tree.fill(from, reader.max_doc()) {
                    for at in 0..WINDOW {
                        let doc = window + at as DocId;
                        if filled.matched[at] && !reader.is_deleted(doc) {
                            if scope.counts {
                                matched.insert(doc);
                            }
                            found.push(passages, doc, filled.scores[at] as f32);
                        }
                    }
                    from = window + WINDOW as DocId;
                }
            }
        }
        if !scope.counts {
            continue;
        }
        if let Some(alive) = segments.alive(segment) {
            matched.intersect(alive);
        }
        if scope.except.is_some() {
            let (mut article, mut is_left_out) = (0..0, false);
            matched.retain(|doc| {
                if !article.contains(&doc) {
                    article = article_ends.group_of(doc);
                    is_left_out = columns.article_key(article.start) == scope.except;
                }
                !is_left_out
            });
        }
        n_passages += matched.len();
        n_articles += matched.n_groups(article_ends);
    }
    room.give_back();
    Ok(Retrieved {
        best: found.into_candidates(),
        n_passages,
        n_articles,
    })
}

/// The order of each segment.
fn orders(searcher: &Searcher, sort: Sort) -> tantivy::Result<Vec<Order>> {
    let segments = searcher.segment_readers().iter();
    match sort {
        Sort::Score => Ok(segments.map(|_| Order::None).collect()),
        Sort::Date => segments
            .map(|segment| Ok(Order::Date(segment.fast_fields().u64("date")?)))
            .collect(),
        Sort::Path => {
            let places: FxHashMap<u64, u32> =
                files_in_order(searcher)?.into_iter().zip(0..).collect();
            let places = Rc::new(places);
            segments
                .map(|segment| {
                    let origins = segment.fast_fields().u64("origin")?;
                    Ok(Order::Path(origins, Rc::clone(&places)))
                })
                .collect()
        }
    }
}

#[cfg(test)]
mod tests {
    use std::fmt::Write;
    use std::fs;

    use super::*;
    use crate::index::{BuildOptions, build};
    use crate::language::Language;
    use crate::query::{Plan, PlanOptions, Query};
    use crate::random::SplitMix64;
    use crate::search::Searcher;
    use crate::search::best::sort;
    use crate::search::rescore::N_RESCORED;
    use crate::search::weights::weigh;

    /// More documents than any window has, where many score the same.
    const N_ARTICLES: usize = 12_000;
    const N_FILES: usize = 120;

    /// A word, the first of sixty more often than the last.
    fn word(random: &mut SplitMix64) -> String {
        let highest = 1 + random.below(60);
        let place = random.below(highest);
        let syllables = ["ba", "ke", "lo", "mi", "nu", "ra", "so", "ti"];
        format!("{}{}vo", syllables[place % 8], syllables[place / 8])
    }

    /// A word of which all postings are in one block, or two.
    fn rare_word(random: &mut SplitMix64) -> String {
        format!("zu{}vo", ["ba", "ke", "lo", "mi"][random.below(4)])
    }

    fn query(random: &mut SplitMix64) -> String {
        let (mut query, mut n_words) = (String::new(), 1 + random.below(5));
        if random.below(2) == 0 {
            query = rare_word(random) + " ";
            n_words = random.below(3);
        }
        for _ in 0..n_words {
            let _ = write!(query, "{} ", word(random));
        }
        if random.below(4) == 0 {
            query += "tavo ";
        }
        match random.below(6) {
            0 => query += "lang:fr",
            1 => query += "date:2001",
            2 => query += &format!("-{}", word(random)),
            3 => query += &format!("\"{} {}\"", word(random), word(random)),
            _ => {}
        }
        query
    }

    fn searcher(folder: &tempfile::TempDir, random: &mut SplitMix64) -> Searcher {
        let corpus = folder.path().join("corpus");
        fs::create_dir(&corpus).unwrap();
        let file = |file: usize| corpus.join(format!("{file}.jsonl"));
        for at in 0..N_FILES {
            let mut lines = String::new();
            for _ in 0..N_ARTICLES / N_FILES {
                let mut words: Vec<String> =
                    (0..4 + random.below(20)).map(|_| word(random)).collect();
                // All of these score the same.
                if random.below(6) == 0 {
                    words = ["tavo", "pevo", "kuvo"].map(str::to_owned).to_vec();
                }
                for _ in 0..3 {
                    if random.below(80) == 0 {
                        words.extend(vec![rare_word(random); 1 + random.below(6)]);
                    }
                }
                let (language, year) =
                    (["fr", "fr", "en"][random.below(3)], 2000 + random.below(3));
                let text = words.join(" ");
                let _ = writeln!(
                    lines,
                    "{{\"text\": \"{text}\", \"lang\": \"{language}\", \"date\": \"{year}\"}}"
                );
            }
            fs::write(file(at), lines).unwrap();
        }
        let index = folder.path().join("index");
        let roots = [corpus.clone()];
        build(&index, &roots, &BuildOptions::default(), &mut |_| {}).unwrap();
        // So that there are deletions.
        for at in (0..N_FILES).step_by(12) {
            fs::remove_file(file(at)).unwrap();
        }
        build(&index, &roots, &BuildOptions::default(), &mut |_| {}).unwrap();
        Searcher::open(&index).unwrap()
    }

    /// All passages that match, by the tree of each language, best first.
    fn by_trees<'s>(
        searcher: &'s Searcher,
        languages: &[Weighted<'_>],
        except: Option<u64>,
    ) -> Vec<Candidate<'s>> {
        let Searcher {
            snapshot, segments, ..
        } = searcher;
        let n_segments = snapshot.searcher.segment_readers().len() as u32;
        let orders: Vec<Order> = (0..n_segments).map(|_| Order::None).collect();
        let mut all = Best::new(usize::MAX, &orders, except);
        for segment_ord in 0..n_segments {
            let segment = segments.open(snapshot, segment_ord).unwrap();
            for (language, weighted) in languages.iter().enumerate() {
                let Some(mut tree) = Tree::open(segment, weighted).unwrap() else {
                    continue;
                };
                let passages = Passages {
                    language,
                    segment_ord,
                    columns: segment.columns,
                    article_ends: segments.article_ends(segment).unwrap(),
                };
                let mut from = 0;
                while let Some((window, filled)) = tree.fill(from, segment.reader.max_doc()) {
                    for (doc, at) in (window..).zip(0..WINDOW) {
                        if filled.matched[at] && !segment.reader.is_deleted(doc) {
                            all.push(passages, doc, filled.scores[at] as f32);
                        }
                    }
                    from = window + WINDOW as DocId;
                }
            }
        }
        let mut all = all.into_candidates();
        sort(&mut all);
        all
    }

    #[test]
    fn articles_are_told_by_where_they_end_or_by_columns() {
        let folder = tempfile::tempdir().unwrap();
        let corpus = folder.path().join("corpus");
        fs::create_dir(&corpus).unwrap();
        let mut random = SplitMix64::new(3);
        // In the middle, more passages than are looked back over.
        for (name, n_paragraphs) in [("a", 2), ("b", 500), ("c", 3)] {
            let paragraph = |random: &mut SplitMix64| {
                let words: Vec<String> = (0..200).map(|_| word(random)).collect();
                words.join(" ")
            };
            let text: Vec<String> = (0..n_paragraphs).map(|_| paragraph(&mut random)).collect();
            fs::write(corpus.join(name).with_extension("txt"), text.join("\n\n")).unwrap();
        }
        let index = folder.path().join("index");
        build(&index, &[corpus], &BuildOptions::default(), &mut |_| {}).unwrap();
        let searcher = Searcher::open(&index).unwrap();
        let segment = searcher.segments.open(&searcher.snapshot, 0).unwrap();
        let columns = segment.columns;
        let passages = Passages {
            language: 0,
            segment_ord: 0,
            columns,
            article_ends: searcher.segments.article_ends(segment).unwrap(),
        };
        let article_ends = passages.article_ends;
        let docs = 0..segment.reader.max_doc();
        let docs: Vec<DocId> = docs.filter(|doc| columns.ordinal(*doc) > 0).collect();
        let longest = docs.iter().map(|doc| columns.ordinal(*doc)).max();
        assert!(longest > Some(400), "{longest:?}");
        for doc in docs {
            assert_eq!(
                passages.article(doc),
                article_ends.group_of(doc).start,
                "{doc}"
            );
        }
    }

    #[test]
    fn the_best_are_those_of_the_trees_of_all_windows() {
        let mut random = SplitMix64::new(7);
        let folder = tempfile::tempdir().unwrap();
        let searcher = searcher(&folder, &mut random);
        let Searcher {
            snapshot,
            segments,
            known_words,
            ..
        } = &searcher;
        let readers = snapshot.searcher.segment_readers();
        assert!(readers.iter().any(|reader| reader.max_doc() > 16_384));
        assert!(readers.iter().any(tantivy::SegmentReader::has_deletes));
        let mut n_found = 0;
        for _ in 0..200 {
            let query = query(&mut random);
            let options = PlanOptions {
                languages: Language::ALL.to_vec(),
                all: false,
                exact: random.below(4) == 0,
                glossary: None,
            };
            let vocabulary = searcher.vocabulary();
            let plan =
                Plan::new(&Query::parse(&query), &options, &vocabulary, known_words).unwrap();
            let weighted = weigh(&plan, &vocabulary).unwrap();
            let mut expected = by_trees(&searcher, &weighted, None);
            let except = match random.below(3) {
                0 => expected
                    .get(random.below(3))
                    .and_then(Candidate::article_key),
                _ => None,
            };
            if except.is_some() {
                expected = by_trees(&searcher, &weighted, except);
            }
            n_found += expected.len();
            let limit = [1, 3, N_RESCORED, 2_000][random.below(4)];
            // With counts second, so that what is frequent is known for some.
            for counts in [false, true, false] {
                let scope = Scope {
                    sort: Sort::Score,
                    counts,
                    except,
                };
                let mut found = retrieve(snapshot, segments, &weighted, &scope, limit).unwrap();
                sort(&mut found.best);
                let of = |one: &Candidate<'_>| (one.score.to_bits(), one.language, one.address);
                let found_best: Vec<_> = found.best.iter().map(of).collect();
                let best: Vec<_> = expected.iter().take(limit).map(of).collect();
                assert_eq!(found_best, best, "{query}, limit {limit}, counts {counts}");
                if counts {
                    assert_eq!(found.n_passages, expected.len() as u64, "{query}");
                }
            }
        }
        assert!(n_found > 100_000, "{n_found}");
    }
}

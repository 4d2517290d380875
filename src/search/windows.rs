//! Scores the passages of a window that have any of some words, and leaves out those that cannot be among the best.
//!
//! Mostly few words are walked through, since the common ones are only looked for where the others are (see
//! [`disjunction`](super::disjunction)). One word needs no sums: a block of its postings is a window, and a passage is left
//! out by two multiplications. Two words need none either: how often passages have the rarer one waits for the other to
//! come by. Beside sums for any number of words, in parts of the time (1,500 queries of two words over 218,863 passages;
//! 700 over a million):
//!
//! | | two words: p50 | p90 | p99 | on the million: p50 | p90 | p99 |
//! |---|---|---|---|---|---|---|
//! | one word by the block | 0.95 | 0.94 | 0.96 | 0.90 | 0.90 | 0.85 |
//! | … and two side by side | 0.87 | 0.87 | 1.03 | 0.76 | 0.68 | 0.87 |
//! | … postings taken many at once, two runs merged | 0.86 | 0.85 | 0.97 | 0.70 | 0.58 | 0.86 |

use std::cell::Cell;
use std::mem;

use tantivy::DocId;

use super::bm25::{Bar, Lengths};
use super::sums::Sums;
use super::tree::WINDOW;
use super::walker::Cursor;

/// Passages of a window of two words: what waits for the other word (32 KiB) stays close to the processor. Half as
/// many, with twice the memory for each, took 1.03 of the time; twice as many, in 64 KiB, 1.00, and 1.04 at p99.
const PAIR_WINDOW: usize = 16_384;

/// How often a passage has what waits, where that is so often or more. Passages are too short for it, but what is found does
/// not depend on that: tests get there.
const OFTEN: u16 = if cfg!(test) { 2 } else { u16::MAX };

/// What a passage must reach to be among the best.
#[derive(Clone, Copy)]
pub(super) struct Goal {
    /// The score of the worst of them so far, or a guess of it that is not too high.
    pub(super) worst: f32,
    /// What words that were not looked at yet add at most.
    pub(super) others: f64,
}

impl Goal {
    /// Whether a passage may reach it that has this sum so far.
    pub(super) fn is_near(&self, sum: f64) -> bool {
        (sum + self.others) as f32 >= self.worst
    }

    /// No sum that is near it is less than this: there is room for the rounding of two numbers to 24 bits.
    fn least(&self) -> f32 {
        (f64::from(self.worst) * (1.0 - 1e-6) - self.others) as f32
    }
}

/// Room for what is found in a window; empty from one to the next.
pub(super) struct Room {
    sums: Sums<f64>,
    frequencies: Sums<u32>,
    /// How often the passages of a window of two words have one of them, up to [`OFTEN`].
    waiting: Vec<u16>,
    /// Those that have it.
    passages: Vec<(DocId, u32)>,
    candidates: Vec<(DocId, f64)>,
}

thread_local! {
    static ROOM: Cell<Option<Box<Room>>> = const { Cell::new(None) };
}

impl Room {
    /// That of the search before, if it was given back: to allocate it anew takes longer than to look for a rare word.
    pub(super) fn take() -> Box<Room> {
        ROOM.take().unwrap_or_else(|| {
            Box::new(Room {
                sums: Sums::new(),
                frequencies: Sums::new(),
                waiting: vec![0; PAIR_WINDOW],
                passages: Vec::new(),
                candidates: Vec::new(),
            })
        })
    }

    /// For the next search of this thread. Not where a search has failed: what is in it then is not known.
    pub(super) fn give_back(self: Box<Room>) {
        ROOM.set(Some(self));
    }

    /// The passages of the window that begins at `start` that have any word of `walked` and are near the goal, in ascending
    /// order, with their sums. No cursor is before `start`, nor before the end of the window afterwards; it ends where it
    /// suits them.
    pub(super) fn candidates(
        &mut self,
        walked: &mut [Cursor<'_>],
        start: DocId,
        goal: Goal,
        lengths: Lengths<'_>,
    ) -> &mut Vec<(DocId, f64)> {
        self.candidates.clear();
        match walked {
            [only] => self.of_one(only, start, goal, lengths),
            // As long as every passage is near it, putting those of two words in order takes longer than sums.
            [frequent, rare] if goal.worst > 0.0 => {
                self.of_two(frequent, rare, start, goal, lengths);
            }
            many => self.of_many(many, start, goal, lengths),
        }
        &mut self.candidates
    }

    fn of_one(&mut self, only: &mut Cursor<'_>, start: DocId, goal: Goal, lengths: Lengths<'_>) {
        let Cursor { walker, idf } = only;
        let end = match walker.only_key() {
            Some(key) => key.block_end(),
            None => start.saturating_add(WINDOW as DocId),
        };
        let idf = *idf;
        let bar = Bar::new(goal.least(), idf);
        let Room {
            frequencies,
            candidates,
            ..
        } = self;
        walker.take_range(start..end, frequencies, move |docs, frequencies| {
            for (&doc, &frequency) in docs.iter().zip(frequencies) {
                if lengths.reaches(bar, doc, frequency) {
                    candidates.push((doc, lengths.score(idf, doc, frequency)));
                }
            }
        });
    }

    fn of_two(
        &mut self,
        frequent: &mut Cursor<'_>,
        rare: &mut Cursor<'_>,
        start: DocId,
        goal: Goal,
        lengths: Lengths<'_>,
    ) {
        let needs_sums = frequent.walker.needs_sums() || rare.walker.needs_sums();
        let n_passages = match needs_sums {
            true => WINDOW,
            false => PAIR_WINDOW,
        };
        let range = start..start.saturating_add(n_passages as DocId);
        let Room {
            frequencies,
            waiting,
            passages,
            candidates,
            ..
        } = self;
        let (idf, idf_of_rare) = (frequent.idf, rare.idf);
        let [bar, bar_of_rare] = [idf, idf_of_rare].map(|idf| Bar::new(goal.least(), idf));
        passages.clear();
        let walker = &mut rare.walker;
        walker.take_range(range.clone(), frequencies, |docs, frequencies| {
            let here = docs.iter().copied().zip(frequencies.iter().copied());
            for (doc, frequency) in here.clone() {
                waiting[(doc - start) as usize] = frequency.min(u32::from(OFTEN)) as u16;
            }
            passages.extend(here);
        });
        let walker = &mut frequent.walker;
        let (of_both, still_waiting) = (&mut *candidates, waiting.as_mut_slice());
        let of_rare_in = |doc: DocId| {
            let at = passages.binary_search_by_key(&doc, |(doc, _)| *doc);
            at.map_or(0, |at| passages[at].1)
        };
        walker.take_range(range, frequencies, move |docs, frequencies| {
            for (&doc, &frequency) in docs.iter().zip(frequencies) {
                let of_rare = mem::take(&mut still_waiting[(doc - start) as usize]);
                if of_rare > 0 {
                    let of_rare = match of_rare {
                        OFTEN => of_rare_in(doc),
                        of_rare => u32::from(of_rare),
                    };
                    let sum = lengths.score(idf, doc, frequency)
                        + lengths.score(idf_of_rare, doc, of_rare);
                    if goal.is_near(sum) {
                        of_both.push((doc, sum));
                    }
                } else if lengths.reaches(bar, doc, frequency) {
                    of_both.push((doc, lengths.score(idf, doc, frequency)));
                }
            }
        });
        for (doc, frequency) in passages.drain(..) {
            if mem::take(&mut waiting[(doc - start) as usize]) > 0
                && lengths.reaches(bar_of_rare, doc, frequency)
            {
                candidates.push((doc, lengths.score(idf_of_rare, doc, frequency)));
            }
        }
        // Two runs in order: this kind of sorting merges them.
        candidates.sort_by_key(|(doc, _)| *doc);
    }

    fn of_many(
        &mut self,
        walked: &mut [Cursor<'_>],
        start: DocId,
        goal: Goal,
        lengths: Lengths<'_>,
    ) {
        let end = start.saturating_add(WINDOW as DocId);
        for Cursor { walker, idf } in walked {
            walker.take_range(start..end, &mut self.frequencies, |docs, frequencies| {
                let here = docs.iter().zip(frequencies);
                let scored =
                    |(&doc, &frequency)| (doc - start, lengths.score(*idf, doc, frequency));
                self.sums.add(here.map(scored));
            });
        }
        self.sums.drain(|at, sum| {
            if goal.is_near(sum) {
                self.candidates.push((start + at, sum));
            }
        });
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use proptest::prelude::*;
    use tantivy::postings::{BlockSegmentPostings, Postings};
    use tantivy::schema::{IndexRecordOption, STORED, Schema, TEXT};
    use tantivy::{DocSet, Index, SegmentReader, TERMINATED, Term, doc};

    use super::*;
    use crate::random::SplitMix64;
    use crate::search::blocks::Blocks;
    use crate::search::bm25::{KeptLengths, Statistics};
    use crate::search::walker::Walker;

    const N_WORDS: usize = 4;

    /// A segment of more documents than a window of two words has; each word is in as many of a thousand as `shares` says,
    /// at random.
    fn segment(shares: [usize; N_WORDS], seed: u64) -> SegmentReader {
        let mut schema = Schema::builder();
        let text = schema.add_text_field("text", TEXT | STORED);
        let index = Index::create_in_ram(schema.build());
        let mut writer = index.writer_with_num_threads(1, 15_000_000).unwrap();
        let mut random = SplitMix64::new(seed);
        for _ in 0..20_000 {
            let mut words = vec!["filler"; random.below(40)];
            for (word, share) in ["a", "b", "c", "d"].iter().zip(shares) {
                if random.below(1_000) < share {
                    words.extend(vec![*word; 1 + random.below(3)]);
                }
            }
            writer.add_document(doc!(text => words.join(" "))).unwrap();
        }
        writer.commit().unwrap();
        let searcher = index.reader().unwrap().searcher();
        assert_eq!(searcher.segment_readers().len(), 1);
        searcher.segment_reader(0).clone()
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(16))]

        /// However many words are walked, and of however many keys each, what is near the goal comes out, once, with its
        /// sum, and hardly anything else.
        #[test]
        fn what_is_near_the_goal_comes_out(
            shares in prop::array::uniform4(prop::sample::select(vec![0_usize, 1, 30, 300, 900])),
            // The keys of each word, by their places.
            words in prop::sample::select(vec![
                vec![vec![0]], vec![vec![0, 1]], vec![vec![0], vec![1]], vec![vec![0, 1], vec![2]],
                vec![vec![0, 1], vec![2, 3]], vec![vec![0], vec![1], vec![2]],
                vec![vec![0], vec![1, 2], vec![3]],
            ]),
            idfs in prop::array::uniform3(0.1_f32..8.0),
            worst in prop_oneof![Just(0.0_f32), 0.1_f32..20.0],
            tie in prop::option::weighted(0.8, any::<prop::sample::Index>()),
            others in prop_oneof![Just(0.0_f64), 0.1_f64..5.0],
            seed in any::<u64>(),
        ) {
            let reader = segment(shares, seed);
            let field = reader.schema().get_field("text").unwrap();
            let inverted_index = reader.inverted_index(field).unwrap();
            let statistics = Statistics { n_passages: 20_000, average_words: 21.0, average_article_words: 50.0 };
            let codes = reader.fieldnorms_readers().get_inner_file().open_read(field).unwrap();
            let lengths = KeptLengths::new(codes.read_bytes().unwrap(), &statistics);
            let lengths = lengths.lengths();
            let option = IndexRecordOption::WithFreqs;
            let term = |key: &usize| Term::from_field_text(field, ["a", "b", "c", "d"][*key]);

            let mut sums: BTreeMap<DocId, f64> = BTreeMap::new();
            let mut cursors = Vec::new();
            for (keys, &idf) in words.iter().zip(&idfs) {
                let mut frequencies: BTreeMap<DocId, u32> = BTreeMap::new();
                for key in keys {
                    if let Some(mut postings) = inverted_index.read_postings(&term(key), option).unwrap() {
                        while postings.doc() != TERMINATED {
                            *frequencies.entry(postings.doc()).or_default() += postings.term_freq();
                            postings.advance();
                        }
                    }
                }
                for (doc, frequency) in frequencies {
                    *sums.entry(doc).or_default() += lengths.score(idf, doc, frequency);
                }
                let postings = keys.iter().map(|key| inverted_index.read_block_postings(&term(key), option).unwrap());
                let blocks = postings.map(|postings| Blocks::over(postings.unwrap_or_else(BlockSegmentPostings::empty)));
                cursors.push(Cursor { walker: Walker::Word(blocks.collect()), idf });
            }
            cursors.sort_by(|one, other| one.idf.total_cmp(&other.idf));

            // Mostly there are ties with the worst of the best.
            let tie = tie.filter(|_| !sums.is_empty()).map(|tie| {
                let sum = sums.values().nth(tie.index(sums.len()));
                (sum.unwrap() + others) as f32
            });
            let worst = tie.unwrap_or(worst);
            let goal = Goal { worst, others };
            let mut room = Room::take();
            let mut found: Vec<(DocId, f64)> = Vec::new();
            loop {
                let next = cursors.iter().map(|cursor| cursor.walker.doc()).min();
                let Some(next) = next.filter(|doc| *doc != TERMINATED) else { break };
                let candidates = room.candidates(&mut cursors, next, goal, lengths);
                found.append(candidates);
            }
            room.give_back();
            prop_assert!(found.is_sorted_by(|one, other| one.0 < other.0), "in order, each once");
            for (doc, sum) in &found {
                prop_assert_eq!(sums.get(doc), Some(sum));
                prop_assert!((sum + others) as f32 >= worst * (1.0 - 1e-3), "{} is far off", sum);
            }
            let found: BTreeMap<DocId, f64> = found.into_iter().collect();
            for (doc, sum) in &sums {
                prop_assert!(!goal.is_near(*sum) || found.contains_key(doc), "{} lacks", doc);
            }
        }
    }
}

//! The measurement: rounds over all queries, one search after the other, then by several threads at once.

use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use xxhash_rust::xxh3::xxh3_64;

use super::latency::{Recorder, median};
use super::{Asked, Kind, Latency, Settings};
use crate::error::Result;
use crate::query::Query;
use crate::random::SplitMix64;
use crate::search::{Answer, SearchOptions, Searcher};

/// How often an index is opened again.
const N_REOPENED: usize = 10;

/// What is asked, and how.
pub struct Workload<'a> {
    /// The queries; at least one.
    pub asked: &'a [Asked],
    /// Reads the text of a query.
    pub read: &'a (dyn Fn(&str) -> Query + Sync),
    /// With which options it is searched.
    pub options: &'a SearchOptions,
    /// How often.
    pub settings: Settings,
}

/// What was measured.
#[derive(Clone, Debug, PartialEq)]
pub struct Measures {
    /// Opening the index.
    pub opening: Opening,
    /// The latency of all searches, and then of each kind that was asked.
    pub latencies: Vec<KindLatency>,
    /// How many searches 1, 2 … threads make at once.
    pub throughput: Vec<Throughput>,
}

/// How long it takes to open an index.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Opening {
    /// For the first time in this process.
    pub first: Duration,
    /// Again, the median of ten times.
    pub again: Duration,
    /// The first search after that, the median of ten.
    pub first_search: Duration,
}

/// How long searches of a kind took.
#[derive(Clone, Debug, PartialEq)]
pub struct KindLatency {
    /// The kind; `None` for all of them.
    pub kind: Option<Kind>,
    /// Different queries.
    pub n_queries: usize,
    /// Texts and snippets of the hits included.
    pub with_snippets: Latency,
    /// Of the ranking alone: without texts, snippets and counts.
    pub without_snippets: Latency,
}

/// How many searches some threads made.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Throughput {
    /// Threads that shared a searcher.
    pub threads: usize,
    /// Searches that they made in all, snippets included.
    pub n_searches: usize,
    /// In so much time.
    pub elapsed: Duration,
}

impl Throughput {
    /// Searches in a second.
    pub fn per_second(&self) -> f64 {
        // What took no time that could be measured took a nanosecond at most.
        self.n_searches as f64 / self.elapsed.as_secs_f64().max(1e-9)
    }
}

/// Opens an index, and tells how long that took.
///
/// # Errors
///
/// As [`Searcher::open`].
pub fn open(path: &Path) -> Result<(Searcher, Duration)> {
    let started = Instant::now();
    let searcher = Searcher::open(path)?;
    Ok((searcher, started.elapsed()))
}

impl Workload<'_> {
    /// Searches that a measurement makes, those after opening the index aside.
    pub fn n_searches(&self) -> usize {
        let Settings {
            warmup,
            repeat,
            threads,
            ..
        } = self.settings;
        // With snippets, ranking alone, and by each number of threads.
        let n_rounds = warmup.saturating_add(repeat.saturating_mul(threads.saturating_add(2)));
        self.asked.len().saturating_mul(n_rounds)
    }

    /// Measures; `first` is what opening `searcher` took. `advance` is told of so many searches that have been made.
    ///
    /// # Errors
    ///
    /// [`Error::IndexDamaged`](crate::error::Error::IndexDamaged).
    pub fn measure(
        &self,
        searcher: &Searcher,
        first: Duration,
        advance: &(dyn Fn(usize) + Sync),
    ) -> Result<Measures> {
        let opening = self.reopen(searcher.path(), first)?;
        let mut order: Vec<&Asked> = self.asked.iter().collect();
        let mut random = SplitMix64::new(self.settings.seed);
        let with_snippets = self.options.clone();
        let without_snippets = SearchOptions {
            rank_only: true,
            ..self.options.clone()
        };
        for _ in 0..self.settings.warmup {
            self.round(searcher, &order, &with_snippets, advance, |_, _| ())?;
        }
        let mut by_kind = Kind::ALL.map(|kind| (kind, [Recorder::new(), Recorder::new()]));
        for _ in 0..self.settings.repeat {
            // Another order each time: no query always comes after the same one.
            random.shuffle(&mut order);
            for (at, options) in [&with_snippets, &without_snippets].into_iter().enumerate() {
                self.round(searcher, &order, options, advance, |kind, elapsed| {
                    let of_kind = by_kind.iter_mut().find(|(of, _)| *of == kind);
                    if let Some((_, recorders)) = of_kind {
                        recorders[at].record(elapsed);
                    }
                })?;
            }
        }
        let mut throughput = Vec::new();
        for threads in 1..=self.settings.threads {
            throughput.push(self.at_once(searcher, &order, threads, advance)?);
        }
        Ok(Measures {
            opening,
            latencies: self.latencies(&by_kind),
            throughput,
        })
    }

    /// A number for what is asked, and how: equal for equal queries and options.
    pub fn fingerprint(&self) -> u64 {
        let SearchOptions {
            limit,
            per_article,
            language,
            all,
            exact,
            sort,
            glossary,
            explain,
            except,
            rank_only: _,
        } = self.options;
        let translates = glossary.is_some();
        let mut all_asked = format!(
            "{limit} {per_article} {language:?} {all} {exact} {sort:?} {translates} {explain} {except:?}"
        );
        for asked in self.asked {
            all_asked.push('\n');
            all_asked.push_str(&(self.read)(&asked.text).group.to_string());
        }
        xxh3_64(all_asked.as_bytes())
    }

    /// Opens the index some more times, and asks it one query each time.
    fn reopen(&self, path: &Path, first: Duration) -> Result<Opening> {
        let (mut again, mut first_search) = (Vec::new(), Vec::new());
        for n in 0..N_REOPENED {
            let (searcher, elapsed) = open(path)?;
            again.push(elapsed);
            let asked = &self.asked[n * self.asked.len() / N_REOPENED];
            first_search.push(self.search(&searcher, asked, self.options)?.0);
        }
        Ok(Opening {
            first,
            again: median(again),
            first_search: median(first_search),
        })
    }

    /// Asks all queries, one after the other.
    fn round(
        &self,
        searcher: &Searcher,
        order: &[&Asked],
        options: &SearchOptions,
        advance: &(dyn Fn(usize) + Sync),
        mut record: impl FnMut(Kind, Duration),
    ) -> Result<()> {
        for asked in order {
            let (elapsed, _) = self.search(searcher, asked, options)?;
            record(asked.kind, elapsed);
            advance(1);
        }
        Ok(())
    }

    /// Asks all queries in all rounds, by several threads that take one after the other from the same list.
    fn at_once(
        &self,
        searcher: &Searcher,
        order: &[&Asked],
        threads: usize,
        advance: &(dyn Fn(usize) + Sync),
    ) -> Result<Throughput> {
        let n_searches = order.len().saturating_mul(self.settings.repeat);
        let next = AtomicUsize::new(0);
        let work = || -> Result<()> {
            loop {
                let at = next.fetch_add(1, Ordering::Relaxed);
                if at >= n_searches {
                    return Ok(());
                }
                self.search(searcher, order[at % order.len()], self.options)?;
                advance(1);
            }
        };
        let started = Instant::now();
        let ended: Vec<Result<()>> = thread::scope(|scope| {
            let workers: Vec<_> = (0..threads).map(|_| scope.spawn(work)).collect();
            let workers = workers.into_iter();
            let ended = workers.map(|worker| worker.join());
            ended
                .map(|ended| ended.unwrap_or_else(|panic| std::panic::resume_unwind(panic)))
                .collect()
        });
        let elapsed = started.elapsed();
        ended.into_iter().collect::<Result<()>>()?;
        Ok(Throughput {
            threads,
            n_searches,
            elapsed,
        })
    }

    /// A search as a user waits for it: from the text that was typed.
    fn search(
        &self,
        searcher: &Searcher,
        asked: &Asked,
        options: &SearchOptions,
    ) -> Result<(Duration, Answer)> {
        let started = Instant::now();
        let answer = searcher.search(&(self.read)(&asked.text), options)?;
        Ok((started.elapsed(), answer))
    }

    fn latencies(&self, by_kind: &[(Kind, [Recorder; 2])]) -> Vec<KindLatency> {
        let mut sums = [Recorder::new(), Recorder::new()];
        let mut latencies = Vec::new();
        for (kind, recorders) in by_kind {
            let n_queries = self.asked.iter().filter(|asked| asked.kind == *kind);
            let n_queries = n_queries.count();
            if n_queries > 0 {
                latencies.push(kind_latency(Some(*kind), n_queries, recorders));
            }
            for (sum, recorder) in sums.iter_mut().zip(recorders) {
                sum.add(recorder);
            }
        }
        latencies.insert(0, kind_latency(None, self.asked.len(), &sums));
        latencies
    }
}

fn kind_latency(kind: Option<Kind>, n_queries: usize, recorders: &[Recorder; 2]) -> KindLatency {
    let [with_snippets, without_snippets] = recorders;
    KindLatency {
        kind,
        n_queries,
        with_snippets: with_snippets.latency(),
        without_snippets: without_snippets.latency(),
    }
}

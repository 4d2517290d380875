//! How fast searches are: queries drawn from the index or given, asked through the path that `search` takes, and what
//! that took.
//!
//! Every query goes through what a user's query goes through: it is read, planned, retrieved, ranked, its ten hits are read,
//! highlighted and cut to snippets, and all that match are counted; then all once more for the ranking of the best alone
//! ([`rank_only`]), which tells what the rest costs, and compares to engines that do no more. (Reports of before
//! November 22, 2026 counted there as well.) Opening an index is measured apart; what is in the page cache of the system
//! stays there.
//!
//! A [`Workload`] is what is asked, [`Workload::measure`] the measurement, a [`Report`] all that is known afterwards, and
//! a [`Comparison`] sets two of them side by side. Nothing here knows how any of it is shown.
//!
//! [`rank_only`]: crate::search::SearchOptions::rank_only

mod compare;
mod kind;
mod latency;
mod machine;
mod measure;
mod sample;

use std::path::PathBuf;

pub use compare::{Comparison, ratio};
pub use kind::Kind;
pub use latency::Latency;
pub use machine::Machine;
pub use measure::{KindLatency, Measures, Opening, Throughput, Workload, open};
pub use sample::{Asked, DRAWN_PER_KIND, draw, read};

/// Rounds over all queries before any is measured, unless told otherwise.
pub const DEFAULT_WARMUP: usize = 1;

/// Rounds over all queries that are measured, unless told otherwise.
pub const DEFAULT_REPEAT: usize = 5;

/// The seed that queries are drawn by, unless told otherwise.
pub const DEFAULT_SEED: u64 = 1;

/// How often everything is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Settings {
    /// Rounds over all queries before any is measured.
    pub warmup: usize,
    /// Rounds over all queries that are measured.
    pub repeat: usize,
    /// Most threads that ask at the same time, when it is measured how many queries are answered in a second.
    pub threads: usize,
    /// By what the order of the queries is drawn, and the queries where none are given.
    pub seed: u64,
}

/// What was measured, and on what.
#[derive(Clone, Debug, PartialEq)]
pub struct Report {
    /// The version of the program.
    pub version: String,
    /// Whether the program was built to be fast.
    pub is_optimized: bool,
    /// The machine.
    pub machine: Machine,
    /// The index.
    pub index: IndexFacts,
    /// The queries.
    pub queries: QueryFacts,
    /// How often they were asked.
    pub settings: Settings,
    /// What was measured.
    pub measures: Measures,
}

/// The index that was searched.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IndexFacts {
    /// Its folder.
    pub path: PathBuf,
    /// Articles in it.
    pub articles: u64,
    /// Passages in it.
    pub passages: u64,
    /// Its size on disk.
    pub bytes: u64,
}

/// The queries that were asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct QueryFacts {
    /// The file they are from; `None` where they were drawn from the index.
    pub file: Option<PathBuf>,
    /// How many they are.
    pub number: usize,
    /// Equal for the same queries asked with the same options, and else not, most likely.
    pub fingerprint: u64,
}

//! Builds segments: the inverted index of a part of the corpus, in memory, until it is written in the format of tantivy.
//!
//! tantivy has a writer of its own, to which each field is a stream of strings, hashed and looked up one by one: the key of a
//! word, then, for another field, its form. That was half of the time of indexing. Here a word is looked up once, as it
//! stands in the text, and leaves a number in a log ([`log`]); the postings of both fields come from the numbers when the
//! segment is written ([`invert`]). Several builders, one a core, become one segment; what does not fit into memory waits in
//! runs ([`run`]), so that a commit is one segment, and nothing has to be merged that was written just before.
//!
//! ```text
//! articles → pool → builder ┬ words → logs → invert (→ runs → merge) ┬ write → a segment
//!                           └ rest: what is stored, columns ─────────┘
//! ```
//!
//! What it brought, as shares of the time in which 10,487 files of 125 MB were indexed before (two cores, 14.1 s):
//!
//! | | time |
//! |---|---|
//! | tantivy's writer, its segments merged into one | 1.00 |
//! | builders; the postings of one field after the other | 0.68 |
//! | those of several fields at a time | 0.49 |
//! | no pass to count words, larger buffers, surfaces told apart by their ends; sentences and words counted faster (`passage`) | 0.41 |
//! | all words of a text looked up together, numbers of one or two bytes read without a loop | 0.39 |
//!
//! A million generated passages: 155 s before, with eight segments; 70 s with eight; 127 s where tantivy merged them into one;
//! 70 s in one by way of runs. Another allocator (mimalloc), one run each: no faster on the folder, with 1.12 times the memory;
//! 61 s beside 74 s on the million, with as much.

mod builder;
mod invert;
mod log;
mod logs;
mod pool;
mod postings;
mod queue;
mod rest;
mod run;
mod words;
mod write;

use tantivy::TantivyError;

pub(super) use pool::Pool;

fn has_panicked() -> TantivyError {
    TantivyError::ErrorInThread("a thread that builds a segment has panicked".to_owned())
}

//! Builds segments: the inverted index of a part of the corpus, in memory, until it is written in the format of tantivy.
//!
//! tantivy has a writer of its own, to which each field is a stream of strings, hashed and looked up one by one: the key of a
//! word, then, for another field, its form. That was half of the time of indexing. Here a word is looked up once, as it
//! stands in the text, and leaves a number in a log ([`log`]); the postings of both fields come from the numbers when the
//! segment is written ([`invert`]). Several builders, one a core, become one segment.
//!
//! ```text
//! articles → pool → builder → words → log ┐
//!                                         ├ invert → write → a segment
//! articles → pool → builder → words → log ┘
//! ```

mod builder;
mod invert;
mod log;
mod pool;
mod postings;
mod run;
mod strings;
mod words;
mod write;

pub(super) use pool::Pool;

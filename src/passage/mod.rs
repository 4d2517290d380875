//! Passages: the units that are indexed, ranked and shown. How a text is split into them, and into sentences.
//!
//! Knows nothing of files or markup: it takes a text and the offsets at which its sections begin. Start reading at
//! [`split()`].

mod paragraph;
mod sentence;
mod split;
mod words;

pub use sentence::sentences;
pub use split::{AIM_WORDS, MAX_BYTES, MAX_WORDS, MIN_WORDS, Passage, split};

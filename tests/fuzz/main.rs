//! Inputs that nobody wrote: samples of every format, broken by a seed, and files that are far too much.
//!
//! Nothing that is read may make fouine panic, hang or use memory without bound; what comes out of an odd input keeps the
//! promises that the rest relies on, and those are what is looked at.
//!
//! | file | what it is |
//! |---|---|
//! | `campaign` | tries a target with one seed after the other, and says how to try a seed again |
//! | `mutate` | breaks samples |
//! | `articles` | files of every format, from bytes to articles with their places |
//! | `texts` | passages, sentences, words and languages of any text |
//! | `queries` | queries: as they are read, and as they are answered |
//! | `tables` | glossaries, topics, judgments and runs |
//! | `bombs` | large files that aim at time, memory or the stack |
//!
//! `cargo test` tries a few hundred inputs of each target, always the same. Others are tried with `SEEDS=1000-2000`, and
//! as many as there is time for, from a seed that the clock gives, with
//! `FUZZ_SECONDS=600 cargo test --release --test fuzz markdown -- --nocapture`. The bombs have their full size with
//! `BOMB_MB=64 cargo test --release --test fuzz bombs`.

#![allow(
    clippy::unwrap_used,
    reason = "a test that cannot go on fails, and clippy knows tests only by their attribute"
)]

mod articles;
mod bombs;
mod campaign;
mod mutate;
mod queries;
mod tables;
mod texts;

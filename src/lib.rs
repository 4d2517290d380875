//! fouine: full-text search for folders of French and English articles.
//!
//! Two pipelines, which the folders tell:
//!
//! ```text
//! index:   discover → decode → extract → split into passages → detect language → analyze → write → commit
//!          └──────── corpus ─────────┘   └──── passage ────┘   └────── language ───────┘   └── index ───┘
//!
//! search:  parse → plan → weigh → retrieve → rescore → highlight, extract snippets → print
//!          └── query ──┘  └────────────────── search ──────────────────────────┘   (binary)
//! ```
//!
//! | module | what it does | it may name |
//! |---|---|---|
//! | [`error`] | what can go wrong | |
//! | [`random`] | numbers drawn by a seed | |
//! | [`language`] | words, stems, stop words; which language a text is in | `error` |
//! | [`glossary`] | which words of one language stand for those of the other | `error`, `language` |
//! | [`corpus`] | from paths to articles: files, encodings, formats, metadata | `error`, `language` |
//! | [`passage`] | from a text to passages and sentences | `language` |
//! | [`index`] | the index on disk, and the index pipeline | `error`, `language`, `corpus`, `passage` |
//! | [`query`] | from what was typed to what is looked up | `language`, `glossary`, `corpus`, `index` |
//! | [`search`] | the search pipeline | all above but `corpus` |
//! | [`eval`] | how good rankings are: judged queries, measures, comparisons | `error`, `random` |
//! | [`bench`](mod@bench) | how fast searches are: queries drawn or given, latencies, comparisons | `error`, `random`, `language`, `index`, `query`, `search`, `eval` |
//!
//! Arrows go up this table only, and a test sees to it. What always holds:
//!
//! - Text becomes terms in one place ([`language::Analyzer`]), for the index, the query and the highlights alike.
//! - Offsets are ranges of bytes on character boundaries.
//! - The library prints nothing, and returns what went wrong with one file beside what went well with the rest.
//! - Nothing that is typed as a query is an error.

#![deny(clippy::print_stdout, clippy::print_stderr)]

pub mod bench;
pub mod corpus;
pub mod error;
pub mod eval;
pub mod glossary;
pub mod index;
pub mod language;
pub mod passage;
pub mod query;
pub mod random;
pub mod search;

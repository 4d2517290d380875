//! What fouine does for those who use it, from the command line to the terminal.
//!
//! | file | what is tried |
//! |---|---|
//! | `support` | the fixture: a folder of files, the command, what it says |
//! | `index` | what is indexed, replaced, ignored, left out, and what the summary says |
//! | `updates` | what changes when a corpus that was indexed is indexed again |
//! | `model` | random changes, moves, removals and breaks, against a model of what should be in the index |
//! | `crashes` | runs killed at random instants, and what the next one makes of it |
//! | `surroundings` | full disks, folders that may only be read or vanish, what lies among articles |
//! | `readers` | searches while the index is written |
//! | `writers` | two processes that write to one index |
//! | `search` | what a query finds and does not find, in which order, with which exit status |
//! | `queries` | each form of the query language, and what words are widened to |
//! | `options` | what the options of a search narrow, sort and show; files of queries |
//! | `translate` | words looked for in the other language |
//! | `hostile_queries` | queries that are endless, nested, broken or random |
//! | `similar` | passages like one that is known |
//! | `json` | the JSON lines, their shape and their offsets |
//! | `formats` | text, titles, dates and places out of each format and encoding |
//! | `show_status` | printing articles and passages, counting what there is |
//! | `snippets` | the part of a passage that is shown, and what is highlighted in it |
//! | `arguments` | what the commands take, and pipes and disks that do not take what they write |
//! | `watch` | an index that follows its articles |
//! | `writing` | whose files those in an index folder are, and a second writer |
//! | `bad_input` | files, folders and indexes that are not what they should be |
//! | `dictionaries` | texts in codes of dictionaries, new, old and lost |
//! | `damage` | indexes with bits flipped and files cut short, at random: the right answer, or an error |
//! | `terminal` | color, control characters, closed pipes |
//! | `check` | whether damage is found, and mended |
//! | `corpus` | the bundled articles |
//! | `ranking` | what every kind of query finds, scores and highlights, against a brute-force model |
//! | `eval` | measures of runs and of the search itself, their files, comparisons |
//! | `bench` | the measurement of speed: queries drawn or read, tables, JSON, picture, comparisons |
//! | `judged` | the score on the judged collection |
//! | `layering` | which module names which |

#![allow(
    clippy::unwrap_used,
    reason = "a test that cannot go on fails, and clippy knows tests only by their attribute"
)]

mod arguments;
mod bad_input;
mod bench;
mod check;
mod corpus;
mod crashes;
mod damage;
mod dictionaries;
mod eval;
mod formats;
mod hostile_queries;
mod index;
mod json;
mod judged;
mod layering;
#[cfg(unix)]
mod model;
mod options;
mod queries;
mod ranking;
mod readers;
mod search;
mod show_status;
mod similar;
mod snippets;
mod support;
#[cfg(unix)]
mod surroundings;
mod terminal;
mod translate;
mod updates;
mod watch;
mod writers;
mod writing;

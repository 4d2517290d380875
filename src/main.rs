//! The command line of fouine. All of what it does is in the library; here arguments are read and results written.

#![deny(clippy::print_stdout, clippy::print_stderr)]

mod cli;
mod output;

use std::process::ExitCode;

/// Memory is taken from mimalloc. With glibc's allocator two searches at once waited for each other's locks: two threads made
/// 1.6 times the searches of one, though nothing of ours is locked for long, and two processes made 1.9 times as many. Measured
/// with 1,500 questions, snippets included, and with a folder of 10,487 files:
///
/// | allocator | searches, one thread | two threads | indexing | its peak memory |
/// |---|---|---|---|---|
/// | glibc 2.36 | 1 | 1.58 | 1 | 1 |
/// | mimalloc 3 | 1.09 | 1.91 of it | 1.06 | 1.16 |
/// | mimalloc 3 that asks for no huge pages | 1.14 | 1.93 of it | 1.01 | 1.05 |
/// | **mimalloc 2, likewise** | 1.11 | 1.97 of it | .98 | .84 |
///
/// A search as a process of its own takes as long as before, and 3 to 6 MB more. One article of 50 MB in which each word is
/// another takes 1.1 GB to index, and .86 with glibc, which can let a large buffer grow where it is; in a hundred files .21 GB
/// and .33. As much text of real articles in one file takes .21 GB by either.
#[global_allocator]
static MEMORY: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    cli::main()
}

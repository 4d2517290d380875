//! The command line of fouine. All of what it does is in the library; here arguments are read and results written.

#![deny(clippy::print_stdout, clippy::print_stderr)]

mod cli;
mod output;

use std::process::ExitCode;

fn main() -> ExitCode {
    cli::main()
}

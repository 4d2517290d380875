//! Commands: from what was typed to one call of the library, and from its result to output and exit status.

mod answers;
mod arguments;
mod bench;
mod check;
mod eval;
mod hint;
mod index;
mod search;
mod search_options;
mod show;
mod similar;
mod status;
mod watch;

use std::ffi::OsString;
use std::io::{self, Write};
use std::panic;
use std::path::PathBuf;
use std::process::ExitCode;
use std::thread;

use clap::{Args, CommandFactory, Parser, Subcommand};
use fouine::index::is_guarded;

/// Folder of the index unless told otherwise.
const DEFAULT_INDEX: &str = "index";

/// Folder of articles unless told otherwise.
const DEFAULT_CORPUS: &str = "corpus";

/// Full-text search for folders of French and English articles.
///
/// Exit status: 0 found (or indexed), 1 nothing found, 2 failure.
#[derive(Debug, Parser)]
#[command(
    name = "fouine",
    version,
    max_term_width = 100,
    arg_required_else_help = true
)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    Index(index::IndexArgs),
    Watch(watch::WatchArgs),
    Search(search::SearchArgs),
    Similar(similar::SimilarArgs),
    Show(show::ShowArgs),
    Status(status::StatusArgs),
    Check(check::CheckArgs),
    Eval(eval::EvalArgs),
    Bench(bench::BenchArgs),
}

/// Which index.
#[derive(Debug, Args)]
struct IndexDir {
    /// Folder of the index
    #[arg(
        id = "index_dir",
        long = "index",
        value_name = "DIR",
        env = "FOUINE_INDEX",
        default_value = DEFAULT_INDEX
    )]
    path: PathBuf,
}

/// How a command ended, when it did not fail altogether.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Outcome {
    Found,
    NothingFound,
    /// Done, but for files that should have been read and could not be.
    Incomplete,
}

impl From<Outcome> for ExitCode {
    fn from(outcome: Outcome) -> ExitCode {
        match outcome {
            Outcome::Found => ExitCode::SUCCESS,
            Outcome::NothingFound => ExitCode::from(1),
            Outcome::Incomplete => ExitCode::from(2),
        }
    }
}

/// Reads the arguments, runs the command, prints what went wrong.
pub(crate) fn main() -> ExitCode {
    silence_caught_panics();
    survive_file_size_limits();
    let cli = match Cli::try_parse_from(protected_arguments()) {
        Ok(cli) => cli,
        Err(error) => {
            // Help and version are asked for, and go to standard output; a closed pipe is no matter here.
            let is_error = error.use_stderr();
            let _ = error.print();
            return if is_error {
                ExitCode::from(2)
            } else {
                ExitCode::SUCCESS
            };
        }
    };
    let mut out = io::BufWriter::new(io::stdout().lock());
    let result = run(cli.command, &mut out).and_then(|outcome| {
        out.flush()?;
        Ok(outcome)
    });
    match result {
        Ok(outcome) => outcome.into(),
        Err(error) if is_broken_pipe(&error) => ExitCode::SUCCESS,
        Err(error) => {
            // Standard error may be closed too; the status still tells.
            let _ = hint::report(&error, &mut io::stderr().lock());
            ExitCode::from(2)
        }
    }
}

/// The arguments of the program, with those of `search` that begin with a hyphen but are words of the query.
fn protected_arguments() -> impl Iterator<Item = OsString> {
    let mut with_value = Vec::new();
    if let Some(search) = Cli::command().find_subcommand("search") {
        for option in search.get_opts() {
            with_value.extend(option.get_long().map(|long| format!("--{long}")));
            with_value.extend(option.get_short().map(|short| format!("-{short}")));
        }
    }
    arguments::protect_exclusions(std::env::args_os(), with_value)
}

fn run(command: Command, out: &mut impl Write) -> anyhow::Result<Outcome> {
    match command {
        Command::Index(args) => index::run(&args, out),
        Command::Watch(args) => watch::run(&args, out),
        Command::Search(args) => search::run(&args, out),
        Command::Similar(args) => similar::run(&args, out),
        Command::Show(args) => show::run(&args, out),
        Command::Status(args) => status::run(&args, out),
        Command::Check(args) => check::run(&args, out),
        Command::Eval(args) => eval::run(&args, out),
        Command::Bench(args) => bench::run(&args, out),
    }
}

/// The system ends a process that writes more than a file may have, unless that is taken notice of: then the write fails, and
/// what went wrong can be said.
fn survive_file_size_limits() {
    #[cfg(unix)]
    {
        // Whether it came is of no interest; where it cannot be registered, the process ends as before.
        let _ = signal_hook::flag::register(libc::SIGXFSZ, std::sync::Arc::default());
    }
}

/// The reader of a pipe may leave whenever it has seen enough: `fouine search … | head`.
fn is_broken_pipe(error: &anyhow::Error) -> bool {
    error.chain().any(|cause| {
        cause
            .downcast_ref::<io::Error>()
            .is_some_and(|error| error.kind() == io::ErrorKind::BrokenPipe)
    })
}

/// A panic over damaged files is caught by the library and reported as damage, which is what a user can act on, so the
/// panic's own message is left out; and so are those of tantivy's own threads, whose panics become errors too.
fn silence_caught_panics() {
    let default = panic::take_hook();
    panic::set_hook(Box::new(move |info| {
        let is_in_tantivy = info
            .location()
            .is_some_and(|location| location.file().contains("tantivy"));
        let is_main = thread::current().name() == Some("main");
        if !is_guarded() && (is_main || !is_in_tantivy) {
            default(info);
        }
    }));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arguments_are_well_defined() {
        Cli::command().debug_assert();
    }
}

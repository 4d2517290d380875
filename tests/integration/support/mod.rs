//! The fixture: a folder with files, the command run in it, what it says; and all that an index holds.

mod contents;

use std::fs;
use std::io::Write;
use std::ops::RangeInclusive;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde::Deserialize;

pub(crate) use contents::Contents;

/// A temporary folder that commands are run in.
pub(crate) struct Workspace {
    folder: tempfile::TempDir,
}

/// What a command wrote and how it ended.
#[derive(Debug)]
pub(crate) struct Output {
    pub(crate) stdout: String,
    pub(crate) stderr: String,
    pub(crate) status: i32,
}

impl Workspace {
    /// An empty folder.
    pub(crate) fn new() -> Workspace {
        Workspace {
            folder: tempfile::tempdir().unwrap(),
        }
    }

    /// Writes a file, and the folders it is in.
    pub(crate) fn file(self, path: &str, content: impl AsRef<[u8]>) -> Workspace {
        self.write(path, content);
        self
    }

    /// As [`Workspace::file`], later on.
    pub(crate) fn write(&self, path: &str, content: impl AsRef<[u8]>) {
        let path = self.path(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, content).unwrap();
    }

    /// Writes a collection of records, one for each text, with ids `1`, `2` …, into `corpus/texts.jsonl`, and indexes it.
    #[track_caller]
    pub(crate) fn with_texts(texts: &[&str]) -> Workspace {
        let lines = texts.iter().enumerate().map(|(n, text)| {
            let record = serde_json::json!({ "_id": format!("{}", n + 1), "text": text });
            format!("{record}\n")
        });
        let workspace = Workspace::new().file("corpus/texts.jsonl", lines.collect::<String>());
        workspace.run(&["index"]).succeeds();
        workspace
    }

    /// Where a file of the workspace is; canonical, as fouine names it.
    pub(crate) fn path(&self, path: &str) -> PathBuf {
        self.folder.path().canonicalize().unwrap().join(path)
    }

    /// The command in this folder, in an environment that says nothing.
    pub(crate) fn command(&self, args: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_fouine"));
        command
            .args(args)
            .current_dir(self.path(""))
            .env_remove("FOUINE_INDEX")
            .env_remove("NO_COLOR")
            .stdin(Stdio::null());
        command
    }

    /// Runs the command.
    pub(crate) fn run(&self, args: &[&str]) -> Output {
        self.run_with(args, &[])
    }

    /// Runs the command with variables of the environment.
    pub(crate) fn run_with(&self, args: &[&str], variables: &[(&str, &str)]) -> Output {
        let mut command = self.command(args);
        Output::of(command.envs(variables.iter().copied()).output().unwrap())
    }

    /// Runs the command with `input` on its standard input.
    pub(crate) fn run_reading(&self, args: &[&str], input: impl AsRef<[u8]>) -> Output {
        let mut command = self.command(args);
        command.stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut child = command.stderr(Stdio::piped()).spawn().unwrap();
        let mut stdin = child.stdin.take().unwrap();
        let input = input.as_ref().to_owned();
        let writer = std::thread::spawn(move || stdin.write_all(&input));
        let output = Output::of(child.wait_with_output().unwrap());
        writer.join().unwrap().unwrap();
        output
    }

    /// Searches and reads the JSON lines.
    #[track_caller]
    pub(crate) fn search(&self, args: &[&str]) -> Answer {
        let output = self.run(&[&["search", "--json"], args].concat());
        assert!(output.status < 2, "{output:?}");
        Answer::read(&output.stdout)
    }

    /// The ids of the articles that a query finds, sorted.
    #[track_caller]
    pub(crate) fn found(&self, query: &str) -> Vec<String> {
        let answer = self.search(&["-n", "1000", "--", query]);
        let mut ids: Vec<String> = answer.hits.into_iter().map(|hit| hit.article.id).collect();
        ids.sort();
        ids.dedup();
        ids
    }

    /// The names of all files in a folder, dotfiles left out.
    pub(crate) fn names(&self, path: &str) -> Vec<String> {
        names(&self.path(path))
    }
}

fn names(folder: &Path) -> Vec<String> {
    let Ok(entries) = fs::read_dir(folder) else {
        return Vec::new();
    };
    let names = entries.map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned());
    let mut names: Vec<String> = names.filter(|name| !name.starts_with('.')).collect();
    names.sort();
    names
}

/// The seeds of a test, or those that `SEEDS` names (`SEEDS=100-200`), to try more of them.
pub(crate) fn seeds(usual: RangeInclusive<u64>) -> RangeInclusive<u64> {
    let Ok(asked) = std::env::var("SEEDS") else {
        return usual;
    };
    let (first, last) = asked.split_once('-').unwrap_or((&asked, &asked));
    first.parse().unwrap()..=last.parse().unwrap()
}

/// The number that the variable `name` of the environment gives, to try more than usual.
pub(crate) fn number_from(name: &str, usual: usize) -> usize {
    std::env::var(name).map_or(usual, |number| number.parse().unwrap())
}

impl Output {
    pub(crate) fn of(output: std::process::Output) -> Output {
        Output {
            stdout: String::from_utf8(output.stdout).unwrap(),
            stderr: String::from_utf8(output.stderr).unwrap(),
            status: output.status.code().unwrap(),
        }
    }

    #[track_caller]
    pub(crate) fn succeeds(self) -> Output {
        assert_eq!(self.status, 0, "{self:?}");
        self
    }

    /// Ends with status 2 and says each of `parts` on standard error.
    #[track_caller]
    pub(crate) fn fails_saying(self, parts: &[&str]) -> Output {
        assert_eq!(self.status, 2, "{self:?}");
        for part in parts {
            assert!(self.stderr.contains(part), "no “{part}” in {self:?}");
        }
        self
    }
}

/// The JSON lines of `search`, by structures that know nothing of the program's own.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) query: Query,
    pub(crate) hits: Vec<Hit>,
    pub(crate) summary: Summary,
}

#[derive(Debug, Deserialize)]
#[serde(tag = "type", rename_all = "lowercase")]
enum Line {
    Query(Query),
    Hit(Box<Hit>),
    Summary(Summary),
}

#[derive(Debug, Deserialize)]
pub(crate) struct Query {
    pub(crate) text: String,
    pub(crate) read: Read,
    pub(crate) notices: Vec<String>,
}

#[derive(Debug, Deserialize)]
pub(crate) struct Read {
    pub(crate) query: String,
    pub(crate) lang: Option<String>,
}

#[derive(Debug, Deserialize)]
pub(crate) struct Hit {
    pub(crate) rank: usize,
    pub(crate) score: f64,
    pub(crate) article: Article,
    pub(crate) passage: Passage,
    pub(crate) snippet: Snippet,
    pub(crate) title_highlights: Vec<[usize; 2]>,
    pub(crate) found: Vec<Found>,
    pub(crate) translated: bool,
    #[serde(default)]
    pub(crate) explanation: Vec<ScorePart>,
}

#[derive(Debug, Deserialize)]
pub(crate) struct Found {
    pub(crate) typed: String,
    pub(crate) written: Vec<String>,
}

#[derive(Debug, Deserialize)]
pub(crate) struct ScorePart {
    pub(crate) part: String,
    pub(crate) score: f64,
}

#[derive(Debug, Deserialize)]
pub(crate) struct Article {
    pub(crate) id: String,
    pub(crate) path: PathBuf,
    pub(crate) title: Option<String>,
    pub(crate) date: Option<String>,
    pub(crate) author: Option<String>,
    pub(crate) source: Option<String>,
}

#[derive(Debug, Deserialize)]
pub(crate) struct Passage {
    pub(crate) id: String,
    pub(crate) lang: String,
    pub(crate) ordinal: u64,
    pub(crate) lines: [u64; 2],
    pub(crate) bytes: [usize; 2],
    pub(crate) text: String,
}

#[derive(Debug, Deserialize)]
pub(crate) struct Snippet {
    pub(crate) text: String,
    pub(crate) highlights: Vec<[usize; 2]>,
}

#[derive(Debug, Deserialize)]
pub(crate) struct Summary {
    pub(crate) hits: usize,
    pub(crate) passages: u64,
    pub(crate) articles: u64,
    pub(crate) elapsed_us: u64,
}

impl Answer {
    #[track_caller]
    fn read(stdout: &str) -> Answer {
        let mut answers = Answer::read_all(stdout);
        assert_eq!(answers.len(), 1, "{answers:?}");
        answers.remove(0)
    }

    /// Reads the answers to several queries.
    #[track_caller]
    pub(crate) fn read_all(stdout: &str) -> Vec<Answer> {
        let mut answers = Vec::new();
        let mut query = None;
        let mut hits = Vec::new();
        for line in stdout.lines() {
            match serde_json::from_str(line).unwrap() {
                Line::Query(line) if hits.is_empty() => assert!(query.replace(line).is_none()),
                Line::Query(line) => panic!("the query comes first: {line:?}"),
                Line::Hit(hit) => hits.push(*hit),
                Line::Summary(summary) => answers.push(Answer {
                    query: query.take().unwrap(),
                    hits: std::mem::take(&mut hits),
                    summary,
                }),
            }
        }
        assert!(query.is_none() && hits.is_empty(), "no summary at the end");
        answers
    }

    /// The ids of the articles, in order, each once.
    pub(crate) fn articles(&self) -> Vec<&str> {
        let mut ids = Vec::new();
        for hit in &self.hits {
            if !ids.contains(&hit.article.id.as_str()) {
                ids.push(hit.article.id.as_str());
            }
        }
        ids
    }
}

impl Hit {
    /// What is highlighted in the snippet.
    #[track_caller]
    pub(crate) fn highlighted(&self) -> Vec<&str> {
        let ranges = self.snippet.highlights.iter();
        ranges
            .map(|&[start, end]| self.snippet.text.get(start..end).unwrap())
            .collect()
    }
}

//! `fouine index` killed at random instants: what is left is what was before or what should come after, and the next run
//! makes it whole.
//!
//! `SEEDS=1-300` kills as many runs, and `FILES=3000` makes them longer.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::thread::sleep;
use std::time::{Duration, Instant};

use fouine::random::SplitMix64;

use super::support::{Contents, Workspace, number_from, seeds};

/// A way of building, with the index that it starts from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Scenario {
    /// A folder of the workspace, if there is an index to begin with.
    from: Option<&'static str>,
    args: &'static [&'static str],
    /// Whether what was done so far may be committed.
    commits_always: bool,
}

const SCENARIOS: [Scenario; 7] = [
    Scenario {
        from: None,
        args: &[],
        commits_always: false,
    },
    Scenario {
        from: None,
        args: &["--commit-every", "0"],
        commits_always: true,
    },
    Scenario {
        from: Some("old"),
        args: &[],
        commits_always: false,
    },
    Scenario {
        from: Some("old"),
        args: &["--commit-every", "0"],
        commits_always: true,
    },
    // Only deletes, and what is left is merged.
    Scenario {
        from: Some("more"),
        args: &[],
        commits_always: false,
    },
    Scenario {
        from: Some("old"),
        args: &["--rebuild"],
        commits_always: false,
    },
    // What has yet to be read again is not taken away by a commit.
    Scenario {
        from: Some("old"),
        args: &["--rebuild", "--commit-every", "0"],
        commits_always: false,
    },
];

/// A corpus that has changed since the index in `old` was built of it.
struct Corpus {
    workspace: Workspace,
    /// What an index built at once holds.
    after: Contents,
    /// Files that were moved: from where, and where to.
    moved: Vec<[PathBuf; 2]>,
}

fn sentence(random: &mut SplitMix64) -> String {
    const WORDS: [&str; 12] = [
        "le maire",
        "the mayor",
        "a ouvert",
        "la bibliothèque",
        "every library",
        "hier",
        "yesterday",
        "des livres",
        "of the town",
        "et",
        "préfecture",
        "sans bruit",
    ];
    let mut sentence = format!("N{}", random.next_u64());
    for _ in 0..12 {
        sentence.push(' ');
        sentence.push_str(WORDS[random.below(WORDS.len())]);
    }
    sentence + ".\n"
}

fn text(random: &mut SplitMix64) -> String {
    let title = match random.below(2) {
        0 => "Un titre\n\n".to_owned(),
        _ => String::new(),
    };
    (0..4).fold(title, |text, _| text + &sentence(random))
}

fn collection(random: &mut SplitMix64, n_lines: usize) -> String {
    let lines = (0..n_lines).map(|n| {
        let record = serde_json::json!({ "_id": format!("{n}"), "text": sentence(random) });
        format!("{record}\n")
    });
    lines.collect()
}

impl Corpus {
    fn new(n_files: usize) -> Corpus {
        let mut random = SplitMix64::new(1);
        let workspace = Workspace::new();
        let name = |n: usize| match n % 10 {
            9 => format!("corpus/{}/c{n}.jsonl", n % 7),
            _ => format!("corpus/{}/t{n}.txt", n % 7),
        };
        let write = |n: usize, random: &mut SplitMix64| match n % 10 {
            9 => workspace.write(&name(n), collection(random, 10)),
            _ => workspace.write(&name(n), text(random)),
        };
        for n in 0..n_files {
            write(n, &mut random);
        }
        workspace.run(&["index", "--index", "old"]).succeeds();
        let mut moved = Vec::new();
        for n in 0..n_files {
            let path = workspace.path(&name(n));
            match n % 5 {
                0 => write(n, &mut random),
                1 => fs::remove_file(&path).unwrap(),
                2 => {
                    let extension = path.extension().unwrap().to_str().unwrap();
                    let to = workspace.path(&format!("corpus/{}/moved{n}.{extension}", n % 3));
                    fs::rename(&path, &to).unwrap();
                    moved.push([path, to]);
                    if n % 3 == 0 {
                        write(n, &mut random); // another in its place: no move, then
                        moved.pop();
                    }
                }
                _ => {}
            }
        }
        for n in n_files..n_files + n_files / 5 {
            write(n, &mut random);
        }
        for n in 0..n_files / 2 {
            workspace.write(&format!("corpus/more/{n}.txt"), text(&mut random));
        }
        workspace.run(&["index", "--index", "more"]).succeeds();
        fs::remove_dir_all(workspace.path("corpus/more")).unwrap();
        workspace.run(&["index", "--index", "fresh"]).succeeds();
        let after = Contents::of(&workspace.path("fresh"));
        Corpus {
            workspace,
            after,
            moved,
        }
    }

    /// Puts the index that a scenario starts from into `index`.
    fn begin(&self, scenario: Scenario) -> Contents {
        let dir = self.workspace.path("index");
        if dir.exists() {
            fs::remove_dir_all(&dir).unwrap();
        }
        if let Some(from) = scenario.from {
            fs::create_dir(&dir).unwrap();
            for entry in fs::read_dir(self.workspace.path(from)).unwrap() {
                let entry = entry.unwrap();
                fs::copy(entry.path(), dir.join(entry.file_name())).unwrap();
            }
        }
        Contents::of(&dir)
    }

    /// Starts a run and kills it after `delay`, unless it has ended by then.
    fn kill_after(&self, args: &[&str], delay: Duration) {
        let mut command = self
            .workspace
            .command(&[&["index", "--json"], args].concat());
        command.stdout(std::process::Stdio::null());
        let mut child = command.spawn().unwrap();
        sleep(delay);
        child.kill().unwrap();
        child.wait().unwrap();
    }

    /// How long the run of a scenario takes when nobody disturbs it.
    fn duration(&self, scenario: Scenario) -> Duration {
        self.begin(scenario);
        let started = Instant::now();
        self.workspace
            .run(&[&["index"], scenario.args].concat())
            .succeeds();
        started.elapsed()
    }

    /// Checks what a run that was killed has left.
    fn check(&self, scenario: Scenario, before: &Contents, context: &str) {
        let now = Contents::of(&self.workspace.path("index"));
        if !scenario.commits_always {
            assert!(
                now == *before || now == self.after,
                "{context}: neither what was nor what should be"
            );
            return;
        }
        let paths: BTreeSet<&String> = [before, &self.after, &now]
            .into_iter()
            .flat_map(|contents| contents.files.keys())
            .collect();
        for path in paths {
            let of = |contents: &Contents| contents.files.get(path).cloned();
            assert!(
                of(&now) == of(before) || of(&now) == of(&self.after),
                "{context}: {path} is neither what it was nor what it should be"
            );
        }
        for [from, to] in &self.moved {
            let is_there = |path: &Path| now.files.contains_key(path.to_str().unwrap());
            assert!(
                before.files.is_empty() || is_there(from) || is_there(to),
                "{context}: {} was moved, and is nowhere",
                from.display()
            );
        }
    }
}

/// The segments that have files in the folder of an index, and those that the last commit names.
fn segments(dir: &Path) -> [BTreeSet<String>; 2] {
    let names = fs::read_dir(dir)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let there = names.filter_map(|name| {
        let (segment, _) = name.split_once('.')?;
        (segment.len() == 32).then(|| segment.to_owned())
    });
    let meta = fs::read_to_string(dir.join("meta.json")).unwrap();
    // After the JSON comes a line with its sum.
    let mut values = serde_json::Deserializer::from_str(&meta).into_iter();
    let meta: serde_json::Value = values.next().unwrap().unwrap();
    let named = meta["segments"].as_array().unwrap().iter();
    let named = named.map(|segment| segment["segment_id"].as_str().unwrap().replace('-', ""));
    [there.collect(), named.collect()]
}

#[test]
fn a_run_that_is_killed_leaves_what_was_or_what_should_be_and_the_next_one_makes_it_whole() {
    let corpus = Corpus::new(number_from("FILES", 15));
    let mut durations = SCENARIOS.map(|_| None);
    for seed in seeds(1..=21) {
        let mut random = SplitMix64::new(seed);
        let number = seed as usize % SCENARIOS.len();
        let scenario = SCENARIOS[number];
        let longest = *durations[number].get_or_insert_with(|| corpus.duration(scenario));
        let before = corpus.begin(scenario);
        // Sometimes the run that would have made it whole is killed too.
        for time in 1..=1 + random.below(2) {
            let delay = longest.mul_f64(random.share() * 1.05);
            let context = format!("seed {seed}, {scenario:?}, killed after {delay:?}, time {time}");
            corpus.kill_after(scenario.args, delay);
            corpus.check(scenario, &before, &context);
        }
        let context = format!("seed {seed}, {scenario:?}");
        corpus.workspace.run(&["index"]).succeeds();
        let dir = corpus.workspace.path("index");
        assert_eq!(Contents::of(&dir), corpus.after, "{context}");
        let [there, named] = segments(&dir);
        assert_eq!(there, named, "{context}: nothing is left behind");
        let output = corpus.workspace.run(&["index"]).succeeds();
        assert!(
            output.stdout.starts_with("nothing new: "),
            "{context}: {output:?}"
        );
    }
}

#[test]
fn a_collection_whose_first_reading_is_killed_is_gone_on_with() {
    let n_lines = 600;
    let mut random = SplitMix64::new(2);
    let workspace = Workspace::new();
    // Ids that come twice, and lines that are none, are counted across the runs.
    let lines: String = (0..n_lines)
        .map(|n| match n % 10 {
            3 => "{\"_id\": \n".to_owned(),
            _ => {
                let id = format!("{}", n / 2);
                let record = serde_json::json!({ "_id": id, "text": sentence(&mut random) });
                format!("{record}\n")
            }
        })
        .collect();
    let write = |lines: &str| {
        workspace.write("corpus/all.jsonl", lines);
        let file = fs::File::options()
            .write(true)
            .open(workspace.path("corpus/all.jsonl"));
        let long_ago = std::time::SystemTime::now() - Duration::from_secs(3600);
        file.unwrap().set_modified(long_ago).unwrap();
    };
    let read = |dir: &str| {
        let dir = workspace.path(dir);
        let ids = match fouine::search::Searcher::open(&dir) {
            Ok(searcher) => {
                let passages = searcher.sample(usize::MAX, 0).unwrap();
                passages
                    .into_iter()
                    .map(|passage| passage.article)
                    .collect()
            }
            Err(_) => BTreeSet::new(),
        };
        (ids, Contents::of(&dir))
    };
    write(&lines);
    let command = ["index", "--json", "--commit-every", "0"];
    let started = Instant::now();
    workspace.run(&["index", "--index", "fresh", "--commit-every", "0"]);
    let longest = started.elapsed();
    let (fresh_ids, fresh) = read("fresh");
    let mut n_on_the_way = 0;
    for seed in seeds(1..=2) {
        let mut random = SplitMix64::new(seed);
        let mut n_held = 0;
        for time in 0..3 {
            let mut child = workspace.command(&command);
            let mut child = child.stdout(std::process::Stdio::null()).spawn().unwrap();
            if time == 0 {
                // In the middle for sure, unless it is fast.
                let dir = workspace.path("index");
                let has_articles = || {
                    let status = fouine::index::Index::open(&dir).and_then(|index| index.status());
                    status.is_ok_and(|status| status.articles > 0)
                };
                while !has_articles() && child.try_wait().unwrap().is_none() {
                    sleep(Duration::from_millis(1));
                }
            } else {
                sleep(longest.mul_f64(random.share()));
            }
            child.kill().unwrap();
            child.wait().unwrap();
            let (ids, contents) = read("index");
            assert!(ids.len() >= n_held, "seed {seed}: nothing is lost again");
            n_held = ids.len();
            n_on_the_way += usize::from(n_held > 0 && n_held < fresh_ids.len());
            assert!(ids.is_subset(&fresh_ids), "seed {seed}");
            let of_file = contents.files.values().flatten();
            let of_fresh: BTreeSet<_> = fresh.files.values().flatten().collect();
            assert!(
                of_file.into_iter().all(|one| of_fresh.contains(one)),
                "seed {seed}"
            );
        }
        let changes = seed % 2 == 0;
        if changes {
            write(&lines.replace("maire", "préfet"));
        }
        let output = workspace.run(&command);
        let json: serde_json::Value = serde_json::from_str(&output.stdout).unwrap();
        let n_read = json["articles"].as_u64().unwrap() as usize;
        if changes {
            assert_eq!(n_read, fresh_ids.len(), "seed {seed}");
        } else {
            assert_eq!(
                n_read,
                fresh_ids.len() - n_held,
                "seed {seed}: only the rest is read"
            );
            assert_eq!(
                read("index"),
                (fresh_ids.clone(), fresh.clone()),
                "seed {seed}"
            );
        }
        workspace.run(&["check"]).succeeds();
        let again = workspace.run(&["index"]);
        assert!(again.stdout.starts_with("nothing new: "), "{again:?}");
        fs::remove_dir_all(workspace.path("index")).unwrap();
        write(&lines);
    }
    assert!(n_on_the_way > 0, "no run was killed on its way");
}

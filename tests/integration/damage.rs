//! Indexes that were damaged at random: what they answer is what they answered before, or an error.
//!
//! Each seed is another damage to a copy of the same index. `SEEDS=1-1000` tries more of them.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;
use std::time::Duration;

use fouine::error::{Error, Result};
use fouine::index::{Index, Verification};
use fouine::query::Query;
use fouine::random::SplitMix64;
use fouine::search::{SearchOptions, Searcher, Sort};

use super::support::{Workspace, seeds};

/// Queries of every form.
const QUERIES: [&str; 22] = [
    "maire",
    "the mayor of the city",
    "les élections du conseil municipal à Paris",
    "what did the government say about the budget of the state",
    "\"premier ministre\"",
    "\"prime minister\"",
    "\"the state\"~3",
    "gouv*",
    "\"conseil mun*\"",
    "govermnent",
    "goverment~",
    "elections~2",
    "/élect.*/",
    "ville -paris",
    "+city +government",
    "title:paris",
    "lang:fr eau",
    "date:>1990 ville",
    "path:en city",
    "ville OR city",
    "lang:en",
    "zzzzqx",
];

/// A folder, by the names of its files.
type Files = BTreeMap<String, Vec<u8>>;

fn read_all(folder: &Path) -> Files {
    let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap());
    entries
        .map(|entry| {
            let name = entry.file_name().into_string().unwrap();
            (name, fs::read(entry.path()).unwrap())
        })
        .collect()
}

fn write_all(files: &Files, folder: &Path) {
    fs::create_dir_all(folder).unwrap();
    for (name, content) in files {
        fs::write(folder.join(name), content).unwrap();
    }
}

fn is_lock(name: &str) -> bool {
    name.ends_with(".lock")
}

/// An index of several segments of articles in French and English, some of them indexed again.
fn bilingual_index() -> Workspace {
    let workspace = Workspace::new();
    let corpus = Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus");
    for language in ["fr", "en"] {
        let mut paths: Vec<_> = fs::read_dir(corpus.join(language))
            .unwrap()
            .map(|entry| entry.unwrap().path())
            .filter(|path| path.metadata().unwrap().len() < 40_000)
            .collect();
        paths.sort();
        for (n, path) in paths.iter().take(24).enumerate() {
            let name = path.file_name().unwrap().to_str().unwrap();
            let part = format!("part{}/{language}/{name}", n % 3);
            workspace.write(&part, fs::read(path).unwrap());
        }
    }
    // So many that their segment stays as it is when others are added.
    let notes = (0..1200).map(|n| {
        let text = match n % 2 {
            0 => format!("Le conseil municipal de la ville, séance {n}."),
            _ => format!("The city council, session {n} of the government."),
        };
        format!(
            "{}\n",
            serde_json::json!({ "_id": format!("note{n}"), "text": text })
        )
    });
    workspace.write("part0/notes.jsonl", notes.collect::<String>());
    for part in ["part0", "part1", "part2"] {
        workspace.run(&["index", part]).succeeds();
    }
    workspace.run(&["index", "part1/fr"]).succeeds();
    workspace
}

/// What is asked of an index, and the whole of what it answers, without the time it took.
fn ask(searcher: &Searcher, question: usize) -> Result<String> {
    let query = Query::parse(QUERIES[question % QUERIES.len()]);
    let options = SearchOptions {
        limit: [10, 100][question % 2],
        sort: [Sort::Score, Sort::Score, Sort::Date][question % 3],
        explain: true,
        ..SearchOptions::default()
    };
    let mut answer = searcher.search(&query, &options)?;
    answer.elapsed = Duration::ZERO;
    let best = answer.hits.first().map(|hit| hit.passage.id());
    let like_it = match &best {
        Some(id) => searcher.similar(id)?.map(|(query, _)| query.text),
        None => None,
    };
    let whole = match &best {
        Some(id) => searcher.article(id)?,
        None => None,
    };
    Ok(format!("{answer:?} {like_it:?} {whole:?}"))
}

/// What a search prints, but for the end of its last line.
fn without_time(stdout: &str) -> &str {
    stdout
        .rsplit_once(" in ")
        .map_or(stdout, |(before, _)| before)
}

/// Changes a few files; which, the caller sees by comparing.
fn damage(files: &mut Files, random: &mut SplitMix64) -> String {
    let n_damages = [1, 1, 1, 2, 3][random.below(5)];
    let mut done = Vec::new();
    for _ in 0..n_damages {
        let names: Vec<String> = files.keys().cloned().collect();
        let name = names[random.below(names.len())].clone();
        let other = names[random.below(names.len())].clone();
        let file = files.get_mut(&name).unwrap();
        let n_bytes = file.len();
        let what = match random.below(if n_bytes == 0 { 2 } else { 8 }) {
            0 => {
                files.remove(&name);
                "removed".to_owned()
            }
            1 => {
                let n_more = 1 + random.below(100);
                file.extend((0..n_more).map(|_| random.next_u64() as u8));
                "longer".to_owned()
            }
            2 => {
                file.truncate(random.below(n_bytes));
                format!("cut at {}", file.len())
            }
            3 => {
                let start = random.below(n_bytes);
                let end = n_bytes.min(start + 1 + random.below(5000));
                file[start..end].fill(0);
                format!("zero from {start} to {end}")
            }
            4 => {
                let file = std::mem::take(file);
                let content = files.insert(other.clone(), file).unwrap();
                files.insert(name.clone(), content);
                format!("swapped with {other}")
            }
            _ => {
                let bits: Vec<usize> = (0..1 + random.below(8))
                    .map(|_| random.below(8 * n_bytes))
                    .collect();
                for bit in &bits {
                    file[bit / 8] ^= 1 << (bit % 8);
                }
                format!("flipped {bits:?}")
            }
        };
        done.push(format!("{name} ({n_bytes} bytes) {what}"));
    }
    done.join(", ")
}

/// Whether an error is one of an index that is not what it should be.
fn is_expected(error: &Error) -> bool {
    matches!(
        error,
        Error::IndexDamaged { .. }
            | Error::IndexVersion { .. }
            | Error::IndexIncomplete { .. }
            | Error::NotAnIndex { .. }
            | Error::Read { .. }
    )
}

/// What `verify` should say of a folder in which `changed` is not what it was.
fn check_verified(
    verified: &Result<Verification>,
    changed: &BTreeSet<String>,
    files: &Files,
    context: &str,
) {
    let verification = match verified {
        Ok(verification) => verification,
        Err(error) => {
            assert!(
                is_expected(error) && !changed.is_empty(),
                "{error}: {context}"
            );
            return;
        }
    };
    let named: BTreeSet<String> = verification
        .damaged
        .iter()
        .map(|damaged| damaged.name.clone())
        .collect();
    let lists_are_whole = ["meta.json", ".managed.json"]
        .iter()
        .all(|name| !named.contains(*name));
    let expected: BTreeSet<String> = changed
        .iter()
        // Which files should be there is in the lists.
        .filter(|name| lists_are_whole || files.contains_key(*name))
        .cloned()
        .collect();
    let expected_named: BTreeSet<String> = named.intersection(&expected).cloned().collect();
    assert_eq!(expected_named, expected, "not found: {context}");
    assert!(named.is_subset(changed), "{named:?} are whole: {context}");
    for damaged in &verification.damaged {
        let segment = damaged.segment.as_deref();
        let expected = damaged
            .name
            .split('.')
            .next()
            .filter(|name| name.len() == 32);
        assert_eq!(segment, expected, "{context}");
    }
}

#[test]
fn damage_at_random_gives_the_right_answer_or_an_error() {
    let workspace = bilingual_index();
    let whole = read_all(&workspace.path("index"));
    let n_segments = whole.keys().filter(|name| name.ends_with(".store")).count();
    assert!(n_segments > 1, "{:?}", whole.keys());
    let searcher = Searcher::open(&workspace.path("index")).unwrap();
    let n_questions = 6 * QUERIES.len();
    let answers: Vec<String> = (0..n_questions)
        .map(|question| ask(&searcher, question).unwrap())
        .collect();
    let status = Index::open(&workspace.path("index"))
        .unwrap()
        .status()
        .unwrap();
    let n_found = answers
        .iter()
        .filter(|answer| !answer.contains("n_passages: 0"))
        .count();
    assert!(n_found > n_questions * 3 / 4, "{n_found} of {n_questions}");

    // Each query as a process of its own, which opens the index for it alone.
    let run = |query: &str, folder: &str| workspace.run(&["search", query, "--index", folder]);
    let outputs = QUERIES.map(|query| run(query, "index"));

    let all = seeds(1..=60);
    let next = AtomicU64::new(*all.start());
    let [n_right, n_errors] = [AtomicU64::new(0), AtomicU64::new(0)];
    let try_seed = |seed: u64| {
        let mut random = SplitMix64::new(seed);
        let mut files = whole.clone();
        let what = damage(&mut files, &mut random);
        let context = format!("seed {seed}: {what}");
        let changed: BTreeSet<String> = whole
            .iter()
            .filter(|(name, content)| files.get(*name) != Some(content) && !is_lock(name))
            .map(|(name, _)| name.clone())
            .collect();
        let folder = workspace.path(&format!("damaged{seed}/index"));
        write_all(&files, &folder);
        check_verified(&Index::verify(&folder), &changed, &files, &context);

        let judge = |answer: Result<String>, expected: &str, asked: &str| match answer {
            Ok(answer) => {
                assert_eq!(answer, expected, "{asked}: {context}");
                n_right.fetch_add(1, Ordering::Relaxed);
            }
            Err(error) => {
                assert!(is_expected(&error), "{asked}: {error}: {context}");
                assert!(!changed.is_empty(), "{asked}: {error}: {context}");
                n_errors.fetch_add(1, Ordering::Relaxed);
            }
        };
        let status_now = Index::open(&folder).and_then(|index| index.status());
        match status_now {
            // The size is that of the files as they are.
            Ok(mut now) => {
                now.bytes = status.bytes;
                judge(Ok(format!("{now:?}")), &format!("{status:?}"), "status");
            }
            Err(error) => judge(Err(error), "", "status"),
        }
        for _ in 0..4 {
            let question = random.below(n_questions);
            let asked = QUERIES[question % QUERIES.len()];
            match Searcher::open(&folder) {
                Ok(searcher) => judge(ask(&searcher, question), &answers[question], asked),
                Err(error) => judge(Err(error), "", asked),
            }
        }
        let question = random.below(QUERIES.len());
        let right = &outputs[question];
        let output = run(QUERIES[question], folder.to_str().unwrap());
        assert!(!output.stderr.contains("panicked"), "{output:?}: {context}");
        if output.status == 2 {
            assert!(
                output.stderr.starts_with("error: "),
                "{output:?}: {context}"
            );
            assert_eq!(output.stdout, "", "{context}");
        } else {
            assert_eq!(output.status, right.status, "{context}");
            let [now, before] = [&output, right].map(|output| without_time(&output.stdout));
            assert_eq!(now, before, "{context}");
        }
        // Indexing more into it is refused, or goes well; it is no occasion for a panic either.
        if seed.is_multiple_of(10) {
            let output = workspace.run(&["index", "part2", "--index", folder.to_str().unwrap()]);
            assert!([0, 2].contains(&output.status), "{output:?}: {context}");
            assert!(!output.stderr.contains("panicked"), "{output:?}: {context}");
        }
        fs::remove_dir_all(folder.parent().unwrap()).unwrap();
    };
    thread::scope(|scope| {
        for _ in 0..thread::available_parallelism().map_or(1, usize::from) {
            scope.spawn(|| {
                loop {
                    let seed = next.fetch_add(1, Ordering::Relaxed);
                    if seed > *all.end() {
                        break;
                    }
                    try_seed(seed);
                }
            });
        }
    });
    let [n_right, n_errors] = [n_right, n_errors].map(AtomicU64::into_inner);
    if all.end() - all.start() >= 20 {
        assert!(
            n_right > 0 && n_errors > 0,
            "{n_right} right, {n_errors} errors"
        );
    }
}

#[cfg(unix)]
#[test]
fn an_index_that_may_only_be_read_answers_all_the_same() {
    use std::os::unix::fs::PermissionsExt;
    let workspace = Workspace::with_texts(&["Le maire."]);
    let folder = workspace.path("index");
    let set_mode = |mode: u32, of_folder: u32| {
        for name in read_all(&folder).keys() {
            let mode = fs::Permissions::from_mode(mode);
            fs::set_permissions(folder.join(name), mode).unwrap();
        }
        fs::set_permissions(&folder, fs::Permissions::from_mode(of_folder)).unwrap();
    };
    // With the files that processes lock, and without.
    for is_locked_by_file in [true, false] {
        if !is_locked_by_file {
            fs::remove_file(folder.join(".tantivy-meta.lock")).unwrap();
        }
        set_mode(0o444, 0o555);
        let found = workspace.found("maire");
        let verified = Index::verify(&folder).unwrap();
        set_mode(0o644, 0o755);
        assert_eq!(found, ["1"]);
        assert_eq!(verified.damaged, []);
    }
}

//! Random changes to folders that are indexed again and again, against a model of what is in the index: nothing but maps.
//!
//! `SEEDS=100-200` tries more seeds, `STEPS=1000` more steps with each. A step changes some files and indexes some roots,
//! in one go or with commits in between, sometimes anew, sometimes until something breaks. What the model cannot know
//! after a break is settled by the next run over everything, which has to bring all in order.

mod disk;

use std::collections::{BTreeMap, BTreeSet};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::time::Duration;

use fouine::error::Error;
use fouine::index::{BuildOptions, BuildReport, FileCounts, Index, build};
use fouine::query::Query;
use fouine::random::SplitMix64;
use fouine::search::{SearchOptions, Searcher};

use super::support::{Contents, number_from, seeds};
use disk::{Body, Disk, Found, ROOTS, word};

/// What the index should know of a file.
#[derive(Clone, Debug)]
struct Known {
    body: Body,
    /// The roots that it may count as found under: of a file that is the same, either that of the first time or that of
    /// the last.
    owners: BTreeSet<&'static str>,
}

/// What the index should hold: of each file, the numbers of the words of its articles.
type Words = BTreeMap<PathBuf, Vec<usize>>;

struct World {
    disk: Disk,
    dir: PathBuf,
    known: BTreeMap<PathBuf, Known>,
    /// The roots that the index names.
    roots: BTreeSet<&'static str>,
    /// Whether `known` may not be what the index knows: after a break.
    is_uncertain: bool,
    n_compared: usize,
}

/// How a run goes.
#[derive(Debug)]
struct Run {
    roots: Vec<&'static str>,
    commits_always: bool,
    prune: bool,
    rebuild: bool,
    /// Calls of the progress after which it breaks.
    breaks_after: Option<usize>,
}

/// What a run should come to.
#[derive(Debug)]
enum Expected {
    Refused(&'static str),
    Done(FileCounts),
}

struct Plan {
    expected: Expected,
    known: BTreeMap<PathBuf, Known>,
    /// Files of which the model cannot tell whether they stay.
    doubtful: BTreeSet<PathBuf>,
    /// Whether the model cannot tell what is refused and counted.
    is_doubtful: bool,
    /// The words of files that are moved.
    moved: Vec<usize>,
}

fn words_of(known: &BTreeMap<PathBuf, Known>) -> Words {
    let words = known.iter().map(|(path, known)| {
        let mut words = known.body.words();
        words.sort_unstable();
        (path.clone(), words)
    });
    words.filter(|(_, words)| !words.is_empty()).collect()
}

impl World {
    fn new(folder: &Path) -> World {
        World {
            disk: Disk::new(folder.to_owned()),
            dir: folder.join("index"),
            known: BTreeMap::new(),
            roots: BTreeSet::new(),
            is_uncertain: false,
            n_compared: 0,
        }
    }

    fn random_run(&mut self, random: &mut SplitMix64) -> Run {
        if self.is_uncertain {
            self.disk.restore_all();
        }
        let is_full = self.is_uncertain || random.below(2) == 0;
        let mut roots = match is_full {
            true => ROOTS.to_vec(),
            false => (0..=random.below(3))
                .map(|_| ROOTS[random.below(4)])
                .collect(),
        };
        random.shuffle(&mut roots);
        let is_first = !self.dir.join("fouine.json").exists();
        Run {
            roots,
            commits_always: random.below(3) == 0,
            prune: random.below(3) == 0,
            rebuild: random.below(if self.is_uncertain { 3 } else { 10 }) == 0,
            breaks_after: (!is_first && random.below(6) == 0).then_some(0),
        }
    }

    /// What should come of a run, by the rules alone.
    fn plan(&self, run: &Run) -> Plan {
        let found = self.disk.discover(&run.roots);
        let found_paths: BTreeSet<&Path> = found.iter().map(|file| file.path.as_path()).collect();
        let mut known = match run.rebuild {
            true => BTreeMap::new(),
            false => self.known.clone(),
        };
        let mut plan = Plan {
            expected: Expected::Refused(""),
            known: self.known.clone(),
            doubtful: BTreeSet::new(),
            is_doubtful: false,
            moved: Vec::new(),
        };
        let lies_under =
            |path: &Path, roots: &[&'static str]| roots.iter().any(|root| path.starts_with(root));
        for (path, file) in &known {
            if file.owners.len() > 1
                && !lies_under(path, &run.roots)
                && !found_paths.contains(path.as_path())
            {
                plan.is_doubtful |= run.roots.iter().any(|root| file.owners.contains(root));
            }
        }
        let refused = self.refusal(run, &known, &found, |path, file, root| {
            path.starts_with(root) || file.owners.contains(root)
        });
        let surely_refused = self.refusal(run, &known, &found, |path, file, root| {
            path.starts_with(root) || file.owners == BTreeSet::from([root])
        });
        plan.is_doubtful |= refused != surely_refused;
        if let Some(reason) = refused {
            plan.expected = Expected::Refused(reason);
            return plan;
        }
        let others: Vec<&'static str> = match run.rebuild {
            true => Vec::new(),
            false => self
                .roots
                .iter()
                .copied()
                .filter(|root| !run.roots.contains(root))
                .collect(),
        };
        let mut gone: Vec<PathBuf> = Vec::new();
        for (path, file) in &known {
            if found_paths.contains(path.as_path()) {
                continue;
            }
            let is_blocked = self.disk.is_blocked(path);
            if lies_under(path, &run.roots) {
                if !is_blocked {
                    gone.push(path.clone());
                }
            } else if !lies_under(path, &others)
                && file.owners.iter().any(|owner| run.roots.contains(owner))
            {
                if is_blocked || file.owners.iter().any(|owner| !run.roots.contains(owner)) {
                    plan.doubtful.insert(path.clone());
                    plan.is_doubtful = true;
                } else {
                    gone.push(path.clone());
                }
            }
        }
        let mut counts = FileCounts::default();
        let mut n_articles = 0;
        let mut may_move = gone.clone();
        let mut after = known.clone();
        for file in &found {
            let body = &self.disk.files[&file.path];
            let owners = BTreeSet::from([file.root]);
            let is_lost = body.words().is_empty() && body.has_failures();
            let now = Known {
                body: body.clone(),
                owners,
            };
            match known.get_mut(&file.path) {
                Some(before) if before.body == *body => {
                    counts.unchanged += 1;
                    after.get_mut(&file.path).unwrap().owners.insert(file.root);
                    continue;
                }
                Some(_) if is_lost => counts.removed += 1,
                Some(_) => counts.changed += 1,
                None => {
                    let from = may_move.iter().position(|from| {
                        known[from].body == *body && from.extension() == file.path.extension()
                    });
                    if let Some(from) = from {
                        let from = may_move.remove(from);
                        gone.retain(|path| *path != from);
                        after.remove(&from);
                        after.insert(file.path.clone(), now);
                        counts.moved += 1;
                        plan.moved.extend(body.words());
                        continue;
                    }
                    if !is_lost {
                        counts.added += 1;
                    }
                }
            }
            n_articles += body.words().len();
            match body {
                Body::Binary => after.remove(&file.path),
                _ => after.insert(file.path.clone(), now),
            };
        }
        counts.removed += gone.len() as u64;
        for path in &gone {
            after.remove(path);
        }
        let FileCounts {
            changed,
            moved,
            removed,
            unchanged,
            added: _,
        } = counts;
        if n_articles == 0 && changed + moved + removed + unchanged == 0 {
            plan.expected = Expected::Refused("no articles found");
            return plan;
        }
        plan.expected = Expected::Done(counts);
        plan.known = after;
        plan
    }

    /// What is said of a run that does not begin; `is_of` tells whether a file counts as one of a root.
    fn refusal(
        &self,
        run: &Run,
        known: &BTreeMap<PathBuf, Known>,
        found: &[Found],
        is_of: impl Fn(&Path, &Known, &'static str) -> bool,
    ) -> Option<&'static str> {
        let is_of = &is_of;
        let of_root = |root: &'static str| {
            known
                .iter()
                .filter(move |(path, file)| is_of(path, file, root))
        };
        for root in &run.roots {
            if self.disk.unplugged.contains(root) && of_root(root).next().is_none() {
                return Some("does not exist");
            }
        }
        if found.is_empty() && run.roots.iter().all(|root| of_root(root).next().is_none()) {
            return Some("no articles found");
        }
        for root in &run.roots {
            if run.prune
                || found
                    .iter()
                    .any(|file| file.root == *root || file.path.starts_with(root))
            {
                continue;
            }
            let is_found = |path: &Path| found.iter().any(|file| file.path == path);
            let is_lost = |(path, _): &(&PathBuf, &Known)| !is_found(path);
            let has_lost_own = of_root(root)
                .filter(is_lost)
                .any(|(path, _)| path.starts_with(root));
            let has_lost_all =
                of_root(root).next().is_some() && of_root(root).all(|file| is_lost(&file));
            if has_lost_own || has_lost_all {
                return Some("the index holds");
            }
        }
        None
    }

    fn build(&self, run: &Run) -> Option<fouine::error::Result<BuildReport>> {
        let options = BuildOptions {
            prune: run.prune,
            rebuild: run.rebuild,
            commit_every: match run.commits_always {
                true => Duration::ZERO,
                false => Duration::MAX,
            },
            ..BuildOptions::default()
        };
        let roots: Vec<PathBuf> = run
            .roots
            .iter()
            .map(|root| self.disk.folder.join(root))
            .collect();
        let mut n_calls = 0;
        let mut progress = |_| {
            if run.breaks_after == Some(n_calls) {
                std::panic::resume_unwind(Box::new("broken off")); // without a word on standard error
            }
            n_calls += 1;
        };
        catch_unwind(AssertUnwindSafe(|| {
            build(&self.dir, &roots, &options, &mut progress)
        }))
        .ok()
    }

    fn step(&mut self, random: &mut SplitMix64, said: &mut Vec<String>) {
        for _ in 0..=random.below(4) {
            let change = self.disk.change(random);
            said.push(change);
        }
        let run = self.random_run(random);
        said.push(format!("{run:?}, unplugged {:?}", self.disk.unplugged));
        let before = self.words();
        let plan = self.plan(&run);
        let built = self.build(&run);
        match &built {
            None => said.push("broken off".to_owned()),
            Some(Ok(report)) => said.push(format!("done: {:?}", report.files)),
            Some(Err(error)) => said.push(format!("refused: {error}")),
        }
        let now = self.words();
        let was_uncertain = self.is_uncertain;
        match built {
            None => {
                self.check_broken(&run, &plan, &before, &now);
                self.is_uncertain = true;
            }
            Some(result) if was_uncertain || plan.is_doubtful => {
                self.settle(&run, result, plan, &now);
            }
            Some(Err(error)) => {
                let Expected::Refused(reason) = plan.expected else {
                    panic!("{error}, but {:?} was expected", plan.expected);
                };
                assert!(
                    error.to_string().contains(reason),
                    "{error} is not: {reason}"
                );
                // Files without articles may have been committed.
                self.is_uncertain =
                    run.commits_always && matches!(error, Error::NothingToIndex { .. });
                assert_eq!(now, before, "what is refused changes nothing");
            }
            Some(Ok(report)) => {
                let Expected::Done(counts) = plan.expected else {
                    panic!("done, but {:?} was expected", plan.expected);
                };
                assert_eq!(report.files, counts);
                self.known = plan.known;
                self.note_roots(&run);
                assert_eq!(now, words_of(&self.known));
            }
        }
        self.check_roots();
        self.check_searches(random, &now);
        if !self.is_uncertain && !was_uncertain && random.below(8) == 0 {
            self.compare_with_a_fresh_build();
        }
    }

    /// Takes over what the model could not know, once all that is there was indexed.
    fn settle(
        &mut self,
        run: &Run,
        result: fouine::error::Result<BuildReport>,
        plan: Plan,
        now: &Words,
    ) {
        let is_full = ROOTS.iter().all(|root| run.roots.contains(root));
        match result {
            Err(
                Error::RootGone { .. } | Error::NothingToIndex { .. } | Error::PathNotFound { .. },
            ) => {
                self.is_uncertain = true;
            }
            Err(error) => panic!("{error}"),
            Ok(_) => {
                let found = self.disk.discover(&run.roots);
                for file in &found {
                    let mut words = self.disk.files[&file.path].words();
                    words.sort_unstable();
                    let there = now.get(&file.path).cloned().unwrap_or_default();
                    assert_eq!(there, words, "{}", file.path.display());
                }
                self.note_roots(run);
                // Whether the index knows a file without articles does not show.
                let is_hidden = |path: &PathBuf| self.known[path].body.words().is_empty();
                self.is_uncertain =
                    !is_full || !self.disk.is_restored() || plan.doubtful.iter().any(is_hidden);
                let stays = |path: &PathBuf| {
                    let is_found = found.iter().any(|file| file.path == *path);
                    is_found || self.disk.is_blocked(path) || plan.doubtful.contains(path)
                };
                if !self.is_uncertain {
                    for path in now.keys() {
                        assert!(stays(path), "{} should be gone", path.display());
                    }
                }
                let mut known = BTreeMap::new();
                for file in found {
                    let body = self.disk.files[&file.path].clone();
                    let leads_there = |root: &&'static str| {
                        self.disk
                            .discover(&[*root])
                            .iter()
                            .any(|other| other.path == file.path)
                    };
                    // The record of a file that has not changed names the root that it was seen under before, though no link
                    // may lead there any more.
                    let before = self.known.get(&file.path);
                    let before = before.into_iter().flat_map(|known| &known.owners).copied();
                    let now = ROOTS.into_iter().filter(leads_there);
                    let owners = now.chain(before).collect();
                    if body != Body::Binary {
                        known.insert(file.path.clone(), Known { body, owners });
                    }
                }
                // What was kept although it is not seen now.
                for (path, words) in now {
                    let body = Body::Lines(
                        words
                            .iter()
                            .map(|&word| disk::Line::Article { word, id: None })
                            .collect(),
                    );
                    let kept = self
                        .known
                        .get(path)
                        .map(|known| known.body.clone())
                        .unwrap_or(body);
                    known.entry(path.clone()).or_insert(Known {
                        body: kept,
                        owners: ROOTS.into(),
                    });
                }
                self.known = known;
            }
        }
    }

    /// What a run that was broken off may leave: of each file what was there or what should be.
    fn check_broken(&self, run: &Run, plan: &Plan, before: &Words, now: &Words) {
        if !run.commits_always || run.rebuild {
            assert_eq!(now, before, "nothing was committed");
            return;
        }
        if self.is_uncertain || plan.is_doubtful {
            return;
        }
        let after = words_of(&plan.known);
        let paths: BTreeSet<&PathBuf> = before
            .keys()
            .chain(after.keys())
            .chain(now.keys())
            .collect();
        for path in paths {
            let is_one_of_them = [before, &after]
                .into_iter()
                .any(|words| words.get(path) == now.get(path));
            assert!(
                is_one_of_them,
                "{} is neither old nor new: {:?}",
                path.display(),
                now.get(path)
            );
        }
        let there: BTreeSet<usize> = now.values().flatten().copied().collect();
        for moved in &plan.moved {
            assert!(
                there.contains(moved),
                "{} was moved, and is nowhere",
                word(*moved)
            );
        }
    }

    fn note_roots(&mut self, run: &Run) {
        if run.rebuild {
            self.roots.clear();
        }
        for root in &run.roots {
            match self.disk.unplugged.contains(root) {
                true => self.roots.remove(root),
                false => self.roots.insert(root),
            };
        }
        if self.roots.contains("a") {
            self.roots.remove("a/in");
        }
    }

    fn check_roots(&self) {
        if self.is_uncertain || !self.dir.join("fouine.json").exists() {
            return;
        }
        let roots = Index::open(&self.dir).unwrap().roots().unwrap();
        let expected: BTreeSet<PathBuf> = self
            .roots
            .iter()
            .map(|root| self.disk.folder.join(root))
            .collect();
        assert_eq!(roots.into_iter().collect::<BTreeSet<_>>(), expected);
    }

    /// What the index holds.
    fn words(&self) -> Words {
        let mut words = Words::new();
        for (path, articles) in Contents::of(&self.dir).files {
            let mut numbers = Vec::new();
            for article in articles {
                let of_article =
                    (1..=self.disk.n_words()).rfind(|&number| article.text.contains(&word(number)));
                numbers.push(of_article.unwrap_or_else(|| panic!("what is {article:?}?")));
            }
            numbers.sort_unstable();
            let path = Path::new(&path).strip_prefix(&self.disk.folder).unwrap();
            words.insert(path.to_owned(), numbers);
        }
        words
    }

    fn check_searches(&self, random: &mut SplitMix64, now: &Words) {
        if now.is_empty() {
            return;
        }
        let searcher = Searcher::open(&self.dir).unwrap();
        let options = SearchOptions {
            limit: 1000,
            exact: true,
            ..SearchOptions::default()
        };
        for _ in 0..5 {
            let number = 1 + random.below(self.disk.n_words());
            let answer = searcher
                .search(&Query::parse(&word(number)), &options)
                .unwrap();
            let mut found: Vec<PathBuf> = answer
                .hits
                .iter()
                .map(|hit| PathBuf::from(&hit.article.path))
                .collect();
            found.sort();
            let having = now.iter().flat_map(|(path, words)| {
                let n_times = words.iter().filter(|&&word| word == number).count();
                std::iter::repeat_n(self.disk.folder.join(path), n_times)
            });
            assert_eq!(found, having.collect::<Vec<_>>(), "{}", word(number));
            let counted = [answer.n_articles, answer.n_passages];
            assert_eq!(counted, [found.len() as u64; 2], "{}", word(number));
        }
    }

    /// An index built at once of what is there shows the same, but for files that are kept without being seen.
    fn compare_with_a_fresh_build(&mut self) {
        let roots: Vec<&'static str> = ROOTS
            .into_iter()
            .filter(|root| !self.disk.unplugged.contains(root))
            .collect();
        let seen: BTreeSet<PathBuf> = self
            .disk
            .discover(&roots)
            .into_iter()
            .map(|file| self.disk.folder.join(file.path))
            .collect();
        let roots: Vec<PathBuf> = roots
            .iter()
            .map(|root| self.disk.folder.join(root))
            .collect();
        let updated = match build(&self.dir, &roots, &BuildOptions::default(), &mut |_| {}) {
            Ok(_) => Contents::of(&self.dir),
            Err(Error::NothingToIndex { .. } | Error::RootGone { .. }) => return,
            Err(error) => panic!("{error}"),
        };
        self.is_uncertain = true; // the model has not planned this
        let fresh_dir = self.disk.folder.join(format!("fresh {}", self.n_compared));
        self.n_compared += 1;
        let fresh = match build(&fresh_dir, &roots, &BuildOptions::default(), &mut |_| {}) {
            Ok(_) => Contents::of(&fresh_dir),
            Err(Error::NothingToIndex { .. }) => Contents::default(),
            Err(error) => panic!("{error}"),
        };
        for path in seen {
            let path = path.to_str().unwrap();
            assert_eq!(updated.files.get(path), fresh.files.get(path), "{path}");
        }
    }
}

#[test]
fn an_index_brought_up_to_date_again_and_again_is_what_a_model_says() {
    let n_steps = number_from("STEPS", 50);
    for seed in seeds(1..=4) {
        let temp = tempfile::tempdir().unwrap();
        let mut world = World::new(&temp.path().canonicalize().unwrap());
        let mut random = SplitMix64::new(seed);
        let mut said = Vec::new();
        for step in 1..=n_steps {
            said.push(format!("step {step}"));
            let went_well = catch_unwind(AssertUnwindSafe(|| world.step(&mut random, &mut said)));
            assert!(
                went_well.is_ok(),
                "seed {seed}, step {step}:\n  {}",
                said[said.len().saturating_sub(60)..].join("\n  ")
            );
        }
    }
}

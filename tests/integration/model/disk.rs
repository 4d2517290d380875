//! Random changes to folders of files, and which files there are by the rules of discovery.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use fouine::random::SplitMix64;

/// What a file holds.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Body {
    /// One article, with a title of its own or none.
    Text { word: usize, has_title: bool },
    /// A collection.
    Lines(Vec<Line>),
    /// Not a byte.
    Empty,
    /// What is no text.
    Binary,
}

/// A line of a collection.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Line {
    Article { word: usize, id: Option<usize> },
    WithoutText,
    Bad,
}

/// The word that only the articles with this number have, and that nothing else is widened to.
pub(super) fn word(number: usize) -> String {
    const SYLLABLES: [&str; 16] = [
        "ba", "ko", "du", "fi", "ga", "jo", "lu", "mi", "na", "po", "ru", "si", "ta", "vo", "zu",
        "wi",
    ];
    let digits = (0..4).map(|place| SYLLABLES[number >> (4 * place) & 15]);
    format!("x{}zk", digits.collect::<String>())
}

impl Body {
    /// The bytes of it.
    fn bytes(&self) -> Vec<u8> {
        match self {
            Body::Text { word: number, has_title: true } => {
                let word = word(*number);
                format!("Les {word}\n\nLe maire parle de {word}. The mayor is here.\n").into_bytes()
            }
            Body::Text { word: number, has_title: false } => format!(
                "Une phrase sur {} qui est trop longue pour servir de titre à cet article, parce qu’elle finit par un point.",
                word(*number)
            )
            .into_bytes(),
            Body::Lines(lines) => lines.iter().flat_map(|line| line.text().into_bytes()).collect(),
            Body::Empty => Vec::new(),
            Body::Binary => b"%PDF-1.4\x00\x01".to_vec(),
        }
    }

    /// The numbers of the words of its articles.
    pub(super) fn words(&self) -> Vec<usize> {
        match self {
            Body::Text { word, .. } => vec![*word],
            Body::Lines(lines) => lines
                .iter()
                .filter_map(|line| match line {
                    Line::Article { word, .. } => Some(*word),
                    Line::WithoutText | Line::Bad => None,
                })
                .collect(),
            Body::Empty | Body::Binary => Vec::new(),
        }
    }

    /// Whether something in it cannot be read.
    pub(super) fn has_failures(&self) -> bool {
        match self {
            Body::Binary => true,
            Body::Lines(lines) => lines.contains(&Line::Bad),
            Body::Text { .. } | Body::Empty => false,
        }
    }
}

impl Line {
    fn text(&self) -> String {
        match self {
            Line::Article { word: number, id } => {
                let mut record =
                    serde_json::json!({ "text": format!("Le préfet parle de {}.", word(*number)) });
                if let Some(id) = id {
                    record["_id"] = format!("n{id}").into();
                }
                format!("{record}\n")
            }
            Line::WithoutText => "{\"text\": \" \"}\n".to_owned(),
            Line::Bad => "{\"text\": \n".to_owned(),
        }
    }
}

/// Folders of files below one folder.
pub(super) struct Disk {
    pub(super) folder: PathBuf,
    /// What each file holds, by its path below the folder; none of those that cannot be read for now.
    pub(super) files: BTreeMap<PathBuf, Body>,
    /// What those hold that cannot be read for now: a link to itself stands in their place.
    pub(super) blocked: BTreeMap<PathBuf, Body>,
    /// Folders under another name for now.
    pub(super) unplugged: BTreeSet<&'static str>,
    n_words: usize,
}

/// Where files are. `a` and `b` have links that lead to `out`, and `b` one to a part of `a`.
const FOLDERS: [&str; 8] = [
    "a",
    "a/in",
    "a/in/deep",
    "a-b",
    "b",
    "b/sub",
    "out",
    "out/sub",
];

/// The links, and where they lead.
const LINKS: [(&str, &str); 4] = [
    ("a/boucle", "."),
    ("a/lien", "../out"),
    ("b/l.txt", "../out/f0.txt"),
    ("b/vers", "../a/in"),
];

/// What is given to be indexed; one of them lies in another.
pub(super) const ROOTS: [&str; 4] = ["a", "a/in", "a-b", "b"];

/// A file that was found.
#[derive(Debug)]
pub(super) struct Found {
    pub(super) path: PathBuf,
    pub(super) root: &'static str,
}

impl Disk {
    pub(super) fn new(folder: PathBuf) -> Disk {
        for name in FOLDERS {
            fs::create_dir_all(folder.join(name)).unwrap();
        }
        Disk {
            folder,
            files: BTreeMap::new(),
            blocked: BTreeMap::new(),
            unplugged: BTreeSet::new(),
            n_words: 0,
        }
    }

    pub(super) fn n_words(&self) -> usize {
        self.n_words
    }

    fn new_word(&mut self) -> usize {
        self.n_words += 1;
        self.n_words
    }

    fn line(&mut self, random: &mut SplitMix64) -> Line {
        match random.below(12) {
            0 => Line::Bad,
            1 => Line::WithoutText,
            n => Line::Article {
                word: self.new_word(),
                id: (n < 8).then(|| random.below(12)),
            },
        }
    }

    fn body(&mut self, path: &Path, random: &mut SplitMix64) -> Body {
        let is_collection = path
            .extension()
            .is_some_and(|extension| extension == "jsonl");
        match random.below(12) {
            0 => Body::Empty,
            _ if is_collection => {
                let n_lines = 1 + random.below(5);
                Body::Lines((0..n_lines).map(|_| self.line(random)).collect())
            }
            1 => Body::Binary,
            n => Body::Text {
                word: self.new_word(),
                has_title: n < 7,
            },
        }
    }

    fn write(&mut self, path: &Path, body: Body) {
        fs::write(self.folder.join(path), body.bytes()).unwrap();
        self.files.insert(path.to_owned(), body);
    }

    fn any_path(&self, random: &mut SplitMix64) -> PathBuf {
        let folder = FOLDERS[random.below(FOLDERS.len())];
        let extension = ["txt", "md", "jsonl"][random.below(3)];
        Path::new(folder).join(format!("f{}.{extension}", random.below(5)))
    }

    fn any_file(&self, random: &mut SplitMix64) -> Option<PathBuf> {
        self.files
            .keys()
            .nth(random.below(self.files.len()))
            .cloned()
    }

    /// Takes a path that is free, with the extension of `like`.
    fn free_path(&self, like: &Path, random: &mut SplitMix64) -> Option<PathBuf> {
        let path = self.any_path(random).with_extension(like.extension()?);
        let is_free = !self.files.contains_key(&path) && !self.blocked.contains_key(&path);
        is_free.then_some(path)
    }

    /// Changes something, and says what.
    pub(super) fn change(&mut self, random: &mut SplitMix64) -> String {
        self.try_to_change(random)
            .unwrap_or_else(|| "nothing".to_owned())
    }

    fn try_to_change(&mut self, random: &mut SplitMix64) -> Option<String> {
        Some(match random.below(21) {
            0..=5 => {
                let path = self.any_path(random);
                if self.blocked.contains_key(&path) || self.is_unplugged(&path) {
                    return None;
                }
                let body = self.body(&path, random);
                let said = format!("write {}: {body:?}", path.display());
                self.write(&path, body);
                said
            }
            6 => {
                let path = self.any_file(random)?;
                self.remove(&path)?;
                format!("remove {}", path.display())
            }
            7..=8 => {
                let from = self.any_file(random)?;
                let to = self.free_path(&from, random)?;
                if self.is_unplugged(&from) || self.is_unplugged(&to) {
                    return None;
                }
                self.rename(&from, &to);
                format!("move {} to {}", from.display(), to.display())
            }
            // Moved, and another in its place.
            9..=10 => {
                let from = self.any_file(random)?;
                let to = self.free_path(&from, random)?;
                if self.is_unplugged(&from) || self.is_unplugged(&to) {
                    return None;
                }
                self.rename(&from, &to);
                let body = self.body(&from, random);
                let said = format!("move {} to {}, now {body:?}", from.display(), to.display());
                self.write(&from, body);
                said
            }
            11..=12 => {
                let [one, other] = [self.any_file(random)?, self.any_file(random)?];
                if one.extension() != other.extension()
                    || self.is_unplugged(&one)
                    || self.is_unplugged(&other)
                {
                    return None;
                }
                let [in_one, in_other] = [&one, &other].map(|path| self.files[path].clone());
                self.write(&one, in_other);
                self.write(&other, in_one);
                format!("swap {} and {}", one.display(), other.display())
            }
            13..=14 => {
                let from = self.any_file(random)?;
                let to = self.free_path(&from, random)?;
                if self.is_unplugged(&from) || self.is_unplugged(&to) {
                    return None;
                }
                let body = self.files[&from].clone();
                self.write(&to, body);
                format!("copy {} to {}", from.display(), to.display())
            }
            15 => {
                let path = self.any_file(random)?;
                if self.is_unplugged(&path) {
                    return None;
                }
                let body = self.files[&path].clone();
                self.write(&path, body);
                format!("touch {}", path.display())
            }
            16 => {
                let path = self.any_file(random)?;
                let body = self.files.get(&path)?.clone();
                self.remove(&path)?;
                let name = path.file_name()?;
                symlink(Path::new(name), &self.folder.join(&path));
                self.blocked.insert(path.clone(), body);
                format!("block {}", path.display())
            }
            17 => {
                let path = self.blocked.keys().next()?.clone();
                if self.is_unplugged(&path) {
                    return None;
                }
                self.unblock(&path);
                format!("unblock {}", path.display())
            }
            18..=19 => {
                let (name, to) = LINKS[random.below(LINKS.len())];
                let link = self.folder.join(name);
                if self.is_unplugged(Path::new(name)) {
                    return None;
                }
                match fs::symlink_metadata(&link) {
                    Ok(_) => fs::remove_file(&link).unwrap(),
                    Err(_) => symlink(Path::new(to), &link),
                }
                format!("link or unlink {name}")
            }
            _ => {
                let root = ["a-b", "b"][random.below(2)];
                self.plug(root);
                format!("plug or unplug {root}")
            }
        })
    }

    fn plug(&mut self, root: &'static str) {
        let [here, away] =
            [root.to_owned(), format!("{root} unplugged")].map(|name| self.folder.join(name));
        if self.unplugged.remove(root) {
            fs::rename(away, here).unwrap();
        } else {
            fs::rename(here, away).unwrap();
            self.unplugged.insert(root);
        }
    }

    /// Brings all roots back, and all files that cannot be read.
    pub(super) fn restore_all(&mut self) {
        for root in self.unplugged.clone() {
            self.plug(root);
        }
        while let Some(path) = self.blocked.keys().next().cloned() {
            self.unblock(&path);
        }
    }

    /// Whether nothing is away for now.
    pub(super) fn is_restored(&self) -> bool {
        self.unplugged.is_empty() && self.blocked.is_empty()
    }

    fn unblock(&mut self, path: &Path) {
        let body = self.blocked.remove(path).unwrap();
        fs::remove_file(self.folder.join(path)).unwrap();
        self.write(path, body);
    }

    /// Whether something is in the place of a file that cannot be read for now.
    pub(super) fn is_blocked(&self, path: &Path) -> bool {
        self.blocked.contains_key(path) && !self.is_unplugged(path)
    }

    fn is_unplugged(&self, path: &Path) -> bool {
        self.unplugged.iter().any(|root| path.starts_with(root))
    }

    fn remove(&mut self, path: &Path) -> Option<()> {
        if self.is_unplugged(path) {
            return None;
        }
        self.files.remove(path)?;
        fs::remove_file(self.folder.join(path)).unwrap();
        Some(())
    }

    fn rename(&mut self, from: &Path, to: &Path) {
        let body = self.files.remove(from).unwrap();
        fs::rename(self.folder.join(from), self.folder.join(to)).unwrap();
        self.files.insert(to.to_owned(), body);
    }

    /// The files below `roots`, each once, under the first root that leads to it.
    pub(super) fn discover(&self, roots: &[&'static str]) -> Vec<Found> {
        let mut found = Vec::new();
        let mut entered = BTreeSet::new();
        for root in roots {
            self.walk(&self.folder.join(root), root, &mut entered, &mut found);
        }
        found
    }

    fn walk(
        &self,
        path: &Path,
        root: &'static str,
        entered: &mut BTreeSet<PathBuf>,
        found: &mut Vec<Found>,
    ) {
        let Ok(canonical) = path.canonicalize() else {
            return;
        };
        if canonical.is_dir() {
            if entered.insert(canonical) {
                let mut below: Vec<PathBuf> = fs::read_dir(path)
                    .unwrap()
                    .map(|entry| entry.unwrap().path())
                    .collect();
                below.sort();
                for path in below {
                    self.walk(&path, root, entered, found);
                }
            }
            return;
        }
        let path = canonical.strip_prefix(&self.folder).unwrap().to_owned();
        if found.iter().all(|other| other.path != path) {
            found.push(Found { path, root });
        }
    }
}

fn symlink(to: &Path, link: &Path) {
    std::os::unix::fs::symlink(to, link).unwrap();
}

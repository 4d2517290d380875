//! Random articles.

use std::fmt::Write;
use std::fs;
use std::path::{Path, PathBuf};

/// SplitMix64: small, seeded, the same everywhere.
pub(super) struct Random(pub(super) u64);

impl Random {
    pub(super) fn below(&mut self, bound: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        ((z ^ (z >> 31)) % bound as u64) as usize
    }

    pub(super) fn one_in(&mut self, n: usize) -> bool {
        self.below(n) == 0
    }

    pub(super) fn pick<T: Copy>(&mut self, from: &[T]) -> T {
        from[self.below(from.len())]
    }
}

/// Words of one language: those in every other sentence, and those of a few passages, so that rare ones may be taken for
/// slips of frequent ones.
struct Words {
    lang: &'static str,
    functional: &'static [&'static str],
    common: &'static [&'static str],
    rare: &'static [&'static str],
}

/// Inflections, accents that matter and accents left out, capitals, ligatures, elisions, numbers.
const FRENCH: Words = Words {
    lang: "fr",
    functional: &["le", "la", "de", "à", "qui", "dans", "est", "même", "sur"],
    common: &[
        "maire",
        "maires",
        "conseil",
        "dette",
        "député",
        "députées",
        "État",
        "pêche",
        "l'école",
        "budget",
        "élections",
    ],
    rare: &[
        "conseli",
        "mairie",
        "ETAT",
        "péché",
        "œuvres",
        "rivière",
        "63 500",
        "événement",
        "évènement",
        "évenements",
        "thé",
        "municipal",
        "municipale",
        "électeur",
        "d'Évry",
        "gendarmerie",
        "budgets",
        "aujourd'hui",
        "dettes",
        "UN",
        "l'Est",
        "deputes",
        "étés",
        "préféraient",
        "mayor",
    ],
};
const ENGLISH: Words = Words {
    lang: "en",
    functional: &["the", "of", "to", "who", "in", "with", "is", "and"],
    common: &[
        "mayor", "council", "state", "debt", "budget", "election", "school's", "fishing", "rivers",
    ],
    rare: &[
        "mayors",
        "states",
        "concil",
        "tea",
        "63,500",
        "café",
        "fished",
        "gendarmerie",
        "event",
        "events",
        "councils",
        "electing",
        "dept",
        "maire",
        "bodget",
        "UN",
        "municipal",
        "river",
    ],
};
const GERMAN: Words = Words {
    lang: "de",
    functional: &["der", "und", "nicht", "das", "mit", "ist"],
    common: &["Bürgermeister", "Stadt", "Haushalt", "Schule", "Wahlen"],
    rare: &["maire", "budget", "Fluß", "Städte"],
};

const AUTHORS: [&str; 4] = [
    "Jean Dupont",
    "Émilie Durand",
    "Jean-Luc Petit",
    "Ann Dupontel",
];
const SOURCES: [&str; 3] = ["AFP", "France 24", "Le Monde de l'école"];
const DATES: [&str; 7] = [
    "2019",
    "2019-12-31",
    "2020",
    "2020-03",
    "2020-03-15",
    "2020-04-01",
    "2021-05-02",
];

impl Words {
    /// A sentence, or a line without a full stop.
    fn line(&self, random: &mut Random, n_words: usize) -> String {
        let mut line = String::new();
        for at in 0..n_words {
            let word = match random.below(20) {
                0..8 => random.pick(self.functional),
                8..18 => random.pick(self.common),
                _ => random.pick(self.rare),
            };
            if at == 0 {
                line.extend(word.chars().take(1).flat_map(char::to_uppercase));
                line.extend(word.chars().skip(1));
            } else {
                line.push(' ');
                line.push_str(word);
            }
        }
        line
    }

    /// Paragraphs of sentences; subheadings and line ends here and there.
    fn text(&self, random: &mut Random, n_words: usize) -> String {
        let mut text = String::new();
        let mut n_left = n_words;
        while n_left > 0 {
            let most = if random.one_in(12) { 70 } else { 15 };
            let n_words = n_left.min(3 + random.below(most));
            n_left -= n_words;
            text.push_str(&self.line(random, n_words));
            text.push_str(match random.below(12) {
                0 => "\n\n",
                1 | 2 => ".\n\n",
                3 => ", a-t-il dit.\n",
                _ => ". ",
            });
        }
        text
    }
}

/// A file of articles: its name, and its articles in the order written.
pub(super) struct Collection {
    pub(super) name: &'static str,
    pub(super) articles: Vec<String>,
}

/// What a corpus is written to: collections of records, and articles that are files of their own and have headings.
pub(super) struct Corpus {
    pub(super) collections: Vec<Collection>,
    pub(super) files: Vec<(String, String)>,
}

impl Corpus {
    /// Mostly short articles, whose lengths the index keeps exactly; some of several passages.
    pub(super) fn random(random: &mut Random, n_articles: usize) -> Corpus {
        let mut corpus = Corpus {
            collections: Vec::new(),
            files: Vec::new(),
        };
        for name in ["2020/mai.jsonl", "divers/notes de l'été.jsonl"] {
            let articles = Vec::new();
            corpus.collections.push(Collection { name, articles });
        }
        for n in 0..n_articles {
            let words = match random.below(9) {
                0..4 => &FRENCH,
                4..8 => &ENGLISH,
                _ => &GERMAN,
            };
            let n_title = 1 + random.below(5);
            let title = words.line(random, n_title);
            let maybe = |random: &mut Random, from: &[&'static str]| {
                (!random.one_in(4)).then(|| random.pick(from))
            };
            let author = maybe(random, &AUTHORS);
            let source = maybe(random, &SOURCES);
            let date = maybe(random, &DATES);
            let n_words = match random.below(6) {
                0 => 150 + random.below(300),
                1 => 40 + random.below(80),
                _ => 1 + random.below(35),
            };
            if random.one_in(8) {
                let mut file = format!("---\ntitle: {title}\nlang: {}\n", words.lang);
                for (key, value) in [("author", author), ("source", source), ("date", date)] {
                    if let Some(value) = value {
                        writeln!(file, "{key}: {value}").unwrap();
                    }
                }
                file.push_str("---\n\n");
                for _ in 0..1 + random.below(3) {
                    let n_heading = 1 + random.below(4);
                    let heading = words.line(random, n_heading);
                    let text = words.text(random, n_words);
                    writeln!(file, "## {heading}\n\n{text}\n").unwrap();
                }
                corpus.files.push((format!("divers/{n}.md"), file));
            } else {
                let record = serde_json::json!({
                    "_id": format!("a{n}"),
                    "title": if random.one_in(15) { "" } else { title.as_str() },
                    "text": words.text(random, n_words),
                    "lang": words.lang,
                    "author": author,
                    "source": source,
                    "date": date,
                });
                let collection = random.below(2);
                corpus.collections[collection]
                    .articles
                    .push(record.to_string());
            }
        }
        corpus
    }

    /// Writes all files into a folder.
    pub(super) fn write(&self, folder: &Path) -> Vec<PathBuf> {
        let collections = self
            .collections
            .iter()
            .filter(|collection| !collection.articles.is_empty());
        let collections =
            collections.map(|collection| (collection.name, collection.articles.join("\n")));
        let files = self
            .files
            .iter()
            .map(|(name, text)| (name.as_str(), text.clone()));
        let written = collections.chain(files).map(|(name, text)| {
            let path = folder.join(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(&path, text).unwrap();
            path
        });
        written.collect()
    }
}

//! Ranking, phrases, exclusions and counts against a model that reads every passage for every query.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;
use std::fs;

use fouine::index::{BuildOptions, build};
use fouine::language::{Analyzer, Language, Token, fold, is_folded, is_stop_word};
use fouine::query::Query;
use fouine::search::{Answer, SearchOptions, Searcher};

/// Words of random articles: inflections, accents that matter and accents left out, stop words.
const FRENCH: [&str; 18] = [
    "le",
    "la",
    "de",
    "à",
    "qui",
    "thé",
    "maire",
    "maires",
    "député",
    "députées",
    "État",
    "ETAT",
    "pêche",
    "péché",
    "l'école",
    "œuvres",
    "rivière",
    "63 500",
];
const ENGLISH: [&str; 14] = [
    "the", "of", "to", "who", "tea", "mayor", "mayors", "state", "states", "fishing", "rivers",
    "school's", "63,500", "café",
];

/// Parts of random queries.
const WORDS: [&str; 16] = [
    "maire",
    "depute",
    "députés",
    "etat",
    "état",
    "peche",
    "pêche",
    "école",
    "oeuvre",
    "rivieres",
    "mayor",
    "state",
    "fishing",
    "63.500",
    "cafe",
    "thé",
];
const PHRASES: [&str; 6] = [
    "\"le maire\"",
    "\"de la pêche\"",
    "\"the mayor of\"",
    "\"à l'école\"",
    "\"tea\"",
    "\"etat de\"",
];

#[test]
fn answers_are_those_of_a_model_that_reads_everything() {
    for seed in 1..=40 {
        let mut random = Random(seed);
        let corpus = random_corpus(&mut random);
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("corpus.jsonl");
        fs::write(&file, &corpus).unwrap();
        let dir = folder.path().join("index");
        build(&dir, &[file], &BuildOptions::default(), &mut |_| {}).unwrap();
        let searcher = Searcher::open(&dir).unwrap();
        let model = Model::new(&searcher, corpus.lines().count());
        for _ in 0..25 {
            let text = random_query(&mut random);
            let options = SearchOptions {
                limit: 1000,
                per_article: 1000,
                language: None,
            };
            let answer = searcher.search(&Query::parse(&text), &options).unwrap();
            model.compare(&answer, &text, seed);

            let few = SearchOptions {
                limit: 1 + random.below(5),
                ..options
            };
            let best = searcher.search(&Query::parse(&text), &few).unwrap();
            let expected: Vec<String> = answer.hits.iter().map(|hit| hit.passage.id()).collect();
            let found: Vec<String> = best.hits.iter().map(|hit| hit.passage.id()).collect();
            let n_hits = few.limit.min(expected.len());
            assert_eq!(found, expected[..n_hits], "seed {seed}, query {text}");
            assert_eq!(best.n_passages, answer.n_passages);
        }
    }
}

/// SplitMix64: small, seeded, the same everywhere.
struct Random(u64);

impl Random {
    fn below(&mut self, bound: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        ((z ^ (z >> 31)) % bound as u64) as usize
    }

    fn pick<'a>(&mut self, from: &[&'a str]) -> &'a str {
        from[self.below(from.len())]
    }

    fn words(&mut self, from: &[&str], most: usize) -> String {
        let n_words = 1 + self.below(most);
        let words: Vec<&str> = (0..n_words).map(|_| self.pick(from)).collect();
        words.join(" ")
    }
}

/// Articles of one passage each, at most 40 words with the title: lengths that the index keeps exactly.
fn random_corpus(random: &mut Random) -> String {
    let mut corpus = String::new();
    for id in 0..5 + random.below(30) {
        let (lang, words): (&str, &[&str]) = match random.below(2) {
            0 => ("fr", &FRENCH),
            _ => ("en", &ENGLISH),
        };
        let record = serde_json::json!({
            "_id": format!("a{id}"),
            "title": random.words(words, 3),
            "text": random.words(words, 15),
            "lang": lang,
        });
        writeln!(corpus, "{record}").unwrap();
    }
    corpus
}

fn random_query(random: &mut Random) -> String {
    let mut parts: Vec<String> = Vec::new();
    for _ in 0..1 + random.below(3) {
        parts.push(random.pick(&WORDS).to_owned());
    }
    if random.below(3) == 0 {
        parts.push(random.pick(&PHRASES).to_owned());
    }
    if random.below(3) == 0 {
        let excluded = match random.below(2) {
            0 => random.pick(&WORDS),
            _ => random.pick(&PHRASES),
        };
        parts.push(format!("-{excluded}"));
    }
    parts.join(" ")
}

/// Every passage, analyzed, and every form there is.
struct Model {
    passages: Vec<ModelPassage>,
    /// Forms, with the number of passages they are in.
    forms: BTreeMap<String, u64>,
}

struct ModelPassage {
    id: String,
    language: Language,
    /// Title and text.
    parts: [Vec<Token>; 2],
}

/// A word of a query in one language.
struct Word {
    keys: BTreeSet<String>,
    idf: f32,
}

impl ModelPassage {
    fn tokens(&self) -> impl Iterator<Item = &Token> {
        self.parts.iter().flatten()
    }

    /// Occurrences of words that follow each other.
    fn frequency(&self, clause: &[Word]) -> usize {
        let matches = |span: &&[Token]| {
            let mut pairs = span.iter().zip(clause);
            pairs.all(|(token, word)| word.keys.contains(&token.key))
        };
        let occurrences = |part: &Vec<Token>| part.windows(clause.len()).filter(matches).count();
        self.parts.iter().map(occurrences).sum()
    }
}

impl Model {
    fn new(searcher: &Searcher, n_articles: usize) -> Model {
        let mut model = Model {
            passages: Vec::new(),
            forms: BTreeMap::new(),
        };
        for id in 0..n_articles {
            let (article, passages) = searcher.article(&format!("a{id}")).unwrap().unwrap();
            for passage in passages {
                let mut analyzer = Analyzer::new(passage.language);
                let passage = ModelPassage {
                    id: passage.id(),
                    language: passage.language,
                    parts: [&article.metadata.title, &passage.text]
                        .map(|text| analyzer.tokens(text)),
                };
                let forms: BTreeSet<String> =
                    passage.tokens().map(|token| token.form.clone()).collect();
                for form in forms {
                    *model.forms.entry(form).or_default() += 1;
                }
                model.passages.push(passage);
            }
        }
        model
    }

    fn compare(&self, answer: &Answer, text: &str, seed: u64) {
        let expected = self.answer(text, answer.reading.language);
        let context = format!("seed {seed}, query {text}");
        let found: BTreeMap<String, f32> = answer
            .hits
            .iter()
            .map(|hit| (hit.passage.id(), hit.score))
            .collect();
        let ids: Vec<&String> = found.keys().collect();
        assert_eq!(ids, expected.keys().collect::<Vec<_>>(), "{context}");
        assert_eq!(answer.n_passages, expected.len() as u64, "{context}");
        assert_eq!(answer.n_articles, expected.len() as u64, "{context}");
        for (id, score) in &found {
            let wanted = expected[id];
            assert!(
                (score - wanted).abs() < 1e-4 * wanted.max(1.0),
                "{context}: {id} {score} {wanted}"
            );
        }
        let scores: Vec<f32> = answer.hits.iter().map(|hit| hit.score).collect();
        assert!(scores.is_sorted_by(|a, b| a >= b), "{context}");
    }

    /// The score of every passage that matches a query that is in the language `home`.
    fn answer(&self, text: &str, home: Option<Language>) -> BTreeMap<String, f32> {
        let query = Query::parse(text);
        let mut scores = BTreeMap::new();
        for language in Language::ALL {
            let of_language = |passage: &&ModelPassage| passage.language == language;
            let passages: Vec<&ModelPassage> = self.passages.iter().filter(of_language).collect();
            let n_words: usize = passages
                .iter()
                .map(|passage| passage.tokens().count())
                .sum();
            let average = n_words as f32 / passages.len().max(1) as f32;
            let mut wanted: Vec<Vec<Word>> = Vec::new();
            let mut excluded = Vec::new();
            for clause in &query.clauses {
                let tokens = Analyzer::new(language).tokens(&clause.text);
                let words: Vec<Word> = tokens
                    .iter()
                    .map(|token| self.word(&token.form, language, home))
                    .collect();
                if clause.is_excluded {
                    excluded.push(words);
                } else if clause.is_phrase {
                    wanted.push(words);
                } else {
                    wanted.extend(words.into_iter().map(|word| vec![word]));
                }
            }
            let mut distinct: Vec<Vec<Word>> = Vec::new();
            for clause in wanted {
                let is_known = |known: &Vec<Word>| {
                    let keys = known.iter().map(|word| &word.keys);
                    keys.eq(clause.iter().map(|word| &word.keys))
                };
                if !distinct.iter().any(is_known) {
                    distinct.push(clause);
                }
            }
            for passage in &passages {
                if excluded.iter().any(|clause| passage.frequency(clause) > 0) {
                    continue;
                }
                let length = passage.tokens().count() as f32;
                for clause in &distinct {
                    let frequency = passage.frequency(clause) as f32;
                    if frequency > 0.0 {
                        let idf: f32 = clause.iter().map(|word| word.idf).sum();
                        let norm = 1.2 * (1.0 - 0.75 + 0.75 * length / average);
                        let score = idf * frequency * 2.2 / (frequency + norm);
                        *scores.entry(passage.id.clone()).or_default() += score;
                    }
                }
            }
        }
        scores
    }

    /// A word as typed, in one language; it is worth no more there than at home, if it is known there.
    fn word(&self, typed: &str, language: Language, home: Option<Language>) -> Word {
        let keys = self.keys(typed, language);
        let mut idf = self.idf(&keys, language).0;
        if let Some(home) = home
            && let (idf_at_home, 1..) = self.idf(&self.keys(typed, home), home)
        {
            idf = idf.min(idf_at_home);
        }
        Word { keys, idf }
    }

    /// The rarity of a word among the passages of a language, and how many of them have it.
    fn idf(&self, keys: &BTreeSet<String>, language: Language) -> (f32, usize) {
        let of_language = |passage: &&ModelPassage| passage.language == language;
        let passages: Vec<&ModelPassage> = self.passages.iter().filter(of_language).collect();
        let n_with_key = |key: &String| {
            let has = |passage: &&&ModelPassage| passage.tokens().any(|token| token.key == *key);
            passages.iter().filter(has).count()
        };
        let n_with: usize = keys.iter().map(n_with_key).sum();
        let n_passages = passages.len() as f32;
        let n_counted = (n_with as f32).min(n_passages);
        let idf = (1.0 + (n_passages - n_counted + 0.5) / (n_counted + 0.5)).ln();
        (idf, n_with)
    }

    /// The keys that stand for a word as typed, by reading all forms there are.
    fn keys(&self, typed: &str, language: Language) -> BTreeSet<String> {
        let mut analyzer = Analyzer::new(language);
        let mut key = |form: &str| {
            let mut key = String::new();
            analyzer.key(form, &mut key);
            key
        };
        let is_stop = |form: &str| {
            is_stop_word(Language::French, form) || is_stop_word(Language::English, form)
        };
        let mut keys = vec![key(typed)];
        let n_as_typed = self.forms.get(typed).copied().unwrap_or_default();
        let folded = fold(typed);
        let about_as_long = |form: &str| form.chars().count().abs_diff(folded.chars().count()) <= 3;
        let is_number = typed.starts_with(|c: char| c.is_ascii_digit());
        if is_folded(typed) {
            let mut stems = vec![key(typed)];
            if language == Language::French {
                for ending in ["ees", "ee", "es", "e"] {
                    if let Some(base) = typed.strip_suffix(ending) {
                        stems.push(fold(&key(&format!("{base}é{}", &ending[1..]))));
                        break;
                    }
                }
            }
            for (form, &n_passages) in &self.forms {
                let is_inflection = !is_stop(typed)
                    && !is_number
                    && !is_folded(form)
                    && n_passages > n_as_typed
                    && about_as_long(form)
                    && stems
                        .iter()
                        .any(|stem| fold(form).starts_with(stem.as_str()))
                    && (stems.contains(&fold(&key(form))) || stems.contains(&key(&fold(form))));
                if fold(form) == typed || is_inflection {
                    keys.push(key(form));
                }
            }
        } else {
            for form in self.forms.keys() {
                let is_unaccented = *form == folded;
                let is_inflection =
                    is_folded(form) && about_as_long(form) && key(form) == key(&folded);
                if (is_unaccented || is_inflection) && (!is_stop(form) || is_stop(typed)) {
                    keys.push(key(form));
                }
            }
        }
        let exists = |key: &String| {
            let has = |passage: &ModelPassage| {
                passage.language == language && passage.tokens().any(|token| token.key == *key)
            };
            self.passages.iter().any(has)
        };
        let known: BTreeSet<String> = keys.iter().filter(|key| exists(key)).cloned().collect();
        if known.is_empty() {
            keys.into_iter().take(1).collect()
        } else {
            known
        }
    }
}

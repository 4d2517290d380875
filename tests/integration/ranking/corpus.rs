//! Every passage of an index, read and analyzed, and what there is to count in them.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::ops::Range;

use fouine::index::{ArticleRecord, PassageRecord};
use fouine::language::{Analyzer, Language, fold};
use fouine::query::Query;
use fouine::search::{SearchOptions, Searcher};
use tantivy::fieldnorm::FieldNormReader;

use super::places::Token;

/// Everything that can be found.
pub(super) struct Corpus {
    pub(super) articles: Vec<Article>,
    pub(super) passages: Vec<Passage>,
    pub(super) forms: Vec<Form>,
    /// Forms and keys, by number.
    numbers: HashMap<String, u32>,
    /// Passages with a key.
    n_with_key: HashMap<(Language, u32), usize>,
}

pub(super) struct Article {
    pub(super) record: ArticleRecord,
    /// Of the language, as places among all.
    pub(super) passages: Vec<usize>,
}

pub(super) struct Passage {
    pub(super) record: PassageRecord,
    pub(super) article: usize,
    /// Title, heading and text.
    pub(super) parts: [Vec<Token>; 3],
    pub(super) n_words: usize,
}

/// A word as it is written somewhere.
pub(super) struct Form {
    pub(super) form: String,
    pub(super) folded: String,
    /// Its keys and those of the folded form, in each language.
    pub(super) keys: HashMap<Language, [String; 2]>,
    /// Passages of any language that it is in.
    pub(super) n_passages: usize,
}

/// The key of a form.
pub(super) fn key(language: Language, form: &str) -> String {
    let mut key = String::new();
    Analyzer::new(language).key(form, &mut key);
    key
}

impl Passage {
    /// Its words as the index counts them: exactly up to 40.
    pub(super) fn length(&self) -> f64 {
        let id = FieldNormReader::fieldnorm_to_id(self.n_words as u32);
        f64::from(FieldNormReader::id_to_fieldnorm(id))
    }

    /// Its words with their places; a title and a heading are a word away from what follows them.
    pub(super) fn placed(&self) -> impl Iterator<Item = (usize, usize, &Token)> {
        let mut start = 0;
        let labels = [true, self.record.place.heading.is_some(), true];
        self.parts
            .iter()
            .enumerate()
            .flat_map(move |(part, tokens)| {
                let first = start;
                let is_there = labels[part] && !tokens.is_empty();
                start += tokens.len() + usize::from(is_there);
                tokens
                    .iter()
                    .enumerate()
                    .map(move |(at, token)| (part, first + at, token))
            })
    }
}

impl Corpus {
    /// Reads all articles.
    pub(super) fn read(searcher: &Searcher) -> Corpus {
        let options = SearchOptions {
            limit: 10_000,
            per_article: 1,
            ..SearchOptions::default()
        };
        let all = Query::parse("lang:fr OR lang:en OR lang:other");
        let mut ids: Vec<String> = Vec::new();
        for hit in searcher.search(&all, &options).unwrap().hits {
            ids.push(hit.article.id);
        }
        let mut corpus = Corpus {
            articles: Vec::new(),
            passages: Vec::new(),
            forms: Vec::new(),
            numbers: HashMap::new(),
            n_with_key: HashMap::new(),
        };
        let mut analyzers = Language::ALL.map(Analyzer::new);
        let mut forms: BTreeMap<String, usize> = BTreeMap::new();
        for id in ids {
            let (article, passages) = searcher.article(&id).unwrap().unwrap();
            let first = corpus.passages.len();
            for record in passages {
                let analyzer = analyzers
                    .iter_mut()
                    .find(|analyzer| analyzer.language() == record.language);
                let analyzer = analyzer.unwrap();
                let heading = record.place.heading.as_deref().unwrap_or_default();
                let parts = [article.metadata.title.as_str(), heading, &record.text];
                let parts = parts.map(|text| analyzer.tokens(text));
                let (mut keys, mut seen) = (BTreeSet::new(), BTreeSet::new());
                for token in parts.iter().flatten() {
                    keys.insert(corpus.intern(&token.key));
                    corpus.intern(&token.form);
                    seen.insert(token.form.clone());
                }
                for key in keys {
                    *corpus.n_with_key.entry((record.language, key)).or_default() += 1;
                }
                for form in seen {
                    *forms.entry(form).or_default() += 1;
                }
                let parts = parts.map(|tokens| {
                    let tokens = tokens.into_iter().map(|token| Token {
                        form: corpus.numbers[&token.form],
                        key: corpus.numbers[&token.key],
                        range: token.range,
                    });
                    tokens.collect::<Vec<Token>>()
                });
                corpus.passages.push(Passage {
                    record,
                    article: corpus.articles.len(),
                    n_words: parts.iter().map(Vec::len).sum(),
                    parts,
                });
            }
            corpus.articles.push(Article {
                record: article,
                passages: (first..corpus.passages.len()).collect(),
            });
        }
        for (form, n_passages) in forms {
            let folded = fold(&form);
            let keys = Language::ALL
                .map(|language| (language, [key(language, &form), key(language, &folded)]));
            corpus.forms.push(Form {
                form,
                folded,
                keys: HashMap::from(keys),
                n_passages,
            });
        }
        corpus
    }

    fn intern(&mut self, word: &str) -> u32 {
        let next = self.numbers.len() as u32;
        *self.numbers.entry(word.to_owned()).or_insert(next)
    }

    /// The number of a form or key, if there is such a one.
    pub(super) fn number(&self, word: &str) -> Option<u32> {
        self.numbers.get(word).copied()
    }

    pub(super) fn n_with_key(&self, language: Language, key: &str) -> usize {
        let number = self.number(key);
        number.map_or(0, |number| self.n_with_number(language, number))
    }

    pub(super) fn n_with_number(&self, language: Language, key: u32) -> usize {
        self.n_with_key
            .get(&(language, key))
            .copied()
            .unwrap_or_default()
    }

    pub(super) fn n_with_form(&self, form: u32) -> usize {
        let forms = self
            .forms
            .iter()
            .filter(|known| self.numbers[&known.form] == form);
        forms.map(|known| known.n_passages).sum()
    }

    /// Passages of a language, and their words on average.
    pub(super) fn statistics(&self, language: Language) -> (usize, f64) {
        let passages = self
            .passages
            .iter()
            .filter(|passage| passage.record.language == language);
        let lengths: Vec<usize> = passages.map(|passage| passage.n_words).collect();
        let n_words: usize = lengths.iter().sum();
        (lengths.len(), n_words as f64 / lengths.len().max(1) as f64)
    }

    /// Words in a language of an article in it, on average: the title and heading count with each of its passages.
    pub(super) fn average_article(&self, language: Language) -> f64 {
        let (n_passages, average) = self.statistics(language);
        let articles = self.articles.iter();
        let n_articles = articles
            .filter(|article| article.record.language == language)
            .count();
        n_passages as f64 * average / n_articles.max(1) as f64
    }
}

/// Bytes of a text, from its first to its last word.
pub(super) fn bytes(tokens: &[Token], (first, last): (usize, usize)) -> Range<usize> {
    tokens[first].range.start..tokens[last].range.end
}

//! The yardstick: passages into tantivy by its stock tokenizer and a Snowball stemmer, a field a language; queries as the
//! plain OR of their words in both.

use std::fs;
use std::io::{BufRead, BufReader};
use std::path::Path;

use rust_stemmers::{Algorithm, Stemmer};
use serde::{Deserialize, Serialize};
use tantivy::collector::TopDocs;
use tantivy::query::{BooleanQuery, Query, TermQuery};
use tantivy::schema::{Field, IndexRecordOption, STORED, Schema, TextFieldIndexing, TextOptions};
use tantivy::tokenizer::{
    LowerCaser, RemoveLongFilter, SimpleTokenizer, TextAnalyzer, Token, TokenFilter, TokenStream,
    Tokenizer,
};
use tantivy::{Index, IndexWriter, TantivyDocument, Term};

/// As the command line takes it on two cores.
const N_THREADS: usize = 2;

/// As fouine gives to its writer.
const WRITER_BYTES: usize = 200 << 20;

/// Longer words are no words.
const MAX_WORD_BYTES: usize = 64;

/// The languages, by code and stemmer; what is in neither is taken for the latter.
const LANGUAGES: [(&str, Algorithm); 2] = [("fr", Algorithm::French), ("en", Algorithm::English)];

/// A passage, as it is read.
#[derive(Serialize, Deserialize)]
pub(crate) struct Passage {
    pub(crate) title: String,
    pub(crate) language: String,
    pub(crate) text: String,
}

/// Indexes the passages of a file of JSON lines, and tells how many they are.
pub(crate) fn index(passages: &Path, folder: &Path) -> usize {
    let (schema, fields) = schema();
    fs::create_dir_all(folder).unwrap();
    let index = Index::create_in_dir(folder, schema).unwrap();
    register(&index);
    let mut writer: IndexWriter<TantivyDocument> = index
        .writer_with_num_threads(N_THREADS, WRITER_BYTES)
        .unwrap();
    let mut n_passages = 0;
    for line in BufReader::new(fs::File::open(passages).unwrap()).lines() {
        let passage: Passage = serde_json::from_str(&line.unwrap()).unwrap();
        let is_french = passage.language == LANGUAGES[0].0;
        let field = fields[usize::from(!is_french)];
        let mut document = TantivyDocument::new();
        document.add_text(field, &passage.title);
        document.add_text(field, &passage.text);
        writer.add_document(document).unwrap();
        n_passages += 1;
    }
    writer.commit().unwrap();
    writer.wait_merging_threads().unwrap();
    n_passages
}

/// Answers queries.
pub(crate) struct Searcher {
    tantivy: tantivy::Searcher,
    analyzers: Vec<(TextAnalyzer, Field)>,
}

impl Searcher {
    pub(crate) fn open(folder: &Path) -> Searcher {
        let (_, fields) = schema();
        let index = Index::open_in_dir(folder).unwrap();
        register(&index);
        let analyzers = LANGUAGES.iter().zip(fields);
        let analyzers = analyzers.map(|((code, _), field)| {
            let analyzer = index.tokenizers().get(code).unwrap();
            (analyzer, field)
        });
        Searcher {
            analyzers: analyzers.collect(),
            tantivy: index.reader().unwrap().searcher(),
        }
    }

    /// The ten best passages that have any of the words, in how many words and which passages is not looked at.
    pub(crate) fn search(&self, text: &str) -> usize {
        let mut terms: Vec<Term> = Vec::new();
        for (analyzer, field) in &self.analyzers {
            let mut analyzer = analyzer.clone();
            let mut tokens = analyzer.token_stream(text);
            while tokens.advance() {
                let term = Term::from_field_text(*field, &tokens.token().text);
                if !terms.contains(&term) {
                    terms.push(term);
                }
            }
        }
        let clauses = terms.into_iter().map(|term| {
            let query: Box<dyn Query> =
                Box::new(TermQuery::new(term, IndexRecordOption::WithFreqs));
            query
        });
        let query = BooleanQuery::union(clauses.collect());
        let best = TopDocs::with_limit(10).order_by_score();
        self.tantivy.search(&query, &best).unwrap().len()
    }
}

fn schema() -> (Schema, [Field; 2]) {
    let mut schema = Schema::builder();
    let fields = LANGUAGES.map(|(code, _)| {
        let indexing = TextFieldIndexing::default()
            .set_tokenizer(code)
            .set_index_option(IndexRecordOption::WithFreqsAndPositions);
        let options = TextOptions::default().set_indexing_options(indexing);
        schema.add_text_field(code, options | STORED)
    });
    (schema.build(), fields)
}

fn register(index: &Index) {
    for (code, algorithm) in LANGUAGES {
        let analyzer = TextAnalyzer::builder(SimpleTokenizer::default())
            .filter(RemoveLongFilter::limit(MAX_WORD_BYTES))
            .filter(LowerCaser)
            .filter(Stemming(algorithm))
            .build();
        index.tokenizers().register(code, analyzer);
    }
}

/// Replaces each word by its stem.
#[derive(Clone)]
struct Stemming(Algorithm);

#[derive(Clone)]
struct StemmingTokenizer<T> {
    inner: T,
    algorithm: Algorithm,
}

struct Stems<T> {
    tokens: T,
    stemmer: Stemmer,
}

impl TokenFilter for Stemming {
    type Tokenizer<T: Tokenizer> = StemmingTokenizer<T>;

    fn transform<T: Tokenizer>(self, inner: T) -> StemmingTokenizer<T> {
        let algorithm = self.0;
        StemmingTokenizer { inner, algorithm }
    }
}

impl<T: Tokenizer> Tokenizer for StemmingTokenizer<T> {
    type TokenStream<'a> = Stems<T::TokenStream<'a>>;

    fn token_stream<'a>(&'a mut self, text: &'a str) -> Self::TokenStream<'a> {
        Stems {
            tokens: self.inner.token_stream(text),
            stemmer: Stemmer::create(self.algorithm),
        }
    }
}

impl<T: TokenStream> TokenStream for Stems<T> {
    fn advance(&mut self) -> bool {
        let has_token = self.tokens.advance();
        if has_token {
            let token = self.tokens.token_mut();
            let stem = self.stemmer.stem(&token.text).into_owned();
            token.text = stem;
        }
        has_token
    }

    fn token(&self) -> &Token {
        self.tokens.token()
    }

    fn token_mut(&mut self) -> &mut Token {
        self.tokens.token_mut()
    }
}

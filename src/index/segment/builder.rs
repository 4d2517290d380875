//! Takes in documents, one after the other, and holds them until they are written as a segment.

use std::io::{self, Read, Seek, Write};
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use tantivy::directory::{AntiCallToken, TerminatingWrite};
use tantivy::fastfield::FastFieldsWriter;
use tantivy::fieldnorm::FieldNormReader;
use tantivy::schema::{Field, FieldType, Schema};
use tantivy::store::StoreWriter;
use tantivy::{DocId, Index, TantivyError, Term};
use tempfile::{SpooledTempFile, spooled_tempfile_in};

use super::invert::Source;
use super::log::{GAP, Log};
use super::words::{Word, Words};
use crate::index::codec::{Kind, Learner};
use crate::index::entry::{Content, Entry};
use crate::index::form::name_words;
use crate::index::record::{Shared, article_entry, passage_entry};
use crate::index::snapshot::dictionary_entry;
use crate::index::stored::{ARTICLE, store_passage, store_text, to_json};
use crate::index::strings::Strings;
use crate::index::{ArticleRecord, Fields, PassageRecord};
use crate::language::Language;

/// Bytes of the words of all texts, at most: where they are is told by 32 bits.
const MAX_WORDS_BYTES: usize = 2 << 30;

/// Bytes of the longest term that tantivy's dictionary takes; words of passages are shorter.
const MAX_TERM_BYTES: usize = u16::MAX as usize - 5;

/// Bytes of what is stored that are held in memory; more waits in a file.
const MAX_STORED_BYTES: usize = 1 << 20;

/// What becomes of the values of a field.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Indexing {
    /// The words of passages, by their keys.
    Words(Language),
    /// The same words, by their forms.
    Forms,
    /// The words of a name or of a path.
    Names,
    /// The value as it is.
    Exact,
    /// They are not looked up.
    None,
}

/// The terms of a field that does not hold the words of passages.
#[derive(Default)]
struct Others {
    terms: Strings,
    /// How often each was met.
    n_met: Vec<u32>,
    log: Log,
}

/// The documents of a segment that has not been written yet.
pub(super) struct Builder {
    fields: Fields,
    learner: Arc<Learner>,
    /// By field.
    indexings: Vec<Indexing>,
    pub(super) n_docs: DocId,
    words: Words,
    /// The words of passages, in records tagged with the language.
    word_log: Log,
    lengths: [Lengths; Language::ALL.len()],
    /// By field.
    others: Vec<Others>,
    columns: FastFieldsWriter,
    store: StoreWriter,
    stored: Stored,
    title: Label,
    heading: Label,
    text: Vec<u32>,
}

/// How long the texts of a language are.
#[derive(Default)]
struct Lengths {
    n_words: u64,
    /// By document, as tantivy writes them: in a byte, rounded.
    norms: Vec<u8>,
}

impl Builder {
    /// A builder of documents of `index`, which is in `folder`; their texts are written as `learner` has learned.
    pub(super) fn new(
        index: &Index,
        folder: &Path,
        fields: Fields,
        learner: Arc<Learner>,
    ) -> tantivy::Result<Builder> {
        let schema = index.schema();
        let settings = index.settings();
        let file = spooled_tempfile_in(MAX_STORED_BYTES, folder);
        let stored = Stored(Arc::new(Mutex::new(file)));
        let store = StoreWriter::new(
            io::BufWriter::new(Box::new(stored.clone())),
            settings.docstore_compression,
            settings.docstore_blocksize,
            false,
        )?;
        let tokenizers = index.fast_field_tokenizer().clone();
        Ok(Builder {
            fields,
            learner,
            indexings: schema
                .fields()
                .map(|(field, _)| choose_indexing(&schema, fields, field))
                .collect(),
            n_docs: 0,
            words: Words::new(),
            word_log: Log::default(),
            lengths: Default::default(),
            others: schema.fields().map(|_| Others::default()).collect(),
            columns: FastFieldsWriter::from_schema_and_tokenizer_manager(&schema, tokenizers)?,
            store,
            stored,
            title: Label::default(),
            heading: Label::default(),
            text: Vec::new(),
        })
    }

    /// Takes in an article and its passages.
    pub(super) fn add_article(
        &mut self,
        article: &ArticleRecord,
        passages: Vec<PassageRecord>,
    ) -> tantivy::Result<()> {
        let card = to_json(article);
        self.learn(&card, &passages)?;
        let card = store_text(ARTICLE, &self.learner.codes(Kind::Records), &card);
        self.add(&article_entry(&self.fields, article, card))?;
        let shared = Shared::new(article);
        let codes = Language::ALL.map(|language| self.learner.codes(Kind::Passages(language)));
        for passage in &passages {
            let language = passage.language;
            let heading = passage.place.heading.as_deref().unwrap_or_default();
            self.title
                .read(&mut self.words, language, &article.metadata.title);
            self.heading.read(&mut self.words, language, heading);
            self.words.read(language, &passage.text, &mut self.text);
            if self.words.n_bytes() > MAX_WORDS_BYTES {
                let reason = "an article has more different words than can be held";
                return Err(TantivyError::SystemError(reason.to_owned()));
            }
            let heading_start = self.title.n_positions();
            let text_start = heading_start + self.heading.n_positions();
            self.log_words(language);
            let starts = [heading_start, text_start].map(|start| start as u64);
            let stored = store_passage(passage, &codes[language as usize]);
            self.add(&passage_entry(
                &self.fields,
                &shared,
                passage,
                starts,
                stored,
            ))?;
        }
        Ok(())
    }

    /// Learns from the texts of an article. A dictionary that comes of it is stored before the article, which is to be followed
    /// by its passages.
    fn learn(&mut self, card: &str, passages: &[PassageRecord]) -> tantivy::Result<()> {
        self.learner.note(Kind::Records, card);
        for passage in passages {
            let kind = Kind::Passages(passage.language);
            self.learner.note(kind, &passage.text);
        }
        while let Some((number, dictionary)) = self.learner.learn() {
            self.add(&dictionary_entry(&self.fields, number, &dictionary))?;
        }
        Ok(())
    }

    /// Logs the words of the passage that comes next.
    fn log_words(&mut self, language: Language) {
        let labels = [&self.title, &self.heading];
        let words = labels.into_iter().flat_map(Label::words_and_gap);
        let words = words.chain(self.text.iter().copied());
        let n_words = self.words.count(language, words.clone());
        self.word_log.push(self.n_docs, language as usize, words);
        let lengths = &mut self.lengths[language as usize];
        lengths.n_words += n_words as u64;
        lengths.norms.resize(self.n_docs as usize, 0);
        let norm = FieldNormReader::fieldnorm_to_id(u32::try_from(n_words).unwrap_or(u32::MAX));
        lengths.norms.push(norm);
    }

    /// Takes in a document.
    pub(super) fn add(&mut self, entry: &Entry) -> tantivy::Result<()> {
        for (field, content) in entry.values() {
            let number = field.field_id() as usize;
            let indexing = self.indexings[number];
            match (indexing, content) {
                (Indexing::Names, Content::Text(text)) => {
                    let words = name_words(text);
                    self.others[number].push(self.n_docs, words.iter().map(String::as_bytes));
                }
                (Indexing::Exact, Content::Text(text)) => {
                    self.others[number].push(self.n_docs, [text.as_bytes()].into_iter());
                }
                (Indexing::Exact, Content::Number(value)) => {
                    let term = Term::from_field_u64(*field, *value);
                    let bytes = term.serialized_value_bytes();
                    self.others[number].push(self.n_docs, [bytes].into_iter());
                }
                (Indexing::None, _) => {}
                (Indexing::Words(_) | Indexing::Forms, _)
                | (Indexing::Names, Content::Number(_)) => {
                    debug_assert!(
                        false,
                        "words of passages come by add_article, and names are texts"
                    );
                }
            }
        }
        self.columns.add_document(entry)?;
        self.store.store_bytes(entry.stored())?;
        self.n_docs += 1;
        Ok(())
    }

    /// Whether it holds nothing.
    pub(super) fn is_empty(&self) -> bool {
        self.n_docs == 0
    }

    /// Gives back what is needed only to take in more.
    pub(super) fn close(&mut self) {
        self.words.close();
        for others in &mut self.others {
            others.terms.close();
        }
    }

    /// The bytes of memory it takes.
    pub(super) fn n_bytes(&self) -> usize {
        let others = self.others.iter();
        let others = others.map(|others| {
            let n_met = size_of::<u32>() * others.n_met.len();
            others.terms.n_bytes() + n_met + others.log.n_bytes()
        });
        let norms = self.lengths.iter().map(|lengths| lengths.norms.len());
        self.words.n_bytes()
            + self.word_log.n_bytes()
            + others.sum::<usize>()
            + norms.sum::<usize>()
            + self.columns.mem_usage()
    }

    /// What becomes of the values of a field.
    fn indexing(&self, field: Field) -> Indexing {
        self.indexings[field.field_id() as usize]
    }

    /// The terms of a field, if it is looked up.
    pub(super) fn terms(&self, field: Field) -> Option<&Strings> {
        match self.indexing(field) {
            Indexing::Words(language) => Some(self.words.keys(language)),
            Indexing::Forms => Some(self.words.forms()),
            Indexing::Names | Indexing::Exact => Some(&self.others(field).terms),
            Indexing::None => None,
        }
    }

    /// The log of a field, with the places that its words have among all terms of the field: `of_terms` has those of this
    /// builder's terms. Counts the words at their places.
    pub(super) fn source(
        &self,
        field: Field,
        of_terms: &[u32],
        first_doc: DocId,
        counts: &mut [u32],
    ) -> Source<'_> {
        let mut of_words = |language: Language, term: fn(&Word) -> u32| {
            let places = self.words.words(language).map(|(word, n_met)| {
                let place = of_terms[term(word) as usize];
                counts[place as usize] += n_met;
                place
            });
            places.collect()
        };
        let (log, places) = match self.indexing(field) {
            Indexing::Words(language) => {
                let mut places = vec![Vec::new(); Language::ALL.len()];
                places[language as usize] = of_words(language, |word| word.key);
                (&self.word_log, places)
            }
            Indexing::Forms => {
                let places = Language::ALL.map(|language| of_words(language, |word| word.form));
                (&self.word_log, places.into())
            }
            Indexing::Names | Indexing::Exact | Indexing::None => {
                let others = self.others(field);
                for (place, n_met) in of_terms.iter().zip(&others.n_met) {
                    counts[*place as usize] += n_met;
                }
                (&others.log, vec![of_terms.to_vec()])
            }
        };
        Source {
            log,
            first_doc,
            places,
        }
    }

    /// The terms of a field that does not hold the words of passages.
    fn others(&self, field: Field) -> &Others {
        &self.others[field.field_id() as usize]
    }

    /// How many words a field has.
    pub(super) fn n_words(&self, field: Field) -> u64 {
        match self.indexing(field) {
            Indexing::Words(language) => self.lengths[language as usize].n_words,
            Indexing::Forms => self.lengths.iter().map(|lengths| lengths.n_words).sum(),
            Indexing::Names | Indexing::Exact | Indexing::None => {
                let n_met = self.others(field).n_met.iter();
                n_met.map(|n_met| u64::from(*n_met)).sum()
            }
        }
    }

    /// The lengths of the documents in a field, up to the last that has words of it; others have 0.
    pub(super) fn norms(&self, field: Field) -> &[u8] {
        match self.indexing(field) {
            Indexing::Words(language) => &self.lengths[language as usize].norms,
            _ => &[],
        }
    }

    /// What is stored, as a file of tantivy's, and the columns, likewise.
    pub(super) fn into_rest(self) -> tantivy::Result<(Vec<u8>, Vec<u8>)> {
        let Builder {
            store,
            stored,
            mut columns,
            ..
        } = self;
        store.close()?;
        let mut columns_file = Vec::new();
        columns.serialize(&mut columns_file, None)?;
        Ok((stored.read()?, columns_file))
    }
}

/// Words of passages are in fields of their own; of the others, names are those that keep positions.
fn choose_indexing(schema: &Schema, fields: Fields, field: Field) -> Indexing {
    let of_words = Language::ALL
        .into_iter()
        .find(|language| fields.terms(*language) == field);
    let entry = schema.get_field_entry(field);
    match (of_words, entry.field_type()) {
        (Some(language), _) => Indexing::Words(language),
        _ if field == fields.forms => Indexing::Forms,
        _ if !entry.is_indexed() => Indexing::None,
        (_, FieldType::Str(options)) => {
            let options = options.get_indexing_options();
            match options.is_some_and(|options| options.index_option().has_positions()) {
                true => Indexing::Names,
                false => Indexing::Exact,
            }
        }
        _ => Indexing::Exact,
    }
}

impl Others {
    fn push<'t>(&mut self, doc: DocId, terms: impl Iterator<Item = &'t [u8]>) {
        let Others {
            terms: known,
            n_met,
            log,
        } = self;
        let words = terms.map(|term| {
            if term.len() > MAX_TERM_BYTES {
                return GAP;
            }
            let (number, is_new) = known.number(term);
            if is_new {
                n_met.push(0);
            }
            n_met[number as usize] += 1;
            number
        });
        log.push(doc, 0, words);
    }
}

/// A title or a heading, which stands before the text; passages that follow each other have the same.
#[derive(Default)]
struct Label {
    language: Option<Language>,
    text: String,
    words: Vec<u32>,
}

impl Label {
    fn read(&mut self, words: &mut Words, language: Language, text: &str) {
        if self.language != Some(language) || self.text != text {
            self.language = Some(language);
            text.clone_into(&mut self.text);
            words.read(language, text, &mut self.words);
        }
    }

    /// Its words, and behind them a gap, so that no phrase runs from the title into the text.
    fn words_and_gap(&self) -> impl Iterator<Item = u32> + Clone {
        let gap = (!self.text.is_empty()).then_some(GAP);
        self.words.iter().copied().chain(gap)
    }

    fn n_positions(&self) -> usize {
        self.words.len() + usize::from(!self.text.is_empty())
    }
}

/// A file of what is stored, which no word needs to be near: of memory, only words are given.
#[derive(Clone)]
struct Stored(Arc<Mutex<SpooledTempFile>>);

impl Stored {
    /// All that was written.
    fn read(self) -> io::Result<Vec<u8>> {
        let mut file = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let mut bytes = Vec::new();
        file.rewind()?;
        file.read_to_end(&mut bytes)?;
        Ok(bytes)
    }
}

impl Write for Stored {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let mut file = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        file.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl TerminatingWrite for Stored {
    fn terminate_ref(&mut self, _: AntiCallToken) -> io::Result<()> {
        Ok(())
    }
}

//! What is looked up of the documents of a segment: their terms, and logs of where these stand, by field.

use tantivy::fieldnorm::FieldNormReader;
use tantivy::schema::{Field, FieldType, Schema};
use tantivy::{DocId, Term};

use super::invert::Source;
use super::log::{GAP, Log};
use super::words::{Word, Words};
use crate::index::Fields;
use crate::index::entry::{Content, Entry};
use crate::index::form::name_words;
use crate::index::strings::Strings;
use crate::language::Language;

/// Bytes of the longest term that tantivy's dictionary takes; words of passages are shorter.
const MAX_TERM_BYTES: usize = u16::MAX as usize - 5;

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

/// The terms of documents, and where they stand.
pub(super) struct Logs {
    /// By field.
    indexings: Vec<Indexing>,
    pub(super) n_docs: DocId,
    pub(super) words: Words,
    /// The words of passages, in records tagged with the language.
    word_log: Log,
    lengths: [Lengths; Language::ALL.len()],
    /// By field.
    others: Vec<Others>,
}

/// How long the texts of a language are.
#[derive(Default)]
struct Lengths {
    n_words: u64,
    /// By document, as tantivy writes them: in a byte, rounded.
    norms: Vec<u8>,
}

impl Logs {
    /// Logs of documents with the fields of `schema`.
    pub(super) fn new(schema: &Schema, fields: Fields) -> Logs {
        Logs {
            indexings: schema
                .fields()
                .map(|(field, _)| choose_indexing(schema, fields, field))
                .collect(),
            n_docs: 0,
            words: Words::new(),
            word_log: Log::default(),
            lengths: Default::default(),
            others: schema.fields().map(|_| Others::default()).collect(),
        }
    }

    /// Logs the words of the passage that comes next.
    pub(super) fn add_words(
        &mut self,
        language: Language,
        words: impl Iterator<Item = u32> + Clone,
    ) {
        let n_words = self.words.count(language, words.clone());
        self.word_log.push(self.n_docs, language as usize, words);
        let lengths = &mut self.lengths[language as usize];
        lengths.n_words += n_words as u64;
        lengths.norms.resize(self.n_docs as usize, 0);
        let norm = FieldNormReader::fieldnorm_to_id(u32::try_from(n_words).unwrap_or(u32::MAX));
        lengths.norms.push(norm);
    }

    /// Logs the other terms of a document; it is the next one.
    pub(super) fn add(&mut self, entry: &Entry) {
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
                        "words of passages come by add_words, and names are texts"
                    );
                }
            }
        }
        self.n_docs += 1;
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

    /// The log of a field, with the places that its words have among all terms of the field: `of_terms` has those of
    /// these terms. Counts the words at their places.
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

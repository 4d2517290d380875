//! The words of an index: how they were written, how often, and which keys exist.
//!
//! Reads term dictionaries only, so that planning a query costs microseconds; and postings for what may be two words
//! written as one.

use std::collections::BTreeMap;
use std::ops::RangeInclusive;
use std::sync::{Arc, LazyLock, OnceLock};

use levenshtein_automata::{DFA, Distance, LevenshteinAutomatonBuilder, SINK_STATE};
use rustc_hash::FxHashSet;
use tantivy::collector::Count;
use tantivy::query::PhraseQuery;
use tantivy::schema::Field;
use tantivy::{Searcher, Term};
use tantivy_fst::Automaton;
use tantivy_fst::automaton::AlwaysMatch;

use super::files::files_with;
use super::form::{ACCENTED, PLAIN, form_term, parse_form_term};
use super::memo::{Memo, known_or};
use super::schema::Fields;
use crate::language::Language;

/// A word as written somewhere in the index.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Form {
    /// The form, accents included.
    pub(crate) form: String,
    /// Passages it is in.
    pub(crate) n_passages: u64,
}

/// How much text a language has. What is deleted counts until its segment is merged.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Size {
    pub(crate) n_articles: u64,
    pub(crate) n_passages: u64,
    /// In the passages, with titles and headings.
    pub(crate) n_words: u64,
}

/// Words near one, each with how many edits it is away.
pub(crate) type NearWords = Arc<[(u8, Form)]>;

/// Most look-ups of a kind that are remembered: some megabytes.
const MAX_REMEMBERED: usize = 1 << 14;

/// Most sets of files that are remembered: each may have as many numbers as there are files.
const MAX_REMEMBERED_SETS: usize = 8;

/// Look-ups in the term dictionaries of one state of the index.
pub(crate) struct Vocabulary<'s> {
    searcher: &'s Searcher,
    fields: &'s Fields,
    known: &'s LookedUp,
}

/// What was looked up in one state of the index: queries have many words in common, and finding out what a word may stand for
/// takes longer than finding passages that have it.
pub(crate) struct LookedUp {
    // By language, both.
    sizes: [OnceLock<Size>; Language::ALL.len()],
    n_passages: [Memo<String, u64>; Language::ALL.len()],
    spellings: Memo<String, Arc<[Form]>>,
    inflections: Memo<(String, RangeInclusive<usize>, bool), Arc<[Form]>>,
    near: Memo<(String, u8, String), NearWords>,
    files: Memo<(Vec<String>, bool), Arc<FxHashSet<u64>>>,
}

impl LookedUp {
    pub(crate) fn new() -> LookedUp {
        LookedUp {
            sizes: Default::default(),
            n_passages: Language::ALL.map(|_| Memo::new(MAX_REMEMBERED)),
            spellings: Memo::new(MAX_REMEMBERED),
            inflections: Memo::new(MAX_REMEMBERED),
            near: Memo::new(MAX_REMEMBERED),
            files: Memo::new(MAX_REMEMBERED_SETS),
        }
    }
}

impl<'s> Vocabulary<'s> {
    pub(crate) fn new(
        searcher: &'s Searcher,
        fields: &'s Fields,
        known: &'s LookedUp,
    ) -> Vocabulary<'s> {
        Vocabulary {
            searcher,
            fields,
            known,
        }
    }

    /// How much text is in `language`.
    pub(crate) fn size(&self, language: Language) -> tantivy::Result<Size> {
        let known = &self.known.sizes[language as usize];
        let size = known_or(known, || -> tantivy::Result<Size> {
            let n_with = |field| {
                let term = Term::from_field_text(field, language.code());
                self.searcher.doc_freq(&term)
            };
            let mut n_words = 0;
            for segment in self.searcher.segment_readers() {
                let inverted_index = segment.inverted_index(self.fields.terms(language))?;
                n_words += inverted_index.total_num_tokens();
            }
            Ok(Size {
                n_articles: n_with(self.fields.article_language)?,
                n_passages: n_with(self.fields.language)?,
                n_words,
            })
        })?;
        Ok(*size)
    }

    /// Passages of `language` that have `key`.
    pub(crate) fn n_passages(&self, language: Language, key: &str) -> tantivy::Result<u64> {
        self.known.n_passages[language as usize].get(key, |key| {
            let term = Term::from_field_text(self.fields.terms(language), key);
            self.searcher.doc_freq(&term)
        })
    }

    /// The files of which the path has `words` one after the other, the last as a beginning if it `is_prefix`, by their
    /// numbers.
    pub(crate) fn files(
        &self,
        words: Vec<String>,
        is_prefix: bool,
    ) -> tantivy::Result<Arc<FxHashSet<u64>>> {
        self.known
            .files
            .get(&(words, is_prefix), |(words, is_prefix)| {
                let files = files_with(self.searcher, self.fields, words, *is_prefix)?;
                Ok(Arc::new(files))
            })
    }

    /// Whether a passage of `language` has two words one after the other, by their keys.
    pub(crate) fn has_pair(&self, language: Language, pair: [&str; 2]) -> tantivy::Result<bool> {
        let field = self.fields.terms(language);
        let terms = pair.map(|key| Term::from_field_text(field, key));
        let pairs = PhraseQuery::new(terms.to_vec());
        Ok(self.searcher.search(&pairs, &Count)? > 0)
    }

    /// The share of the passages of `language` that have `key`; 0 where there are none.
    pub(crate) fn share(&self, language: Language, key: &str) -> tantivy::Result<f64> {
        let n_of_language = self.size(language)?.n_passages.max(1);
        Ok(self.n_passages(language, key)? as f64 / n_of_language as f64)
    }

    /// The forms whose folded word is at most `distance` (1 or 2) edits from `folded`, with how many they are: insertions,
    /// deletions, substitutions of a letter, transpositions of two neighbours. With a `beginning`, only words that have it,
    /// which is much faster: an automaton goes through nearly all that begin otherwise for nothing.
    pub(crate) fn near(
        &self,
        folded: &str,
        distance: u8,
        beginning: &str,
    ) -> tantivy::Result<NearWords> {
        let asked = (folded.to_owned(), distance, beginning.to_owned());
        self.known
            .near
            .get(&asked, |(folded, distance, beginning)| {
                self.look_near(folded, *distance, beginning)
            })
    }

    fn look_near(&self, folded: &str, distance: u8, beginning: &str) -> tantivy::Result<NearWords> {
        let dfa = automaton(folded, distance);
        let mut forms: BTreeMap<String, (u8, u64)> = BTreeMap::new();
        for segment in self.searcher.segment_readers() {
            let inverted_index = segment.inverted_index(self.fields.forms)?;
            let mut terms = inverted_index
                .terms()
                .search(NearForms(&dfa))
                .ge(beginning)
                .lt(after(beginning))
                .into_stream()?;
            while terms.advance() {
                let Some((near, form)) = std::str::from_utf8(terms.key())
                    .ok()
                    .and_then(parse_form_term)
                else {
                    continue;
                };
                let Distance::Exact(distance) = dfa.eval(near) else {
                    continue;
                };
                let (_, n_passages) = forms.entry(form.to_owned()).or_insert((distance, 0));
                *n_passages += u64::from(terms.value().doc_freq);
            }
        }
        let forms = forms.into_iter();
        Ok(forms
            .map(|(form, (distance, n_passages))| (distance, Form { form, n_passages }))
            .collect())
    }

    /// The words of a field of names (authors, sources, paths) that are nearest to one that none has, at most `distance`
    /// edits away, in alphabetical order; nothing where one has it.
    pub(crate) fn names_near(
        &self,
        field: Field,
        folded: &str,
        distance: u8,
    ) -> tantivy::Result<Vec<String>> {
        if self
            .searcher
            .doc_freq(&Term::from_field_text(field, folded))?
            > 0
        {
            return Ok(Vec::new());
        }
        let dfa = automaton(folded, distance);
        let mut near: BTreeMap<String, u8> = BTreeMap::new();
        for segment in self.searcher.segment_readers() {
            let inverted_index = segment.inverted_index(field)?;
            // Names are few: all are read.
            let mut terms = inverted_index.terms().stream()?;
            while terms.advance() {
                if let (Distance::Exact(edits), Ok(name)) =
                    (dfa.eval(terms.key()), std::str::from_utf8(terms.key()))
                {
                    near.insert(name.to_owned(), edits);
                }
            }
        }
        let least = near.values().min().copied();
        near.retain(|_, edits| Some(*edits) == least);
        Ok(near.into_keys().collect())
    }

    /// The fields of the index.
    pub(crate) fn fields(&self) -> &'s Fields {
        self.fields
    }

    /// Passages, of all languages, that have the word written as `form`.
    pub(crate) fn n_with_form(&self, form: &str) -> tantivy::Result<u64> {
        let term = Term::from_field_text(self.fields.forms, &form_term(form));
        self.searcher.doc_freq(&term)
    }

    /// All forms that are `folded` when folded, this one first.
    pub(crate) fn spellings(&self, folded: &str) -> tantivy::Result<Arc<[Form]>> {
        let look_up = |folded: &str| self.look_spellings(folded).map(Arc::from);
        self.known.spellings.get(folded, look_up)
    }

    fn look_spellings(&self, folded: &str) -> tantivy::Result<Vec<Form>> {
        let mut spellings = Vec::new();
        let plain = Term::from_field_text(self.fields.forms, &format!("{folded}{PLAIN}"));
        let n_passages = self.searcher.doc_freq(&plain)?;
        if n_passages > 0 {
            let form = folded.to_owned();
            spellings.push(Form { form, n_passages });
        }
        spellings.extend(self.forms_starting(&format!("{folded}{ACCENTED}"))?);
        Ok(spellings)
    }

    /// The forms whose folded word begins with `prefix`, in alphabetical order.
    pub(crate) fn forms_starting(&self, prefix: &str) -> tantivy::Result<Vec<Form>> {
        self.matching_forms(prefix, AlwaysMatch)
    }

    /// The forms whose folded word begins with `prefix` and has `n_chars` characters; with `is_accented` those only that
    /// are not folded themselves.
    pub(crate) fn inflections(
        &self,
        prefix: &str,
        n_chars: RangeInclusive<usize>,
        is_accented: bool,
    ) -> tantivy::Result<Arc<[Form]>> {
        let asked = (prefix.to_owned(), n_chars, is_accented);
        self.known
            .inflections
            .get(&asked, |(prefix, n_chars, is_accented)| {
                let automaton = Inflections {
                    n_chars: n_chars.clone(),
                    is_accented: *is_accented,
                };
                self.matching_forms(prefix, automaton).map(Arc::from)
            })
    }

    /// The forms whose folded word begins with `prefix`, and whose term an automaton takes.
    fn matching_forms(
        &self,
        prefix: &str,
        automaton: impl Automaton<State: Clone> + Clone,
    ) -> tantivy::Result<Vec<Form>> {
        let mut forms: BTreeMap<String, u64> = BTreeMap::new();
        for segment in self.searcher.segment_readers() {
            let inverted_index = segment.inverted_index(self.fields.forms)?;
            let mut terms = inverted_index
                .terms()
                .search(automaton.clone())
                .ge(prefix)
                .lt(after(prefix))
                .into_stream()?;
            while terms.advance() {
                let Ok(term) = std::str::from_utf8(terms.key()) else {
                    break;
                };
                if let Some((_, form)) = parse_form_term(term) {
                    *forms.entry(form.to_owned()).or_default() += u64::from(terms.value().doc_freq);
                }
            }
        }
        let forms = forms.into_iter();
        Ok(forms
            .map(|(form, n_passages)| Form { form, n_passages })
            .collect())
    }
}

/// What tells how many edits, 1 or 2 at most, a word is from `folded`.
fn automaton(folded: &str, distance: u8) -> DFA {
    static BUILDERS: [LazyLock<LevenshteinAutomatonBuilder>; 2] = [
        LazyLock::new(|| LevenshteinAutomatonBuilder::new(1, true)),
        LazyLock::new(|| LevenshteinAutomatonBuilder::new(2, true)),
    ];
    BUILDERS[usize::from(distance > 1)].build_dfa(folded)
}

/// Whether a byte of a term of the forms field ends the folded word.
fn is_separator(byte: u8) -> bool {
    matches!(char::from(byte), PLAIN | ACCENTED)
}

/// What comes after all terms that begin with `prefix`: no term has this byte.
fn after(prefix: &str) -> Vec<u8> {
    [prefix.as_bytes(), &[0xFF]].concat()
}

/// Takes the terms of the forms field by the length of the folded word, and by whether the form differs from it.
#[derive(Clone)]
struct Inflections {
    n_chars: RangeInclusive<usize>,
    is_accented: bool,
}

/// Where [`Inflections`] is in a term.
#[derive(Clone, Copy)]
enum InflectionState {
    /// After so many characters of the folded word.
    InWord(usize),
    InForm,
    Nowhere,
}

impl Automaton for Inflections {
    type State = InflectionState;

    fn start(&self) -> InflectionState {
        InflectionState::InWord(0)
    }

    fn is_match(&self, state: &InflectionState) -> bool {
        matches!(state, InflectionState::InForm)
    }

    fn can_match(&self, state: &InflectionState) -> bool {
        !matches!(state, InflectionState::Nowhere)
    }

    fn accept(&self, state: &InflectionState, byte: u8) -> InflectionState {
        match *state {
            InflectionState::InWord(n_chars) if is_separator(byte) => {
                let is_wanted = char::from(byte) == ACCENTED || !self.is_accented;
                match is_wanted && self.n_chars.contains(&n_chars) {
                    true => InflectionState::InForm,
                    false => InflectionState::Nowhere,
                }
            }
            InflectionState::InWord(n_chars) => {
                // Bytes that go on with a character of several count with its first.
                let n_chars = n_chars + usize::from(byte & 0b1100_0000 != 0b1000_0000);
                match n_chars <= *self.n_chars.end() {
                    true => InflectionState::InWord(n_chars),
                    false => InflectionState::Nowhere,
                }
            }
            InflectionState::InForm => InflectionState::InForm,
            InflectionState::Nowhere => InflectionState::Nowhere,
        }
    }
}

/// Takes the terms of the forms field whose folded word an automaton takes, whatever form stands behind it.
struct NearForms<'a>(&'a DFA);

/// Where [`NearForms`] is in a term.
#[derive(Clone, Copy)]
enum NearState {
    InWord(u32),
    Behind,
    Nowhere,
}

impl Automaton for NearForms<'_> {
    type State = NearState;

    fn start(&self) -> NearState {
        NearState::InWord(self.0.initial_state())
    }

    fn is_match(&self, state: &NearState) -> bool {
        matches!(state, NearState::Behind)
    }

    fn can_match(&self, state: &NearState) -> bool {
        !matches!(state, NearState::Nowhere | NearState::InWord(SINK_STATE))
    }

    fn accept(&self, state: &NearState, byte: u8) -> NearState {
        match *state {
            NearState::InWord(state) if is_separator(byte) => match self.0.distance(state) {
                Distance::Exact(_) => NearState::Behind,
                Distance::AtLeast(_) => NearState::Nowhere,
            },
            NearState::InWord(state) => NearState::InWord(self.0.transition(state, byte)),
            behind_or_nowhere => behind_or_nowhere,
        }
    }
}

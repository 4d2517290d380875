//! Conditions on the article of a passage: its author, source, path and date. They narrow what words match, so they are
//! asked about those passages only.

use std::sync::Arc;

use rustc_hash::FxHashSet;
use tantivy::columnar::Column;
use tantivy::schema::{Field, IndexRecordOption};
use tantivy::{DocId, SegmentReader, TERMINATED, Term};

use super::spans::phrase_spans;
use super::union::Union;
use crate::query::Condition;
use crate::query::syntax::DateRange;

/// Most words that the beginning of one stands for; beyond, the first in the alphabet.
const MAX_COMPLETIONS: usize = 1_000;

/// The passages whose article has some words one after the other in a field.
pub(super) struct TextFilter {
    /// Of each word.
    words: Vec<Union>,
    /// Where it is; [`TERMINATED`] past the last.
    doc: DocId,
}

impl TextFilter {
    /// A cursor at the first passage whose `field` has one of each of `words`, the last as a beginning if it `is_prefix`.
    fn open(
        segment: &SegmentReader,
        field: Field,
        words: &[Vec<String>],
        is_prefix: bool,
    ) -> tantivy::Result<TextFilter> {
        let option = match words {
            [_] => IndexRecordOption::Basic,
            _ => IndexRecordOption::WithFreqsAndPositions,
        };
        let mut unions = Vec::with_capacity(words.len());
        for (at, word) in words.iter().enumerate() {
            let mut terms: Vec<Term> = word
                .iter()
                .map(|word| Term::from_field_text(field, word))
                .collect();
            if let [word] = word.as_slice()
                && is_prefix
                && at + 1 == words.len()
            {
                let inverted_index = segment.inverted_index(field)?;
                let mut completions = inverted_index.terms().range().gt(word).into_stream()?;
                while terms.len() < MAX_COMPLETIONS && completions.advance() {
                    match std::str::from_utf8(completions.key()) {
                        Ok(term) if term.starts_with(word.as_str()) => {
                            terms.push(Term::from_field_text(field, term));
                        }
                        _ => break,
                    }
                }
            }
            unions.push(Union::of(segment, &terms, option)?);
        }
        let mut filter = TextFilter {
            words: unions,
            doc: 0,
        };
        filter.go(0);
        Ok(filter)
    }

    /// Goes to the first passage from `target` on that matches.
    fn go(&mut self, target: DocId) {
        self.doc = target;
        loop {
            let before = self.doc;
            for word in &mut self.words {
                word.seek(self.doc);
                self.doc = word.doc();
            }
            if self.doc == TERMINATED {
                return;
            }
            if self.doc == before {
                if self.follow_each_other() {
                    return;
                }
                self.doc += 1;
            }
        }
    }

    fn follow_each_other(&mut self) -> bool {
        if self.words.len() == 1 {
            return true;
        }
        let doc = self.doc;
        let positions = self.words.iter_mut().map(|word| word.positions(doc));
        !phrase_spans(&positions.collect::<Vec<_>>(), 0).is_empty()
    }

    fn contains(&mut self, doc: DocId) -> bool {
        if self.doc < doc {
            self.go(doc);
        }
        self.doc == doc
    }
}

/// A condition, in a segment.
pub(super) enum Filter {
    /// The article has some words one after the other in a field.
    Text(TextFilter),
    /// It is of one of some files.
    Files(Column<u64>, Arc<FxHashSet<u64>>),
    /// It is of some date.
    Date(Column<u64>, DateRange),
}

impl Filter {
    pub(super) fn open(segment: &SegmentReader, condition: &Condition) -> tantivy::Result<Filter> {
        let columns = segment.fast_fields();
        Ok(match condition {
            Condition::Text {
                field,
                words,
                is_prefix,
            } => Filter::Text(TextFilter::open(segment, *field, words, *is_prefix)?),
            Condition::Files(files) => Filter::Files(columns.u64("origin")?, Arc::clone(files)),
            Condition::Date(range) => Filter::Date(columns.u64("date")?, range.clone()),
        })
    }

    /// No passage before it meets the condition.
    pub(super) fn doc(&self) -> DocId {
        match self {
            Filter::Text(filter) => filter.doc,
            Filter::Files(_, files) if files.is_empty() => TERMINATED,
            Filter::Files(..) | Filter::Date(..) => 0,
        }
    }

    /// Keeps the matches of a window that meet the condition.
    pub(super) fn keep(&mut self, window: DocId, matched: &mut [bool]) {
        for (doc, matched) in (window..).zip(matched) {
            if *matched {
                *matched = self.contains(doc);
            }
        }
    }

    /// Whether a passage meets the condition; asked in ascending order. Articles without a date are of none.
    pub(super) fn contains(&mut self, doc: DocId) -> bool {
        match self {
            Filter::Text(filter) => filter.contains(doc),
            Filter::Files(origins, files) => {
                let origin = origins.first(doc);
                origin.is_some_and(|origin| files.contains(&origin))
            }
            Filter::Date(dates, range) => {
                let date = dates.first(doc);
                date.is_some_and(|date| range.contains(date as u32))
            }
        }
    }
}

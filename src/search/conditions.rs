//! Conditions on the article of a passage: its author, source, path and date. They narrow what words match, so they are
//! asked about those passages only.

use tantivy::columnar::Column;
use tantivy::schema::{Field, IndexRecordOption};
use tantivy::{DocId, SegmentReader, TERMINATED, Term};

use super::spans::phrase_spans;
use super::union::Union;
use crate::query::syntax::DateRange;

/// Most words that the beginning of one stands for; beyond, the first in the alphabet.
const MAX_COMPLETIONS: usize = 1_000;

/// The passages whose article has some words one after the other in a field.
pub(super) struct TextFilter {
    /// Of each word.
    words: Vec<Union>,
    doc: DocId,
}

impl TextFilter {
    /// A cursor at the first passage whose `field` has one of each of `words`, the last as a beginning if it `is_prefix`.
    pub(super) fn open(
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

    /// Where it is; [`TERMINATED`] past the last.
    pub(super) fn doc(&self) -> DocId {
        self.doc
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

    /// Keeps the matches of a window that meet the condition.
    pub(super) fn keep(&mut self, window: DocId, matched: &mut [bool]) {
        for (doc, matched) in (window..).zip(matched) {
            if *matched {
                *matched = self.contains(doc);
            }
        }
    }

    /// Whether a passage meets the condition; asked in ascending order.
    pub(super) fn contains(&mut self, doc: DocId) -> bool {
        if self.doc < doc {
            self.go(doc);
        }
        self.doc == doc
    }
}

/// The passages whose article is of some date.
pub(super) struct DateFilter {
    dates: Column<u64>,
    range: DateRange,
}

impl DateFilter {
    pub(super) fn open(segment: &SegmentReader, range: &DateRange) -> tantivy::Result<DateFilter> {
        Ok(DateFilter {
            dates: segment.fast_fields().u64("date")?,
            range: range.clone(),
        })
    }

    /// Keeps the matches of a window that meet the condition. Articles without a date are of none.
    pub(super) fn keep(&self, window: DocId, matched: &mut [bool]) {
        for (doc, matched) in (window..).zip(matched) {
            if *matched {
                *matched = self.contains(doc);
            }
        }
    }

    /// Whether a passage meets the condition.
    pub(super) fn contains(&self, doc: DocId) -> bool {
        let date = self.dates.first(doc);
        date.is_some_and(|date| self.range.contains(date as u32))
    }
}

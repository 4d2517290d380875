//! Conditions on the article of a passage: its author, source, path and date. They narrow what words match, so they are
//! asked about those passages only.

use std::borrow::Cow;
use std::sync::Arc;

use rustc_hash::FxHashSet;
use tantivy::columnar::Column;
use tantivy::schema::{Field, IndexRecordOption};
use tantivy::{DocId, TERMINATED};

use super::segments::Segment;
use super::spans::phrase_spans;
use super::terms::Terms;
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
        segment: Segment<'_>,
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
            let mut texts = Cow::from(word);
            if let [word] = word.as_slice()
                && is_prefix
                && at + 1 == words.len()
            {
                let inverted_index = segment.reader.inverted_index(field)?;
                let mut completions = inverted_index.terms().range().gt(word).into_stream()?;
                while texts.len() < MAX_COMPLETIONS && completions.advance() {
                    match std::str::from_utf8(completions.key()) {
                        Ok(term) if term.starts_with(word.as_str()) => {
                            texts.to_mut().push(term.to_owned());
                        }
                        _ => break,
                    }
                }
            }
            unions.push(Union::of(segment, &Terms { field, texts }, option)?);
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
        let positions = self.words.iter_mut().map(|word| {
            let mut positions = Vec::new();
            word.positions(doc, &mut positions);
            positions
        });
        !phrase_spans(&positions.collect::<Vec<_>>(), 0).is_empty()
    }
}

/// What articles have, of which the passages are neighbours: ranges of documents, one after the other, that have the same.
pub(super) struct Runs {
    /// Where each ends; it begins where the one before ends.
    ends: Vec<DocId>,
    /// `None` where they have nothing.
    values: Vec<Option<u64>>,
}

impl Runs {
    /// The runs of a column; `starts` are the articles, in ascending order, each before its passages.
    pub(super) fn of(column: &Column<u64>, starts: &[DocId], max_doc: DocId) -> Runs {
        let (mut ends, mut values) = (Vec::new(), Vec::new());
        let mut add = |end: DocId, value: Option<u64>| match (ends.last_mut(), values.last()) {
            (Some(last), Some(same)) if *same == value => *last = end,
            _ => {
                ends.push(end);
                values.push(value);
            }
        };
        add(starts.first().copied().unwrap_or(max_doc), None);
        let next = starts.iter().skip(1).copied().chain([max_doc]);
        for (start, end) in starts.iter().zip(next) {
            let passage = (start + 1 < end).then(|| column.first(start + 1));
            add(end, passage.flatten());
        }
        Runs { ends, values }
    }
}

/// The passages whose article has some number.
pub(super) struct RunFilter<'s> {
    runs: &'s Runs,
    admitted: Admitted,
    /// The run that it is in; all are admitted that it was in.
    at: usize,
    /// As in [`TextFilter`].
    doc: DocId,
}

/// Numbers of articles.
enum Admitted {
    /// Those of some files.
    Files(Arc<FxHashSet<u64>>),
    /// Some dates. Articles without one are of none.
    Dates(DateRange),
}

impl Admitted {
    fn has(&self, value: Option<u64>) -> bool {
        value.is_some_and(|value| match self {
            Admitted::Files(files) => files.contains(&value),
            Admitted::Dates(range) => range.contains(value as u32),
        })
    }
}

impl<'s> RunFilter<'s> {
    fn open(runs: &'s Runs, admitted: Admitted) -> RunFilter<'s> {
        let mut filter = RunFilter {
            runs,
            admitted,
            at: 0,
            doc: 0,
        };
        filter.enter(0);
        filter
    }

    /// Goes to the first passage from `target` on that matches.
    fn go(&mut self, target: DocId) {
        match self.runs.ends.get(self.at) {
            Some(end) if target < *end => self.doc = self.doc.max(target),
            _ => self.enter(target),
        }
    }

    /// Goes to the first run with passages from `target` on that is admitted.
    fn enter(&mut self, target: DocId) {
        let Runs { ends, values } = self.runs;
        while self.at < ends.len()
            && (ends[self.at] <= target || !self.admitted.has(values[self.at]))
        {
            self.at += 1;
        }
        let start = self.at.checked_sub(1).map_or(0, |before| ends[before]);
        self.doc = match self.at < ends.len() {
            true => start.max(target),
            false => TERMINATED,
        };
    }
}

/// A condition, in a segment: a cursor over the passages that meet it.
pub(super) enum Filter<'s> {
    /// The article has some words one after the other in a field.
    Text(TextFilter),
    /// It is of one of some files, or of some date.
    Runs(RunFilter<'s>),
}

impl<'s> Filter<'s> {
    /// A cursor at the first passage.
    pub(super) fn open(segment: Segment<'s>, condition: &Condition) -> tantivy::Result<Filter<'s>> {
        Ok(match condition {
            Condition::Text {
                field,
                words,
                is_prefix,
            } => Filter::Text(TextFilter::open(segment, *field, words, *is_prefix)?),
            Condition::Files(files) => {
                let admitted = Admitted::Files(Arc::clone(files));
                Filter::Runs(RunFilter::open(segment.columns.origins(segment)?, admitted))
            }
            Condition::Date(range) => {
                let admitted = Admitted::Dates(range.clone());
                Filter::Runs(RunFilter::open(segment.columns.dates(segment)?, admitted))
            }
        })
    }

    /// Where it is; [`TERMINATED`] past the last.
    pub(super) fn doc(&self) -> DocId {
        match self {
            Filter::Text(filter) => filter.doc,
            Filter::Runs(filter) => filter.doc,
        }
    }

    /// Goes to passage `target`, or the first after it, but never back; where it is then.
    pub(super) fn seek(&mut self, target: DocId) -> DocId {
        if self.doc() < target {
            match self {
                Filter::Text(filter) => filter.go(target),
                Filter::Runs(filter) => filter.go(target),
            }
        }
        self.doc()
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
        self.seek(doc) == doc
    }
}

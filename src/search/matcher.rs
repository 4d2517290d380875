//! Walks the passages of a segment that have a word, or a phrase.
//!
//! Not tantivy's queries: a word may have several keys whose frequencies add up, in phrases too, and its rarity is that
//! of all of them together.

use tantivy::postings::{Postings, SegmentPostings};
use tantivy::schema::{Field, IndexRecordOption};
use tantivy::{DocId, DocSet, SegmentReader, TERMINATED, Term};

use crate::query::{PlannedClause, PlannedWord};

/// A cursor over the passages of a segment that match, in ascending order.
pub(super) enum Matcher {
    Word(Union),
    Phrase(Phrase),
}

impl Matcher {
    /// A cursor at the first passage that has `clause`; `None` when the segment has none.
    pub(super) fn open(
        segment: &SegmentReader,
        field: Field,
        clause: &PlannedClause,
    ) -> tantivy::Result<Option<Matcher>> {
        let option = if clause.words.len() > 1 {
            IndexRecordOption::WithFreqsAndPositions
        } else {
            IndexRecordOption::WithFreqs
        };
        let mut words = Vec::new();
        for word in &clause.words {
            let union = Union::open(segment, field, word, option)?;
            if union.postings.is_empty() {
                return Ok(None);
            }
            words.push(union);
        }
        if words.len() > 1 {
            let phrase = Phrase::open(words);
            return Ok((phrase.doc != TERMINATED).then_some(Matcher::Phrase(phrase)));
        }
        Ok(words.pop().map(Matcher::Word))
    }

    /// Where it is; [`TERMINATED`] past the last.
    pub(super) fn doc(&self) -> DocId {
        match self {
            Matcher::Word(union) => union.doc,
            Matcher::Phrase(phrase) => phrase.doc,
        }
    }

    /// Occurrences in the passage it is at.
    pub(super) fn frequency(&mut self) -> u32 {
        match self {
            Matcher::Word(union) => union.frequency(),
            Matcher::Phrase(phrase) => phrase.frequency,
        }
    }

    /// Goes to the next passage.
    pub(super) fn advance(&mut self) {
        match self {
            Matcher::Word(union) => union.advance(),
            Matcher::Phrase(phrase) => phrase.advance(),
        }
    }
}

/// The passages with any key of a word.
pub(super) struct Union {
    postings: Vec<SegmentPostings>,
    doc: DocId,
}

impl Union {
    fn open(
        segment: &SegmentReader,
        field: Field,
        word: &PlannedWord,
        option: IndexRecordOption,
    ) -> tantivy::Result<Union> {
        let inverted_index = segment.inverted_index(field)?;
        let mut postings = Vec::new();
        for key in &word.keys {
            let term = Term::from_field_text(field, key);
            postings.extend(inverted_index.read_postings(&term, option)?);
        }
        let mut union = Union { postings, doc: 0 };
        union.settle();
        Ok(union)
    }

    /// Takes the lowest place of all postings.
    fn settle(&mut self) {
        let docs = self.postings.iter().map(DocSet::doc);
        self.doc = docs.min().unwrap_or(TERMINATED);
    }

    fn advance(&mut self) {
        for postings in &mut self.postings {
            if postings.doc() == self.doc {
                postings.advance();
            }
        }
        self.settle();
    }

    /// Goes to `target`, or the first passage after it; never back.
    fn seek(&mut self, target: DocId) {
        for postings in &mut self.postings {
            if postings.doc() < target {
                postings.seek(target);
            }
        }
        self.settle();
    }

    fn frequency(&self) -> u32 {
        let here = self
            .postings
            .iter()
            .filter(|postings| postings.doc() == self.doc);
        here.map(Postings::term_freq).sum()
    }

    /// Replaces `positions` by those of the word in this passage, each less `offset`, ascending.
    fn positions(&mut self, offset: u32, positions: &mut Vec<u32>) {
        positions.clear();
        let mut of_key = Vec::new();
        for postings in &mut self.postings {
            if postings.doc() == self.doc {
                postings.positions(&mut of_key);
                let starts = of_key
                    .iter()
                    .filter_map(|position| position.checked_sub(offset));
                positions.extend(starts);
            }
        }
        if self.postings.len() > 1 {
            positions.sort_unstable();
            positions.dedup();
        }
    }
}

/// The passages with words that follow each other.
pub(super) struct Phrase {
    words: Vec<Union>,
    doc: DocId,
    frequency: u32,
    /// Where phrases may begin in this passage, as far as the words looked at tell.
    starts: Vec<u32>,
    positions: Vec<u32>,
}

impl Phrase {
    fn open(words: Vec<Union>) -> Phrase {
        let mut phrase = Phrase {
            words,
            doc: 0,
            frequency: 0,
            starts: Vec::new(),
            positions: Vec::new(),
        };
        phrase.settle();
        phrase
    }

    fn advance(&mut self) {
        self.words[0].advance();
        self.settle();
    }

    /// Goes to the first passage, from where the first word is, that has the phrase.
    fn settle(&mut self) {
        loop {
            self.doc = self.meet();
            if self.doc == TERMINATED {
                return;
            }
            self.frequency = self.count();
            if self.frequency > 0 {
                return;
            }
            self.words[0].advance();
        }
    }

    /// Goes to the first passage that has all words.
    fn meet(&mut self) -> DocId {
        let mut target = self.words[0].doc;
        let mut at = 0;
        let mut n_agreed = 0;
        while n_agreed < self.words.len() {
            let word = &mut self.words[at];
            word.seek(target);
            if word.doc == target {
                n_agreed += 1;
            } else {
                target = word.doc;
                n_agreed = 1;
            }
            if target == TERMINATED {
                return TERMINATED;
            }
            at = (at + 1) % self.words.len();
        }
        target
    }

    /// Counts the phrase in the passage that all words are at.
    fn count(&mut self) -> u32 {
        self.words[0].positions(0, &mut self.starts);
        for (offset, word) in self.words.iter_mut().enumerate().skip(1) {
            word.positions(offset as u32, &mut self.positions);
            let positions = &self.positions;
            self.starts
                .retain(|start| positions.binary_search(start).is_ok());
        }
        self.starts.len() as u32
    }
}

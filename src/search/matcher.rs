//! Walks the passages of a segment that have a word, a phrase, or words near each other.
//!
//! Not tantivy's queries: a word may have several keys whose frequencies add up, in phrases too, and its rarity is that
//! of all of them together.

use tantivy::columnar::Column;
use tantivy::postings::{Postings, SegmentPostings};
use tantivy::schema::IndexRecordOption;
use tantivy::{DocId, DocSet, SegmentReader, TERMINATED, Term};

use super::bits::Bits;
use super::spans::{Span, spans};
use crate::index::{Fields, form_term};
use crate::language::Language;
use crate::query::{Leaf, Lookup, PlannedWord, Shape};

/// More postings than this are merged before they are walked, where no positions are wanted.
const MAX_WALKED: usize = 8;

/// Where there are more postings than a document in so many, they are summed up in an array of all documents instead of
/// sorted (prefixes of three letters over 219,000 passages: p90 17.7 → 11.7 ms).
const DENSE: DocId = 32;

/// A cursor over the passages of a segment that match, in ascending order.
pub(super) enum Matcher {
    Word(Union),
    Merged(Merged),
    Spans(Box<SpanMatcher>),
}

impl Matcher {
    /// A cursor at the first passage that has `leaf`; `None` when the segment has none.
    pub(super) fn open(
        segment: &SegmentReader,
        fields: &Fields,
        language: Language,
        leaf: &Leaf,
    ) -> tantivy::Result<Option<Matcher>> {
        if let (Shape::Word(word), false) = (&leaf.shape, leaf.in_title) {
            let option = IndexRecordOption::WithFreqs;
            let union = Union::open(segment, fields, language, word, option)?;
            return Ok(if union.postings.is_empty() {
                None
            } else if union.postings.len() > MAX_WALKED {
                Some(Matcher::Merged(Merged::new(union, segment.max_doc())))
            } else {
                Some(Matcher::Word(union))
            });
        }
        let matcher = SpanMatcher::open(segment, fields, language, leaf)?;
        Ok((matcher.doc != TERMINATED).then(|| Matcher::Spans(Box::new(matcher))))
    }

    /// Adds all passages that have `leaf` to `matched`.
    pub(super) fn add_all(
        segment: &SegmentReader,
        fields: &Fields,
        language: Language,
        leaf: &Leaf,
        matched: &mut Bits,
    ) -> tantivy::Result<()> {
        if let (Shape::Word(word), false) = (&leaf.shape, leaf.in_title) {
            for term in terms(fields, language, word) {
                let inverted_index = segment.inverted_index(term.field())?;
                let postings =
                    inverted_index.read_block_postings(&term, IndexRecordOption::Basic)?;
                if let Some(mut postings) = postings {
                    while !postings.docs().is_empty() {
                        postings.docs().iter().for_each(|doc| matched.insert(*doc));
                        postings.advance();
                    }
                }
            }
            return Ok(());
        }
        if let Some(mut matcher) = Matcher::open(segment, fields, language, leaf)? {
            while matcher.doc() != TERMINATED {
                matched.insert(matcher.doc());
                matcher.advance();
            }
        }
        Ok(())
    }

    /// Where it is; [`TERMINATED`] past the last.
    pub(super) fn doc(&self) -> DocId {
        match self {
            Matcher::Word(union) => union.doc,
            Matcher::Merged(merged) => merged.doc(),
            Matcher::Spans(spans) => spans.doc,
        }
    }

    /// Occurrences in the passage it is at.
    pub(super) fn frequency(&self) -> u32 {
        match self {
            Matcher::Word(union) => union.frequency(),
            Matcher::Merged(merged) => merged.frequency(),
            Matcher::Spans(spans) => spans.found.len() as u32,
        }
    }

    /// Goes to the next passage.
    pub(super) fn advance(&mut self) {
        match self {
            Matcher::Word(union) => union.advance(),
            Matcher::Merged(merged) => merged.at += 1,
            Matcher::Spans(spans) => spans.go(spans.doc + 1),
        }
    }

    /// Goes to `target`, or the first passage after it; never back.
    pub(super) fn seek(&mut self, target: DocId) {
        match self {
            _ if self.doc() >= target => {}
            Matcher::Word(union) => union.seek(target),
            Matcher::Merged(merged) => merged.seek(target),
            Matcher::Spans(spans) => spans.go(target),
        }
    }
}

/// The terms of the index that stand for a word, all of one field.
fn terms(fields: &Fields, language: Language, word: &PlannedWord) -> Vec<Term> {
    match &word.lookup {
        Lookup::Keys(keys) => {
            let field = fields.terms(language);
            let terms = keys.iter().map(|key| Term::from_field_text(field, key));
            terms.collect()
        }
        Lookup::Forms { forms, .. } => {
            let terms = forms.iter().map(|form| form_term(form));
            terms
                .map(|term| Term::from_field_text(fields.forms, &term))
                .collect()
        }
    }
}

/// The passages with any key or form of a word.
pub(super) struct Union {
    postings: Vec<SegmentPostings>,
    doc: DocId,
}

impl Union {
    pub(super) fn open(
        segment: &SegmentReader,
        fields: &Fields,
        language: Language,
        word: &PlannedWord,
        option: IndexRecordOption,
    ) -> tantivy::Result<Union> {
        Union::of(segment, &terms(fields, language, word), option)
    }

    /// The passages with any of `terms`, which are of one field.
    pub(super) fn of(
        segment: &SegmentReader,
        terms: &[Term],
        option: IndexRecordOption,
    ) -> tantivy::Result<Union> {
        let mut postings = Vec::new();
        for term in terms {
            let inverted_index = segment.inverted_index(term.field())?;
            postings.extend(inverted_index.read_postings(term, option)?);
        }
        let mut union = Union { postings, doc: 0 };
        union.settle();
        Ok(union)
    }

    pub(super) fn doc(&self) -> DocId {
        self.doc
    }

    /// Takes the lowest place of all postings.
    fn settle(&mut self) {
        let docs = self.postings.iter().map(DocSet::doc);
        self.doc = docs.min().unwrap_or(TERMINATED);
    }

    pub(super) fn advance(&mut self) {
        if let [postings] = self.postings.as_mut_slice() {
            self.doc = postings.advance();
            return;
        }
        for postings in &mut self.postings {
            if postings.doc() == self.doc {
                postings.advance();
            }
        }
        self.settle();
    }

    /// Goes to `target`, or the first passage after it; never back.
    pub(super) fn seek(&mut self, target: DocId) {
        if let ([postings], true) = (self.postings.as_mut_slice(), self.doc < target) {
            self.doc = postings.seek(target);
            return;
        }
        for postings in &mut self.postings {
            if postings.doc() < target {
                postings.seek(target);
            }
        }
        self.settle();
    }

    pub(super) fn frequency(&self) -> u32 {
        if let [postings] = self.postings.as_slice() {
            return postings.term_freq();
        }
        let here = self
            .postings
            .iter()
            .filter(|postings| postings.doc() == self.doc);
        here.map(Postings::term_freq).sum()
    }

    /// The positions of the word in passage `doc`, ascending; none when it is not there.
    pub(super) fn positions(&mut self, doc: DocId) -> Vec<u32> {
        let mut positions = Vec::new();
        let mut of_term = Vec::new();
        for postings in &mut self.postings {
            if postings.doc() == doc {
                postings.positions(&mut of_term);
                positions.append(&mut of_term);
            }
        }
        positions.sort_unstable();
        positions.dedup();
        positions
    }
}

/// The passages of many postings, put in order beforehand: a pattern may stand for a thousand words.
pub(super) struct Merged {
    docs: Vec<(DocId, u32)>,
    at: usize,
}

impl Merged {
    /// Merges the postings of a segment with `max_doc` documents.
    fn new(mut union: Union, max_doc: DocId) -> Merged {
        let n_postings: u32 = union.postings.iter().map(SegmentPostings::doc_freq).sum();
        let mut each = |take: &mut dyn FnMut(DocId, u32)| {
            for postings in &mut union.postings {
                while postings.doc() != TERMINATED {
                    take(postings.doc(), postings.term_freq());
                    postings.advance();
                }
            }
        };
        if n_postings > max_doc / DENSE {
            let mut frequencies = vec![0_u32; max_doc as usize];
            each(&mut |doc, frequency| frequencies[doc as usize] += frequency);
            let docs = (0..)
                .zip(frequencies)
                .filter(|(_, frequency)| *frequency > 0);
            return Merged {
                docs: docs.collect(),
                at: 0,
            };
        }
        let mut docs: Vec<(DocId, u32)> = Vec::with_capacity(n_postings as usize);
        each(&mut |doc, frequency| docs.push((doc, frequency)));
        docs.sort_unstable();
        docs.dedup_by(|later, earlier| {
            let is_same = later.0 == earlier.0;
            if is_same {
                earlier.1 += later.1;
            }
            is_same
        });
        Merged { docs, at: 0 }
    }

    fn doc(&self) -> DocId {
        self.docs.get(self.at).map_or(TERMINATED, |&(doc, _)| doc)
    }

    fn frequency(&self) -> u32 {
        self.docs
            .get(self.at)
            .map_or(0, |&(_, frequency)| frequency)
    }

    fn seek(&mut self, target: DocId) {
        self.at += self.docs[self.at..].partition_point(|&(doc, _)| doc < target);
    }
}

/// Where title, heading and text of each passage begin among the positions of its words.
struct Zones {
    heading_start: Column<u64>,
    text_start: Column<u64>,
}

impl Zones {
    fn open(segment: &SegmentReader) -> tantivy::Result<Zones> {
        let fast_fields = segment.fast_fields();
        Ok(Zones {
            heading_start: fast_fields.u64("heading_start")?,
            text_start: fast_fields.u64("text_start")?,
        })
    }

    /// The first positions of heading and text of a passage.
    fn of(&self, doc: DocId) -> [u32; 2] {
        [&self.heading_start, &self.text_start]
            .map(|column| column.first(doc).unwrap_or_default() as u32)
    }
}

/// The passages with a phrase, or words near each other, in one part of them: title, heading or text.
pub(super) struct SpanMatcher {
    shape: Shape,
    in_title: bool,
    /// Of each word of the shape, in the order of [`Shape::words`]; a word that is there twice has two, since one may be
    /// ahead of the other.
    words: Vec<Union>,
    zones: Zones,
    doc: DocId,
    found: Vec<Span>,
}

impl SpanMatcher {
    fn open(
        segment: &SegmentReader,
        fields: &Fields,
        language: Language,
        leaf: &Leaf,
    ) -> tantivy::Result<SpanMatcher> {
        let option = IndexRecordOption::WithFreqsAndPositions;
        let mut words = Vec::new();
        for word in leaf.shape.words() {
            words.push(Union::open(segment, fields, language, word, option)?);
        }
        let mut matcher = SpanMatcher {
            shape: leaf.shape.clone(),
            in_title: leaf.in_title,
            words,
            zones: Zones::open(segment)?,
            doc: 0,
            found: Vec::new(),
        };
        matcher.go(0);
        Ok(matcher)
    }

    /// Goes to the first passage from `target` on that matches.
    fn go(&mut self, target: DocId) {
        let mut target = target;
        loop {
            self.doc = candidate(&self.shape, &mut self.words, target);
            if self.doc == TERMINATED {
                self.found.clear();
                return;
            }
            self.find();
            if !self.found.is_empty() {
                return;
            }
            target = self.doc + 1;
        }
    }

    /// Finds the spans in the passage it is at, part by part: nothing runs from the title into the text.
    fn find(&mut self) {
        let doc = self.doc;
        let [heading_start, text_start] = self.zones.of(doc);
        let zones = [
            0..heading_start,
            heading_start..text_start,
            text_start..u32::MAX,
        ];
        let n_zones = if self.in_title { 1 } else { zones.len() };
        let words = self.words.iter_mut();
        let positions: Vec<Vec<u32>> = words.map(|union| union.positions(doc)).collect();
        self.found.clear();
        for zone in zones.into_iter().take(n_zones) {
            let in_zone = positions.iter().map(|all| -> Vec<u32> {
                let inside = all.iter().filter(|at| zone.contains(at));
                inside.copied().collect()
            });
            let in_zone: Vec<Vec<u32>> = in_zone.collect();
            self.found.extend(spans(&self.shape, &in_zone));
        }
    }
}

/// The first passage from `target` on that has the words that `shape` cannot do without; their cursors, which are in the
/// order of [`Shape::words`], come to stand there.
fn candidate(shape: &Shape, words: &mut [Union], target: DocId) -> DocId {
    match shape {
        Shape::Word(_) => go(&mut words[0], target),
        Shape::Phrase { .. } => {
            let mut doc = target;
            loop {
                let before = doc;
                for word in words.iter_mut() {
                    doc = go(word, doc);
                    if doc == TERMINATED {
                        return doc;
                    }
                }
                if doc == before {
                    return doc;
                }
            }
        }
        Shape::Near { left, right, .. } => {
            let (of_left, of_right) = words.split_at_mut(left.n_words());
            let mut doc = target;
            loop {
                let before = doc;
                doc = candidate(left, of_left, doc);
                if doc != TERMINATED {
                    doc = candidate(right, of_right, doc);
                }
                if doc == TERMINATED || doc == before {
                    return doc;
                }
            }
        }
        Shape::Any(shapes) => {
            let mut first = TERMINATED;
            let mut rest = words;
            for shape in shapes {
                let (of_shape, others) = rest.split_at_mut(shape.n_words());
                first = first.min(candidate(shape, of_shape, target));
                rest = others;
            }
            first
        }
    }
}

fn go(union: &mut Union, target: DocId) -> DocId {
    if union.doc < target {
        union.seek(target);
    }
    union.doc
}

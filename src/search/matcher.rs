//! Walks the passages of a segment that have a word, a phrase, or words near each other.
//!
//! Not tantivy's queries: a word may have several keys whose frequencies add up, in phrases too, and its rarity is that
//! of all of them together.

use std::mem;

use tantivy::postings::{Postings, SegmentPostings};
use tantivy::schema::IndexRecordOption;
use tantivy::{DocId, DocSet, TERMINATED};

use super::bits::Bits;
use super::gathered::Frequencies;
use super::occurrences::{Occurrences, Places};
use super::segments::Segment;
use super::spans::{Span, never_loses, spans};
use super::terms::Terms;
use super::union::Union;
use super::weights::Weighted;
use crate::language::Language;
use crate::query::{Leaf, PlannedWord, Shape};

/// More postings than this are merged before they are walked, where no positions are wanted.
const MAX_WALKED: usize = 8;

/// Where there are more postings than a document in so many, they are summed up in an array of all documents instead of
/// sorted (prefixes of three letters over 219,000 passages: p90 17.7 → 11.7 ms).
const DENSE: DocId = 32;

/// A cursor over the passages of a segment that match, in ascending order.
pub(super) enum Matcher<'s> {
    Word(Union),
    Merged(Merged),
    Spans(Box<SpanMatcher<'s>>),
}

impl<'s> Matcher<'s> {
    /// A cursor at the first passage that has the leaf at `place` in the plan; `None` when the segment has none.
    pub(super) fn open(
        segment: Segment<'s>,
        weighted: &'s Weighted<'s>,
        place: usize,
    ) -> tantivy::Result<Option<Matcher<'s>>> {
        let language = weighted.plan.language;
        if weighted.lacks[place] {
            return Ok(None);
        }
        let leaf = &weighted.plan.leaves[place];
        if let Some(terms) = cheap_terms(segment, language, leaf) {
            let union = Union::of(segment, &terms, IndexRecordOption::WithFreqs)?;
            let is_empty = union.postings().is_empty();
            return Ok((!is_empty).then_some(Matcher::Word(union)));
        }
        let number = weighted.numbers[place];
        if let Some(found) = weighted.gathered.get(segment.ord, number) {
            return Ok(Merged::at_first(found).map(Matcher::Merged));
        }
        if let (Shape::Word(word), false) = (&leaf.shape, leaf.in_title) {
            let terms = Terms::of(segment.fields, language, word);
            let union = Union::of(segment, &terms, IndexRecordOption::WithFreqs)?;
            let found = merged(union, segment.reader.max_doc());
            let found = weighted.gathered.keep(segment.ord, number, found);
            return Ok(Merged::at_first(found).map(Matcher::Merged));
        }
        let matcher = SpanMatcher::open(segment, language, leaf)?;
        Ok((matcher.doc != TERMINATED).then(|| Matcher::Spans(Box::new(matcher))))
    }

    /// Adds all passages that have the leaf at `place` in the plan to `matched`.
    pub(super) fn add_all(
        segment: Segment<'s>,
        weighted: &'s Weighted<'s>,
        place: usize,
        matched: &mut Bits,
    ) -> tantivy::Result<()> {
        let language = weighted.plan.language;
        if weighted.lacks[place] {
            return Ok(());
        }
        let leaf = &weighted.plan.leaves[place];
        if let Some(terms) = cheap_terms(segment, language, leaf) {
            segment.read_each(&terms, |inverted_index, info| {
                let frequent = segment.frequent;
                frequent.add_all(inverted_index, terms.field, info, matched)
            })?;
            return Ok(());
        }
        let Some(mut matcher) = Matcher::open(segment, weighted, place)? else {
            return Ok(());
        };
        let mut found = Vec::new();
        while matcher.doc() != TERMINATED {
            matched.insert(matcher.doc());
            found.push((matcher.doc(), matcher.frequency()));
            matcher.advance();
        }
        if matches!(matcher, Matcher::Spans(_)) {
            let number = weighted.numbers[place];
            weighted.gathered.keep(segment.ord, number, found);
        }
        Ok(())
    }

    /// Where it is; [`TERMINATED`] past the last.
    pub(super) fn doc(&self) -> DocId {
        match self {
            Matcher::Word(union) => union.doc(),
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

/// The terms of a word that has so few postings that they are walked as they are.
pub(super) fn cheap_terms<'w>(
    segment: Segment<'_>,
    language: Language,
    leaf: &'w Leaf,
) -> Option<Terms<'w>> {
    cheap_word(leaf).map(|word| Terms::of(segment.fields, language, word))
}

/// The word of a leaf, where it is a single one, may stand anywhere in a passage, and has few terms.
pub(super) fn cheap_word(leaf: &Leaf) -> Option<&PlannedWord> {
    match &leaf.shape {
        Shape::Word(word) if !leaf.in_title && word.lookup.n_terms() <= MAX_WALKED => Some(word),
        _ => None,
    }
}

/// The passages of any of many postings of a segment with `max_doc` documents: a pattern may stand for a thousand words.
fn merged(union: Union, max_doc: DocId) -> Vec<(DocId, u32)> {
    let all = union.into_postings();
    let n_postings: u32 = all.iter().map(SegmentPostings::doc_freq).sum();
    let each = |take: &mut dyn FnMut(DocId, u32)| {
        for mut postings in all {
            while postings.doc() != TERMINATED {
                take(postings.doc(), postings.term_freq());
                postings.advance();
            }
        }
    };
    if n_postings > max_doc / DENSE {
        let mut frequencies = vec![0_u32; max_doc as usize];
        each(&mut |doc, frequency| frequencies[doc as usize] += frequency);
        let docs = (0..).zip(frequencies);
        return docs.filter(|(_, frequency)| *frequency > 0).collect();
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
    docs
}

/// Passages that were put in order beforehand.
pub(super) struct Merged {
    docs: Frequencies,
    at: usize,
}

impl Merged {
    /// A cursor at the first of them, if there is any.
    fn at_first(docs: Frequencies) -> Option<Merged> {
        (!docs.is_empty()).then_some(Merged { docs, at: 0 })
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

/// The passages with a phrase, or words near each other, in one part of them: title, heading or text.
pub(super) struct SpanMatcher<'s> {
    segment: Segment<'s>,
    leaf: &'s Leaf,
    /// Of each word of the shape, in the order of [`Shape::words`]; a word that is there twice has two, since one may be
    /// ahead of the other.
    words: Vec<Occurrences<'s>>,
    doc: DocId,
    found: Vec<Span>,
}

impl<'s> SpanMatcher<'s> {
    fn open(
        segment: Segment<'s>,
        language: Language,
        leaf: &'s Leaf,
    ) -> tantivy::Result<SpanMatcher<'s>> {
        let words = leaf.shape.words().into_iter();
        let words = words.map(|word| Occurrences::open(segment, language, word));
        let mut matcher = SpanMatcher {
            segment,
            leaf,
            words: words.collect::<tantivy::Result<_>>()?,
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
            self.doc = candidate(&self.leaf.shape, &mut self.words, target);
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

    /// Finds the spans in the passage it is at. It is not read where the words would not match even if they stood wherever
    /// they may.
    fn find(&mut self) {
        let doc = self.doc;
        let mut places: Vec<Places> = Vec::with_capacity(self.words.len());
        places.extend(self.words.iter_mut().map(|word| word.places(doc)));
        let are_certain = places.iter().all(|places| places.are_certain);
        if are_certain || never_loses(&self.leaf.shape) {
            self.found = self.spans(&places);
            if are_certain || self.found.is_empty() {
                return;
            }
        }
        for (word, places) in self.words.iter().zip(&mut places) {
            if !places.are_certain {
                places.positions = word.certain(doc, mem::take(&mut places.positions));
            }
        }
        self.found = self.spans(&places);
    }

    /// The spans of words that stand at these places, part by part: nothing runs from the title into the text.
    fn spans(&self, places: &[Places]) -> Vec<Span> {
        let [heading_start, text_start] = self.segment.columns.zones(self.doc);
        let zones = [
            0..heading_start,
            heading_start..text_start,
            text_start..u32::MAX,
        ];
        let n_zones = if self.leaf.in_title { 1 } else { zones.len() };
        let mut found = Vec::new();
        let zones = zones.into_iter().take(n_zones);
        for zone in zones.filter(|zone| !zone.is_empty()) {
            let in_zone = places.iter().map(|places| {
                let [from, to] = [zone.start, zone.end]
                    .map(|end| places.positions.partition_point(|at| *at < end));
                &places.positions[from..to]
            });
            let in_zone: Vec<&[u32]> = in_zone.collect();
            found.extend(spans(&self.leaf.shape, &in_zone));
        }
        found
    }
}

/// The first passage from `target` on that has the words that `shape` cannot do without; their cursors, which are in the
/// order of [`Shape::words`], come to stand there.
fn candidate(shape: &Shape, words: &mut [Occurrences<'_>], target: DocId) -> DocId {
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

fn go(word: &mut Occurrences<'_>, target: DocId) -> DocId {
    word.seek(target);
    word.doc()
}

//! From logs, which have the words of each document, to postings, which have the documents of each word.
//!
//! Terms are put in order, their words counted, and room made for so many of them as fit into a buffer; then the logs are
//! read and each word is put where its term has room. So no word is looked for twice, and what it costs is to read the logs
//! once a buffer: 20 million words take half a second, where a table of growing lists by term took eight.

use std::io;

use rayon::slice::ParallelSliceMut;
use tantivy::DocId;

use super::log::{GAP, Log};
use super::strings::Strings;

/// Bytes of postings that are put in order together.
const BUFFER_BYTES: usize = 64 << 20;

/// Terms of several sets, in their order.
pub(super) struct Order {
    /// The set that each is from, and its number there.
    terms: Vec<(u32, u32)>,
    /// The places in that order, by set and number.
    places: Vec<Vec<u32>>,
}

impl Order {
    /// The order of all terms in `sets`; a term that several have has one place.
    pub(super) fn of(sets: &[&Strings]) -> Order {
        let all = sets.iter().zip(0..).flat_map(|(strings, set)| {
            (0..strings.len() as u32)
                .map(move |number| (first_bytes(strings.get(number)), set, number))
        });
        let mut all: Vec<(u64, u32, u32)> = all.collect();
        let string = |(_, set, number): &(u64, u32, u32)| sets[*set as usize].get(*number);
        all.par_sort_unstable_by(|one, other| {
            let by_first = one.0.cmp(&other.0);
            by_first.then_with(|| string(one).cmp(string(other)))
        });
        let mut order = Order {
            terms: Vec::with_capacity(all.len()),
            places: sets.iter().map(|set| vec![0; set.len()]).collect(),
        };
        let mut last = None;
        for term @ (_, set, number) in &all {
            if last.is_none_or(|last| string(last) != string(term)) {
                order.terms.push((*set, *number));
            }
            last = Some(term);
            order.places[*set as usize][*number as usize] = order.terms.len() as u32 - 1;
        }
        order
    }

    /// The set and the number of the term at a place.
    pub(super) fn at(&self, place: usize) -> (usize, u32) {
        let (set, number) = self.terms[place];
        (set as usize, number)
    }

    /// How many terms there are.
    pub(super) fn len(&self) -> usize {
        self.terms.len()
    }

    /// The places of the terms of a set, by their numbers there.
    pub(super) fn places(&self, set: usize) -> &[u32] {
        &self.places[set]
    }
}

/// The first eight bytes, as a number in the order of the strings.
fn first_bytes(string: &[u8]) -> u64 {
    let mut first = [0; 8];
    let n_bytes = string.len().min(8);
    first[..n_bytes].copy_from_slice(&string[..n_bytes]);
    u64::from_be_bytes(first)
}

/// A log, and what its words are among the terms.
pub(super) struct Source<'a> {
    pub(super) log: &'a Log,
    /// The number that its first document has in the segment.
    pub(super) first_doc: DocId,
    /// The places of its words' terms, by tag and word; empty where records are passed by.
    pub(super) places: Vec<Vec<u32>>,
}

impl Source<'_> {
    fn read(&self, mut visit: impl FnMut(u32, DocId, u32)) {
        let takes = |tag: usize| !self.places[tag].is_empty();
        self.log.read(takes, |tag, doc, position, word| {
            let place = self.places[tag][word as usize];
            if place != GAP {
                visit(place, self.first_doc + doc, position);
            }
        });
    }
}

/// Where a term stands, once.
pub(super) trait Posting: Copy + Default {
    fn new(doc: DocId, position: u32) -> Self;

    fn doc(self) -> DocId;

    /// Adds the distances between the positions of one document, the first from its beginning, if positions are kept.
    fn add_deltas(of_document: &[Self], deltas: &mut Vec<u32>);
}

/// With its position.
#[derive(Clone, Copy, Default)]
pub(super) struct Occurrence {
    doc: DocId,
    position: u32,
}

impl Posting for Occurrence {
    fn new(doc: DocId, position: u32) -> Occurrence {
        Occurrence { doc, position }
    }

    fn doc(self) -> DocId {
        self.doc
    }

    fn add_deltas(of_document: &[Occurrence], deltas: &mut Vec<u32>) {
        let mut before = 0;
        for at in of_document {
            deltas.push(at.position - before);
            before = at.position;
        }
    }
}

/// Without.
impl Posting for DocId {
    fn new(doc: DocId, _: u32) -> DocId {
        doc
    }

    fn doc(self) -> DocId {
        self
    }

    fn add_deltas(_: &[DocId], _: &mut Vec<u32>) {}
}

/// Gives each of `n_terms` terms, in order, to `take`, with all its postings in order; `sources` have their documents one after
/// the other.
pub(super) fn invert<P: Posting>(
    sources: &[Source],
    n_terms: usize,
    mut take: impl FnMut(usize, &[P]) -> io::Result<()>,
) -> io::Result<()> {
    let mut counts = vec![0_u32; n_terms];
    for source in sources {
        source.read(|place, _, _| counts[place as usize] += 1);
    }
    let max_words = BUFFER_BYTES / size_of::<P>();
    let mut buffer: Vec<P> = Vec::new();
    let mut first = 0;
    while first < n_terms {
        let mut end = first;
        let mut n_words = 0;
        // Where the next posting of each term goes.
        let mut next = Vec::new();
        while end < n_terms && (end == first || n_words + counts[end] as usize <= max_words) {
            next.push(n_words);
            n_words += counts[end] as usize;
            end += 1;
        }
        buffer.clear();
        buffer.resize(n_words, P::default());
        for source in sources {
            source.read(|place, doc, position| {
                if let Some(next) = next.get_mut((place as usize).wrapping_sub(first)) {
                    buffer[*next] = P::new(doc, position);
                    *next += 1;
                }
            });
        }
        let mut start = 0;
        for (term, end) in (first..end).zip(next) {
            take(term, &buffer[start..end])?;
            start = end;
        }
        first = end;
    }
    Ok(())
}

//! From logs, which have the words of each document, to postings, which have the documents of each word.
//!
//! Terms are put in order, their words counted, and room made for so many of them as fit into a buffer; then the logs are
//! read and each word is put where its term has room. So no word is looked for twice, and what it costs is to read the logs
//! once a buffer. Where lists grew by term, in tantivy's writer, each word cost two lookups more.

use std::io;

use rayon::slice::ParallelSliceMut;
use tantivy::DocId;

use super::log::Log;
use crate::index::strings::Strings;

/// Bytes of postings that are put in order together.
pub(super) const BUFFER_BYTES: usize = 64 << 20;

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
            visit(place, self.first_doc + doc, position);
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

/// Where a term stands once, with its position.
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

/// Where a term stands once, without its position.
impl Posting for DocId {
    fn new(doc: DocId, _: u32) -> DocId {
        doc
    }

    fn doc(self) -> DocId {
        self
    }

    fn add_deltas(_: &[DocId], _: &mut Vec<u32>) {}
}

/// Gives each term, in order, to `take`, with all its postings in order. `sources` have their documents one after the other,
/// and `counts` the number of words of each term. At most `max_words`, or one term, are put in order together.
pub(super) fn invert<P: Posting>(
    sources: &[Source],
    counts: &[u32],
    max_words: usize,
    mut take: impl FnMut(usize, &[P]) -> io::Result<()>,
) -> io::Result<()> {
    let mut buffer: Vec<P> = Vec::new();
    let mut first = 0;
    while first < counts.len() {
        let mut end = first;
        let mut n_words = 0;
        // Where the next posting of each term goes.
        let mut next = Vec::new();
        while end < counts.len() && (end == first || n_words + counts[end] as usize <= max_words) {
            next.push(n_words);
            n_words += counts[end] as usize;
            end += 1;
        }
        // All are replaced: `counts` are those of the words that the logs hold.
        buffer.resize(n_words.max(buffer.len()), P::default());
        for source in sources {
            source.read(|place, doc, position| {
                if let Some(next) = next.get_mut((place as usize).wrapping_sub(first)) {
                    buffer[*next] = P::new(doc, position);
                    *next += 1;
                }
            });
        }
        debug_assert_eq!(next.last(), Some(&n_words), "each term has its room filled");
        let mut start = 0;
        for (term, end) in (first..end).zip(next) {
            take(term, &buffer[start..end])?;
            start = end;
        }
        first = end;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use proptest::prelude::*;

    use super::super::log::GAP;
    use super::*;

    /// The words of the documents of a builder, each with a tag.
    type Documents = Vec<(usize, Vec<u8>)>;

    fn documents() -> impl Strategy<Value = Vec<Documents>> {
        let words = prop::collection::vec(0_u8..12, 0..8);
        prop::collection::vec(prop::collection::vec((0_usize..3, words), 0..8), 1..4)
    }

    proptest! {
        /// As if each word had been looked for in each document.
        #[test]
        fn each_term_has_the_documents_and_positions_of_its_words(
            builders in documents(),
            skipped in 0_usize..4,
            max_words in 1_usize..40,
        ) {
            let name = |word: u8| format!("terme{}", word / 2);
            let mut expected: BTreeMap<String, Vec<(DocId, u32)>> = BTreeMap::new();
            let mut sets = Vec::new();
            let mut logs = Vec::new();
            let mut n_docs = 0;
            for documents in &builders {
                let (mut terms, mut log) = (Strings::default(), Log::default());
                // Words 11 are none.
                let numbers: Vec<u32> =
                    (0..11).rev().map(|word| terms.number(name(word).as_bytes()).0).collect();
                let first_doc = n_docs;
                for (tag, words) in documents {
                    let word = |word: &u8| match word {
                        11 => GAP,
                        word => 10 - u32::from(*word),
                    };
                    log.push(n_docs - first_doc, *tag, words.iter().map(word));
                    for (word, position) in words.iter().zip(0..) {
                        if *word != 11 && *tag != skipped {
                            expected.entry(name(*word)).or_default().push((n_docs, position));
                        }
                    }
                    n_docs += 1;
                }
                sets.push(terms);
                logs.push((log, first_doc, numbers));
            }
            let order = Order::of(&sets.iter().collect::<Vec<_>>());
            let mut sources = Vec::new();
            for (set, (log, first_doc, numbers)) in logs.iter().enumerate() {
                let places = numbers.iter().map(|number| order.places(set)[*number as usize]);
                let places: Vec<u32> = places.collect();
                let places = (0..3).map(|tag| match tag == skipped {
                    true => Vec::new(),
                    false => places.clone(),
                });
                sources.push(Source { log, first_doc: *first_doc, places: places.collect() });
            }
            let names: Vec<String> = (0..order.len())
                .map(|place| order.at(place))
                .map(|(set, number)| String::from_utf8(sets[set].get(number).to_vec()).unwrap())
                .collect();
            prop_assert!(names.is_sorted_by(|one, next| one < next));
            let n_words = |name| expected.get(name).map_or(0, |found| found.len() as u32);
            let counts: Vec<u32> = names.iter().map(n_words).collect();
            let mut found = BTreeMap::new();
            invert(&sources, &counts, max_words, |place, postings: &[Occurrence]| {
                let postings = postings.iter().map(|at| (at.doc, at.position));
                found.insert(names[place].clone(), postings.collect::<Vec<_>>());
                Ok(())
            })
            .unwrap();
            found.retain(|_, postings| !postings.is_empty());
            prop_assert_eq!(found, expected);
        }
    }
}

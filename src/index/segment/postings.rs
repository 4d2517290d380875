//! The postings of a field, from logs, or from runs, to whatever takes them.

use std::io;

use tantivy::DocId;
use tantivy::postings::FieldSerializer;
use tantivy::schema::Field;

use super::invert::{BUFFER_BYTES, Occurrence, Order, Posting, Source, invert};
use super::logs::Logs;
use crate::index::strings::Strings;

/// Takes terms in order, each with its postings in order.
pub(super) trait TermSink {
    /// What comes next is of `term`, which `n_docs` documents have.
    fn begin(&mut self, term: &[u8], n_docs: u32) -> io::Result<()>;

    /// It stands in `doc` so many times; the distances between its positions there, if they are kept.
    fn document(&mut self, doc: DocId, n_times: u32, position_deltas: &[u32]);

    /// There is no more of it.
    fn end(&mut self) -> io::Result<()>;
}

/// Serializes postings in the format of tantivy.
pub(super) struct Serialized<'w, W: io::Write> {
    pub(super) out: FieldSerializer<'w, W>,
    pub(super) with_frequencies: bool,
}

impl<W: io::Write> TermSink for Serialized<'_, W> {
    fn begin(&mut self, term: &[u8], n_docs: u32) -> io::Result<()> {
        self.out.new_term(term, n_docs, self.with_frequencies)
    }

    fn document(&mut self, doc: DocId, n_times: u32, position_deltas: &[u32]) {
        self.out.write_doc(doc, n_times, position_deltas);
    }

    fn end(&mut self) -> io::Result<()> {
        self.out.close_term()
    }
}

/// Whether there is any term of `field` in `logs`.
pub(super) fn has_terms(logs: &[Logs], field: Field) -> bool {
    let terms = |logs: &Logs| logs.terms(field).is_some_and(|terms| terms.len() > 0);
    logs.iter().any(terms)
}

/// Gives the terms of `field` to `sink`; the documents of each come after those of the one before, from 0.
pub(super) fn give_terms(
    logs: &[Logs],
    field: Field,
    with_positions: bool,
    sink: &mut impl TermSink,
) -> io::Result<()> {
    let sets: Vec<&Strings> = logs.iter().filter_map(|logs| logs.terms(field)).collect();
    let order = Order::of(&sets);
    let mut counts = vec![0; order.len()];
    let mut sources = Vec::new();
    let mut first_doc = 0;
    for (set, logs) in logs.iter().enumerate() {
        sources.push(logs.source(field, order.places(set), first_doc, &mut counts));
        first_doc += logs.n_docs;
    }
    let term = |place| {
        let (set, number) = order.at(place);
        sets[set].get(number)
    };
    match with_positions {
        true => give::<Occurrence>(&sources, &counts, term, sink),
        false => give::<DocId>(&sources, &counts, term, sink),
    }
}

fn give<'t, P: Posting>(
    sources: &[Source],
    counts: &[u32],
    term: impl Fn(usize) -> &'t [u8],
    sink: &mut impl TermSink,
) -> io::Result<()> {
    let max_words = BUFFER_BYTES / size_of::<P>();
    let mut deltas = Vec::new();
    invert(sources, counts, max_words, |place, postings: &[P]| {
        let in_documents = || postings.chunk_by(|one, other| one.doc() == other.doc());
        let n_docs = in_documents().count() as u32;
        if n_docs == 0 {
            return Ok(()); // it was met in a title of which no passage came
        }
        sink.begin(term(place), n_docs)?;
        for of_document in in_documents() {
            deltas.clear();
            P::add_deltas(of_document, &mut deltas);
            sink.document(of_document[0].doc(), of_document.len() as u32, &deltas);
        }
        sink.end()
    })
}

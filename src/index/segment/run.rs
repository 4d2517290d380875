//! Runs: the postings of a part of a segment, in order, in a file, while more of the segment is to come than fits into memory.
//!
//! At the end the runs are read side by side, each from its beginning to its end, and become one segment. So a segment is as
//! large as a commit, whatever the memory: a million generated passages in one segment instead of eight take a seventh less
//! disk and three quarters of the time for a long question; to merge the eight took tantivy 57 s, beside 70 s to index them.

use std::cmp::Reverse;
use std::collections::binary_heap::PeekMut;
use std::collections::{BinaryHeap, VecDeque};
use std::fs::File;
use std::io::{self, BufRead, BufReader, Read, Seek, SeekFrom, Write};
use std::ops::Range;
use std::path::Path;
use std::sync::{Mutex, PoisonError};

use tantivy::DocId;
use tantivy::schema::Field;

use super::log::{read_number, write_number};
use super::postings::TermSink;

/// Bytes of each run that are read ahead.
const READ_AHEAD: usize = 256 << 10;
/// Bytes of a field that are written together, at least; in tests, so few that there are several parts.
const MIN_WRITTEN_BYTES: usize = if cfg!(test) { 16 } else { 4 << 20 };

/// A run.
pub(super) struct Run {
    file: Mutex<RunFile>,
    /// The number that its first document has in the segment.
    first_doc: DocId,
}

struct RunFile {
    /// It has no name, so that nothing is left of it when the program ends, however it ends.
    file: File,
    /// Where the terms of each field are, part for part.
    parts: Vec<(Field, Range<u64>)>,
}

impl Run {
    /// An empty run in `folder`.
    pub(super) fn new(folder: &Path, first_doc: DocId) -> io::Result<Run> {
        let file = RunFile {
            file: tempfile::tempfile_in(folder)?,
            parts: Vec::new(),
        };
        Ok(Run {
            file: Mutex::new(file),
            first_doc,
        })
    }

    /// Takes the terms of `field`; those of others may be taken meanwhile.
    pub(super) fn writer(&self, field: Field) -> RunWriter<'_> {
        RunWriter {
            run: self,
            field,
            bytes: Vec::new(),
            postings: Vec::new(),
            last: 0,
        }
    }

    fn add(&self, field: Field, bytes: &[u8]) -> io::Result<()> {
        let mut run = self.file.lock().unwrap_or_else(PoisonError::into_inner);
        let start = run.file.stream_position()?;
        run.file.write_all(bytes)?;
        run.parts.push((field, start..start + bytes.len() as u64));
        Ok(())
    }

    /// Where there are terms of `field`, in their order.
    fn parts_of(&self, field: Field) -> VecDeque<Range<u64>> {
        let run = self.file.lock().unwrap_or_else(PoisonError::into_inner);
        let parts = run.parts.iter().filter(|(of, _)| *of == field);
        parts.map(|(_, range)| range.clone()).collect()
    }

    /// Whether there are terms of `field` in it.
    pub(super) fn has(&self, field: Field) -> bool {
        !self.parts_of(field).is_empty()
    }

    fn terms(&self, field: Field) -> io::Result<Option<Terms<'_>>> {
        let input = Section {
            file: &self.file,
            parts: self.parts_of(field),
        };
        let mut terms = Terms {
            term: Vec::new(),
            n_docs: 0,
            postings: Vec::new(),
            first_doc: self.first_doc,
            input: BufReader::with_capacity(READ_AHEAD, input),
        };
        Ok(terms.advance()?.then_some(terms))
    }
}

/// Writes the terms of a field with their postings into a run: of each term its length, itself, how many documents it
/// has, and of how many bytes its postings are; of each document the distance from the one before, how many times it has the
/// term, and the positions.
pub(super) struct RunWriter<'r> {
    run: &'r Run,
    field: Field,
    /// What has not been written yet.
    bytes: Vec<u8>,
    /// Of the term that has begun.
    postings: Vec<u8>,
    last: DocId,
}

impl RunWriter<'_> {
    /// Writes what is left.
    pub(super) fn finish(mut self) -> io::Result<()> {
        self.write()
    }

    fn write(&mut self) -> io::Result<()> {
        if !self.bytes.is_empty() {
            self.run.add(self.field, &self.bytes)?;
            self.bytes.clear();
        }
        Ok(())
    }
}

impl TermSink for RunWriter<'_> {
    fn begin(&mut self, term: &[u8], n_docs: u32) -> io::Result<()> {
        write_number(&mut self.bytes, term.len() as u32);
        self.bytes.extend_from_slice(term);
        write_number(&mut self.bytes, n_docs);
        self.postings.clear();
        self.last = 0;
        Ok(())
    }

    fn document(&mut self, doc: DocId, n_times: u32, position_deltas: &[u32]) {
        write_number(&mut self.postings, doc - self.last);
        write_number(&mut self.postings, n_times);
        for delta in position_deltas {
            write_number(&mut self.postings, *delta);
        }
        self.last = doc;
    }

    fn end(&mut self) -> io::Result<()> {
        write_number(&mut self.bytes, self.postings.len() as u32);
        self.bytes.extend_from_slice(&self.postings);
        match self.bytes.len() < MIN_WRITTEN_BYTES {
            true => Ok(()),
            false => self.write(),
        }
    }
}

/// The terms of a field in a run, read one after the other; ordered by the term, then the documents.
struct Terms<'r> {
    term: Vec<u8>,
    n_docs: u32,
    postings: Vec<u8>,
    first_doc: DocId,
    input: BufReader<Section<'r>>,
}

/// Parts of a file, of which others read other parts meanwhile, one after the other.
struct Section<'r> {
    file: &'r Mutex<RunFile>,
    /// Those that have not been read; none is empty.
    parts: VecDeque<Range<u64>>,
}

impl Read for Section<'_> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let Some(part) = self.parts.front_mut() else {
            return Ok(0);
        };
        let n_left = usize::try_from(part.end - part.start).unwrap_or(usize::MAX);
        let n_wanted = into.len().min(n_left);
        let mut run = self.file.lock().unwrap_or_else(PoisonError::into_inner);
        run.file.seek(SeekFrom::Start(part.start))?;
        let n_read = run.file.read(&mut into[..n_wanted])?;
        if n_read == 0 && n_wanted > 0 {
            return Err(io::ErrorKind::UnexpectedEof.into()); // or else the terms that are missing would not be missed
        }
        part.start += n_read as u64;
        if part.is_empty() {
            self.parts.pop_front();
        }
        Ok(n_read)
    }
}

impl Terms<'_> {
    /// Goes to the next term; whether there is one.
    fn advance(&mut self) -> io::Result<bool> {
        if self.input.fill_buf()?.is_empty() {
            return Ok(false);
        }
        let n_bytes = self.number()?;
        read_exactly(&mut self.input, n_bytes, &mut self.term)?;
        self.n_docs = self.number()?;
        let n_bytes = self.number()?;
        read_exactly(&mut self.input, n_bytes, &mut self.postings)?;
        Ok(true)
    }

    fn number(&mut self) -> io::Result<u32> {
        let mut number = [0; 5];
        for n_read in 0..number.len() {
            self.input.read_exact(&mut number[n_read..=n_read])?;
            if number[n_read] < 0x80 {
                break;
            }
        }
        Ok(read_number(&mut number.as_slice()))
    }

    /// Gives the postings to `sink`.
    fn give(&self, with_positions: bool, deltas: &mut Vec<u32>, sink: &mut impl TermSink) {
        let mut postings = self.postings.as_slice();
        let mut doc = self.first_doc;
        while !postings.is_empty() {
            doc += read_number(&mut postings);
            let n_times = read_number(&mut postings);
            deltas.clear();
            if with_positions {
                deltas.extend((0..n_times).map(|_| read_number(&mut postings)));
            }
            sink.document(doc, n_times, deltas);
        }
    }
}

fn read_exactly(input: &mut impl Read, n_bytes: u32, into: &mut Vec<u8>) -> io::Result<()> {
    into.resize(n_bytes as usize, 0);
    input.read_exact(into)
}

impl PartialEq for Terms<'_> {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other).is_eq()
    }
}

impl Eq for Terms<'_> {}

impl PartialOrd for Terms<'_> {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Terms<'_> {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        let by_term = self.term.cmp(&other.term);
        by_term.then(self.first_doc.cmp(&other.first_doc))
    }
}

/// Gives the terms that `field` has in all runs to `sink`, in order, each with all its postings in order.
pub(super) fn merge(
    runs: &[Run],
    field: Field,
    with_positions: bool,
    sink: &mut impl TermSink,
) -> io::Result<()> {
    let mut heap = BinaryHeap::new();
    for run in runs {
        heap.extend(run.terms(field)?.map(Reverse));
    }
    let mut of_one_term = Vec::new();
    let mut deltas = Vec::new();
    while let Some(Reverse(first)) = heap.pop() {
        let mut n_docs = first.n_docs;
        of_one_term.push(first);
        while let Some(next) = heap.peek_mut()
            && next.0.term == of_one_term[0].term
        {
            n_docs += next.0.n_docs;
            of_one_term.push(PeekMut::pop(next).0);
        }
        sink.begin(&of_one_term[0].term, n_docs)?;
        for terms in &of_one_term {
            terms.give(with_positions, &mut deltas, sink);
        }
        sink.end()?;
        for mut terms in of_one_term.drain(..) {
            if terms.advance()? {
                heap.push(Reverse(terms));
            }
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Terms with their documents, how often these have them, and at what distances.
    type Postings = Vec<(String, Vec<(DocId, Vec<u32>)>)>;

    fn postings() -> impl Strategy<Value = Postings> {
        let of_document = (1..9_u32, prop::collection::vec(0..300_u32, 1..4));
        let of_term = prop::collection::vec(of_document, 1..5).prop_map(|distances| {
            let mut doc = 0;
            let documents = distances.into_iter().map(|(distance, deltas)| {
                doc += distance;
                (doc, deltas)
            });
            documents.collect::<Vec<_>>()
        });
        let terms = prop::collection::btree_map("[a-é]{1,20}", of_term, 0..12);
        terms.prop_map(|terms| terms.into_iter().collect())
    }

    /// What is given to it.
    #[derive(Default)]
    struct Given {
        all: Postings,
        n_docs: Vec<u32>,
    }

    impl TermSink for Given {
        fn begin(&mut self, term: &[u8], n_docs: u32) -> io::Result<()> {
            let term = String::from_utf8(term.to_vec()).unwrap();
            self.all.push((term, Vec::new()));
            self.n_docs.push(n_docs);
            Ok(())
        }

        fn document(&mut self, doc: DocId, n_times: u32, position_deltas: &[u32]) {
            assert_eq!(n_times as usize, position_deltas.len());
            let documents = &mut self.all.last_mut().unwrap().1;
            documents.push((doc, position_deltas.to_vec()));
        }

        fn end(&mut self) -> io::Result<()> {
            let n_docs = self.all.last().unwrap().1.len();
            assert_eq!(self.n_docs.last(), Some(&(n_docs as u32)));
            Ok(())
        }
    }

    fn write(writer: &mut RunWriter<'_>, (term, documents): &(String, Vec<(DocId, Vec<u32>)>)) {
        writer
            .begin(term.as_bytes(), documents.len() as u32)
            .unwrap();
        for (doc, deltas) in documents {
            writer.document(*doc, deltas.len() as u32, deltas);
        }
        writer.end().unwrap();
    }

    fn fields() -> [Field; 2] {
        [0, 1].map(Field::from_field_id)
    }

    /// Runs of two fields each, of which terms were written in turn.
    fn runs(of_runs: &[[Postings; 2]]) -> Vec<Run> {
        let folder = std::env::temp_dir();
        let mut runs = Vec::new();
        for (of_run, n_before) in of_runs.iter().zip(0..) {
            let run = Run::new(&folder, 100 * n_before).unwrap();
            let mut writers = fields().map(|field| run.writer(field));
            for at in 0..of_run.iter().map(Vec::len).max().unwrap_or_default() {
                for (writer, postings) in writers.iter_mut().zip(of_run) {
                    postings
                        .get(at)
                        .into_iter()
                        .for_each(|term| write(writer, term));
                }
            }
            writers
                .into_iter()
                .for_each(|writer| writer.finish().unwrap());
            runs.push(run);
        }
        runs
    }

    proptest! {
        #[test]
        fn runs_give_what_was_written(of_runs in prop::collection::vec([postings(), postings()], 1..4)) {
            let runs = runs(&of_runs);
            for (place, field) in fields().into_iter().enumerate() {
                let mut expected: std::collections::BTreeMap<String, Vec<(DocId, Vec<u32>)>> = Default::default();
                for (of_run, n_before) in of_runs.iter().zip(0..) {
                    for (term, documents) in &of_run[place] {
                        let documents = documents.iter().map(|(doc, deltas)| (doc + 100 * n_before, deltas.clone()));
                        expected.entry(term.clone()).or_default().extend(documents);
                    }
                }
                let mut given = Given::default();
                merge(&runs, field, true, &mut given).unwrap();
                prop_assert_eq!(given.all, expected.into_iter().collect::<Vec<_>>());
                let is_there = |of_run: &[Postings; 2]| !of_run[place].is_empty();
                prop_assert_eq!(runs.iter().any(|run| run.has(field)), of_runs.iter().any(is_there));
            }
        }
    }

    #[test]
    fn a_run_that_is_cut_short_is_an_error() {
        let term = |name: &str| (name.repeat(9), vec![(1, vec![2])]);
        let of_run = [vec![term("le"), term("un")], Vec::new()];
        let runs = runs(&[of_run]);
        let [field, _] = fields();
        {
            let run = runs[0].file.lock().unwrap();
            assert_eq!(run.parts.len(), 2);
            run.file.set_len(run.parts[0].1.end).unwrap();
        }
        let merged = merge(&runs, field, true, &mut Given::default());
        assert_eq!(merged.unwrap_err().kind(), io::ErrorKind::UnexpectedEof);
    }
}

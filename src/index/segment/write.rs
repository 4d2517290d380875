//! Writes what builders hold as a segment, in the format of tantivy, through its serializers.

use std::cmp::Reverse;
use std::io::{self, BufWriter, Seek};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};
use std::{mem, thread};

use rayon::prelude::*;
use tantivy::directory::{CompositeWrite, FileSlice};
use tantivy::fieldnorm::{FieldNormReader, FieldNormsSerializer};
use tantivy::index::{Segment, SegmentComponent, SegmentMeta};
use tantivy::postings::FieldSerializer;
use tantivy::schema::{Field, IndexRecordOption, Schema};
use tantivy::{DocId, Index};
use tantivy_common::CountingWriter;
use tempfile::{SpooledTempFile, spooled_tempfile_in};

use super::builder::Builder;
use super::has_panicked;
use super::logs::Logs;
use super::postings::{Serialized, give_terms, has_terms};
use super::rest::{Rest, RestWriter};
use super::run::{Run, merge};

/// The files that postings are in.
const COMPONENTS: [SegmentComponent; 3] = [
    SegmentComponent::Terms,
    SegmentComponent::Postings,
    SegmentComponent::Positions,
];

/// Bytes of a field's part of one of them that are held in memory; more waits in a file.
const MAX_HELD_BYTES: usize = 16 << 20;

/// A field's part of one of them.
type Part = BufWriter<SpooledTempFile>;

/// A segment that is being written.
pub(super) struct SegmentWriter {
    inverted: InvertedWriter,
    rest: RestWriter,
}

impl SegmentWriter {
    /// Begins a segment of `index`, which is in `folder`.
    pub(super) fn new(index: &Index, folder: &Path) -> tantivy::Result<SegmentWriter> {
        let segment = index.new_segment();
        Ok(SegmentWriter {
            rest: RestWriter::new(&segment)?,
            inverted: InvertedWriter::new(segment, folder),
        })
    }

    /// Takes what `builders` hold; more is to come.
    pub(super) fn add(&mut self, builders: Vec<Builder>) -> tantivy::Result<()> {
        let (logs, rest) = close(builders);
        self.inverted.add(&logs)?;
        drop(logs);
        self.rest.add(rest)
    }

    /// Takes what `builders` hold, those of each after those of the one before, and writes the segment. It belongs to the
    /// index once the writer has added it and committed.
    pub(super) fn finish(mut self, mut builders: Vec<Builder>) -> tantivy::Result<SegmentMeta> {
        if !self.inverted.runs.is_empty() {
            self.add(mem::take(&mut builders))?;
        }
        let SegmentWriter { inverted, mut rest } = self;
        let (logs, parts) = close(builders);
        // By a thread of its own, so that all cores have something to do until the end.
        thread::scope(|scope| {
            let rest = scope.spawn(|| rest.add(parts).and_then(|()| rest.finish()));
            let meta = inverted.finish(&logs);
            rest.join().unwrap_or_else(|_| Err(has_panicked()))?;
            meta
        })
    }
}

/// What `builders` hold, in two parts; those that hold nothing are left out.
fn close(builders: Vec<Builder>) -> (Vec<Logs>, Vec<Rest>) {
    let builders = builders.into_iter().filter(|builder| !builder.is_empty());
    builders.map(Builder::close).unzip()
}

/// Writes the terms of a segment, and where they stand.
struct InvertedWriter {
    segment: Segment,
    schema: Schema,
    /// Where runs are.
    folder: PathBuf,
    n_docs: DocId,
    /// How many words each field has.
    n_words: Vec<u64>,
    /// How long the documents are, in words of a field, in a byte each: of the fields by which they are weighed.
    norms: Vec<(Field, Vec<u8>)>,
    runs: Vec<Run>,
}

impl InvertedWriter {
    fn new(segment: Segment, folder: &Path) -> InvertedWriter {
        let schema = segment.schema();
        let has_norms = |field: &Field| schema.get_field_entry(*field).has_fieldnorms();
        let fields = || schema.fields().map(|(field, _)| field);
        InvertedWriter {
            folder: folder.to_owned(),
            n_docs: 0,
            n_words: vec![0; schema.num_fields()],
            norms: fields()
                .filter(has_norms)
                .map(|field| (field, Vec::new()))
                .collect(),
            runs: Vec::new(),
            segment,
            schema,
        }
    }

    /// Writes a run of what `logs` hold; more is to come.
    fn add(&mut self, logs: &[Logs]) -> tantivy::Result<()> {
        let run = Run::new(&self.folder, self.n_docs)?;
        self.count(logs);
        self.for_fields(|field| {
            if has_terms(logs, field) {
                let mut writer = run.writer(field);
                let with_positions = self.option(field).has_positions();
                give_terms(logs, field, with_positions, &mut writer)?;
                writer.finish()?;
            }
            Ok(())
        })?;
        self.runs.push(run);
        Ok(())
    }

    /// Writes the terms of the segment: those that `logs` hold, or those of the runs, if there are any.
    fn finish(mut self, logs: &[Logs]) -> tantivy::Result<SegmentMeta> {
        self.count(logs);
        self.write_norms()?;
        if self.runs.is_empty() {
            self.write_postings(
                |field| has_terms(logs, field),
                |field, with_positions, sink| give_terms(logs, field, with_positions, sink),
            )?;
        } else {
            self.write_postings(
                |field| self.runs.iter().any(|run| run.has(field)),
                |field, with_positions, sink| merge(&self.runs, field, with_positions, sink),
            )?;
        }
        Ok(self.segment.with_max_doc(self.n_docs).meta().clone())
    }

    /// Counts documents and words.
    fn count(&mut self, logs: &[Logs]) {
        for logs in logs {
            self.n_docs += logs.n_docs;
            for (field, _) in self.schema.fields() {
                self.n_words[field.field_id() as usize] += logs.n_words(field);
            }
            for (field, norms) in &mut self.norms {
                let n_before = norms.len();
                norms.extend_from_slice(logs.norms(*field));
                norms.resize(n_before + logs.n_docs as usize, 0);
            }
        }
    }

    /// Does something with each field, several at a time, those of most words first, so that all cores have done at the same
    /// time, nearly.
    fn for_fields(
        &self,
        act: impl Fn(Field) -> tantivy::Result<()> + Sync + Send,
    ) -> tantivy::Result<()> {
        let mut fields: Vec<Field> = self.schema.fields().map(|(field, _)| field).collect();
        fields.sort_by_key(|field| Reverse(self.n_words[field.field_id() as usize]));
        fields.into_iter().par_bridge().try_for_each(act)
    }

    /// What is kept of where the words of a field stand.
    fn option(&self, field: Field) -> IndexRecordOption {
        let option = self.schema.get_field_entry(field).field_type();
        option
            .index_record_option()
            .unwrap_or(IndexRecordOption::Basic)
    }

    fn write_norms(&self) -> tantivy::Result<()> {
        let out = self.segment.open_write(SegmentComponent::FieldNorms)?;
        let mut serializer = FieldNormsSerializer::from_write(out)?;
        for (field, norms) in &self.norms {
            serializer.serialize_field(*field, norms)?;
        }
        serializer.close()?;
        Ok(())
    }

    fn norms(&self, field: Field) -> tantivy::Result<Option<FieldNormReader>> {
        let norms = self.norms.iter().find(|(of, _)| *of == field);
        let norms = norms.map(|(_, norms)| FieldNormReader::open(FileSlice::from(norms.clone())));
        norms.transpose()
    }

    /// Writes the postings of all fields; `has` tells whether there are any of a field, and `give` gives them. Those of each
    /// field are made by themselves, on one of the cores.
    fn write_postings(
        &self,
        has: impl Fn(Field) -> bool + Sync,
        give: impl Fn(Field, bool, &mut Serialized<Part>) -> io::Result<()> + Sync,
    ) -> tantivy::Result<()> {
        let [terms, postings, positions] =
            COMPONENTS.map(|component| self.segment.open_write(component));
        let files = [terms?, postings?, positions?].map(CompositeWrite::wrap);
        let files = Mutex::new(files);
        self.for_fields(|field| {
            if !has(field) {
                return Ok(());
            }
            let option = self.option(field);
            let mut parts = COMPONENTS.map(|_| {
                let part = spooled_tempfile_in(MAX_HELD_BYTES, &self.folder);
                CountingWriter::wrap(BufWriter::new(part))
            });
            let [terms, postings, positions] = &mut parts;
            let n_words = self.n_words[field.field_id() as usize];
            let norms = self.norms(field)?;
            let mut sink = Serialized {
                out: FieldSerializer::create(option, n_words, terms, postings, positions, norms)?,
                with_frequencies: option.has_freq(),
            };
            give(field, option.has_positions(), &mut sink)?;
            sink.out.close()?;
            // As soon as they are made, so that few are held.
            let mut files = files.lock().unwrap_or_else(PoisonError::into_inner);
            for (file, part) in files.iter_mut().zip(parts) {
                let mut part = part.finish().into_inner().map_err(io::Error::from)?;
                part.rewind()?;
                io::copy(&mut part, file.for_field(field))?;
            }
            Ok(())
        })?;
        let files = files.into_inner().unwrap_or_else(PoisonError::into_inner);
        files.into_iter().try_for_each(CompositeWrite::close)?;
        Ok(())
    }
}

//! Writes what builders hold as a segment, in the format of tantivy, through its serializers.

use std::io::{self, BufWriter, Seek, Write};
use std::mem;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use rayon::prelude::*;
use tantivy::columnar::{
    ColumnType, ColumnarReader, MergeRowOrder, StackMergeOrder, merge_columnar,
};
use tantivy::directory::{CompositeWrite, FileSlice, TerminatingWrite};
use tantivy::fieldnorm::{FieldNormReader, FieldNormsSerializer};
use tantivy::index::{Segment, SegmentComponent, SegmentMeta};
use tantivy::postings::FieldSerializer;
use tantivy::schema::{Field, FieldType, IndexRecordOption, Schema};
use tantivy::store::{StoreReader, StoreWriter};
use tantivy::{DocId, Index};
use tantivy_common::CountingWriter;
use tempfile::{SpooledTempFile, spooled_tempfile_in};

use super::builder::Builder;
use super::postings::{Serialized, give_terms, has_terms};
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
    store: StoreWriter,
    /// Tantivy's columns, in parts.
    columns: Vec<Vec<u8>>,
}

impl SegmentWriter {
    /// Begins a segment of `index`, which is in `folder`.
    pub(super) fn new(index: &Index, folder: &Path) -> tantivy::Result<SegmentWriter> {
        let segment = index.new_segment();
        let schema = index.schema();
        let settings = index.settings();
        let store = StoreWriter::new(
            segment.open_write(SegmentComponent::Store)?,
            settings.docstore_compression,
            settings.docstore_blocksize,
            false,
        )?;
        let has_norms = |field: &Field| schema.get_field_entry(*field).has_fieldnorms();
        let fields = || schema.fields().map(|(field, _)| field);
        Ok(SegmentWriter {
            folder: folder.to_owned(),
            n_docs: 0,
            n_words: vec![0; schema.num_fields()],
            norms: fields()
                .filter(has_norms)
                .map(|field| (field, Vec::new()))
                .collect(),
            runs: Vec::new(),
            store,
            columns: Vec::new(),
            segment,
            schema,
        })
    }

    /// Takes what `builders` hold; more is to come.
    pub(super) fn add(&mut self, builders: Vec<Builder>) -> tantivy::Result<()> {
        let builders = self.take_in(builders);
        let run = Run::new(&self.folder, self.n_docs)?;
        let write = |field: &Field| -> tantivy::Result<()> {
            if has_terms(&builders, *field) {
                let mut writer = run.writer(*field);
                let with_positions = self.option(*field).has_positions();
                give_terms(&builders, *field, with_positions, &mut writer)?;
                writer.finish()?;
            }
            Ok(())
        };
        self.fields().par_iter().try_for_each(write)?;
        self.runs.push(run);
        self.take_rest(builders)
    }

    /// Takes what `builders` hold, those of each after those of the one before, and writes the segment. It belongs to the
    /// index once the writer has added it and committed.
    pub(super) fn finish(mut self, builders: Vec<Builder>) -> tantivy::Result<SegmentMeta> {
        if self.runs.is_empty() {
            let builders = self.take_in(builders);
            self.write_norms()?;
            self.write_postings(
                |field| has_terms(&builders, field),
                |field, with_positions, sink| give_terms(&builders, field, with_positions, sink),
            )?;
            self.take_rest(builders)?;
        } else {
            self.add(builders)?;
            self.write_norms()?;
            self.write_postings(
                |field| self.runs.iter().any(|run| run.has(field)),
                |field, with_positions, sink| merge(&self.runs, field, with_positions, sink),
            )?;
        }
        self.write_columns()?;
        self.store.close()?;
        Ok(self.segment.with_max_doc(self.n_docs).meta().clone())
    }

    fn fields(&self) -> Vec<Field> {
        self.schema.fields().map(|(field, _)| field).collect()
    }

    /// What is kept of where the words of a field stand.
    fn option(&self, field: Field) -> IndexRecordOption {
        let option = self.schema.get_field_entry(field).field_type();
        option
            .index_record_option()
            .unwrap_or(IndexRecordOption::Basic)
    }

    /// Counts what comes, and closes it.
    fn take_in(&mut self, mut builders: Vec<Builder>) -> Vec<Builder> {
        builders.retain(|builder| builder.n_docs > 0);
        for builder in &mut builders {
            builder.close();
            for (field, _) in self.schema.fields() {
                self.n_words[field.field_id() as usize] += builder.n_words(field);
            }
            for (field, norms) in &mut self.norms {
                let n_before = norms.len();
                norms.extend_from_slice(builder.norms(*field));
                norms.resize(n_before + builder.n_docs as usize, 0);
            }
        }
        builders
    }

    /// Takes what is stored and the columns.
    fn take_rest(&mut self, builders: Vec<Builder>) -> tantivy::Result<()> {
        for builder in builders {
            self.n_docs += builder.n_docs;
            let (store, columns) = builder.into_rest()?;
            self.store
                .stack(StoreReader::open(FileSlice::from(store), 1)?)?;
            self.columns.push(columns);
        }
        Ok(())
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
        let write = |field: &Field| -> tantivy::Result<()> {
            if !has(*field) {
                return Ok(());
            }
            let option = self.option(*field);
            let mut parts = COMPONENTS.map(|_| {
                let part = spooled_tempfile_in(MAX_HELD_BYTES, &self.folder);
                CountingWriter::wrap(BufWriter::new(part))
            });
            let [terms, postings, positions] = &mut parts;
            let n_words = self.n_words[field.field_id() as usize];
            let norms = self.norms(*field)?;
            let mut sink = Serialized {
                out: FieldSerializer::create(option, n_words, terms, postings, positions, norms)?,
                with_frequencies: option.has_freq(),
            };
            give(*field, option.has_positions(), &mut sink)?;
            sink.out.close()?;
            // As soon as they are made, so that few are held.
            let mut files = files.lock().unwrap_or_else(PoisonError::into_inner);
            for (file, part) in files.iter_mut().zip(parts) {
                let mut part = part.finish().into_inner().map_err(io::Error::from)?;
                part.rewind()?;
                io::copy(&mut part, file.for_field(*field))?;
            }
            Ok(())
        };
        self.fields().par_iter().try_for_each(write)?;
        let files = files.into_inner().unwrap_or_else(PoisonError::into_inner);
        files.into_iter().try_for_each(CompositeWrite::close)?;
        Ok(())
    }

    fn write_columns(&mut self) -> tantivy::Result<()> {
        let mut out = self.segment.open_write(SegmentComponent::FastFields)?;
        let columns = mem::take(&mut self.columns);
        if let [columns] = columns.as_slice() {
            out.write_all(columns)?;
        } else {
            let readers = columns.into_iter().map(ColumnarReader::open);
            let readers: Vec<ColumnarReader> = readers.collect::<io::Result<_>>()?;
            let readers: Vec<&ColumnarReader> = readers.iter().collect();
            let fast = self.schema.fields().filter(|(_, field)| field.is_fast());
            let required: Vec<(String, ColumnType)> = fast
                .map(|(_, field)| match field.field_type() {
                    FieldType::Str(_) => (field.name().to_owned(), ColumnType::Str),
                    _ => (field.name().to_owned(), ColumnType::U64),
                })
                .collect();
            let order = MergeRowOrder::Stack(StackMergeOrder::stack(&readers));
            merge_columnar(&readers, &required, order, &mut out)?;
        }
        out.terminate()?;
        Ok(())
    }
}

//! What is not looked up of the documents of a segment: what is stored of them, and their columns.

use std::io::{self, Read, Seek, Write};
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use tantivy::Index;
use tantivy::columnar::{
    ColumnType, ColumnarReader, MergeRowOrder, StackMergeOrder, merge_columnar,
};
use tantivy::directory::{AntiCallToken, FileSlice, TerminatingWrite, WritePtr};
use tantivy::fastfield::FastFieldsWriter;
use tantivy::index::{Segment, SegmentComponent};
use tantivy::schema::{FieldType, Schema};
use tantivy::store::{StoreReader, StoreWriter};
use tempfile::{SpooledTempFile, spooled_tempfile_in};

use crate::index::entry::Entry;

/// Bytes of what is stored that are held in memory; more waits in a file. In tests, nearly all does.
const MAX_HELD_BYTES: usize = if cfg!(test) { 64 } else { 1 << 20 };

/// What is stored of documents, and their columns, until they are part of a segment.
pub(super) struct Rest {
    columns: FastFieldsWriter,
    store: StoreWriter,
    stored: Stored,
    /// Bytes of what is stored.
    pub(super) n_stored: usize,
}

impl Rest {
    /// That of documents of `index`, which is in `folder`.
    pub(super) fn new(index: &Index, folder: &Path) -> tantivy::Result<Rest> {
        let file = spooled_tempfile_in(MAX_HELD_BYTES, folder);
        let stored = Stored(Arc::new(Mutex::new(file)));
        let tokenizers = index.fast_field_tokenizer().clone();
        Ok(Rest {
            columns: FastFieldsWriter::from_schema_and_tokenizer_manager(
                &index.schema(),
                tokenizers,
            )?,
            store: store_writer(index, io::BufWriter::new(Box::new(stored.clone())))?,
            stored,
            n_stored: 0,
        })
    }

    /// Takes that of the next document.
    pub(super) fn add(&mut self, entry: &Entry) -> tantivy::Result<()> {
        self.columns.add_document(entry)?;
        self.store.store_bytes(entry.stored())?;
        self.n_stored += entry.stored().len();
        Ok(())
    }

    /// The bytes of memory it takes, but for what is stored.
    pub(super) fn n_bytes(&self) -> usize {
        self.columns.mem_usage()
    }

    /// What is stored, as a file of tantivy's, and the columns, likewise.
    fn into_files(mut self) -> tantivy::Result<(Vec<u8>, Vec<u8>)> {
        self.store.close()?;
        let mut columns = Vec::new();
        self.columns.serialize(&mut columns, None)?;
        Ok((self.stored.read()?, columns))
    }
}

/// The store of a segment, and its columns.
pub(super) struct RestWriter {
    segment: Segment,
    store: StoreWriter,
    /// Tantivy's columns, in parts.
    columns: Vec<Vec<u8>>,
}

impl RestWriter {
    /// Begins those of `segment`.
    pub(super) fn new(segment: &Segment) -> tantivy::Result<RestWriter> {
        let out = segment.open_write(SegmentComponent::Store)?;
        Ok(RestWriter {
            store: store_writer(segment.index(), out)?,
            columns: Vec::new(),
            segment: segment.clone(),
        })
    }

    /// Adds that of more documents.
    pub(super) fn add(&mut self, parts: Vec<Rest>) -> tantivy::Result<()> {
        for part in parts {
            let (store, columns) = part.into_files()?;
            self.store
                .stack(StoreReader::open(FileSlice::from(store), 1)?)?;
            self.columns.push(columns);
        }
        Ok(())
    }

    /// Writes what is left.
    pub(super) fn finish(self) -> tantivy::Result<()> {
        self.store.close()?;
        let mut out = self.segment.open_write(SegmentComponent::FastFields)?;
        if let [columns] = self.columns.as_slice() {
            out.write_all(columns)?;
        } else {
            let readers = self.columns.into_iter().map(ColumnarReader::open);
            let readers: Vec<ColumnarReader> = readers.collect::<io::Result<_>>()?;
            let readers: Vec<&ColumnarReader> = readers.iter().collect();
            let order = MergeRowOrder::Stack(StackMergeOrder::stack(&readers));
            let required = required_columns(&self.segment.schema());
            merge_columnar(&readers, &required, order, &mut out)?;
        }
        out.terminate()?;
        Ok(())
    }
}

/// The columns that a segment has, whatever its documents have.
fn required_columns(schema: &Schema) -> Vec<(String, ColumnType)> {
    let fast = schema.fields().filter(|(_, field)| field.is_fast());
    fast.map(|(_, field)| match field.field_type() {
        FieldType::Str(_) => (field.name().to_owned(), ColumnType::Str),
        _ => (field.name().to_owned(), ColumnType::U64),
    })
    .collect()
}

fn store_writer(index: &Index, out: WritePtr) -> io::Result<StoreWriter> {
    let settings = index.settings();
    let (compression, block_size) = (settings.docstore_compression, settings.docstore_blocksize);
    StoreWriter::new(out, compression, block_size, false)
}

/// What is stored, in a file: it is not looked at again before it is part of the segment, so the memory is for words.
#[derive(Clone)]
struct Stored(Arc<Mutex<SpooledTempFile>>);

impl Stored {
    /// All that was written.
    fn read(self) -> io::Result<Vec<u8>> {
        let mut file = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let mut bytes = Vec::new();
        file.rewind()?;
        file.read_to_end(&mut bytes)?;
        Ok(bytes)
    }
}

impl Write for Stored {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let mut file = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        file.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl TerminatingWrite for Stored {
    fn terminate_ref(&mut self, _: AntiCallToken) -> io::Result<()> {
        Ok(())
    }
}

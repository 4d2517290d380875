//! Writes what builders hold as one segment, in the format of tantivy, through its serializers.

use std::io::{self, Write};
use std::sync::{Mutex, PoisonError};

use rayon::prelude::*;
use tantivy::columnar::{
    ColumnType, ColumnarReader, MergeRowOrder, StackMergeOrder, merge_columnar,
};
use tantivy::directory::{CompositeWrite, FileSlice, TerminatingWrite};
use tantivy::fieldnorm::{FieldNormReader, FieldNormsSerializer};
use tantivy::index::{Segment, SegmentComponent, SegmentMeta};
use tantivy::postings::FieldSerializer;
use tantivy::schema::{Field, FieldType, IndexRecordOption};
use tantivy::store::{StoreReader, StoreWriter};
use tantivy::{DocId, Index};
use tantivy_common::CountingWriter;

use super::builder::Builder;
use super::invert::{BUFFER_BYTES, Occurrence, Order, Posting, Source, invert};
use super::strings::Strings;
use crate::language::Language;

/// Writes the documents of `builders`, those of each after those of the one before, as a segment of `index`; `None` when
/// there are none. It belongs to the index once the writer has added it and committed.
pub(super) fn write(
    index: &Index,
    mut builders: Vec<Builder>,
) -> tantivy::Result<Option<SegmentMeta>> {
    builders.retain(|builder| builder.n_docs > 0);
    builders.iter_mut().for_each(Builder::close);
    let n_docs = builders.iter().map(|builder| builder.n_docs).sum();
    if n_docs == 0 {
        return Ok(None);
    }
    let segment = index.new_segment().with_max_doc(n_docs);
    let norms = write_norms(&segment, &builders, n_docs)?;
    write_postings(&segment, &builders, &norms)?;
    let mut stores = Vec::new();
    let mut columns = Vec::new();
    for builder in builders {
        let (store, columns_of) = builder.into_rest()?;
        stores.push(store);
        columns.push(columns_of);
    }
    write_columns(&segment, columns)?;
    write_store(&segment, stores)?;
    Ok(Some(segment.meta().clone()))
}

/// The lengths of the documents of each language, in words, in a byte each.
fn write_norms(
    segment: &Segment,
    builders: &[Builder],
    n_docs: DocId,
) -> tantivy::Result<Vec<(Field, Vec<u8>)>> {
    let mut all = Vec::new();
    for language in Language::ALL {
        let mut norms = Vec::with_capacity(n_docs as usize);
        for builder in builders {
            norms.extend_from_slice(builder.norms(language));
            norms.resize(
                norms.len() + builder.n_docs as usize - builder.norms(language).len(),
                0,
            );
        }
        all.push((builders[0].fields.terms(language), norms));
    }
    let out = segment.open_write(SegmentComponent::FieldNorms)?;
    let mut serializer = FieldNormsSerializer::from_write(out)?;
    for (field, norms) in &all {
        serializer.serialize_field(*field, norms)?;
    }
    serializer.close()?;
    Ok(all)
}

/// Writes the postings of all fields, each made by itself on one of the cores.
fn write_postings(
    segment: &Segment,
    builders: &[Builder],
    norms: &[(Field, Vec<u8>)],
) -> tantivy::Result<()> {
    let schema = segment.schema();
    let fields: Vec<Field> = schema.fields().map(|(field, _)| field).collect();
    let mut files = Vec::new();
    for component in COMPONENTS {
        files.push(CompositeWrite::wrap(segment.open_write(component)?));
    }
    let files = Mutex::new(files);
    let write = |field: &Field| -> tantivy::Result<()> {
        let norms = norms.iter().find(|(of, _)| of == field);
        let norms = norms.map(|(_, norms)| FieldNormReader::open(FileSlice::from(norms.clone())));
        let entry = schema.get_field_entry(*field).field_type();
        let option = entry
            .index_record_option()
            .unwrap_or(IndexRecordOption::Basic);
        if let Some(postings) = postings(builders, *field, option, norms.transpose()?)? {
            // As soon as they are made, so that only those of a field a core are held.
            let mut files = files.lock().unwrap_or_else(PoisonError::into_inner);
            for (file, part) in files.iter_mut().zip(&postings) {
                file.for_field(*field).write_all(part)?;
            }
        }
        Ok(())
    };
    fields.par_iter().try_for_each(write)?;
    let files = files.into_inner().unwrap_or_else(PoisonError::into_inner);
    for file in files {
        file.close()?;
    }
    Ok(())
}

/// The files that postings are in.
const COMPONENTS: [SegmentComponent; 3] = [
    SegmentComponent::Terms,
    SegmentComponent::Postings,
    SegmentComponent::Positions,
];

/// What belongs into each of [`COMPONENTS`].
type Postings = [Vec<u8>; COMPONENTS.len()];

/// The postings of `field`; `None` where it has no terms.
fn postings(
    builders: &[Builder],
    field: Field,
    option: IndexRecordOption,
    norms: Option<FieldNormReader>,
) -> tantivy::Result<Option<Postings>> {
    let sets: Vec<&Strings> = builders
        .iter()
        .filter_map(|builder| builder.terms(field))
        .collect();
    let order = Order::of(&sets);
    if order.len() == 0 {
        return Ok(None);
    }
    let mut counts = vec![0; order.len()];
    let mut sources = Vec::new();
    let mut first_doc = 0;
    for (set, builder) in builders.iter().enumerate() {
        sources.push(builder.source(field, order.places(set), first_doc, &mut counts));
        first_doc += builder.n_docs;
    }
    let n_words = builders.iter().map(|builder| builder.n_words(field)).sum();
    let [mut terms, mut documents, mut positions] =
        [(); 3].map(|()| CountingWriter::wrap(Vec::new()));
    let out = FieldSerializer::create(
        option,
        n_words,
        &mut terms,
        &mut documents,
        &mut positions,
        norms,
    )?;
    let term = |place| {
        let (set, number) = order.at(place);
        sets[set].get(number)
    };
    match option.has_positions() {
        true => write_terms::<Occurrence>(&sources, &counts, term, option, out)?,
        false => write_terms::<DocId>(&sources, &counts, term, option, out)?,
    }
    let parts = [terms, documents, positions];
    Ok(Some(parts.map(CountingWriter::finish)))
}

/// Writes the terms and their postings; `counts` says how many words each has.
fn write_terms<'t, P: Posting>(
    sources: &[Source],
    counts: &[u32],
    term: impl Fn(usize) -> &'t [u8],
    option: IndexRecordOption,
    mut out: FieldSerializer<Vec<u8>>,
) -> io::Result<()> {
    let mut deltas = Vec::new();
    invert(
        sources,
        counts,
        BUFFER_BYTES / size_of::<P>(),
        |place, postings: &[P]| {
            let in_documents = || postings.chunk_by(|one, other| one.doc() == other.doc());
            let n_docs = in_documents().count() as u32;
            if n_docs == 0 {
                return Ok(()); // of another language, or too long
            }
            out.new_term(term(place), n_docs, option.has_freq())?;
            for of_document in in_documents() {
                deltas.clear();
                P::add_deltas(of_document, &mut deltas);
                out.write_doc(of_document[0].doc(), of_document.len() as u32, &deltas);
            }
            out.close_term()
        },
    )?;
    out.close()
}

fn write_columns(segment: &Segment, columns: Vec<Vec<u8>>) -> tantivy::Result<()> {
    let mut out = segment.open_write(SegmentComponent::FastFields)?;
    if let [columns] = columns.as_slice() {
        out.write_all(columns)?;
    } else {
        let readers = columns.into_iter().map(ColumnarReader::open);
        let readers: Vec<ColumnarReader> = readers.collect::<io::Result<_>>()?;
        let readers: Vec<&ColumnarReader> = readers.iter().collect();
        let schema = segment.schema();
        let fast = schema.fields().filter(|(_, field)| field.is_fast());
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

fn write_store(segment: &Segment, stores: Vec<Vec<u8>>) -> tantivy::Result<()> {
    let out = segment.open_write(SegmentComponent::Store)?;
    let settings = segment.index().settings();
    let mut writer = StoreWriter::new(
        out,
        settings.docstore_compression,
        settings.docstore_blocksize,
        false,
    )?;
    for store in stores {
        writer.stack(StoreReader::open(FileSlice::from(store), 1)?)?;
    }
    writer.close()?;
    Ok(())
}

//! The index pipeline: discover → load → detect language → split into passages → analyze → write → commit.
//!
//! One thread reads the files in order and hands batches of articles to all cores; the caller's thread passes what
//! comes back, still in order, to tantivy, whose own threads analyze and write. Batches are bounded and so are the
//! channels between, so memory does not grow with the corpus; the order is kept so that the same folder always gives
//! the same index.
//!
//! What the index held under the paths given is replaced, in the same commit as what is there now; what it held
//! elsewhere stays.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread;
use std::time::{Duration, Instant};

use rayon::prelude::*;
use tantivy::indexer::NoMergePolicy;
use tantivy::{IndexWriter, Searcher, TantivyDocument, Term};

use super::record::{article_document, passage_document};
use super::{
    ArticleRecord, Fields, Index, PassageRecord, Place, directory, find_article, guarded,
    manifest_now, write_error,
};
use crate::corpus::{Document, Item, Items, Limits, SkipReason, Skipped, SourceFile, discover};
use crate::error::{Error, Result};
use crate::language::{Language, detect};
use crate::passage::split;

/// Articles prepared together: enough to keep all cores busy, few enough to hold in memory.
const BATCH_ARTICLES: usize = 256;
/// Bytes of source after which a batch is closed earlier.
const BATCH_BYTES: u64 = 4 << 20;
/// Segments that an index may have; each costs every search a little.
const MAX_SEGMENTS: usize = 8;
/// Characters of a title, a heading or a name that are kept: they are indexed with every passage.
const MAX_LABEL_CHARS: usize = 300;
/// Batches that may wait to be written.
const WAITING_BATCHES: usize = 2;

/// How an index is built.
#[derive(Clone, Debug, Default)]
pub struct BuildOptions {
    /// Limits on what is read.
    pub limits: Limits,
    /// Start over: forget everything that the index holds, not only what it holds of the paths given, and even if it is
    /// damaged or of another version.
    pub rebuild: bool,
}

/// How far the building is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Progress {
    /// Files there are.
    pub n_files: u64,
    /// Bytes there are in them.
    pub n_bytes: u64,
    /// Files of which some or all was read.
    pub files_done: u64,
    /// Bytes that were read.
    pub bytes_done: u64,
}

/// What was indexed, and what was not.
#[derive(Debug, Default)]
pub struct BuildReport {
    /// Articles indexed.
    pub articles: u64,
    /// Passages they were split into.
    pub passages: u64,
    /// Passages of each language.
    pub languages: Vec<(Language, u64)>,
    /// Bytes they were read from.
    pub bytes: u64,
    /// Files of a kind that is not read.
    pub ignored: u64,
    /// Articles without text.
    pub empty: Vec<Skipped>,
    /// What should have been read and could not be, in the order of the corpus.
    pub skipped: Vec<Skipped>,
    /// Articles whose id another one had already.
    pub renamed: Vec<Renamed>,
    /// How long it took.
    pub elapsed: Duration,
}

/// An article whose id another one had already, and that was indexed under a new one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Renamed {
    /// The file it is in.
    pub path: PathBuf,
    /// The id it should have had.
    pub wanted: String,
    /// The id it has.
    pub id: String,
}

/// Indexes the articles found at `paths` (folders, files, collections) into the index in the folder `dir`, which is
/// made where there is none. What it held of these paths is replaced.
///
/// `progress` is told now and then how far it is.
///
/// # Errors
///
/// [`Error::PathNotFound`]; [`Error::NothingToIndex`] when there is no article at all; what [`Index::open_or_create`]
/// says; [`Error::IndexLocked`]; [`Error::IndexWrite`]. After an error the index holds what it held before, unless it could
/// not be read and `rebuild` was asked for.
pub fn build(
    dir: &Path,
    paths: &[PathBuf],
    options: &BuildOptions,
    progress: &mut dyn FnMut(Progress),
) -> Result<BuildReport> {
    let started = Instant::now();
    directory::check_writable(dir)?;
    let discovery = discover(paths, Some(dir))?;
    if discovery.files.is_empty() {
        return Err(nothing_to_index(paths, &discovery.skipped));
    }
    let index = Index::open_or_create(dir, options.rebuild)?;
    let mut build = Build::start(&index, options, paths, &discovery.files)?;
    build.report.ignored = discovery.ignored;
    build.skip(discovery.skipped);
    build.progress.n_files = discovery.files.len() as u64;
    build.progress.n_bytes = discovery.files.iter().map(|file| file.bytes).sum();
    progress(build.progress);

    let items = Items::new(discovery.files, options.limits);
    thread::scope(|scope| {
        let (sender, batches) = sync_channel(WAITING_BATCHES);
        let limits = options.limits;
        scope.spawn(move || prepare(items, &limits, &sender));
        build.write_all(&batches, progress)
    })?;

    if build.report.articles == 0 {
        let error = nothing_to_index(paths, &build.report.skipped);
        drop(build); // and with it the lock
        index.discard_if_empty()?;
        return Err(error);
    }
    let mut report = build.commit()?;
    report.elapsed = started.elapsed();
    Ok(report)
}

fn nothing_to_index(paths: &[PathBuf], skipped: &[Skipped]) -> Error {
    Error::NothingToIndex {
        paths: paths
            .iter()
            .map(|path| path.display().to_string())
            .collect(),
        skipped: skipped.iter().map(ToString::to_string).collect(),
    }
}

/// An article ready to be written.
struct Prepared {
    article: ArticleRecord,
    passages: Vec<PassageRecord>,
}

/// What became of one piece of work.
struct Outcome {
    path: PathBuf,
    n_bytes: u64,
    prepared: std::result::Result<Prepared, Skipped>,
}

/// Reads `items` in batches, prepares each batch on all cores, and sends it on, in order, until nobody listens.
fn prepare(items: Items, limits: &Limits, batches: &SyncSender<Vec<Outcome>>) {
    let mut items = items.peekable();
    while items.peek().is_some() {
        let mut batch: Vec<std::result::Result<Item, Skipped>> = Vec::new();
        let mut n_bytes = 0;
        while batch.len() < BATCH_ARTICLES && n_bytes < BATCH_BYTES {
            let Some(item) = items.next() else { break };
            n_bytes += item.as_ref().map_or(0, Item::n_bytes);
            batch.push(item);
        }
        let outcomes = batch
            .into_par_iter()
            .map(|item| match item {
                Ok(item) => Outcome {
                    path: item.path().to_owned(),
                    n_bytes: item.n_bytes(),
                    prepared: prepare_item(item, limits),
                },
                Err(skipped) => Outcome {
                    path: skipped.path.clone(),
                    n_bytes: 0,
                    prepared: Err(skipped),
                },
            })
            .collect();
        if batches.send(outcomes).is_err() {
            return;
        }
    }
}

/// Loads and prepares one article. A defect that one article brings to light must not stop the others.
fn prepare_item(item: Item, limits: &Limits) -> std::result::Result<Prepared, Skipped> {
    let path = item.path().to_owned();
    let prepare = || item.load(limits).map(prepare_article);
    catch_unwind(AssertUnwindSafe(prepare)).unwrap_or(Err(Skipped {
        path,
        line: None,
        reason: SkipReason::Defect,
    }))
}

/// Splits an article into passages and recognizes their languages.
fn prepare_article(mut document: Document) -> Prepared {
    let metadata = &mut document.metadata;
    shorten(&mut metadata.title);
    for label in [&mut metadata.author, &mut metadata.source] {
        label.iter_mut().for_each(shorten);
    }
    for section in &mut document.sections {
        section.heading.iter_mut().for_each(shorten);
    }
    let declared = document.metadata.language;
    let language = detect(&document.text, declared);
    let starts: Vec<usize> = document
        .sections
        .iter()
        .map(|section| section.start)
        .collect();
    let passages: Vec<PassageRecord> = split(&document.text, &starts)
        .into_iter()
        .enumerate()
        .map(|(n_before, range)| {
            let text = &document.text[range.clone()];
            let location = document.source.locate(range.clone());
            let n_sections = starts.partition_point(|&start| start < range.end);
            let section = document.sections[..n_sections]
                .iter()
                .rfind(|section| section.start <= range.start);
            PassageRecord {
                article: document.id.clone(),
                ordinal: n_before as u64 + 1,
                language: detect(text, Some(language)),
                text: text.to_owned(),
                place: Place {
                    bytes: [location.bytes.start, location.bytes.end],
                    lines: [location.lines.0, location.lines.1],
                    heading: section.and_then(|section| section.heading.clone()),
                },
            }
        })
        .collect();
    Prepared {
        article: ArticleRecord {
            id: document.id,
            path: document.path.to_string_lossy().into_owned(),
            metadata: document.metadata,
            language,
            n_passages: passages.len() as u64,
        },
        passages,
    }
}

/// Cuts a label that is longer than any should be.
fn shorten(label: &mut String) {
    if let Some((end, _)) = label.char_indices().nth(MAX_LABEL_CHARS) {
        label.truncate(end);
        label.push('…');
    }
}

/// A build under way.
struct Build<'i> {
    index: &'i Index,
    fields: Fields,
    writer: IndexWriter,
    ids: Ids,
    report: BuildReport,
    progress: Progress,
}

impl<'i> Build<'i> {
    /// Takes the lock and marks for deletion what the index holds under `paths`.
    fn start(
        index: &'i Index,
        options: &BuildOptions,
        paths: &[PathBuf],
        files: &[SourceFile],
    ) -> Result<Build<'i>> {
        let n_threads = thread::available_parallelism().map_or(1, |n| n.get().min(8));
        let writer = index.writer(n_threads)?;
        // Merging in the background would race with the merge after the commit.
        writer.set_merge_policy(Box::new(NoMergePolicy));
        let searcher = index.reader()?.searcher();
        let fields = index.fields();
        let replaced = if options.rebuild {
            writer
                .delete_all_documents()
                .map_err(|error| write_error(&index.path, &error))?;
            None
        } else {
            let mut replaced = guarded(&index.path, || paths_under(&searcher, &fields, paths))?;
            // A link may lead to a file that is not under any of the paths.
            let names = files
                .iter()
                .map(|file| file.path.to_string_lossy().into_owned());
            replaced.extend(names);
            for path in &replaced {
                writer.delete_term(Term::from_field_text(fields.path, path));
            }
            Some(replaced)
        };
        Ok(Build {
            index,
            fields,
            writer,
            ids: Ids {
                taken: HashSet::new(),
                wanted: HashMap::new(),
                existing: replaced.map(|replaced| (searcher, replaced)),
            },
            report: BuildReport {
                languages: Language::ALL.map(|language| (language, 0)).to_vec(),
                ..BuildReport::default()
            },
            progress: Progress::default(),
        })
    }

    /// Writes the batches as they come.
    fn write_all(
        &mut self,
        batches: &Receiver<Vec<Outcome>>,
        progress: &mut dyn FnMut(Progress),
    ) -> Result<()> {
        let mut file = PathBuf::new();
        for batch in batches {
            for outcome in batch {
                self.progress.bytes_done += outcome.n_bytes;
                if outcome.prepared.is_ok() {
                    self.report.bytes += outcome.n_bytes;
                }
                if outcome.path != file {
                    self.progress.files_done += 1;
                    file = outcome.path;
                }
                match outcome.prepared {
                    Ok(prepared) => self.write(prepared)?,
                    Err(skipped) => self.skip([skipped]),
                }
            }
            progress(self.progress);
        }
        Ok(())
    }

    fn write(&mut self, prepared: Prepared) -> Result<()> {
        let Prepared {
            mut article,
            mut passages,
        } = prepared;
        let id = guarded(&self.index.path, || {
            self.ids.assign(&self.fields, &article.id)
        })?;
        if id != article.id {
            for passage in &mut passages {
                passage.article.clone_from(&id);
            }
            self.report.renamed.push(Renamed {
                path: PathBuf::from(&article.path),
                wanted: std::mem::replace(&mut article.id, id.clone()),
                id,
            });
        }
        self.add(article_document(&self.fields, &article))?;
        for passage in &passages {
            self.add(passage_document(&self.fields, &article, passage))?;
            let language = self
                .report
                .languages
                .iter_mut()
                .find(|(language, _)| *language == passage.language);
            if let Some((_, n_passages)) = language {
                *n_passages += 1;
            }
        }
        self.report.articles += 1;
        self.report.passages += passages.len() as u64;
        Ok(())
    }

    fn add(&self, document: TantivyDocument) -> Result<()> {
        self.writer
            .add_document(document)
            .map(drop)
            .map_err(|error| write_error(&self.index.path, &error))
    }

    fn skip(&mut self, skipped: impl IntoIterator<Item = Skipped>) {
        for skipped in skipped {
            if matches!(skipped.reason, SkipReason::Empty) {
                self.report.empty.push(skipped);
            } else {
                self.report.skipped.push(skipped);
            }
        }
    }

    /// Commits what was written, in one step; then tidies up, which changes no answer and may fail.
    fn commit(mut self) -> Result<BuildReport> {
        let path = &self.index.path;
        let manifest =
            serde_json::to_string(&manifest_now()).expect("strings and numbers are always JSON");
        let mut commit = || -> tantivy::Result<()> {
            let mut prepared = self.writer.prepare_commit()?;
            prepared.set_payload(&manifest);
            prepared.commit().map(drop)
        };
        commit().map_err(|error| write_error(path, &error))?;
        // The commit stands: if merging fails, the next one tries again.
        let _ = self.compact();
        let _ = self.writer.wait_merging_threads();
        Ok(self.report)
    }

    /// Merges the segments that have deleted passages, which the statistics count until then (the same folder gives the
    /// same scores however often it was indexed), and the smallest of the others while there are many.
    fn compact(&mut self) -> tantivy::Result<()> {
        let mut segments = self.index.tantivy.searchable_segment_metas()?;
        segments.sort_by_key(|segment| (!segment.has_deletes(), segment.num_docs()));
        let n_with_deletes = segments
            .iter()
            .filter(|segment| segment.has_deletes())
            .count();
        let n_too_many = match segments.len().saturating_sub(MAX_SEGMENTS) {
            0 => 0,
            n_above => n_above + 1,
        };
        let merged: Vec<_> = segments[..n_with_deletes.max(n_too_many)]
            .iter()
            .map(|segment| segment.id())
            .collect();
        if !merged.is_empty() {
            self.writer.merge(&merged).wait()?;
        }
        // Files are kept as long as anything here refers to them.
        drop(segments);
        self.ids.existing = None;
        self.writer.garbage_collect_files().wait().map(drop)
    }
}

/// The ids of articles, each used once.
struct Ids {
    /// Those given in this run.
    taken: HashSet<String>,
    /// How often each was wanted.
    wanted: HashMap<String, u32>,
    /// The index as it was, with the paths whose articles are being replaced; `None` when all are.
    existing: Option<(Searcher, BTreeSet<String>)>,
}

impl Ids {
    /// Returns `wanted`, or `wanted~2`, `wanted~3` … where another article has it.
    fn assign(&mut self, fields: &Fields, wanted: &str) -> tantivy::Result<String> {
        let mut id = wanted.to_owned();
        let n = self.wanted.entry(id.clone()).or_insert(1);
        while self.taken.contains(&id) || is_elsewhere(&self.existing, fields, &id)? {
            *n += 1;
            id = format!("{wanted}~{n}");
        }
        self.taken.insert(id.clone());
        Ok(id)
    }
}

/// Tells whether an article of this id stays in the index.
fn is_elsewhere(
    existing: &Option<(Searcher, BTreeSet<String>)>,
    fields: &Fields,
    id: &str,
) -> tantivy::Result<bool> {
    let Some((searcher, replaced)) = existing else {
        return Ok(false);
    };
    let found = find_article(searcher, fields, id)?;
    Ok(found.is_some_and(|article| !replaced.contains(&article.path)))
}

/// The files, among those the index holds articles of, that are `paths` or under them.
fn paths_under(
    searcher: &Searcher,
    fields: &Fields,
    paths: &[PathBuf],
) -> tantivy::Result<BTreeSet<String>> {
    let mut found = BTreeSet::new();
    for path in paths {
        let Ok(root) = path.canonicalize() else {
            continue; // a broken link, which discovery reports
        };
        let prefix = root.to_string_lossy();
        for segment in searcher.segment_readers() {
            let inverted_index = segment.inverted_index(fields.path)?;
            let mut terms = inverted_index
                .terms()
                .range()
                .ge(prefix.as_bytes())
                .into_stream()?;
            while terms.advance() {
                let Ok(file) = std::str::from_utf8(terms.key()) else {
                    break;
                };
                if !file.starts_with(prefix.as_ref()) {
                    break;
                }
                if Path::new(file).starts_with(prefix.as_ref()) {
                    found.insert(file.to_owned());
                }
            }
        }
    }
    Ok(found)
}

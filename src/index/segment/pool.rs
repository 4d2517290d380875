//! Threads that build segments, one a core.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{self, JoinHandle};

use tantivy::index::SegmentMeta;
use tantivy::{Index, TantivyError};

use super::builder::Builder;
use super::queue::{Queue, Room};
use super::write::SegmentWriter;
use crate::index::entry::Entry;
use crate::index::{ArticleRecord, Fields, PassageRecord};

/// Bytes of text that may wait.
const WAITING_BYTES: u64 = 16 << 20;

/// Memory that builders may fill before it is written, in bytes, all together.
const MAX_BYTES: usize = 144 << 20;

/// What is to be indexed.
enum Job {
    Article(Box<ArticleRecord>, Vec<PassageRecord>, Arc<Room>),
    Entry(Entry),
}

/// Builds segments of what it is given, until it is told to finish.
pub(in crate::index) struct Pool {
    index: Index,
    folder: PathBuf,
    fields: Fields,
    n_threads: usize,
    max_bytes: usize,
    queue: Arc<Queue>,
    running: Option<Running>,
    /// The segment that has been begun.
    writer: Option<SegmentWriter>,
}

/// Threads that are at work.
struct Running {
    jobs: Sender<Job>,
    builders: Vec<JoinHandle<tantivy::Result<Builder>>>,
    /// The bytes of memory that their builders take.
    n_bytes: Arc<AtomicUsize>,
}

impl Pool {
    /// A pool that builds segments of `index`, which is in `folder`.
    pub(in crate::index) fn new(index: &Index, folder: &Path, fields: Fields) -> Pool {
        Pool {
            index: index.clone(),
            folder: folder.to_owned(),
            fields,
            n_threads: thread::available_parallelism().map_or(1, |n| n.get().min(8)),
            max_bytes: MAX_BYTES,
            queue: Queue::new(WAITING_BYTES),
            running: None,
            writer: None,
        }
    }

    /// Has an article and its passages indexed; waits until there is room for them.
    ///
    /// # Errors
    ///
    /// Why a segment could not be written; what it was to hold is lost.
    pub(in crate::index) fn add_article(
        &mut self,
        article: &ArticleRecord,
        passages: Vec<PassageRecord>,
    ) -> tantivy::Result<()> {
        let n_bytes = passages.iter().map(|passage| passage.text.len() as u64);
        let room = self.queue.enter(n_bytes.sum());
        self.send(Job::Article(Box::new(article.clone()), passages, room))
    }

    /// Has a document indexed.
    ///
    /// # Errors
    ///
    /// As [`Pool::add_article`].
    pub(in crate::index) fn add(&mut self, entry: Entry) -> tantivy::Result<()> {
        self.send(Job::Entry(entry))
    }

    fn send(&mut self, job: Job) -> tantivy::Result<()> {
        let n_bytes = |running: &Running| running.n_bytes.load(Ordering::Relaxed);
        if self.running.as_ref().map_or(0, n_bytes) > self.max_bytes {
            self.make_room()?;
        }
        let running = match &mut self.running {
            Some(running) => running,
            none => none.insert(Running::start(&self.index, self.fields, self.n_threads)),
        };
        match running.jobs.send(job) {
            Ok(()) => Ok(()),
            // They have all failed, and say why.
            Err(_) => self.stop().map(drop),
        }
    }

    /// Writes what was given so far as a segment, if anything was; what comes next goes into another.
    ///
    /// # Errors
    ///
    /// As [`Pool::add_article`].
    pub(in crate::index) fn finish(&mut self) -> tantivy::Result<Option<SegmentMeta>> {
        let builders = self.stop()?;
        let writer = self.writer.take();
        if writer.is_none() && builders.iter().all(Builder::is_empty) {
            return Ok(None);
        }
        let writer = writer.map_or_else(|| SegmentWriter::new(&self.index, &self.folder), Ok)?;
        writer.finish(builders).map(Some)
    }

    /// Writes what the builders hold; more of the same segment is to come.
    fn make_room(&mut self) -> tantivy::Result<()> {
        let builders = self.stop()?;
        let writer = match &mut self.writer {
            Some(writer) => writer,
            none => none.insert(SegmentWriter::new(&self.index, &self.folder)?),
        };
        writer.add(builders)
    }

    /// Ends the builders' threads.
    fn stop(&mut self) -> tantivy::Result<Vec<Builder>> {
        let Some(Running { jobs, builders, .. }) = self.running.take() else {
            return Ok(Vec::new());
        };
        drop(jobs);
        let builder = |thread: JoinHandle<_>| {
            let has_panicked = |_| Err(TantivyError::ErrorInThread("it has panicked".to_owned()));
            thread.join().unwrap_or_else(has_panicked)
        };
        builders.into_iter().map(builder).collect()
    }
}

impl Running {
    fn start(index: &Index, fields: Fields, n_threads: usize) -> Running {
        let (jobs, receiver) = channel();
        let receiver = Arc::new(Mutex::new(receiver));
        let n_bytes = Arc::new(AtomicUsize::new(0));
        let builders = (0..n_threads).map(|_| {
            let index = index.clone();
            let (receiver, n_bytes) = (Arc::clone(&receiver), Arc::clone(&n_bytes));
            thread::spawn(move || build(&index, fields, &receiver, &n_bytes))
        });
        Running {
            builders: builders.collect(),
            jobs,
            n_bytes,
        }
    }
}

/// Takes in what there is until there are no more jobs.
fn build(
    index: &Index,
    fields: Fields,
    jobs: &Mutex<Receiver<Job>>,
    n_bytes: &AtomicUsize,
) -> tantivy::Result<Builder> {
    let mut builder = Builder::new(index, fields)?;
    let mut n_bytes_before = 0;
    loop {
        let job = jobs.lock().unwrap_or_else(PoisonError::into_inner).recv();
        match job {
            Ok(Job::Article(article, passages, _room)) => {
                builder.add_article(&article, passages)?;
            }
            Ok(Job::Entry(entry)) => builder.add(&entry)?,
            Err(_) => return Ok(builder),
        }
        let n_bytes_now = builder.n_bytes();
        n_bytes.fetch_add(n_bytes_now.wrapping_sub(n_bytes_before), Ordering::Relaxed);
        n_bytes_before = n_bytes_now;
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use tantivy::postings::Postings;
    use tantivy::schema::{Document, IndexRecordOption, TantivyDocument};
    use tantivy::{DocSet, SegmentReader, TERMINATED};

    use super::*;
    use crate::corpus::Metadata;
    use crate::index::{Index as Opened, Place};
    use crate::language::Language;

    /// Articles of a few words, in all languages, whose headings and names come again.
    fn articles() -> impl Strategy<Value = Vec<(ArticleRecord, Vec<PassageRecord>)>> {
        let words = prop::sample::select(vec![
            "Été", "été", "the", "les", "marées", "maree", "tides", "l’île", "N°", "—", "12",
        ]);
        let text = prop::collection::vec(words, 0..12).prop_map(|words| words.join(" "));
        let language = prop::sample::select(Language::ALL.to_vec());
        let name = prop::option::of("[a-c]{1,2} [a-c]");
        let passages =
            prop::collection::vec((language, text.clone(), prop::option::of("[d-f]{2}")), 0..4);
        let article = (text, name.clone(), name, passages);
        prop::collection::vec(article, 1..20).prop_map(|articles| {
            let articles = articles.into_iter().enumerate();
            articles
                .map(|(n, (title, author, source, passages))| {
                    let id = format!("article-{n}");
                    let article = ArticleRecord {
                        id: id.clone(),
                        path: format!("/corpus/{n}.txt"),
                        origin: n as u64 / 2 + 1,
                        metadata: Metadata {
                            title,
                            author,
                            source,
                            ..Metadata::default()
                        },
                        language: Language::French,
                        n_passages: passages.len() as u64,
                    };
                    let passage = |(before, (language, text, heading))| PassageRecord {
                        article: id.clone(),
                        ordinal: before as u64 + 1,
                        language,
                        text,
                        place: Place {
                            bytes: [0, 1],
                            lines: [1, 1],
                            heading,
                        },
                    };
                    (
                        article,
                        passages.into_iter().enumerate().map(passage).collect(),
                    )
                })
                .collect()
        })
    }

    /// All that a segment has, in words.
    fn contents(reader: &SegmentReader) -> tantivy::Result<Vec<String>> {
        let mut all = vec![format!("{} documents", reader.max_doc())];
        let schema = reader.schema().clone();
        for (field, entry) in schema.fields() {
            let name = entry.name();
            if entry.is_indexed() {
                let inverted = reader.inverted_index(field)?;
                all.push(format!("{name}: {} words", inverted.total_num_tokens()));
                let mut terms = inverted.terms().stream()?;
                while let Some((term, info)) = terms.next() {
                    all.push(format!("{name} {term:?}: {}", info.doc_freq));
                    let option = IndexRecordOption::WithFreqsAndPositions;
                    let mut postings = inverted.read_postings_from_terminfo(info, option)?;
                    let mut positions = Vec::new();
                    while postings.doc() != TERMINATED {
                        postings.positions(&mut positions);
                        let n_times = postings.term_freq();
                        all.push(format!("in {}, {n_times}: {positions:?}", postings.doc()));
                        postings.advance();
                    }
                }
            }
            if entry.has_fieldnorms() {
                let norms = reader.get_fieldnorms_reader(field)?;
                let norms = (0..reader.max_doc()).map(|doc| norms.fieldnorm_id(doc));
                all.push(format!("{name}: {:?}", norms.collect::<Vec<u8>>()));
            }
            if entry.is_fast() {
                let columns = reader.fast_fields();
                let numbers = columns.u64(name).ok();
                let words = columns.str(name).ok().flatten();
                for doc in 0..reader.max_doc() {
                    let numbers = numbers.iter().flat_map(|column| column.values_for_doc(doc));
                    let words = words.iter().flat_map(|column| column.term_ords(doc));
                    all.push(format!(
                        "{name}: {:?}",
                        numbers.chain(words).collect::<Vec<u64>>()
                    ));
                }
            }
        }
        let store = reader.get_store_reader(1)?;
        for doc in 0..reader.max_doc() {
            all.push(store.get::<TantivyDocument>(doc)?.to_json(&schema));
        }
        Ok(all)
    }

    fn built(
        articles: &[(ArticleRecord, Vec<PassageRecord>)],
        n_threads: usize,
        max_bytes: usize,
    ) -> Vec<String> {
        let folder = tempfile::tempdir().unwrap();
        let index = Opened::open_or_create(folder.path(), false).unwrap();
        let mut pool = Pool {
            n_threads,
            max_bytes,
            ..Pool::new(&index.tantivy, folder.path(), index.fields())
        };
        for (article, passages) in articles {
            pool.add_article(article, passages.clone()).unwrap();
            if max_bytes == 0 {
                // As if the builder had taken it in at once.
                pool.make_room().unwrap();
            }
        }
        let segment = pool.finish().unwrap().unwrap();
        let reader = SegmentReader::open(&index.tantivy.segment(segment)).unwrap();
        contents(&reader).unwrap()
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(24))]

        /// Where the memory is enough for one article, and where it is enough for all.
        #[test]
        fn a_segment_is_the_same_whatever_the_memory(articles in articles()) {
            let at_once = built(&articles, 1, usize::MAX);
            let in_runs = built(&articles, 1, 0);
            prop_assert_eq!(at_once, in_runs);
        }
    }
}

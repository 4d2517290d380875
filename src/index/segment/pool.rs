//! Threads that build segments, one a core.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{self, JoinHandle};

use tantivy::index::SegmentMeta;
use tantivy::{Index, TantivyError};

use super::builder::Builder;
use super::has_panicked;
use super::queue::{Queue, Room};
use super::write::SegmentWriter;
use crate::index::codec::Learner;
use crate::index::entry::Entry;
use crate::index::{ArticleRecord, Fields, PassageRecord};

/// Bytes of text that may wait.
const WAITING_BYTES: u64 = 16 << 20;

/// Bytes that builders hold, all together, before it is written, what is stored aside, which waits in files; the tables they
/// are in take up to twice as much, and an article is taken in as a whole.
const MAX_BYTES: usize = 112 << 20;

/// Bytes of room that a job takes at least.
const MIN_ROOM: u64 = 1 << 10;

/// What is to be indexed, and the room it takes until then.
struct Job {
    work: Work,
    _room: Arc<Room>,
}

enum Work {
    Article(Box<ArticleRecord>, Vec<PassageRecord>),
    Entry(Entry),
}

/// Builds segments of what it is given, until it is told to finish.
pub(in crate::index) struct Pool {
    index: Index,
    folder: PathBuf,
    fields: Fields,
    learner: Arc<Learner>,
    n_threads: usize,
    max_bytes: usize,
    queue: Arc<Queue>,
    running: Option<Running>,
    /// The segment that has been begun.
    writer: Option<SegmentWriter>,
    /// Whether something is lost, so that nothing may be committed any more.
    is_broken: bool,
}

/// Threads that are at work.
struct Running {
    jobs: Sender<Job>,
    builders: Vec<JoinHandle<tantivy::Result<Builder>>>,
    /// The bytes of memory that their builders take.
    n_bytes: Arc<AtomicUsize>,
}

impl Pool {
    /// A pool that builds segments of `index`, which is in `folder`; their texts are written as `learner` has learned.
    pub(in crate::index) fn new(
        index: &Index,
        folder: &Path,
        fields: Fields,
        learner: &Arc<Learner>,
    ) -> Pool {
        Pool {
            index: index.clone(),
            folder: folder.to_owned(),
            fields,
            learner: Arc::clone(learner),
            n_threads: thread::available_parallelism().map_or(1, |n| n.get().min(8)),
            max_bytes: MAX_BYTES,
            queue: Queue::new(WAITING_BYTES),
            running: None,
            writer: None,
            is_broken: false,
        }
    }

    /// Has an article and its passages indexed; waits until there is room for them.
    ///
    /// # Errors
    ///
    /// Why something could not be indexed or written. It is lost then, and so all that follows fails as well.
    pub(in crate::index) fn add_article(
        &mut self,
        article: ArticleRecord,
        passages: Vec<PassageRecord>,
    ) -> tantivy::Result<()> {
        let n_bytes = passages.iter().map(|passage| passage.text.len() as u64);
        let n_bytes = n_bytes.sum();
        self.send(Work::Article(Box::new(article), passages), n_bytes)
    }

    /// Has a document indexed.
    ///
    /// # Errors
    ///
    /// As [`Pool::add_article`].
    pub(in crate::index) fn add(&mut self, entry: Entry) -> tantivy::Result<()> {
        self.send(Work::Entry(entry), 0)
    }

    /// Writes what was given so far as a segment, if anything was; what comes next goes into another.
    ///
    /// # Errors
    ///
    /// As [`Pool::add_article`].
    pub(in crate::index) fn finish(&mut self) -> tantivy::Result<Option<SegmentMeta>> {
        self.unless_broken(|pool| {
            let builders = pool.stop()?;
            let writer = pool.writer.take();
            if writer.is_none() && builders.iter().all(Builder::is_empty) {
                return Ok(None);
            }
            let writer =
                writer.map_or_else(|| SegmentWriter::new(&pool.index, &pool.folder), Ok)?;
            writer.finish(builders).map(Some)
        })
    }

    fn unless_broken<T>(
        &mut self,
        act: impl FnOnce(&mut Pool) -> tantivy::Result<T>,
    ) -> tantivy::Result<T> {
        if self.is_broken {
            let reason = "what came before could not be written";
            return Err(TantivyError::SystemError(reason.to_owned()));
        }
        let done = act(self);
        self.is_broken = done.is_err();
        done
    }

    fn send(&mut self, work: Work, n_bytes: u64) -> tantivy::Result<()> {
        let room = self.queue.enter(n_bytes.max(MIN_ROOM));
        let job = Job { work, _room: room };
        self.unless_broken(|pool| {
            let n_bytes = |running: &Running| running.n_bytes.load(Ordering::Relaxed);
            if pool.running.as_ref().map_or(0, n_bytes) > pool.max_bytes {
                pool.make_room()?;
            }
            let running = match pool.running.take() {
                Some(running) => running,
                None => Running::start(pool)?,
            };
            let running = pool.running.insert(running);
            let has_ended = running.builders.iter().any(JoinHandle::is_finished);
            if running.jobs.send(job).is_ok() && !has_ended {
                return Ok(());
            }
            // It says why, if it has not panicked.
            pool.stop()?;
            Err(has_panicked())
        })
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
        let builder = |thread: JoinHandle<_>| thread.join().unwrap_or_else(|_| Err(has_panicked()));
        builders.into_iter().map(builder).collect()
    }
}

impl Running {
    fn start(pool: &Pool) -> io::Result<Running> {
        let (jobs, receiver) = channel();
        let receiver = Arc::new(Mutex::new(receiver));
        let n_bytes = Arc::new(AtomicUsize::new(0));
        let builders = (0..pool.n_threads).map(|_| {
            let (index, folder) = (pool.index.clone(), pool.folder.clone());
            let fields = pool.fields;
            let learner = Arc::clone(&pool.learner);
            let (receiver, n_bytes) = (Arc::clone(&receiver), Arc::clone(&n_bytes));
            let build = move || {
                let builder = Builder::new(&index, &folder, fields, learner)?;
                build(builder, &receiver, &n_bytes)
            };
            thread::Builder::new().spawn(build)
        });
        Ok(Running {
            builders: builders.collect::<io::Result<_>>()?,
            jobs,
            n_bytes,
        })
    }
}

/// Takes in what there is until there are no more jobs.
fn build(
    mut builder: Builder,
    jobs: &Mutex<Receiver<Job>>,
    n_bytes: &AtomicUsize,
) -> tantivy::Result<Builder> {
    let mut n_bytes_before = 0;
    loop {
        let job = jobs.lock().unwrap_or_else(PoisonError::into_inner).recv();
        let Ok(job) = job else {
            return Ok(builder);
        };
        match job.work {
            Work::Article(article, passages) => builder.add_article(&article, passages)?,
            Work::Entry(entry) => builder.add(&entry)?,
        }
        let n_bytes_now = builder.n_bytes();
        // What is less than before wraps around, and the sum does as well.
        n_bytes.fetch_add(n_bytes_now.wrapping_sub(n_bytes_before), Ordering::Relaxed);
        n_bytes_before = n_bytes_now;
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use tantivy::postings::Postings;
    use tantivy::schema::IndexRecordOption;
    use tantivy::{DocSet, SegmentReader, TERMINATED};

    use super::*;
    use crate::corpus::Metadata;
    use crate::index::codec::Kind;
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
            all.push(format!("{:?}", store.get_document_bytes(doc)?.as_slice()));
        }
        Ok(all)
    }

    fn learner() -> Arc<Learner> {
        Arc::new(Learner::new(Vec::new(), 0, &[0; Kind::ALL.len()]))
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
            ..Pool::new(&index.tantivy, folder.path(), index.fields(), &learner())
        };
        for (article, passages) in articles {
            pool.add_article(article.clone(), passages.clone()).unwrap();
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

    #[test]
    fn after_a_loss_nothing_is_finished() {
        let folder = tempfile::tempdir().unwrap();
        let index = Opened::open_or_create(folder.path(), false).unwrap();
        let mut pool = Pool::new(
            &index.tantivy,
            &folder.path().join("nowhere"),
            index.fields(),
            &learner(),
        );
        let article = || ArticleRecord {
            id: "a".to_owned(),
            path: "/a.txt".to_owned(),
            origin: 1,
            metadata: Metadata::default(),
            language: Language::French,
            n_passages: 0,
        };
        pool.add_article(article(), Vec::new()).unwrap();
        assert!(
            pool.unless_broken(Pool::make_room).is_err(),
            "there is no room for a run"
        );
        assert!(pool.add_article(article(), Vec::new()).is_err());
        assert!(pool.finish().is_err());
    }
}

//! Threads that build segments, one a core.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{self, JoinHandle};
use std::{mem, panic};

use tantivy::Index;
use tantivy::index::SegmentMeta;

use super::builder::Builder;
use super::write::write;
use crate::index::entry::{Entry, Queue, Room};
use crate::index::{ArticleRecord, Fields, PassageRecord};

/// Bytes of text that may wait.
const WAITING_BYTES: u64 = 16 << 20;

/// Memory that builders may fill before they write a segment, in bytes, all together.
const MAX_BYTES: usize = 208 << 20;

/// What is to be indexed.
enum Job {
    Article(Box<ArticleRecord>, Vec<PassageRecord>, Arc<Room>),
    Entry(Entry),
}

/// Builds segments of what it is given, until it is told to finish.
pub(in crate::index) struct Pool {
    index: Index,
    fields: Fields,
    n_threads: usize,
    queue: Arc<Queue>,
    running: Option<Running>,
    segments: Vec<SegmentMeta>,
}

/// Threads that are at work.
struct Running {
    jobs: Sender<Job>,
    builders: Vec<JoinHandle<tantivy::Result<Builder>>>,
    /// The bytes of memory that their builders take.
    n_bytes: Arc<AtomicUsize>,
}

impl Pool {
    pub(in crate::index) fn new(index: &Index, fields: Fields) -> Pool {
        Pool {
            index: index.clone(),
            fields,
            n_threads: thread::available_parallelism().map_or(1, |n| n.get().min(8)),
            queue: Queue::new(WAITING_BYTES),
            running: None,
            segments: Vec::new(),
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
        let is_full = |running: &Running| running.n_bytes.load(Ordering::Relaxed) > MAX_BYTES;
        if self.running.as_ref().is_some_and(is_full) {
            self.write()?;
        }
        let running = match &mut self.running {
            Some(running) => running,
            none => none.insert(Running::start(&self.index, self.fields, self.n_threads)),
        };
        match running.jobs.send(job) {
            Ok(()) => Ok(()),
            // They have all failed, and say why.
            Err(_) => self.write(),
        }
    }

    /// Writes what was given so far, and says in which segments it is; what comes next goes into others.
    ///
    /// # Errors
    ///
    /// As [`Pool::add_article`].
    pub(in crate::index) fn finish(&mut self) -> tantivy::Result<Vec<SegmentMeta>> {
        self.write()?;
        Ok(mem::take(&mut self.segments))
    }

    /// Writes what the builders hold, as one segment.
    fn write(&mut self) -> tantivy::Result<()> {
        let Some(Running { jobs, builders, .. }) = self.running.take() else {
            return Ok(());
        };
        drop(jobs);
        let builder = |thread: JoinHandle<_>| {
            let builder = thread.join();
            builder.unwrap_or_else(|panic| panic::resume_unwind(panic))
        };
        let builders = builders.into_iter().map(builder);
        let builders = builders.collect::<tantivy::Result<_>>()?;
        self.segments.extend(write(&self.index, builders)?);
        Ok(())
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

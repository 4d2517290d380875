//! Threads that build segments, one a core.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{self, JoinHandle};
use std::{mem, panic};

use tantivy::index::SegmentMeta;
use tantivy::{Index, TantivyError};

use super::builder::Builder;
use super::write::write;
use crate::index::entry::{Entry, Queue, Room};
use crate::index::{ArticleRecord, Fields, PassageRecord};

/// Bytes of text that may wait.
const WAITING_BYTES: u64 = 16 << 20;

/// Memory that builders may fill before they write a segment, in bytes, for all together.
const MAX_BYTES: usize = 320 << 20;

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
}

struct Running {
    jobs: Sender<Job>,
    has_failed: Arc<AtomicBool>,
    threads: Vec<JoinHandle<tantivy::Result<Built>>>,
}

/// What a thread has made.
struct Built {
    segments: Vec<SegmentMeta>,
    /// What is not written yet.
    rest: Builder,
}

impl Pool {
    pub(in crate::index) fn new(index: &Index, fields: Fields) -> Pool {
        Pool {
            index: index.clone(),
            fields,
            n_threads: thread::available_parallelism().map_or(1, |n| n.get().min(8)),
            queue: Queue::new(WAITING_BYTES),
            running: None,
        }
    }

    /// Has an article and its passages indexed; waits until there is room for them.
    ///
    /// # Errors
    ///
    /// Why a thread could not write a segment. Nothing more is taken then.
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
        let running = match &mut self.running {
            Some(running) => running,
            none => none.insert(Running::start(&self.index, self.fields, self.n_threads)),
        };
        let is_taken = running.jobs.send(job).is_ok();
        if is_taken && !running.has_failed.load(Ordering::Relaxed) {
            return Ok(());
        }
        self.finish().map(drop).and(Err(TantivyError::SystemError(
            "a thread that builds segments has ended early".to_owned(),
        )))
    }

    /// Writes what was given so far; what comes next goes into other segments.
    ///
    /// # Errors
    ///
    /// Why it could not be written.
    pub(in crate::index) fn finish(&mut self) -> tantivy::Result<Vec<SegmentMeta>> {
        let Some(running) = mem::take(&mut self.running) else {
            return Ok(Vec::new());
        };
        drop(running.jobs);
        let mut segments = Vec::new();
        let mut rest = Vec::new();
        for thread in running.threads {
            let built = thread
                .join()
                .unwrap_or_else(|panic| panic::resume_unwind(panic))?;
            segments.extend(built.segments);
            rest.push(built.rest);
        }
        segments.extend(write(&self.index, rest)?);
        Ok(segments)
    }
}

impl Running {
    fn start(index: &Index, fields: Fields, n_threads: usize) -> Running {
        let (jobs, receiver) = channel();
        let receiver = Arc::new(Mutex::new(receiver));
        let has_failed = Arc::new(AtomicBool::new(false));
        let threads = (0..n_threads).map(|_| {
            let index = index.clone();
            let (receiver, has_failed) = (Arc::clone(&receiver), Arc::clone(&has_failed));
            thread::spawn(move || {
                let built = build(&index, fields, MAX_BYTES / n_threads, &receiver);
                if built.is_err() {
                    has_failed.store(true, Ordering::Relaxed);
                }
                built
            })
        });
        Running {
            threads: threads.collect(),
            jobs,
            has_failed,
        }
    }
}

/// Builds segments until there are no more jobs.
fn build(
    index: &Index,
    fields: Fields,
    max_bytes: usize,
    jobs: &Mutex<Receiver<Job>>,
) -> tantivy::Result<Built> {
    let mut segments = Vec::new();
    let mut builder = Builder::new(index, fields)?;
    loop {
        let job = jobs.lock().unwrap_or_else(PoisonError::into_inner).recv();
        match job {
            Ok(Job::Article(article, passages, _room)) => {
                builder.add_article(&article, passages)?
            }
            Ok(Job::Entry(entry)) => builder.add(&entry)?,
            Err(_) => {
                return Ok(Built {
                    segments,
                    rest: builder,
                });
            }
        }
        if builder.n_bytes() > max_bytes {
            let full = mem::replace(&mut builder, Builder::new(index, fields)?);
            segments.extend(write(index, vec![full])?);
        }
    }
}

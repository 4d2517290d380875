//! Writes what has changed, file by file, and commits it.
//!
//! A file is whole in every commit: what the index held of it goes, and what it holds now comes, with the record of the
//! file, between two commits. Only a collection of which the index held nothing may be there in part, since it may be
//! as large as a whole corpus: its record says then how many lines were read. A commit is one step of tantivy, which
//! renames the file that lists the segments.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::mpsc::Receiver;
use std::time::{Duration, Instant};

use super::build::{BuildOptions, BuildReport, FileCounts, Progress, Renamed};
use super::current::CurrentFile;
use super::difference::Difference;
use super::files::{
    FileDetails, FileRecord, KnownFile, KnownFiles, known_files, next_origin, path_key,
};
use super::ids::Ids;
use super::lookup::first_article;
use super::prepare::{Outcome, Prepared};
use super::sink::Sink;
use super::snapshot::Snapshot;
use super::watch::Stop;
use super::{Index, Manifest, guarded, write_error};
use crate::corpus::{
    Discovery, Fingerprint, Limits, SkipReason, Skipped, SourceFile, depends_on_name, entry_path,
};
use crate::error::{Error, Result};
use crate::language::Language;

/// An index that is being written to; it stays locked.
pub(super) struct Writing<'i> {
    index: &'i Index,
    sink: Sink<'i>,
    /// The index as it was, and the files it knew.
    before: Arc<Snapshot>,
    known: KnownFiles,
    /// The number of the next file that is new.
    next_origin: u64,
    roots: Vec<String>,
    was_finished: bool,
    /// Whether all that is to be found under the roots is in the index when this run has come to its end: not where an earlier
    /// one was interrupted, and this one looks at some of them only.
    will_be_finished: bool,
    ids: Ids,
    /// Whether nothing stays of what the index held.
    is_first: bool,
    /// Files that were moved and are read again all the same: where they are, and the keys of the paths they had.
    moved: BTreeMap<PathBuf, String>,
    /// Files of which only the time has changed: that is written when there is something else to write.
    touched: Vec<(Fingerprint, SourceFile)>,
    commits: Commits,
    max_bytes: u64,
    stop: Option<Stop>,
    current: Option<CurrentFile>,
    report: BuildReport,
    progress: Progress,
}

/// When the last commit was, and when the next one is due.
struct Commits {
    /// Not at all before the end, where each commit takes away something that has yet to be read again.
    every: Option<Duration>,
    last: Instant,
}

impl<'i> Writing<'i> {
    /// Takes the lock and reads what the index knows.
    pub(super) fn start(index: &'i Index, options: &BuildOptions) -> Result<Writing<'i>> {
        let mut sink = Sink::open(index, options.rebuild)?;
        let before = Arc::new(index.snapshot()?);
        let was_empty = before.searcher.num_docs() == 0;
        let (known, next_origin, manifest) = match options.rebuild {
            true => (KnownFiles::new(), 1, None),
            false => (
                guarded(&index.path, || known_files(&before.searcher))?,
                guarded(&index.path, || next_origin(&before.searcher))?,
                index.manifest()?,
            ),
        };
        let was_finished = manifest
            .as_ref()
            .is_none_or(|manifest| manifest.finished || manifest.roots.is_empty());
        let roots = manifest.map_or_else(Vec::new, |manifest| manifest.roots);
        if options.rebuild {
            sink.clear()?;
        }
        Ok(Writing {
            index,
            sink,
            ids: Ids::new((!options.rebuild).then(|| Arc::clone(&before))),
            before,
            known,
            next_origin,
            roots,
            was_finished,
            will_be_finished: true,
            is_first: options.rebuild || was_empty,
            moved: BTreeMap::new(),
            touched: Vec::new(),
            commits: Commits {
                every: (was_empty || !options.rebuild).then_some(options.commit_every),
                last: Instant::now(),
            },
            max_bytes: options.limits.max_file_bytes,
            stop: options.stop.clone(),
            current: None,
            report: BuildReport {
                languages: Language::ALL.map(|language| (language, 0)).to_vec(),
                ..BuildReport::default()
            },
            progress: Progress::default(),
        })
    }

    /// The files that the index knew.
    pub(super) fn known(&self) -> &KnownFiles {
        &self.known
    }

    /// The folders and files that are in the index, those that are being added too.
    pub(super) fn roots(&self) -> &[String] {
        &self.roots
    }

    /// Whether lines of `file` were cut off by a limit that is another now.
    pub(super) fn has_other_limit(&self, file: &KnownFile) -> bool {
        let details = guarded(&self.index.path, || file.details(&self.before));
        let max_bytes = details.ok().flatten().map(|details| details.max_bytes);
        max_bytes != Some(self.max_bytes)
    }

    /// Keeps in mind where articles are from, and what was skipped there.
    pub(super) fn note(&mut self, discovery: &Discovery) {
        self.report.ignored = discovery.ignored;
        self.roots
            .extend(discovery.roots.iter().map(|root| path_key(&root.path)));
        let missing = discovery.missing.iter().map(|path| entry_path(path));
        let no_more: Vec<String> = missing
            .chain(discovery.links.iter().cloned())
            .map(|path| path_key(&path))
            .collect();
        self.roots.retain(|root| !no_more.contains(root));
        // By the parts of the path, so that what lies in a folder directly follows it: as strings, `a-b` stands between `a` and
        // `a/b`.
        self.roots
            .sort_by(|one, other| Path::new(one).cmp(Path::new(other)));
        self.roots
            .dedup_by(|root, above| Path::new(root).starts_with(above));
        let given: Vec<String> = discovery
            .roots
            .iter()
            .map(|root| path_key(&root.path))
            .collect();
        let is_given = |root: &String| given.iter().any(|given| Path::new(root).starts_with(given));
        self.will_be_finished = self.was_finished || self.roots.iter().all(is_given);
    }

    /// Deletes what is gone, moves what was moved, and returns what is to be read.
    pub(super) fn begin(&mut self, difference: Difference) -> Result<Vec<SourceFile>> {
        let Difference {
            added: mut to_read,
            changed,
            resumed,
            moved,
            removed,
            n_unchanged,
            unchanged_flawed,
            touched,
            skipped,
        } = difference;
        for skipped in skipped {
            self.skip(skipped);
        }
        self.report.files = FileCounts {
            moved: moved.len() as u64,
            removed: removed.len() as u64,
            unchanged: n_unchanged,
            ..FileCounts::default()
        };
        self.touched = touched;
        for path in unchanged_flawed {
            self.skip_again(&path);
        }
        for path in &removed {
            self.forget(path)?;
        }
        for (from, fingerprint, file) in moved {
            if let Some(file) = self.move_file(&from, fingerprint, file)? {
                self.moved.insert(file.path.clone(), from);
                to_read.push(file);
            }
            if self.stop.as_ref().is_some_and(Stop::is_stopped) {
                self.stop_here()?;
            }
            self.commit_if_due()?;
        }
        for mut file in changed {
            let path = path_key(&file.path);
            let known = self.details(&path)?.name;
            if !known.is_empty() {
                file.name = known;
            }
            if self.known[&path].is_partial() {
                // Half an answer, and no longer the beginning of a whole one.
                self.forget(&path)?;
            }
            to_read.push(file);
        }
        let mut n_bytes_read = 0;
        for mut file in resumed {
            let details = self.details(&path_key(&file.path))?;
            file.name = details.name;
            file.read = details.read.unwrap_or_default();
            n_bytes_read += file.read.bytes;
            to_read.push(file);
        }
        self.progress.n_files = to_read.len() as u64;
        let n_bytes: u64 = to_read.iter().map(|file| file.bytes).sum();
        self.progress.n_bytes = n_bytes.saturating_sub(n_bytes_read);
        Ok(to_read)
    }

    /// Learns how to write what is going to be read.
    pub(super) fn learn(&mut self, to_read: &[SourceFile], limits: &Limits) -> Result<()> {
        self.sink.learn(to_read, limits)
    }

    /// Says again what was wrong with a file that is as it was.
    fn skip_again(&mut self, path: &str) {
        let reason = match self.known[path].n_failures {
            0 => SkipReason::Empty,
            n_lines => SkipReason::Before { n_lines },
        };
        self.skip(Skipped {
            path: PathBuf::from(path),
            line: None,
            reason,
        });
    }

    /// Deletes what the index held of a file, if anything.
    fn forget(&mut self, path: &str) -> Result<()> {
        let Some(origin) = self.known.get(path).map(|file| file.origin) else {
            return Ok(());
        };
        self.sink.forget_articles(origin);
        self.sink.forget_file(path);
        self.ids.free(origin);
        Ok(())
    }

    fn details(&self, path: &str) -> Result<FileDetails> {
        let details = guarded(&self.index.path, || self.known[path].details(&self.before))?;
        Ok(details.unwrap_or_else(FileDetails::lost))
    }

    /// Writes down where a file that has moved is now, and leaves its articles as they are; or returns the file when it has to
    /// be read again. Either way they keep their ids.
    fn move_file(
        &mut self,
        from: &str,
        fingerprint: Fingerprint,
        mut file: SourceFile,
    ) -> Result<Option<SourceFile>> {
        let FileDetails {
            name, max_bytes, ..
        } = self.details(from)?;
        file.name = name;
        let origin = self.known[from].origin;
        let first = guarded(&self.index.path, || first_article(&self.before, origin))?;
        let depends = first.as_ref().is_some_and(|first| {
            file.is_article() && depends_on_name(&first.metadata, Path::new(from), &file.path)
        });
        // What has become too large to be read keeps the title it had.
        if depends && file.bytes <= self.max_bytes {
            return Ok(Some(file));
        }
        let known = &self.known[from];
        let mut record = FileRecord::new(&file, origin, fingerprint, max_bytes);
        record.n_articles = known.n_articles;
        record.n_failures = known.n_failures;
        if known.n_failures > 0 {
            let n_lines = known.n_failures;
            self.skip(Skipped {
                path: file.path.clone(),
                line: None,
                reason: SkipReason::Before { n_lines },
            });
        }
        record.has_moved = first.is_some_and(|first| first.path != record.path);
        self.sink.forget_file(from);
        self.sink.write_file(&record, &file.root)?;
        Ok(None)
    }

    /// Writes the batches as they come.
    pub(super) fn write_all(
        &mut self,
        batches: &Receiver<Vec<Outcome>>,
        progress: &mut dyn FnMut(Progress),
    ) -> Result<()> {
        for batch in batches {
            if self.stop.as_ref().is_some_and(Stop::is_stopped) {
                return self.stop_here();
            }
            for outcome in batch {
                self.write(outcome)?;
            }
            progress(self.progress);
            if self.is_commit_due() && self.record_so_far()? {
                self.commit_on_the_way()?;
            }
        }
        self.end_file()
    }

    /// Commits what is whole, and what can be gone on from.
    fn stop_here(&mut self) -> Result<()> {
        let is_whole = |current: &CurrentFile| current.file.is_article();
        if self.commits.every.is_some() {
            let may_commit = self.current.as_ref().is_none_or(is_whole) || self.record_so_far()?;
            if may_commit && self.sink.has_written() {
                self.commit_now(false)?;
            }
        }
        Err(Error::Stopped)
    }

    /// Writes how far the current file has been read, if a later run can go on from there; whether it can.
    fn record_so_far(&mut self) -> Result<bool> {
        let current = self.current.as_ref();
        let Some(current) = current.filter(|current| current.may_be_resumed()) else {
            return Ok(false);
        };
        if !current.is_recorded {
            let record = current.record_so_far(self.max_bytes);
            let root = current.file.root.clone();
            self.sink.forget_file(&record.path);
            self.sink.write_file(&record, &root)?;
            self.with_current(|current| current.has_mark = true);
        }
        Ok(true)
    }

    fn write(&mut self, outcome: Outcome) -> Result<()> {
        let Outcome {
            file,
            line,
            n_bytes,
            prepared,
            file_read,
        } = outcome;
        if self
            .current
            .as_ref()
            .is_none_or(|current| current.file.path != file.path)
        {
            self.end_file()?;
            self.commit_if_due()?;
            self.begin_file(file);
        }
        self.progress.bytes_done += n_bytes;
        self.with_current(|current| current.advance(line, n_bytes));
        match prepared {
            Some(Ok(prepared)) => {
                self.count(&prepared, n_bytes);
                self.replace()?;
                self.with_current(|current| current.n_articles += 1);
                self.write_article(prepared)?;
            }
            Some(Err(skipped)) => {
                let is_file = skipped.line.is_none();
                // What cannot be read now may be read again another time; until then it is kept as it was.
                if !(is_file && matches!(skipped.reason, SkipReason::Unreadable(_))) {
                    self.replace()?;
                }
                let current = self.current.as_mut();
                if current.is_none_or(|current| current.skip(&skipped)) {
                    self.skip(skipped);
                }
            }
            None => {}
        }
        if let Some(fingerprint) = file_read {
            self.record_file(fingerprint)?;
        }
        Ok(())
    }

    fn count(&mut self, prepared: &Prepared, n_bytes: u64) {
        let report = &mut self.report;
        report.bytes += n_bytes;
        report.articles += 1;
        report.passages += prepared.passages.len() as u64;
        for passage in &prepared.passages {
            let mut languages = report.languages.iter_mut();
            if let Some((_, n_passages)) =
                languages.find(|(language, _)| *language == passage.language)
            {
                *n_passages += 1;
            }
        }
    }

    fn begin_file(&mut self, file: SourceFile) {
        self.progress.files_done += 1;
        let path = path_key(&file.path);
        let known = self.moved.get(&file.path).unwrap_or(&path);
        let origin = match self.known.get(known) {
            Some(known) => known.origin,
            None => {
                self.next_origin += 1;
                self.next_origin - 1
            }
        };
        let known = self.known.get(known);
        self.current = Some(CurrentFile::new(file, origin, known));
    }

    fn with_current(&mut self, change: impl FnOnce(&mut CurrentFile)) {
        if let Some(current) = &mut self.current {
            change(current);
        }
    }

    /// Deletes what the index held of the current file, here or where it was before, once.
    fn replace(&mut self) -> Result<()> {
        let Some(current) = self.current.as_mut().filter(|current| !current.is_replaced) else {
            return Ok(());
        };
        current.is_replaced = true;
        let path = path_key(&current.file.path);
        let from = self.moved.get(&current.file.path).cloned();
        self.forget(&path)?;
        // Not earlier: there may have been a commit since this run began.
        if let Some(from) = from {
            self.forget(&from)?;
        }
        Ok(())
    }

    /// Writes what is to be known of the current file, which was read to its end.
    fn record_file(&mut self, fingerprint: Fingerprint) -> Result<()> {
        let Some(current) = &self.current else {
            return Ok(());
        };
        if current.file.is_article() && current.n_failures > 0 {
            return Ok(()); // tried again the next time
        }
        let record = current.record(fingerprint, self.max_bytes);
        let root = current.file.root.clone();
        if current.has_mark {
            self.sink.forget_file(&record.path);
        }
        self.replace()?;
        self.with_current(|current| current.is_recorded = true);
        self.sink.write_file(&record, &root)
    }

    /// Counts the current file.
    fn end_file(&mut self) -> Result<()> {
        let Some(current) = self.current.as_ref() else {
            return Ok(());
        };
        if current.n_articles > 0 && !current.is_recorded {
            // A collection could be read in part only. A file that the index has articles of must be known to it, or they
            // would stay when it goes; this is the content of none, so that it is read again.
            self.record_file(Fingerprint {
                bytes: current.file.bytes,
                stamp: 0,
                hash: 0,
            })?;
        }
        let Some(current) = self.current.take() else {
            return Ok(());
        };
        if current.n_unnamed > 0 {
            self.skip(Skipped {
                path: current.file.path.clone(),
                line: None,
                reason: SkipReason::More {
                    n_lines: current.n_unnamed,
                },
            });
        }
        let files = &mut self.report.files;
        let is_known = self.known.contains_key(&path_key(&current.file.path));
        match (is_known, current.n_articles) {
            (true, _) if !current.is_replaced => files.unchanged += 1,
            (true, _) if current.is_new => files.added += 1,
            (true, 0) if current.n_failures > 0 => files.removed += 1,
            (true, _) => files.changed += 1,
            (false, 0) if current.n_failures > 0 || !current.is_replaced => {}
            (false, _) if self.moved.contains_key(&current.file.path) => {}
            (false, _) => files.added += 1,
        }
        Ok(())
    }

    /// Writes what is to be known of a file of which only the time has changed.
    fn touch(&mut self, fingerprint: Fingerprint, file: &SourceFile) -> Result<()> {
        let path = path_key(&file.path);
        let known = &self.known[&path];
        let record = FileRecord {
            n_articles: known.n_articles,
            n_failures: known.n_failures,
            has_moved: known.has_moved,
            details: self.details(&path)?,
            ..FileRecord::new(file, known.origin, fingerprint, self.max_bytes)
        };
        self.sink.forget_file(&path);
        self.sink.write_file(&record, &file.root)
    }

    fn write_article(&mut self, prepared: Prepared) -> Result<()> {
        let Prepared {
            mut article,
            passages,
        } = prepared;
        article.origin = self.current.as_ref().map_or(0, |current| current.origin);
        let id = guarded(&self.index.path, || self.ids.assign(&article.id))?;
        if id != article.id {
            self.report.renamed.push(Renamed {
                path: PathBuf::from(&article.path),
                wanted: std::mem::replace(&mut article.id, id.clone()),
                id,
            });
        }
        self.sink.write_article(article, passages)
    }

    fn skip(&mut self, skipped: Skipped) {
        if matches!(skipped.reason, SkipReason::Empty) {
            self.report.empty.push(skipped);
        } else {
            self.report.skipped.push(skipped);
        }
    }

    /// Whether there was nothing to index, nor anything indexed before that was looked for.
    pub(super) fn is_empty(&self) -> bool {
        self.report.articles == 0
            && self.report.files.unchanged == 0
            && self.report.files.removed == 0
            && self.report.files.changed == 0
            && self.report.files.moved == 0
    }

    /// What was done.
    pub(super) fn into_report(self) -> BuildReport {
        self.report
    }

    fn commit_if_due(&mut self) -> Result<()> {
        match self.is_commit_due() {
            true => self.commit_on_the_way(),
            false => Ok(()),
        }
    }

    fn is_commit_due(&self) -> bool {
        let every = self.commits.every;
        every.is_some_and(|every| self.commits.last.elapsed() >= every)
    }

    fn commit_on_the_way(&mut self) -> Result<()> {
        self.commit_now(false)?;
        self.progress.committed = self.report.articles;
        self.commits.last = Instant::now();
        Ok(())
    }

    fn commit_now(&mut self, is_finished: bool) -> Result<()> {
        let manifest = Manifest {
            roots: self.roots.clone(),
            finished: is_finished,
            ..Manifest::now()
        };
        self.sink.commit(&manifest)
    }

    /// Commits what was written, in one step; then tidies up, which changes no answer and may fail. Where nothing has
    /// changed, nothing is written.
    pub(super) fn commit(mut self) -> Result<BuildReport> {
        let is_as_it_was = |manifest: Manifest| {
            manifest.finished == self.will_be_finished && manifest.roots == self.roots
        };
        // A file that was fresh when it was read is read again until there is something else to write; one that was touched
        // need be read but once.
        let is_touched = self.touched.iter().any(|(fingerprint, file)| {
            let known = self.known.get(&path_key(&file.path));
            fingerprint.is_settled() && known.is_some_and(|known| known.fingerprint.is_settled())
        });
        let has_news = self.sink.has_written() || is_touched;
        if !has_news && self.index.manifest()?.is_some_and(is_as_it_was) {
            // A run that ended early may have left something behind.
            self.tidy_up();
            return Ok(self.report);
        }
        for (fingerprint, file) in std::mem::take(&mut self.touched) {
            self.touch(fingerprint, &file)?;
        }
        self.commit_now(self.will_be_finished)?;
        self.tidy_up();
        let Writing { sink, report, .. } = self;
        sink.close();
        Ok(report)
    }

    /// Merges what is small and removes what is not needed. The commit stands, whatever comes of it.
    fn tidy_up(&mut self) {
        if let Err(error) = self.compact() {
            self.report.not_merged = Some(write_error(&self.index.path, &error));
        }
    }

    fn compact(&mut self) -> tantivy::Result<()> {
        let merged = self.sink.merge(self.is_first);
        // Files are kept as long as anything here refers to them.
        self.ids.forget_existing();
        self.before = Arc::new(self.index.snapshot_unguarded()?);
        // What a merge has left that found the disk full goes as well.
        self.sink.collect_garbage()?;
        merged
    }
}

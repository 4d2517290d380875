//! The files of an index with sums of what is in them, so that damage is found when it is read.
//!
//! tantivy sums up whole files and looks at the sums when asked; a search reads a few blocks of each file, and a bit that
//! was flipped in a list of postings is read as another list. Here each block of [`BLOCK_BYTES`] has a sum, which is
//! compared when the block is first read. A search reads no more of a file than before, but for the blocks at the edges
//! of what it reads.
//!
//! A file is its content, then the sums of its blocks, then [`TRAILER_BYTES`] that say how long the content is. The sum
//! of these is of the file's name too: one file in the place of another is no less damaged than one that was cut short.
//! Files that are replaced as a whole are JSON and stay readable: their sum is on a line of its own at the end.
//!
//! What is not found: what changes after it was read, in memory; an older state of the whole folder.
//!
//! # What it costs
//!
//! 10,487 articles of 125 MB, an index of 168 MB, in ms; the least of 60 runs, on a machine that was busy otherwise:
//!
//! | a process that opens the index and answers | before | with sums |
//! |---|---|---|
//! | a French question of ten words | 4.17 | 4.54 |
//! | three words | 4.19 | 4.45 |
//! | an English question of ten words | 4.42 | 4.53 |
//!
//! tantivy reads dictionaries of words and columns whole when it opens them, so these are summed up whole. Of 350 queries to
//! an index that is open the median was 1.36 and 1.38 instead of 1.31 and 1.35; indexing took 26.0 s of processor time
//! instead of 25.5. With blocks of 4 and of 64 KiB a process took as long, as far as could be told on that machine.

use std::cell::RefCell;
use std::fmt;
use std::fs::{self, File};
use std::io::{self, BufWriter, Write};
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use tantivy::HasLen;
use tantivy::directory::error::{
    DeleteError, LockError, OpenDirectoryError, OpenReadError, OpenWriteError,
};
use tantivy::directory::{
    AntiCallToken, Directory, DirectoryLock, FileHandle, Lock, META_LOCK, MmapDirectory,
    OwnedBytes, TerminatingWrite, WatchCallback, WatchHandle, WritePtr,
};
use xxhash_rust::xxh3::{xxh3_64, xxh3_64_with_seed};

/// Bytes that share a sum.
const BLOCK_BYTES: usize = 16 << 10;

/// Bytes of a sum.
const SUM_BYTES: usize = size_of::<u64>();

/// What each trailer begins with.
const MAGIC: &[u8; 8] = b"fouine\0\x01";

/// Bytes of a trailer: the magic, the length of the content, the sum of both.
const TRAILER_BYTES: usize = MAGIC.len() + 2 * SUM_BYTES;

/// What the last line of a JSON file begins with.
const SUM_LINE: &str = "xxh3 ";

/// Bytes of that line: 16 hexadecimal digits and its end.
const SUM_LINE_BYTES: usize = SUM_LINE.len() + 16 + 1;

thread_local! {
    /// What this thread found to be damaged last.
    static FOUND: RefCell<Option<Damage>> = const { RefCell::new(None) };
}

/// A file is not what was written.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("its file {file} is damaged: {reason}")]
pub(super) struct Damage {
    /// Name of the file.
    pub(super) file: String,
    /// What is wrong with it.
    pub(super) reason: String,
}

impl Damage {
    pub(super) fn new(file: &str, reason: impl ToString) -> Damage {
        Damage {
            file: file.to_owned(),
            reason: reason.to_string(),
        }
    }

    /// The damage that is the reason of an error.
    pub(super) fn of(error: &io::Error) -> Option<&Damage> {
        error.get_ref()?.downcast_ref()
    }

    /// Takes note of it, whatever becomes of the error.
    fn into_error(self) -> io::Error {
        FOUND.set(Some(self.clone()));
        io::Error::new(io::ErrorKind::InvalidData, self)
    }
}

/// What this thread has found to be damaged since it was last asked. Code between here and the reader may make another
/// error of the one it gets, a panic, or nothing at all.
pub(super) fn take_damage() -> Option<Damage> {
    FOUND.take()
}

/// The folder of an index, of which all is written with sums, and nothing read without looking at them.
#[derive(Clone, Debug)]
pub(super) struct CheckedDirectory {
    root: PathBuf,
    files: MmapDirectory,
}

impl CheckedDirectory {
    /// The folder `path`, which must be there.
    pub(super) fn open(path: &Path) -> Result<CheckedDirectory, OpenDirectoryError> {
        Ok(CheckedDirectory {
            root: path.to_owned(),
            files: MmapDirectory::open(path)?,
        })
    }

    /// Opens a file: its trailer is looked at, nothing else.
    pub(super) fn open_file(&self, path: &Path) -> Result<CheckedFile, OpenReadError> {
        let bytes = self.files.open_read(path)?.read_bytes();
        bytes
            .and_then(|bytes| CheckedFile::new(name(path), &bytes).map_err(Damage::into_error))
            .map_err(|error| OpenReadError::wrap_io_error(error, path.to_owned()))
    }
}

impl Directory for CheckedDirectory {
    fn get_file_handle(&self, path: &Path) -> Result<Arc<dyn FileHandle>, OpenReadError> {
        Ok(Arc::new(self.open_file(path)?))
    }

    fn open_write(&self, path: &Path) -> Result<WritePtr, OpenWriteError> {
        let file = self.files.open_write(path)?;
        Ok(BufWriter::new(Box::new(SummingWriter::new(
            name(path),
            file,
        ))))
    }

    fn atomic_read(&self, path: &Path) -> Result<Vec<u8>, OpenReadError> {
        let mut json = self.files.atomic_read(path)?;
        let name = name(path);
        let n_bytes = json.len().saturating_sub(SUM_LINE_BYTES);
        if json[n_bytes..] != *sum_line(&name, &json[..n_bytes]).as_bytes() {
            let error = Damage::new(&name, "it differs from its sum").into_error();
            return Err(OpenReadError::wrap_io_error(error, path.to_owned()));
        }
        json.truncate(n_bytes);
        Ok(json)
    }

    fn atomic_write(&self, path: &Path, json: &[u8]) -> io::Result<()> {
        let mut json = json.to_owned();
        if !json.ends_with(b"\n") {
            json.push(b'\n');
        }
        json.extend(sum_line(&name(path), &json).bytes());
        replace(&self.root.join(path), &json)
    }

    fn delete(&self, path: &Path) -> Result<(), DeleteError> {
        self.files.delete(path)
    }

    fn exists(&self, path: &Path) -> Result<bool, OpenReadError> {
        self.files.exists(path)
    }

    fn sync_directory(&self) -> io::Result<()> {
        self.files.sync_directory()
    }

    fn acquire_lock(&self, lock: &Lock) -> Result<DirectoryLock, LockError> {
        match self.files.acquire_lock(lock) {
            Err(LockError::IoError(error))
                if lock.filepath == META_LOCK.filepath && is_refused(&error) =>
            {
                Ok(read_only_lock(&self.root.join(&lock.filepath)))
            }
            acquired => acquired,
        }
    }

    fn watch(&self, callback: WatchCallback) -> tantivy::Result<WatchHandle> {
        self.files.watch(callback)
    }
}

/// Tells whether the system refused to write there.
fn is_refused(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::PermissionDenied | io::ErrorKind::ReadOnlyFilesystem
    )
}

/// Keeps files from being removed while they are opened, by one who may only read them. Where there is no file to lock, or
/// none that can be, nobody is likely to write; should a file go missing nevertheless, that is said.
fn read_only_lock(path: &Path) -> DirectoryLock {
    match File::open(path).and_then(|file| file.lock().map(|()| file)) {
        Ok(file) => DirectoryLock::from(Box::new(file)),
        Err(_) => DirectoryLock::from(Box::new(())),
    }
}

/// Writes a file in place of the one that is there, if any: readers find the one or the other, whole.
pub(super) fn replace(path: &Path, content: &[u8]) -> io::Result<()> {
    let fresh = path.with_file_name(format!(".{}.new", name(path).trim_start_matches('.')));
    let mut file = File::create(&fresh)?;
    file.write_all(content)?;
    file.sync_data()?;
    fs::rename(&fresh, path)
}

fn name(path: &Path) -> String {
    path.file_name()
        .unwrap_or(path.as_os_str())
        .to_string_lossy()
        .into_owned()
}

/// The sum of what is in the file `name`, and of nothing else in any other.
fn named_sum(name: &str, bytes: &[u8]) -> u64 {
    xxh3_64_with_seed(bytes, xxh3_64(name.as_bytes()))
}

/// The last line of the JSON file `name`.
fn sum_line(name: &str, json: &[u8]) -> String {
    format!("{SUM_LINE}{:016x}\n", named_sum(name, json))
}

/// The last bytes of the file `name`.
fn trailer(name: &str, n_bytes: u64) -> Vec<u8> {
    let mut trailer = MAGIC.to_vec();
    trailer.extend(n_bytes.to_le_bytes());
    trailer.extend(named_sum(name, &trailer).to_le_bytes());
    trailer
}

/// Writes a file, and after it the sums of its blocks.
struct SummingWriter {
    name: String,
    /// Until it is finished.
    file: Option<WritePtr>,
    /// What is not yet a block.
    block: Vec<u8>,
    n_bytes: u64,
    sums: Vec<u8>,
}

impl SummingWriter {
    fn new(name: String, file: WritePtr) -> SummingWriter {
        SummingWriter {
            name,
            file: Some(file),
            block: Vec::with_capacity(BLOCK_BYTES),
            n_bytes: 0,
            sums: Vec::new(),
        }
    }

    fn finish_block(&mut self) -> io::Result<()> {
        let file = self.file.as_mut().ok_or(io::ErrorKind::BrokenPipe)?;
        file.write_all(&self.block)?;
        self.sums.extend(xxh3_64(&self.block).to_le_bytes());
        self.n_bytes += self.block.len() as u64;
        self.block.clear();
        Ok(())
    }
}

impl Write for SummingWriter {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let n_fitting = bytes.len().min(BLOCK_BYTES - self.block.len());
        self.block.extend(&bytes[..n_fitting]);
        if self.block.len() == BLOCK_BYTES {
            self.finish_block()?;
        }
        Ok(n_fitting)
    }

    /// Does nothing: what is not yet a block has to wait for the rest of it.
    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl TerminatingWrite for SummingWriter {
    fn terminate_ref(&mut self, _: AntiCallToken) -> io::Result<()> {
        if !self.block.is_empty() {
            self.finish_block()?;
        }
        let mut file = self.file.take().ok_or(io::ErrorKind::BrokenPipe)?;
        file.write_all(&self.sums)?;
        file.write_all(&trailer(&self.name, self.n_bytes))?;
        file.terminate()
    }
}

/// A file that is open: its content, and which of its blocks were found to be whole.
pub(super) struct CheckedFile {
    name: String,
    content: OwnedBytes,
    sums: OwnedBytes,
    /// A bit for each block. Several threads may look at the same block, and find the same.
    whole: Vec<AtomicU64>,
}

impl CheckedFile {
    fn new(name: String, bytes: &OwnedBytes) -> Result<CheckedFile, Damage> {
        let Some(n_bytes) = content_bytes(&name, bytes) else {
            let reason = "its end is missing, or that of another file";
            return Err(Damage::new(&name, reason));
        };
        let n_blocks = n_bytes.div_ceil(BLOCK_BYTES);
        Ok(CheckedFile {
            name,
            content: bytes.slice(0..n_bytes),
            sums: bytes.slice(n_bytes..n_bytes + n_blocks * SUM_BYTES),
            whole: (0..n_blocks.div_ceil(64))
                .map(|_| AtomicU64::new(0))
                .collect(),
        })
    }

    /// Compares all of it with its sums.
    pub(super) fn check(&self) -> Result<(), Damage> {
        self.check_bytes(0..self.content.len())
    }

    /// Compares the blocks that `range` touches with their sums, those that were not before.
    fn check_bytes(&self, range: Range<usize>) -> Result<(), Damage> {
        if range.is_empty() {
            return Ok(());
        }
        let (first, last) = (range.start / BLOCK_BYTES, (range.end - 1) / BLOCK_BYTES);
        for word in first / 64..=last / 64 {
            let mut asked = u64::MAX;
            if word == first / 64 {
                asked &= u64::MAX << (first % 64);
            }
            if word == last / 64 {
                asked &= u64::MAX >> (63 - last % 64);
            }
            let mut unknown = asked & !self.whole[word].load(Ordering::Relaxed);
            while unknown != 0 {
                let bit = unknown.trailing_zeros() as usize;
                self.check_block(64 * word + bit)?;
                self.whole[word].fetch_or(1 << bit, Ordering::Relaxed);
                unknown &= unknown - 1;
            }
        }
        Ok(())
    }

    #[cold]
    fn check_block(&self, block: usize) -> Result<(), Damage> {
        let start = block * BLOCK_BYTES;
        let end = self.content.len().min(start + BLOCK_BYTES);
        let sum = xxh3_64(&self.content[start..end]).to_le_bytes();
        if sum == self.sums[block * SUM_BYTES..(block + 1) * SUM_BYTES] {
            return Ok(());
        }
        let reason = format!("bytes {start} to {end} differ from their sum");
        Err(Damage::new(&self.name, reason))
    }
}

/// Length of the content of the file `name`, if it ends as it should.
fn content_bytes(name: &str, bytes: &[u8]) -> Option<usize> {
    let (before, found) = bytes.split_at_checked(bytes.len().checked_sub(TRAILER_BYTES)?)?;
    let n_bytes = found.get(MAGIC.len()..MAGIC.len() + SUM_BYTES)?;
    let n_bytes = u64::from_le_bytes(n_bytes.try_into().ok()?);
    if found != trailer(name, n_bytes) {
        return None;
    }
    let n_bytes = usize::try_from(n_bytes).ok()?;
    let n_sums = n_bytes.div_ceil(BLOCK_BYTES);
    (n_bytes.checked_add(n_sums * SUM_BYTES)? == before.len()).then_some(n_bytes)
}

impl FileHandle for CheckedFile {
    fn read_bytes(&self, range: Range<usize>) -> io::Result<OwnedBytes> {
        if range.start > range.end || range.end > self.content.len() {
            // The place was read from another file, whose sums are right: not of the same commit.
            let reason = format!("it has no bytes {} to {}", range.start, range.end);
            return Err(Damage::new(&self.name, reason).into_error());
        }
        self.check_bytes(range.clone())
            .map_err(Damage::into_error)?;
        Ok(self.content.slice(range))
    }
}

impl HasLen for CheckedFile {
    fn len(&self) -> usize {
        self.content.len()
    }
}

impl fmt::Debug for CheckedFile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "CheckedFile({})", self.name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NAME: &str = "0123456789abcdef0123456789abcdef.idx";

    fn pattern(n_bytes: usize) -> Vec<u8> {
        (0..n_bytes).map(|n| (n % 251) as u8).collect()
    }

    fn write(directory: &CheckedDirectory, name: &str, content: &[u8]) {
        let mut file = directory.open_write(Path::new(name)).unwrap();
        file.write_all(content).unwrap();
        file.terminate().unwrap();
    }

    #[test]
    fn what_was_written_is_read_back_at_any_length() {
        let folder = tempfile::tempdir().unwrap();
        let directory = CheckedDirectory::open(folder.path()).unwrap();
        for n_bytes in [
            0,
            1,
            BLOCK_BYTES - 1,
            BLOCK_BYTES,
            BLOCK_BYTES + 1,
            70 * BLOCK_BYTES + 5,
        ] {
            let name = format!("{n_bytes}");
            let content = pattern(n_bytes);
            write(&directory, &name, &content);
            let file = directory.open_read(Path::new(&name)).unwrap();
            assert_eq!(file.len(), n_bytes);
            assert_eq!(file.read_bytes().unwrap().as_slice(), content);
            directory
                .open_file(Path::new(&name))
                .unwrap()
                .check()
                .unwrap();
        }
    }

    #[test]
    fn a_flipped_bit_is_found_in_its_block_and_nowhere_else() {
        let folder = tempfile::tempdir().unwrap();
        let directory = CheckedDirectory::open(folder.path()).unwrap();
        write(&directory, NAME, &pattern(130 * BLOCK_BYTES));
        let path = folder.path().join(NAME);
        let mut bytes = fs::read(&path).unwrap();
        bytes[64 * BLOCK_BYTES] ^= 1;
        fs::write(&path, bytes).unwrap();
        let file = directory.open_read(Path::new(NAME)).unwrap();
        for (range, is_whole) in [
            (0..64 * BLOCK_BYTES, true),
            (64 * BLOCK_BYTES - 1..64 * BLOCK_BYTES + 1, false),
            (65 * BLOCK_BYTES - 1..65 * BLOCK_BYTES, false),
            (65 * BLOCK_BYTES..130 * BLOCK_BYTES, true),
            (0..130 * BLOCK_BYTES, false),
            (64 * BLOCK_BYTES..64 * BLOCK_BYTES, true),
        ] {
            take_damage();
            let read = file.read_bytes_slice(range.clone());
            assert_eq!(read.is_ok(), is_whole, "{range:?}");
            let found = take_damage().map(|damage| damage.file);
            assert_eq!(found, (!is_whole).then(|| NAME.to_owned()), "{range:?}");
        }
    }

    #[test]
    fn no_byte_of_the_end_may_change_and_none_be_missing_or_more() {
        let folder = tempfile::tempdir().unwrap();
        let directory = CheckedDirectory::open(folder.path()).unwrap();
        write(&directory, NAME, &pattern(100));
        let path = folder.path().join(NAME);
        let whole = fs::read(&path).unwrap();
        let is_whole = || {
            let file = directory.open_file(Path::new(NAME));
            file.is_ok_and(|file| file.check().is_ok())
        };
        assert!(is_whole());
        for byte in 0..whole.len() {
            let mut bytes = whole.clone();
            bytes[byte] ^= 1 << (byte % 8);
            fs::write(&path, &bytes).unwrap();
            assert!(!is_whole(), "byte {byte}");
            fs::write(&path, &whole[..byte]).unwrap();
            assert!(!is_whole(), "{byte} bytes");
        }
        fs::write(&path, [&whole[..], b"\0"].concat()).unwrap();
        assert!(!is_whole());
    }

    #[test]
    fn a_file_in_the_place_of_another_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let directory = CheckedDirectory::open(folder.path()).unwrap();
        write(&directory, "a.idx", b"one");
        fs::copy(folder.path().join("a.idx"), folder.path().join("b.idx")).unwrap();
        assert!(directory.open_read(Path::new("b.idx")).is_err());
    }

    #[test]
    fn json_stays_readable_and_is_checked_too() {
        let folder = tempfile::tempdir().unwrap();
        let directory = CheckedDirectory::open(folder.path()).unwrap();
        let name = Path::new("meta.json");
        directory.atomic_write(name, b"{\"a\":1}").unwrap();
        assert_eq!(directory.atomic_read(name).unwrap(), b"{\"a\":1}\n");
        let path = folder.path().join(name);
        let written = fs::read_to_string(&path).unwrap();
        assert_eq!(written.lines().count(), 2, "{written}");
        for (damaged, changed) in [("1}", "2}"), ("xxh3 ", "xxh2 "), ("xxh3 ", "")] {
            fs::write(&path, written.replace(damaged, changed)).unwrap();
            assert!(directory.atomic_read(name).is_err(), "{changed:?}");
        }
        fs::write(&path, written.to_uppercase()).unwrap();
        assert!(directory.atomic_read(name).is_err());
        fs::write(&path, "").unwrap();
        assert!(directory.atomic_read(name).is_err());
    }
}

//! What a file is recognized by: size and time, which cost nothing, and a hash of its content, which settles all doubt.

use std::fmt;
use std::fs::{File, Metadata};
use std::io::{self, Read};
use std::path::Path;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use xxhash_rust::xxh3::{Xxh3, xxh3_64};

/// A file that was changed less than this before it was read may be changed again without its time changing: some file
/// systems count in steps of two seconds.
const UNSETTLED: Duration = Duration::from_secs(2);

/// What a file was when it was read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fingerprint {
    /// Its size.
    pub bytes: u64,
    /// Stands for the times at which it was last changed (see `stamp`); 0 when they do not tell whether it has been changed
    /// since.
    pub stamp: u64,
    /// Of its bytes, by xxh3.
    pub hash: u64,
}

impl Fingerprint {
    /// Reads the file at `path` to its end.
    ///
    /// # Errors
    ///
    /// When it cannot be read.
    pub(crate) fn of_file(path: &Path) -> io::Result<Fingerprint> {
        let mut reader = FingerprintReader::open(path)?;
        io::copy(&mut reader, &mut io::sink())?;
        reader.fingerprint()
    }

    /// Whether a file of this size and with this stamp is certainly the same.
    pub(crate) fn is_certainly(&self, bytes: u64, stamp: u64) -> bool {
        self.is_settled() && self.stamp == stamp && self.bytes == bytes
    }

    /// Whether the times of the file tell whether it has been changed since.
    pub(crate) fn is_settled(&self) -> bool {
        self.stamp != 0
    }

    /// Whether the content is the same.
    pub(crate) fn has_content_of(&self, other: &Fingerprint) -> bool {
        self.bytes == other.bytes && self.hash == other.hash
    }
}

/// When a file was last changed, in nanoseconds since 1970; 0 when the system does not tell.
fn modified(metadata: &Metadata) -> u64 {
    let since = metadata
        .modified()
        .ok()
        .and_then(|time| time.duration_since(UNIX_EPOCH).ok());
    since
        .and_then(|since| u64::try_from(since.as_nanos()).ok())
        .unwrap_or_default()
}

/// A number that is another when a file was changed: of the time of its content and, where there is one, that of its entry,
/// which nobody can set: two files of one size and time may have changed places. 0 when the system does not tell.
pub(super) fn stamp(metadata: &Metadata) -> u64 {
    let modified = modified(metadata);
    if modified == 0 {
        return 0;
    }
    #[cfg(unix)]
    let entry = {
        use std::os::unix::fs::MetadataExt;
        [metadata.ctime(), metadata.ctime_nsec()]
    };
    #[cfg(not(unix))]
    let entry = [0_i64; 2];
    let [seconds, nanoseconds] = entry.map(i64::to_le_bytes);
    let times = [modified.to_le_bytes(), seconds, nanoseconds].concat();
    xxh3_64(&times).max(1)
}

/// The stamp of the file at `path`; 0 when it was changed so lately that it may change again without another.
pub(crate) fn settled_stamp(path: &Path) -> io::Result<u64> {
    let metadata = path.metadata()?;
    Ok(match is_settled(&metadata) {
        true => stamp(&metadata),
        false => 0,
    })
}

/// Whether a file has been left alone for long enough for its times to tell of the next change.
fn is_settled(metadata: &Metadata) -> bool {
    SystemTime::now()
        .duration_since(UNIX_EPOCH + Duration::from_nanos(modified(metadata)))
        .is_ok_and(|age| age > UNSETTLED)
}

/// Reads a file and takes its fingerprint on the way.
pub(super) struct FingerprintReader {
    file: File,
    opened: Metadata,
    hasher: Box<Xxh3>,
    n_bytes: u64,
}

impl FingerprintReader {
    pub(super) fn open(path: &Path) -> io::Result<FingerprintReader> {
        let file = File::open(path)?;
        let opened = file.metadata()?;
        Ok(FingerprintReader {
            file,
            opened,
            hasher: Box::new(Xxh3::new()),
            n_bytes: 0,
        })
    }

    /// The size it had when it was opened.
    pub(super) fn size(&self) -> u64 {
        self.opened.len()
    }

    /// The fingerprint of what was read. Its time counts only if the file stayed as it was meanwhile.
    pub(super) fn fingerprint(&self) -> io::Result<Fingerprint> {
        let now = self.file.metadata()?;
        let stamp = stamp(&self.opened);
        let is_same = self::stamp(&now) == stamp && now.len() == self.n_bytes;
        let settled = is_settled(&self.opened);
        Ok(Fingerprint {
            bytes: self.n_bytes,
            stamp: if is_same && settled { stamp } else { 0 },
            hash: self.hasher.digest(),
        })
    }
}

impl fmt::Debug for FingerprintReader {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.file.fmt(f)
    }
}

impl Read for FingerprintReader {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let n_read = self.file.read(buffer)?;
        self.hasher.update(&buffer[..n_read]);
        self.n_bytes += n_read as u64;
        Ok(n_read)
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    fn age(path: &Path, seconds: u64) {
        let file = File::options().write(true).open(path).unwrap();
        file.set_modified(SystemTime::now() - Duration::from_secs(seconds))
            .unwrap();
    }

    #[test]
    fn the_time_of_a_file_counts_only_once_it_is_settled() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.txt");
        fs::write(&path, "un texte").unwrap();
        let fresh = Fingerprint::of_file(&path).unwrap();
        assert!(!fresh.is_settled());
        age(&path, 60);
        let settled = Fingerprint::of_file(&path).unwrap();
        let metadata = fs::metadata(&path).unwrap();
        assert!(settled.is_certainly(8, stamp(&metadata)));
        assert!(!fresh.is_certainly(8, stamp(&metadata)));
        assert!(fresh.has_content_of(&settled));
    }

    #[test]
    fn a_file_that_grows_while_it_is_read_is_in_doubt() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.txt");
        fs::write(&path, "un texte").unwrap();
        age(&path, 60);
        let mut reader = FingerprintReader::open(&path).unwrap();
        io::copy(&mut reader, &mut io::sink()).unwrap();
        fs::write(&path, "un texte plus long").unwrap();
        assert!(!reader.fingerprint().unwrap().is_settled());
    }
}

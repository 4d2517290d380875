//! Reads a dictionary of dictd, as FreeDict publishes them: one file with the entries, mostly compressed by dictzip, and
//! one that says where each begins.
//!
//! dictzip writes gzip with a table of blocks in an extra field, for reading single entries; all are read here, so the
//! table is passed over.

mod entry;
mod index;

use std::io::BufReader;
use std::path::{Path, PathBuf};

use flate2::bufread::MultiGzDecoder;

use crate::error::{Error, Result};
use crate::language::Language;

use super::{invalid, open, read_limited, unreadable};

/// Most bytes of all entries together: those of a damaged index may overlap without end.
const MAX_TEXT_BYTES: usize = 256 << 20;

/// Tells by its name whether the file at `path` is a dictionary of dictd.
pub(super) fn is_dictionary(path: &Path) -> bool {
    stem(path).is_some()
}

/// Reads the dictionary at `path` as lines of the form `french<TAB>english; english`.
pub(super) fn read(path: &Path) -> Result<String> {
    let index_path = index_path(path);
    let index = read_limited(open_index(&index_path, path)?, &index_path)?;
    let file = BufReader::new(open(path)?);
    let is_compressed = path.extension().is_some_and(|extension| extension == "dz");
    let text = if is_compressed {
        read_limited(MultiGzDecoder::new(file), path)?
    } else {
        read_limited(file, path)?
    };
    let places = index::places(&index).map_err(|reason| invalid(&index_path, reason))?;
    lines(&text, &places, headword_language(path)).map_err(|reason| invalid(path, reason))
}

/// The name of the file without `.dict` or `.dict.dz`.
fn stem(path: &Path) -> Option<&str> {
    let name = path.file_name()?.to_str()?;
    name.strip_suffix(".dict.dz").or(name.strip_suffix(".dict"))
}

fn index_path(path: &Path) -> PathBuf {
    let stem = stem(path).unwrap_or_default();
    path.with_file_name(format!("{stem}.index"))
}

/// Opens the index of the dictionary at `path`; if there is none the error says what it is wanted for.
fn open_index(index_path: &Path, path: &Path) -> Result<std::fs::File> {
    open(index_path).map_err(|error| match error {
        Error::Read { source, .. } if source.kind() == std::io::ErrorKind::NotFound => {
            let reason = format!("no such file; {} needs it beside it", path.display());
            unreadable(index_path, std::io::Error::new(source.kind(), reason))
        }
        other => other,
    })
}

/// The language of the headwords, as the name of the file tells it.
fn headword_language(path: &Path) -> Language {
    let name = stem(path).unwrap_or_default().to_lowercase();
    let is_english = ["eng-fra", "en-fr"].iter().any(|pair| name.contains(pair));
    if is_english {
        Language::English
    } else {
        Language::French
    }
}

/// The entries of `text` at `places`, one line for each headword or, if those are English, for each equivalent.
fn lines(
    text: &[u8],
    places: &[index::Place],
    headwords: Language,
) -> std::result::Result<String, String> {
    let mut lines = String::new();
    let mut n_bytes_read = 0;
    for place in places {
        let outside = || format!("the entry of {} lies outside of the file", place.headword);
        let range = place.range.clone().ok_or_else(outside)?;
        let bytes = text.get(range).ok_or_else(outside)?;
        n_bytes_read += bytes.len();
        if n_bytes_read > MAX_TEXT_BYTES {
            return Err("the entries of its index overlap without end".to_owned());
        }
        let entry = String::from_utf8_lossy(bytes);
        let equivalents = entry::equivalents(&entry);
        let headword = entry::term(&place.headword);
        let (Some(headword), false) = (headword, equivalents.is_empty()) else {
            continue;
        };
        if headwords == Language::English {
            for equivalent in &equivalents {
                lines.extend([equivalent, "\t", &headword, "\n"]);
            }
        } else {
            lines.extend([&headword, "\t", &equivalents.join("; "), "\n"]);
        }
    }
    Ok(lines)
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::io::Write;

    use flate2::{Compression, GzBuilder};
    use proptest::prelude::*;

    use super::*;

    const TEXT: &[u8] = b"about\nthis\nmaison /m/ <n>\n1. house, home\nmaire\n  mayor\n";
    const INDEX: &str = "00-database-info\tA\tL\nmaire\tp\tO\nmaison\tL\te\n";

    /// A folder with a dictionary named `name`.
    fn dictionary(name: &str, bytes: &[u8], index: Option<&str>) -> (tempfile::TempDir, PathBuf) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(name);
        fs::write(&path, bytes).unwrap();
        if let Some(index) = index {
            fs::write(index_path(&path), index).unwrap();
        }
        (folder, path)
    }

    /// As dictzip does: with an extra field.
    fn compressed(text: &[u8]) -> Vec<u8> {
        let mut encoder = GzBuilder::new()
            .extra(*b"RA\x08\0\x01\0\xCB\xE3\x01\0\x20\0")
            .write(Vec::new(), Compression::default());
        encoder.write_all(text).unwrap();
        encoder.finish().unwrap()
    }

    #[test]
    fn both_forms_are_read_in_both_directions() {
        let french = "maire\tmayor\nmaison\thouse; home\n";
        let english = "mayor\tmaire\nhouse\tmaison\nhome\tmaison\n";
        for (name, expected) in [
            ("mine.dict", french),
            ("fra-eng.dict", french),
            ("freedict-eng-fra.dict", english),
            ("EN-FR.dict", english),
        ] {
            let (_folder, path) = dictionary(name, TEXT, Some(INDEX));
            assert_eq!(read(&path).unwrap(), expected, "{name}");
            let (_folder, path) = dictionary(&format!("{name}.dz"), &compressed(TEXT), Some(INDEX));
            assert_eq!(read(&path).unwrap(), expected, "{name}.dz");
        }
    }

    #[test]
    fn a_missing_index_is_named() {
        let (_folder, path) = dictionary("fra-eng.dict.dz", &compressed(TEXT), None);
        let Error::Read {
            path: wanted,
            source,
        } = read(&path).unwrap_err()
        else {
            panic!("another error");
        };
        assert_eq!(wanted, path.with_file_name("fra-eng.index"));
        assert!(source.to_string().contains("fra-eng.dict.dz"), "{source}");
    }

    #[test]
    fn a_damaged_dictionary_is_an_error() {
        let mut cut = compressed(TEXT);
        cut.truncate(cut.len() - 12);
        for (name, bytes, index) in [
            ("cut.dict.dz", &cut[..], INDEX),
            ("plain.dict.dz", TEXT, INDEX),
            ("short.dict", &TEXT[..20], INDEX),
            ("index.dict", TEXT, "maire"),
            ("end.dict", TEXT, "maire\tP//////////\tP//////////"),
        ] {
            let (_folder, path) = dictionary(name, bytes, Some(index));
            assert!(read(&path).is_err(), "{name}");
        }
    }

    proptest! {
        #[test]
        fn any_bytes_are_read_or_refused(
            text in "(\\PC|[\\n/<(,;.:a])*",
            index in "([a-z]{1,3}\t[A-D]{1,2}\t[A-P]\n){0,6}",
            bytes in prop::collection::vec(any::<u8>(), 0..200),
        ) {
            for text in [text.as_bytes(), &bytes] {
                for index in [index.as_bytes(), &bytes] {
                    if let Ok(places) = index::places(index)
                        && let Ok(read) = lines(text, &places, Language::French)
                    {
                        for line in read.lines() {
                            prop_assert_eq!(line.split('\t').count(), 2, "{}", line);
                        }
                    }
                }
            }
        }
    }
}

//! Reads a glossary that a person wrote: `french<TAB>english; english` on each line.

use std::path::Path;

use crate::error::Result;

use super::{MAX_FILE_BYTES, invalid, open, read_limited};

/// Longest line, in bytes: what is longer is no entry.
const MAX_LINE_BYTES: usize = 10_000;

/// Most terms on either side of the tab. Each French one becomes an entry with all English ones.
const MAX_TERMS: usize = 50;

/// Reads the file at `path`; returns its entries without comments and blank lines.
pub(super) fn read(path: &Path) -> Result<String> {
    let bytes = read_limited(open(path)?, path)?;
    entries(&bytes).map_err(|reason| invalid(path, reason))
}

/// The entries in `bytes`, or what is wrong with them.
fn entries(bytes: &[u8]) -> std::result::Result<String, String> {
    let bytes = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes);
    let mut entries = String::with_capacity(bytes.len());
    for (place, line) in bytes.split(|&byte| byte == b'\n').enumerate() {
        let entry = str::from_utf8(line)
            .map_err(|_| "not UTF-8")
            .and_then(entry)
            .map_err(|reason| {
                let n_line = place + 1;
                format!("line {n_line}: {reason}; expected french<TAB>english; english")
            })?;
        // Several French terms are as many entries: a semicolon separates English ones only.
        let (french, english) = entry.unwrap_or_default();
        for french in french {
            entries.extend([french, "\t", &english.join("; "), "\n"]);
        }
        if entries.len() as u64 > MAX_FILE_BYTES {
            return Err("larger than 256 MB with one French term a line".to_owned());
        }
    }
    Ok(entries)
}

/// French terms, mostly one, and what each may be in English.
type Entry<'l> = (Vec<&'l str>, Vec<&'l str>);

/// The entry on `line`, if it is neither blank nor a comment.
fn entry(line: &str) -> std::result::Result<Option<Entry<'_>>, &'static str> {
    let beginning = line.trim_start();
    if beginning.is_empty() || beginning.starts_with('#') {
        return Ok(None);
    }
    if line.len() > MAX_LINE_BYTES {
        return Err("longer than 10000 bytes");
    }
    let (french, english) = line.split_once('\t').ok_or("no tab")?;
    if english.contains('\t') {
        return Err("more than one tab");
    }
    let (french, english) = (terms(french), terms(english));
    if french.is_empty() {
        return Err("nothing before the tab");
    }
    if english.is_empty() {
        return Err("nothing after the tab");
    }
    if french.len().max(english.len()) > MAX_TERMS {
        return Err("more than 50 terms on a side");
    }
    Ok(Some((french, english)))
}

/// The terms in a list with semicolons.
fn terms(list: &str) -> Vec<&str> {
    let terms = list.split(';').map(str::trim);
    terms.filter(|term| has_word(term)).collect()
}

fn has_word(term: &str) -> bool {
    term.contains(char::is_alphanumeric)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn entries_are_freed_of_what_is_around_them() {
        let bytes =
            "\u{FEFF}# mine\r\n\r\n  fouine \t beech marten ;stone marten;\r\nmartre\tmarten";
        assert_eq!(
            entries(bytes.as_bytes()).unwrap(),
            "fouine\tbeech marten; stone marten\nmartre\tmarten\n"
        );
        assert_eq!(entries(b"").unwrap(), "");
    }

    #[test]
    fn french_terms_with_a_semicolon_between_them_are_entries_of_their_own() {
        assert_eq!(
            entries("maire; édile ;\tmayor; burgomaster\n".as_bytes()).unwrap(),
            "maire\tmayor; burgomaster\nédile\tmayor; burgomaster\n"
        );
    }

    #[test]
    fn a_malformed_line_is_named() {
        for (bytes, reason) in [
            (&b"a\tb\nfouine"[..], "line 2: no tab"),
            (b"fouine\tmarten\tx", "line 1: more than one tab"),
            (b"# x\n\n \tmarten", "line 3: nothing before the tab"),
            (b"fouine\t ; ", "line 1: nothing after the tab"),
            (b"\xE9lu\telected", "line 1: not UTF-8"),
        ] {
            let expected = format!("{reason}; expected french<TAB>english; english");
            assert_eq!(entries(bytes).unwrap_err(), expected);
        }
    }

    #[test]
    fn what_is_no_entry_for_its_size_is_refused() {
        let many = "a;".repeat(51) + "\tb";
        let long = "a".repeat(10_000) + "\tb";
        for (line, reason) in [
            (many, "more than 50 terms on a side"),
            (long, "longer than 10000 bytes"),
        ] {
            let expected = format!("line 1: {reason}; expected french<TAB>english; english");
            assert_eq!(entries(line.as_bytes()).unwrap_err(), expected);
        }
    }

    proptest! {
        #[test]
        fn what_is_read_is_read_again_alike(text in "([a-zé #]{0,4}\t[a-z; ]{0,6}\r?\n)*|\\PC*") {
            if let Ok(read) = entries(text.as_bytes()) {
                prop_assert_eq!(entries(read.as_bytes()).unwrap(), read);
            }
        }
    }
}

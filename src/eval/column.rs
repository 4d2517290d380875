//! Ids as columns between white space, whatever characters they have.
//!
//! TREC's files separate columns by white space and know no quoting. An id with white space is therefore written as
//! `%:` and the id with its white space, control characters and `%` percent-encoded: `%:le%20maire`. All other ids
//! stand as they are, also those that have a `%`, so that runs made elsewhere keep theirs.

use std::borrow::Cow;
use std::fmt::Write;

/// Begins an id that is encoded.
const MARK: &str = "%:";

/// The columns of a line. No other characters separate them than those that C's `isspace` tells in ASCII, as for
/// trec_eval: an id may hold a no-break space.
pub(super) fn columns(line: &str) -> Vec<&str> {
    let columns = line.split(|c: char| c.is_ascii_whitespace() || c == '\u{0B}');
    columns.filter(|column| !column.is_empty()).collect()
}

/// Writes an id so that it is one column for every reader, those that split at all of Unicode's white space included.
pub(super) fn encode(id: &str) -> Cow<'_, str> {
    let is_column = !id.is_empty() && !id.contains(is_separator) && !id.starts_with(MARK);
    if is_column {
        return Cow::Borrowed(id);
    }
    let mut encoded = MARK.to_owned();
    for c in id.chars() {
        if is_separator(c) || c == '%' {
            for byte in c.encode_utf8(&mut [0; 4]).bytes() {
                write!(encoded, "%{byte:02X}").expect("a string takes all that is written");
            }
        } else {
            encoded.push(c);
        }
    }
    Cow::Owned(encoded)
}

/// Reads an id as [`encode`] writes it.
pub(super) fn decode(column: &str) -> Cow<'_, str> {
    let decoded = column.strip_prefix(MARK).and_then(percent_decode);
    decoded.map_or(Cow::Borrowed(column), Cow::Owned)
}

fn is_separator(c: char) -> bool {
    c.is_whitespace() || c.is_control()
}

/// `None` where it is not percent-encoded text: then it is an id made elsewhere that happens to begin with the mark.
fn percent_decode(text: &str) -> Option<String> {
    let mut parts = text.split('%');
    let mut bytes = parts.next()?.as_bytes().to_vec();
    for part in parts {
        let (digits, rest) = part.split_at_checked(2)?;
        let is_hex = digits.bytes().all(|digit| digit.is_ascii_hexdigit());
        bytes.push(u8::from_str_radix(digits, 16).ok().filter(|_| is_hex)?);
        bytes.extend(rest.as_bytes());
    }
    String::from_utf8(bytes).ok()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn only_ids_that_need_it_are_encoded() {
        for (id, column) in [
            ("corpus/fr/crue.md", "corpus/fr/crue.md"),
            ("https://example.org/a%20b", "https://example.org/a%20b"),
            ("été/à 100 %.md", "%:été/à%20100%20%25.md"),
            ("a\u{A0}b", "%:a%C2%A0b"),
            ("%:a", "%:%25:a"),
            ("", "%:"),
        ] {
            assert_eq!(encode(id), column);
            assert_eq!(decode(column), id);
        }
    }

    #[test]
    fn what_is_not_encoded_stands_as_it_is() {
        for column in ["a%20b", "%:100%", "%:%+1", "%:%zz", "%:%ff", "%:%é"] {
            assert_eq!(decode(column), column);
        }
    }

    proptest! {
        #[test]
        fn an_id_is_one_column_and_read_back(id in "\\PC*|[ %:0-9a\t\u{A0}\u{85}]*") {
            let line = format!("q {} 1", encode(&id));
            let columns = columns(&line);
            prop_assert_eq!(columns.len(), 3);
            prop_assert_eq!(line.split_whitespace().count(), 3);
            prop_assert_eq!(decode(columns[1]), id);
        }
    }
}

//! The index of a dictionary: `headword<TAB>offset<TAB>length` on each line, in bytes, as numbers of base 64.

use std::ops::Range;

/// The digits of base 64, the smallest first.
const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/// Where the entry of a headword stands.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Place {
    pub(super) headword: String,
    /// Its bytes; `None` if there is no memory with such an end.
    pub(super) range: Option<Range<usize>>,
}

/// The places in an index, but for those of entries on the dictionary itself; or what is wrong with the index.
pub(super) fn places(index: &[u8]) -> Result<Vec<Place>, String> {
    let mut places = Vec::new();
    for (n_before, line) in String::from_utf8_lossy(index).lines().enumerate() {
        if line.trim().is_empty() {
            continue;
        }
        let place = place(line).ok_or_else(|| {
            let n_line = n_before + 1;
            format!("line {n_line}: expected headword<TAB>offset<TAB>length, numbers in base 64")
        })?;
        let is_metadata = ["00-database", "00database"]
            .iter()
            .any(|prefix| place.headword.starts_with(prefix));
        if !is_metadata {
            places.push(place);
        }
    }
    Ok(places)
}

fn place(line: &str) -> Option<Place> {
    let mut fields = line.split('\t');
    let headword = fields.next()?;
    let start = number(fields.next()?)?;
    let n_bytes = number(fields.next()?)?;
    // A fourth field has the headword as it is written, where the first is sorted by.
    let written = fields.next().unwrap_or(headword);
    let start = usize::try_from(start).ok();
    let n_bytes = usize::try_from(n_bytes).ok();
    let end = start
        .zip(n_bytes)
        .and_then(|(start, n_bytes)| start.checked_add(n_bytes));
    Some(Place {
        headword: written.to_owned(),
        range: start.zip(end).map(|(start, end)| start..end),
    })
}

fn number(digits: &str) -> Option<u64> {
    let mut number: u64 = 0;
    for digit in digits.trim().bytes() {
        let value = DIGITS.iter().position(|&other| other == digit)?;
        number = number.checked_mul(64)?.checked_add(value as u64)?;
    }
    (!digits.trim().is_empty()).then_some(number)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_have_base_64() {
        assert_eq!(number("A"), Some(0));
        assert_eq!(number("/"), Some(63));
        assert_eq!(number("BA"), Some(64));
        assert_eq!(number("Bc+"), Some(64 * 64 + 28 * 64 + 62));
        assert_eq!(number(""), None);
        assert_eq!(number("1-"), None);
        assert_eq!(number("///////////////"), None);
    }

    #[test]
    fn entries_on_the_dictionary_are_left_out() {
        let index = "00-database-info\tA\tB\n00databaseurl\tA\tB\nmaison\tC\tD\nete\tE\tF\tété\n";
        let place = |headword: &str, range| Place {
            headword: headword.to_owned(),
            range: Some(range),
        };
        assert_eq!(
            places(index.as_bytes()).unwrap(),
            [place("maison", 2..5), place("été", 4..9)]
        );
    }

    #[test]
    fn a_malformed_line_is_named() {
        for index in ["a\tA\tB\nb", "a\tA\tB\nb\tA", "a\tA\tB\nb\t-\tA"] {
            let reason = places(index.as_bytes()).unwrap_err();
            assert!(reason.starts_with("line 2: expected"), "{reason}");
        }
    }
}

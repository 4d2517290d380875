//! Which words of a text a query was found through.
//!
//! The text is analyzed again, by the analyzer that indexed it, and compared with the very keys that were looked up: what
//! is highlighted is what matched. Excluded words are no part of the comparison.

use std::ops::Range;

use crate::language::Analyzer;
use crate::query::PlannedClause;

/// A place in a text where a clause of the query matches.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Match {
    /// Bytes of the text, of the whole phrase where it is one.
    pub(super) range: Range<usize>,
    /// Which clause.
    pub(super) clause: usize,
}

/// Finds all places of `text` where one of `wanted` matches, by their beginnings; they may overlap.
pub(super) fn matches(text: &str, analyzer: &mut Analyzer, wanted: &[PlannedClause]) -> Vec<Match> {
    let tokens = analyzer.tokens(text);
    let mut matches = Vec::new();
    for start in 0..tokens.len() {
        for (clause, planned) in wanted.iter().enumerate() {
            let Some(span) = tokens.get(start..start + planned.words.len()) else {
                continue;
            };
            let mut pairs = span.iter().zip(&planned.words);
            if pairs.all(|(token, word)| word.keys.contains(&token.key)) {
                matches.push(Match {
                    range: span[0].range.start..span[span.len() - 1].range.end,
                    clause,
                });
            }
        }
    }
    matches
}

/// Joins overlapping ranges; the result is ascending and disjoint.
pub(super) fn merge(ranges: impl IntoIterator<Item = Range<usize>>) -> Vec<Range<usize>> {
    let mut sorted: Vec<Range<usize>> = ranges.into_iter().collect();
    sorted.sort_by_key(|range| (range.start, range.end));
    let mut merged: Vec<Range<usize>> = Vec::new();
    for range in sorted {
        match merged.last_mut() {
            Some(last) if range.start < last.end => last.end = last.end.max(range.end),
            _ => merged.push(range),
        }
    }
    merged
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn overlapping_ranges_are_joined_touching_ones_are_not() {
        assert_eq!(merge([5..8, 0..3, 2..4, 4..5]), [0..4, 4..5, 5..8]);
    }
}

//! Runs: the rankings of documents that a search engine gave, in TREC's form `query Q0 document rank score tag`.

use std::cmp::Ordering;
use std::collections::HashMap;
use std::io::{self, Write};
use std::path::Path;

use super::column::{columns, decode, encode};
use super::file::{self, Malformed, Parsed, lines};
use crate::error::Result;

const EXPECTED: &str = "six columns: query, Q0, document, rank, score, tag";
const EXPECTED_ONCE: &str = "each document once for a query";

/// What runs of fouine are called in their last column.
const TAG: &str = "fouine";

/// The rankings of a run.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Run {
    rankings: HashMap<String, Vec<String>>,
}

impl Run {
    /// Reads a run from a file. Documents are ranked by score, those of equal score by the column of ranks, which
    /// trec_eval ignores (it takes the ids of documents backwards then). As trec_eval, it ignores the second column
    /// and whatever follows the tag.
    ///
    /// # Errors
    ///
    /// [`Error::Read`](crate::error::Error::Read); [`Error::Malformed`](crate::error::Error::Malformed) for a line that
    /// cannot be read, and for a document ranked twice, which trec_eval refuses too.
    pub fn read(path: &Path) -> Result<Run> {
        file::read(path, Run::parse)
    }

    pub(super) fn parse(text: &str) -> Parsed<Run> {
        let mut unsorted: HashMap<String, HashMap<String, Position>> = HashMap::new();
        for (line, text) in lines(text) {
            let (query, document, position) = retrieved(line, text)?;
            let documents = unsorted.entry(query.clone()).or_default();
            if let Some(first) = documents.insert(document.clone(), position) {
                let first = first.line;
                return Err(Malformed {
                    line,
                    problem: format!(
                        "document {document} again for query {query} (as in line {first})"
                    ),
                    expected: EXPECTED_ONCE,
                });
            }
        }
        let sorted = unsorted.into_iter().map(|(query, documents)| {
            let mut documents: Vec<(String, Position)> = documents.into_iter().collect();
            documents.sort_by(|(_, a), (_, b)| a.compare(b));
            let ranking = documents.into_iter().map(|(document, _)| document);
            (query, ranking.collect())
        });
        Ok(Run {
            rankings: sorted.collect(),
        })
    }

    /// Adds the ranking of a query: ids of documents, best first.
    pub fn insert(&mut self, query: &str, ranking: Vec<String>) {
        self.rankings.insert(query.to_owned(), ranking);
    }

    /// The ids of the documents ranked for a query, best first; none for a query that is not in the run.
    pub fn ranking(&self, query: &str) -> &[String] {
        self.rankings.get(query).map_or(&[], Vec::as_slice)
    }

    /// How many queries have a ranking, but are not among those that `is_judged` holds of.
    pub fn n_unjudged(&self, is_judged: impl Fn(&str) -> bool) -> usize {
        self.rankings.keys().filter(|id| !is_judged(id)).count()
    }
}

/// Writes the ranking of a query as lines of a run; a document is its id and its score.
///
/// Every other tool must see this order: where a score is not below the one before, the next lower number is written in
/// its place. An id with white space is written as `%:` and the id percent-encoded, which [`Run::read`] reads back.
///
/// # Errors
///
/// Those of `out`.
pub fn write_ranking(
    query: &str,
    ranking: &[(String, f32)],
    out: &mut impl Write,
) -> io::Result<()> {
    let query = encode(query);
    let mut ceiling = f32::INFINITY;
    for (n_before, (document, score)) in ranking.iter().enumerate() {
        let (document, rank) = (encode(document), n_before + 1);
        // Written with as many digits as tell it from its neighbors, so that order survives other precisions.
        let score = score.min(ceiling.next_down());
        ceiling = score;
        writeln!(out, "{query} Q0 {document} {rank} {score} {TAG}")?;
    }
    Ok(())
}

/// What decides the place of a document.
struct Position {
    score: f64,
    rank: i64,
    line: usize,
}

impl Position {
    /// The better one is less.
    fn compare(&self, other: &Position) -> Ordering {
        other
            .score
            .total_cmp(&self.score)
            .then(self.rank.cmp(&other.rank))
            .then(self.line.cmp(&other.line))
    }
}

fn retrieved(line: usize, text: &str) -> Parsed<(String, String, Position)> {
    let malformed = |problem: String| Malformed {
        line,
        problem,
        expected: EXPECTED,
    };
    let columns = columns(text);
    let &[query, _, document, rank, score, _, ..] = columns.as_slice() else {
        let plural = if columns.len() == 1 { "" } else { "s" };
        return Err(malformed(format!("{} column{plural}", columns.len())));
    };
    let position = Position {
        score: number(score)
            .ok_or_else(|| malformed(format!("the score “{score}” is no number")))?,
        rank: rank
            .parse()
            .map_err(|_| malformed(format!("the rank “{rank}” is no whole number")))?,
        line,
    };
    Ok((
        decode(query).into_owned(),
        decode(document).into_owned(),
        position,
    ))
}

/// A number that can be put in order, with one zero.
fn number(text: &str) -> Option<f64> {
    let number: f64 = text.parse().ok()?;
    (!number.is_nan()).then_some(number + 0.0)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn written(ranking: &[(String, f32)]) -> String {
        let mut out = Vec::new();
        write_ranking("q 1", ranking, &mut out).unwrap();
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn scores_come_first_then_ranks() {
        let run = Run::parse(
            "q1 Q0 c 3 1.5 x\r\n\r\nq1 Q0 a 2 7 x\nq2 Q0 a 1 -0 x\nq2 Q0 b 0 0 x\nq1 Q0 b 1 1.5 x extra\n",
        )
        .unwrap();
        assert_eq!(run.ranking("q1"), ["a", "b", "c"]);
        assert_eq!(run.ranking("q2"), ["b", "a"]);
        assert_eq!(run.ranking("q3"), [""; 0]);
    }

    #[test]
    fn equal_scores_are_written_apart() {
        let ranking = [("b", 2.5), ("le maire", 2.5), ("a", 2.5), ("c", 1.0)];
        let ranking = ranking.map(|(id, score)| (id.to_owned(), score));
        assert_eq!(
            written(&ranking),
            "%:q%201 Q0 b 1 2.5 fouine\n\
             %:q%201 Q0 %:le%20maire 2 2.4999998 fouine\n\
             %:q%201 Q0 a 3 2.4999995 fouine\n\
             %:q%201 Q0 c 4 1 fouine\n"
        );
    }

    #[test]
    fn lines_that_are_none_are_named() {
        for (text, line, problem) in [
            ("q1 Q0 a 1 2.5 x\nq1 Q0 b 2 2.4\n", 2, "5 columns"),
            ("q1 Q0 a 1 high x\n", 1, "the score “high” is no number"),
            ("q1 Q0 a 1 nan x\n", 1, "the score “nan” is no number"),
            (
                "q1 Q0 a first 1 x\n",
                1,
                "the rank “first” is no whole number",
            ),
            (
                "q1 Q0 a 1 3 x\nq2 Q0 a 1 3 x\n\nq1 Q0 a 2 2 x\n",
                4,
                "document a again for query q1 (as in line 1)",
            ),
        ] {
            let malformed = Run::parse(text).unwrap_err();
            assert_eq!(
                (malformed.line, malformed.problem.as_str()),
                (line, problem)
            );
        }
    }

    proptest! {
        #[test]
        fn a_ranking_is_read_back_in_its_order(
            ids in proptest::collection::btree_set("[a %:\u{A0}\t]{0,4}", 0..20),
            scores in proptest::collection::vec(-2.0f32..2.0, 20),
        ) {
            let mut scores = scores;
            // Ties and near ties.
            for score in &mut scores[5..] {
                *score = score.round();
            }
            scores.sort_by(|a, b| b.total_cmp(a));
            let mut ids: Vec<String> = ids.into_iter().collect();
            ids.reverse();
            let ranking: Vec<(String, f32)> = ids.iter().cloned().zip(scores).collect();
            let text = written(&ranking);
            let run = Run::parse(&text).unwrap();
            prop_assert_eq!(run.ranking("q 1"), ids);
            for as_double in [false, true] {
                let read = text.lines().map(|line| {
                    let score = line.split(' ').nth(4).unwrap();
                    if as_double { score.parse().unwrap() } else { f64::from(score.parse::<f32>().unwrap()) }
                });
                let read: Vec<f64> = read.collect();
                prop_assert!(read.windows(2).all(|pair| pair[0] > pair[1]), "{}", text);
            }
        }
    }
}

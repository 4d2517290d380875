//! Judgments: which documents are relevant to a query, and how much; as BEIR has them, and as TREC.

use std::collections::{BTreeMap, HashMap};
use std::path::Path;

use super::column::{columns, decode};
use super::file::{self, Malformed, Parsed, lines};
use crate::error::Result;

const EXPECTED_BEIR: &str = "three columns: query, tab, document, tab, score (a whole number)";
const EXPECTED_TREC: &str =
    "four columns: query, 0, document, score (or three with tabs: query, document, score)";
const EXPECTED_ONCE: &str = "one judgment of a document for a query";

/// The judgments of all queries that have a relevant document.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Qrels {
    queries: BTreeMap<String, Judgments>,
    /// Judged queries without a relevant document; nothing can be measured by them, and they are left out.
    pub n_without_relevant: usize,
}

/// What was judged of one query.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Judgments(HashMap<String, i64>);

impl Judgments {
    /// How relevant a document is; 0 for one that is not, or was not judged.
    pub fn gain(&self, document: &str) -> f64 {
        self.0
            .get(document)
            .map_or(0.0, |&score| score.max(0) as f64)
    }

    /// The gains of all relevant documents, highest first: the best ranking that there can be.
    pub fn ideal(&self) -> Vec<f64> {
        let relevant = self.0.values().filter(|&&score| score > 0);
        let mut gains: Vec<f64> = relevant.map(|&score| score as f64).collect();
        gains.sort_by(|a, b| b.total_cmp(a));
        gains
    }

    /// The ids of the relevant documents, in no particular order.
    pub fn relevant(&self) -> impl Iterator<Item = &str> {
        let relevant = self.0.iter().filter(|&(_, &score)| score > 0);
        relevant.map(|(document, _)| document.as_str())
    }
}

impl Qrels {
    /// Reads judgments from a file, whose form is told by its first line: three columns with tabs are BEIR's (the line
    /// `query-id`, `corpus-id`, `score` may come first), otherwise they are TREC's four, with any white space. A score
    /// above 0 means relevant.
    ///
    /// # Errors
    ///
    /// [`Error::Read`](crate::error::Error::Read); [`Error::Malformed`](crate::error::Error::Malformed) for a line that
    /// cannot be read, and for a document judged twice, which trec_eval refuses too.
    pub fn read(path: &Path) -> Result<Qrels> {
        file::read(path, Qrels::parse)
    }

    pub(super) fn parse(text: &str) -> Parsed<Qrels> {
        let mut lines = lines(text).peekable();
        let is_beir = |line: &str| line.split('\t').count() == 3;
        let judgment = match lines.peek() {
            Some((_, first)) if is_beir(first) => beir_judgment,
            _ => trec_judgment,
        };
        lines.next_if(|(_, first)| is_beir(first) && first.trim_end().ends_with("\tscore"));
        let mut queries: BTreeMap<String, Judgments> = BTreeMap::new();
        for (line, text) in lines {
            let Judgment {
                query,
                document,
                score,
            } = judgment(line, text)?;
            let judgments = queries.entry(query.clone()).or_default();
            if judgments.0.insert(document.clone(), score).is_some() {
                return Err(Malformed {
                    line,
                    problem: format!("document {document} is judged again for query {query}"),
                    expected: EXPECTED_ONCE,
                });
            }
        }
        let n_queries = queries.len();
        queries.retain(|_, judgments| judgments.relevant().next().is_some());
        Ok(Qrels {
            n_without_relevant: n_queries - queries.len(),
            queries,
        })
    }

    /// The judged queries by id, in the order of ids, which is trec_eval's.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &Judgments)> {
        let queries = self.queries.iter();
        queries.map(|(id, judgments)| (id.as_str(), judgments))
    }

    /// Tells whether this query has judgments.
    pub fn contains(&self, query: &str) -> bool {
        self.queries.contains_key(query)
    }

    /// How many queries have judgments.
    pub fn len(&self) -> usize {
        self.queries.len()
    }

    /// Tells whether no query has judgments.
    pub fn is_empty(&self) -> bool {
        self.queries.is_empty()
    }

    /// Leaves out the queries of which `is_kept` does not hold, and says how many.
    pub fn retain(&mut self, is_kept: impl Fn(&str) -> bool) -> usize {
        let n_queries = self.queries.len();
        self.queries.retain(|id, _| is_kept(id));
        n_queries - self.queries.len()
    }
}

struct Judgment {
    query: String,
    document: String,
    score: i64,
}

fn beir_judgment(line: usize, text: &str) -> Parsed<Judgment> {
    let columns: Vec<&str> = text.split('\t').collect();
    let &[query, document, score] = columns.as_slice() else {
        return Err(n_columns(line, columns.len(), EXPECTED_BEIR));
    };
    if query.is_empty() || document.is_empty() {
        return Err(Malformed {
            line,
            problem: "an empty id".to_owned(),
            expected: EXPECTED_BEIR,
        });
    }
    Ok(Judgment {
        query: query.to_owned(),
        document: document.to_owned(),
        score: whole_number(line, score.trim(), EXPECTED_BEIR)?,
    })
}

fn trec_judgment(line: usize, text: &str) -> Parsed<Judgment> {
    let columns = columns(text);
    let &[query, _, document, score] = columns.as_slice() else {
        return Err(n_columns(line, columns.len(), EXPECTED_TREC));
    };
    Ok(Judgment {
        query: decode(query).into_owned(),
        document: decode(document).into_owned(),
        score: whole_number(line, score, EXPECTED_TREC)?,
    })
}

fn n_columns(line: usize, n_columns: usize, expected: &'static str) -> Malformed {
    let plural = if n_columns == 1 { "" } else { "s" };
    Malformed {
        line,
        problem: format!("{n_columns} column{plural}"),
        expected,
    }
}

fn whole_number(line: usize, text: &str, expected: &'static str) -> Parsed<i64> {
    text.parse().map_err(|_| Malformed {
        line,
        problem: format!("the score “{text}” is no whole number"),
        expected,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_form_is_told_by_its_content() {
        let expected = Qrels::parse("q1\td1\t2\nq1\td2\t0\nq2\td1\t1\n").unwrap();
        assert_eq!(expected.len(), 2);
        for text in [
            "query-id\tcorpus-id\tscore\r\nq1\td1\t2\r\n\r\nq1\td2\t0\r\nq2\td1\t1\r\n",
            "q1 0 d1 2\nq1 0 d2 0\nq2  0\td1 1 \n",
            "q1\t0\td1\t2\nq1\t0\td2\t0\nq2\t0\td1\t1\n",
        ] {
            assert_eq!(Qrels::parse(text).unwrap(), expected, "{text}");
        }
    }

    #[test]
    fn ids_between_tabs_may_have_spaces() {
        let qrels = Qrels::parse("q 1\tle maire.md\t1\n").unwrap();
        let (id, judgments) = qrels.iter().next().unwrap();
        assert_eq!((id, judgments.gain("le maire.md")), ("q 1", 1.0));
    }

    #[test]
    fn only_scores_above_zero_are_gains() {
        let qrels = Qrels::parse("q1 0 d1 1\nq1 0 d2 -1\nq1 0 d3 3\nq1 0 d4 0\n").unwrap();
        let (_, judgments) = qrels.iter().next().unwrap();
        assert_eq!(judgments.ideal(), [3.0, 1.0]);
        assert_eq!(judgments.gain("d2"), 0.0);
        assert_eq!(judgments.gain("d9"), 0.0);
    }

    #[test]
    fn queries_without_a_relevant_document_are_counted_and_left_out() {
        let qrels = Qrels::parse("q1 0 d1 0\nq2 0 d1 1\n").unwrap();
        assert_eq!((qrels.len(), qrels.n_without_relevant), (1, 1));
        assert!(!qrels.contains("q1"));
    }

    #[test]
    fn lines_that_are_none_are_named() {
        for (text, line, problem) in [
            ("q1\td1\t1\n\nq1 0 d2 1\n", 3, "1 column"),
            ("q1\td1\thigh\n", 1, "the score “high” is no whole number"),
            (
                "q1\td1\t1\nq1\td2\t0.5\n",
                2,
                "the score “0.5” is no whole number",
            ),
            ("q1\t\t1\n", 1, "an empty id"),
            ("q1 0 d1 1\nq1 d2 1\n", 2, "3 columns"),
            (
                "q1 0 d1 1\nq1 0 d2 x\n",
                2,
                "the score “x” is no whole number",
            ),
            (
                "q1 0 d1 1\nq2 0 d1 1\nq1 0 d1 1\n",
                3,
                "document d1 is judged again for query q1",
            ),
        ] {
            let malformed = Qrels::parse(text).unwrap_err();
            assert_eq!(
                (malformed.line, malformed.problem.as_str()),
                (line, problem)
            );
        }
    }
}

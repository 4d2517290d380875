//! Queries: what was typed, how it is read, and what is looked up for it.
//!
//! Two steps. [`Query::parse`] reads the text into a tree ([`syntax`] is the reference of the language): it cannot fail,
//! and tells in notices what it had to guess. `Plan::new` turns the tree into what is looked up in the passages of each
//! language, with the vocabulary of the index at hand; it decides which words are dropped, and what a word stands for.

mod known;
mod patterns;
mod plan;
mod planner;
pub mod syntax;
mod translate;
mod typo;
mod widen;
mod words;

use syntax::{Clause, Filter, Group, Node, Occur};

use crate::language::Language;

pub(crate) use known::KnownWords;
pub(crate) use plan::{
    Condition, LanguagePlan, Leaf, Lookup, Plan, PlanOptions, PlannedClause, PlannedNode,
    PlannedWord, Sense, Shape,
};

/// A query as it was read.
///
/// ```
/// use fouine::query::Query;
///
/// let query = Query::parse(r#"maire "conseil municipal" -dette"#);
/// assert_eq!(query.group.to_string(), r#"maire "conseil municipal" -"dette""#);
/// assert!(query.notices.is_empty());
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Query {
    /// What was typed.
    pub text: String,
    /// How it was read.
    pub group: Group,
    /// What the reader had to guess, for people.
    pub notices: Vec<String>,
}

impl Query {
    /// Reads `text`. Never fails: what looks unfinished is read in the most likely way, and a notice says so.
    pub fn parse(text: &str) -> Query {
        let parsed = syntax::parse(text);
        Query {
            text: text.to_owned(),
            group: parsed.group,
            notices: parsed.notices,
        }
    }

    /// A query for any of `words`.
    pub(crate) fn of_words(words: &[String]) -> Query {
        let text = words.join(" ");
        let mut group = Group::default();
        if !words.is_empty() {
            group.clauses.push(Clause {
                occur: Occur::Should,
                node: Node::Words(text.clone()),
            });
        }
        Query {
            text,
            group,
            notices: Vec::new(),
        }
    }

    /// Whether passages in `language` can match: `lang:fr` beside other clauses asks for one.
    pub(crate) fn admits(&self, language: Language) -> bool {
        let mut clauses = self.group.clauses.iter();
        clauses.all(|clause| match (&clause.node, clause.occur) {
            (Node::Filter(Filter::Language(asked)), Occur::Must) => *asked == language,
            (Node::Filter(Filter::Language(excluded)), Occur::MustNot) => *excluded != language,
            _ => true,
        })
    }

    /// The query, for passages that match `node` only.
    pub fn narrowed(mut self, node: Node) -> Query {
        self.group.clauses.push(Clause {
            occur: Occur::Must,
            node,
        });
        self
    }
}

//! Queries: what was typed, how it is read, and what is looked up for it.
//!
//! Two steps. [`Query::parse`] reads the text: it cannot fail, and tells in notices what it had to guess.
//! `Plan::new` turns what was read into the keys to look up in each language, with the vocabulary of the index at
//! hand; it decides which words are dropped, and how a word without accents is widened.

mod parse;
mod plan;
mod widen;

pub(crate) use plan::{LanguagePlan, Plan, PlannedClause, PlannedWord};

/// A query as it was read.
///
/// ```
/// use fouine::query::{Clause, Query};
///
/// let query = Query::parse(r#"maire "conseil municipal" -dette"#);
/// assert_eq!(query.clauses, [
///     Clause::wanted_words("maire"),
///     Clause::wanted_phrase("conseil municipal"),
///     Clause::excluded("dette"),
/// ]);
/// assert!(query.notices.is_empty());
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Query {
    /// What was typed.
    pub text: String,
    /// What it is made of, in the order typed.
    pub clauses: Vec<Clause>,
    /// What the reader had to guess, for people.
    pub notices: Vec<String>,
}

/// A part of a query.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Clause {
    /// The text of it, without quotation marks or sign.
    pub text: String,
    /// Whether its words must follow each other.
    pub is_phrase: bool,
    /// Whether passages with it are left out.
    pub is_excluded: bool,
}

impl Clause {
    /// Words of which any may match.
    pub fn wanted_words(text: &str) -> Clause {
        Clause {
            text: text.to_owned(),
            is_phrase: false,
            is_excluded: false,
        }
    }

    /// Words that must follow each other.
    pub fn wanted_phrase(text: &str) -> Clause {
        Clause {
            is_phrase: true,
            ..Clause::wanted_words(text)
        }
    }

    /// What must not be there; several words in it (`Pottier-Dumas`) exclude where they follow each other.
    pub fn excluded(text: &str) -> Clause {
        Clause {
            is_phrase: true,
            is_excluded: true,
            text: text.to_owned(),
        }
    }
}

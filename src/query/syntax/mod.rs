//! The query language: its tree, and the reader that makes one of any text.
//!
//! | typed | read as |
//! |---|---|
//! | `maire dette` | any of the words, ranked by how well they match |
//! | `+maire`, `-dette` | must be there, must not |
//! | `a AND b`, `a OR b`, `a NOT b` (`ET`, `OU`, `SAUF`) | both, either, the first without the second; in capitals only |
//! | `(a OR b) AND c` | parentheses; else NEAR binds first, then NOT, AND, OR |
//! | `"conseil municipal"`, `« … »`, `“…”` | a phrase; `"…"~5`: its words moved by at most 5 places in all |
//! | `a NEAR/5 b` (`PRÈS/5`) | at most 5 words apart, in any order; `NEAR` alone is `NEAR/10` |
//! | `élect*`, `wom?n`, `*tion` | `*` any letters, `?` one letter; with the accents typed, or any where none is typed |
//! | `word~`, `word~2` | words at most one, or two, edits away |
//! | `=word`, `="these words"` | this very form, accents and all |
//! | `/élect(eur|rice)s?/` | words that match a regular expression from end to end |
//! | `title:maire`, `title:(a OR b)` | in the title of the article |
//! | `author:dupont`, `source:afp`, `path:2020/mai` | in its author, source or path: words that follow each other |
//! | `lang:fr` | passages in French (`en`, `other`) |
//! | `date:2020`, `date:2020-03..2020-06`, `date:>=2020-03-15` | published then |
//!
//! Fields and what is excluded apply to the whole list they stand in. Every text is a query: what cannot be read as it
//! stands is read in the likeliest way, and a notice says so.

mod date_range;
mod lexer;
mod parse;
mod write;

pub use date_range::DateRange;
pub(crate) use lexer::shouts;
pub use parse::{Parsed, parse};

use crate::language::Language;

/// Clauses side by side.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Group {
    /// In the order typed.
    pub clauses: Vec<Clause>,
}

/// A part of a query, and how it is wanted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Clause {
    /// Whether it may, must or must not match.
    pub occur: Occur,
    /// What is looked for.
    pub node: Node,
}

/// How a clause counts among those beside it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Occur {
    /// One of those that may match; where no clause must, one of them has to.
    Should,
    /// Has to match.
    Must,
    /// Must not match.
    MustNot,
}

/// Something to look for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Node {
    /// Plain words as typed, white space between them included (`63 500` is a number): any may match.
    Words(String),
    /// Words that follow each other; also one word that is asked for as a whole.
    Phrase(Phrase),
    /// Two things near each other.
    Near {
        /// One of them.
        left: Box<Node>,
        /// The other.
        right: Box<Node>,
        /// Most words from one to the other: 1 for neighbours.
        distance: u32,
    },
    /// Any of several.
    Any(Vec<Node>),
    /// What stands in parentheses, or is joined by AND or NOT.
    Group(Group),
    /// In the title of the article.
    Title(Box<Node>),
    /// A condition on the article or passage.
    Filter(Filter),
}

/// Words that follow each other.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Phrase {
    /// In order.
    pub parts: Vec<Part>,
    /// By how many places its words may be moved, in all.
    pub slop: u32,
}

/// A part of a phrase.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Part {
    /// Words in any inflection.
    Text(String),
    /// Words as they are written.
    Exact(String),
    /// One word, by its letters.
    Pattern(Pattern),
}

/// Words looked for by their letters.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Pattern {
    /// With `*` for any letters and `?` for one.
    Wildcard(String),
    /// At most so many edits (1 or 2) from a word.
    Fuzzy(String, u8),
    /// A regular expression, without its slashes.
    Regex(String),
}

/// A condition on the article or passage.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Filter {
    /// Words of a field of the article that follow each other; the last may end in `*`.
    Text(TextField, String),
    /// The language of the passage.
    Language(Language),
    /// When it was published.
    Date(DateRange),
}

/// A field of articles that is looked up by words.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum TextField {
    /// Who wrote it.
    Author,
    /// Where it was published.
    Source,
    /// The path of its file.
    Path,
}

impl TextField {
    /// Its name in queries.
    pub fn name(self) -> &'static str {
        match self {
            TextField::Author => "author",
            TextField::Source => "source",
            TextField::Path => "path",
        }
    }
}

impl Phrase {
    /// Words that must follow each other, in any inflection.
    pub fn text(text: &str) -> Phrase {
        Phrase {
            parts: vec![Part::Text(text.to_owned())],
            slop: 0,
        }
    }
}

impl Node {
    /// Whether it only says which articles or passages are meant: side by side with words, it must match.
    pub(crate) fn is_condition(&self) -> bool {
        match self {
            Node::Filter(_) | Node::Title(_) => true,
            Node::Any(nodes) => nodes.iter().all(Node::is_condition),
            Node::Group(group) => group
                .clauses
                .iter()
                .all(|clause| clause.node.is_condition()),
            Node::Words(_) | Node::Phrase(_) | Node::Near { .. } => false,
        }
    }

    /// Whether it has places in a text, so that something can be near it.
    fn has_places(&self) -> bool {
        match self {
            Node::Words(_) | Node::Phrase(_) | Node::Near { .. } => true,
            Node::Any(nodes) => nodes.iter().all(Node::has_places),
            Node::Group(group) => group
                .clauses
                .iter()
                .all(|clause| clause.occur == Occur::Should && clause.node.has_places()),
            Node::Title(_) | Node::Filter(_) => false,
        }
    }
}

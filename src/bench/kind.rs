//! Which kind of query a query is, by how it was read.

use crate::language::Forms;
use crate::query::Query;
use crate::query::syntax::{Group, Node, Part, Pattern};

/// Kinds of queries that take different times.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Kind {
    /// At most one word.
    OneWord,
    /// Two or three words.
    FewWords,
    /// Four words or more.
    Question,
    /// Words that follow each other or are near each other.
    Phrase,
    /// Words of which some letters are known: `élect*`, `wom?n`, a regular expression.
    Prefix,
    /// Words that are mistyped, or asked for with so many edits: `mayer~`. Which words are mistyped only the index can
    /// tell, so [`Kind::of`] knows the latter only.
    Fuzzy,
    /// Words with a condition: a language, a date, words of the title …
    Filtered,
}

impl Kind {
    /// All of them, in the order in which they are listed to users.
    pub const ALL: [Kind; 7] = [
        Kind::OneWord,
        Kind::FewWords,
        Kind::Question,
        Kind::Phrase,
        Kind::Prefix,
        Kind::Fuzzy,
        Kind::Filtered,
    ];

    /// What it is called.
    pub fn name(self) -> &'static str {
        match self {
            Kind::OneWord => "one word",
            Kind::FewWords => "two or three words",
            Kind::Question => "long question",
            Kind::Phrase => "phrase",
            Kind::Prefix => "prefix",
            Kind::Fuzzy => "fuzzy",
            Kind::Filtered => "filtered",
        }
    }

    /// Its name for programs.
    pub fn code(self) -> &'static str {
        match self {
            Kind::OneWord => "one_word",
            Kind::FewWords => "few_words",
            Kind::Question => "question",
            Kind::Phrase => "phrase",
            Kind::Prefix => "prefix",
            Kind::Fuzzy => "fuzzy",
            Kind::Filtered => "filtered",
        }
    }

    /// The kind of `query`: the last in the list of which it has something; all that is left are words.
    ///
    /// ```
    /// use fouine::bench::Kind;
    /// use fouine::query::Query;
    ///
    /// assert_eq!(Kind::of(&Query::parse("le budget de la ville")), Kind::Question);
    /// assert_eq!(Kind::of(&Query::parse("\"town hall\" budget")), Kind::Phrase);
    /// assert_eq!(Kind::of(&Query::parse("\"town hall\" budget date:2020")), Kind::Filtered);
    /// ```
    pub fn of(query: &Query) -> Kind {
        let mut found = Found::default();
        found.look_in(&query.group);
        match found {
            Found { filter: true, .. } => Kind::Filtered,
            Found { fuzzy: true, .. } => Kind::Fuzzy,
            Found { pattern: true, .. } => Kind::Prefix,
            Found { phrase: true, .. } => Kind::Phrase,
            Found { n_words: ..=1, .. } => Kind::OneWord,
            Found { n_words: ..=3, .. } => Kind::FewWords,
            _ => Kind::Question,
        }
    }
}

/// What there is in a query.
#[derive(Default)]
struct Found {
    filter: bool,
    fuzzy: bool,
    pattern: bool,
    phrase: bool,
    n_words: usize,
}

impl Found {
    fn look_in(&mut self, group: &Group) {
        for clause in &group.clauses {
            self.look_at(&clause.node);
        }
    }

    fn look_at(&mut self, node: &Node) {
        match node {
            Node::Words(words) => self.n_words += n_words(words),
            Node::Phrase(phrase) => {
                let before = self.n_words;
                for part in &phrase.parts {
                    match part {
                        Part::Text(words) | Part::Exact(words) => self.n_words += n_words(words),
                        Part::Pattern(pattern) => {
                            self.n_words += 1;
                            let is_fuzzy = matches!(pattern, Pattern::Fuzzy(..));
                            self.fuzzy |= is_fuzzy;
                            self.pattern |= !is_fuzzy;
                        }
                    }
                }
                // One word is no phrase, though it may be asked for like one: `-dette`.
                self.phrase |= self.n_words > before + 1;
            }
            Node::Near { left, right, .. } => {
                self.phrase = true;
                self.look_at(left);
                self.look_at(right);
            }
            Node::Any(nodes) => nodes.iter().for_each(|node| self.look_at(node)),
            Node::Group(group) => self.look_in(group),
            Node::Title(_) | Node::Filter(_) => self.filter = true,
        }
    }
}

fn n_words(text: &str) -> usize {
    let mut forms = Forms::new(text);
    std::iter::from_fn(|| forms.advance()).count()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_query_is_of_the_kind_that_takes_the_longest() {
        let cases = [
            ("", Kind::OneWord),
            ("?!", Kind::OneWord),
            ("l'école", Kind::OneWord),
            ("-dette", Kind::OneWord),
            ("maire dette", Kind::FewWords),
            ("maire OR dette -pont", Kind::FewWords),
            ("63 500 habitants", Kind::FewWords),
            ("où est passé le budget de la ville", Kind::Question),
            ("\"conseil municipal\"", Kind::Phrase),
            ("maire NEAR/5 dette", Kind::Phrase),
            ("élect*", Kind::Prefix),
            ("wom?n budget", Kind::Prefix),
            ("/élect(eur)?s?/", Kind::Prefix),
            ("mayer~ \"town hall\"", Kind::Fuzzy),
            ("maire lang:fr", Kind::Filtered),
            ("title:maire", Kind::Filtered),
            (
                "(maire OR \"conseil municipal\" date:2020) mayer~",
                Kind::Filtered,
            ),
        ];
        for (text, kind) in cases {
            assert_eq!(Kind::of(&Query::parse(text)), kind, "{text}");
        }
    }
}

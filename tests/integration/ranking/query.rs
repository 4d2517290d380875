//! Random queries: trees of our own, and how they are typed.

use std::fmt;

use fouine::language::Language;

use super::random::Random;

/// How a clause counts among those beside it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Occur {
    May,
    Must,
    Not,
}

/// Clauses side by side.
#[derive(Clone, Debug)]
pub(super) struct List(pub(super) Vec<(Occur, Node)>);

#[derive(Clone, Debug)]
pub(super) enum Node {
    /// Words side by side, of a list.
    Words(String),
    /// A word that something is done with, as a whole.
    Word(&'static str),
    /// In quotation marks.
    Phrase(Vec<Part>, u32),
    /// `=word`, `="words"`.
    Exact(String),
    /// One word, by its letters.
    Pattern(Pattern),
    Near(Box<Node>, Box<Node>, u32),
    /// Joined by OR, each perhaps with a NOT.
    Or(Vec<(bool, Node)>),
    /// Joined by AND, each perhaps with a NOT.
    And(Vec<(bool, Node)>),
    /// In parentheses.
    List(List),
    Title(Box<Node>),
    Filter(Filter),
}

/// A part of a phrase.
#[derive(Clone, Debug)]
pub(super) enum Part {
    Word(&'static str),
    Pattern(Pattern),
}

#[derive(Clone, Copy, Debug)]
pub(super) enum Pattern {
    Wildcard(&'static str),
    Fuzzy(&'static str, usize),
    Regex(&'static str),
}

#[derive(Clone, Debug)]
pub(super) enum Filter {
    /// The field, and what is looked for: any of several.
    Text(Field, Vec<&'static str>),
    Language(Language),
    /// As typed, with the first and the last day: numbers of the form `YYYYMMDD`.
    Date(String, Option<u32>, Option<u32>),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Field {
    Author,
    Source,
    Path,
}

const FUNCTIONAL: [&str; 9] = ["le", "de", "the", "of", "qui", "à", "meme", "faire", "UN"];
const WORDS: [&str; 49] = [
    "maire",
    "maires",
    "maire",
    "depute",
    "députés",
    "etat",
    "état",
    "peche",
    "pêche",
    "école",
    "oeuvre",
    "rivieres",
    "mayor",
    "mayor",
    "state",
    "fishing",
    "63.500",
    "63 500",
    "cafe",
    "thé",
    "dette",
    "dettes",
    "budget",
    "evenement",
    "événement",
    "évènements",
    "conseil",
    "conseli",
    "council",
    "concil",
    "cuoncil",
    "maier",
    "mayro",
    "gendarmeire",
    "gendamrerie",
    "xylophone",
    "municipale",
    "l'école",
    "l'Est",
    "budgte",
    "aujourdhui",
    "Städte",
    "haushalt",
    "ete",
    "d'evry",
    "bodget",
    "prefere",
    "preferer",
    "préférer",
];
const PATTERNS: [Pattern; 16] = [
    Pattern::Wildcard("mair*"),
    Pattern::Wildcard("élect*"),
    Pattern::Wildcard("elect*"),
    Pattern::Wildcard("m?y*r"),
    Pattern::Wildcard("*ement"),
    Pattern::Wildcard("p?che"),
    Pattern::Wildcard("stä*"),
    Pattern::Wildcard("zzz*"),
    Pattern::Fuzzy("maire", 1),
    Pattern::Fuzzy("maire", 2),
    Pattern::Fuzzy("évenement", 1),
    Pattern::Fuzzy("tea", 2),
    Pattern::Fuzzy("concil", 1),
    Pattern::Regex("mai?(re|yor)s?"),
    Pattern::Regex("p[eéê]ch."),
    Pattern::Regex("conseils?|counc.*"),
];

/// Values of fields.
const NAMES: [(Field, &str); 16] = [
    (Field::Author, "dupont"),
    (Field::Author, "Jean Dupont"),
    (Field::Author, "emilie"),
    (Field::Author, "jean-l*"),
    (Field::Author, "dupont*"),
    (Field::Source, "afp"),
    (Field::Source, "france 24"),
    (Field::Source, "de l'école"),
    (Field::Path, "2020/mai"),
    (Field::Path, "divers"),
    (Field::Path, "notes de l'ete"),
    (Field::Path, "md"),
    // In another order than written, or not next to each other.
    (Field::Author, "dupont jean"),
    (Field::Source, "le de"),
    (Field::Path, "mai 2020"),
    (Field::Path, "notes l'ete*"),
];

/// Dates as typed, with their first and last days.
const DATES: [(&str, u32, u32); 6] = [
    ("2020", 20200101, 20201231),
    ("2019", 20190101, 20191231),
    ("2020-03", 20200301, 20200331),
    ("2020-03-15", 20200315, 20200315),
    ("01/04/2020", 20200401, 20200401),
    ("2021-05", 20210501, 20210531),
];

/// Queries that once were not answered as they should be, and that random ones seldom come upon.
pub(super) fn remembered() -> Vec<List> {
    let words = |words: &str| (Occur::May, Node::Words(words.to_owned()));
    let exact = |word: &str| (Occur::May, Node::Exact(word.to_owned()));
    let french = || Node::Filter(Filter::Language(Language::French));
    let in_parentheses = |clauses| Node::List(List(clauses));
    let title = |clauses| (Occur::May, Node::Title(Box::new(in_parentheses(clauses))));
    let written = |form: &str| Node::Exact(form.to_owned());
    let (maire, mayor) = (Pattern::Wildcard("ma?re"), Pattern::Regex("m[ae]yor"));
    let (election, etat) = (Pattern::Wildcard("éle?tion"), Pattern::Fuzzy("etat", 1));
    let near = |left, right, distance| {
        let near = Node::Near(Box::new(left), Box::new(right), distance);
        vec![(Occur::May, near)]
    };
    let in_title = |node| vec![(Occur::May, Node::Title(Box::new(node)))];
    let phrase = |parts, slop| Node::Phrase(parts, slop);
    let queries = vec![
        // A word that may be a slip, twice; beside the word that it may be a slip of.
        vec![words("conseli dette conseli")],
        vec![words("conseli conseil")],
        vec![words("conseil conseli budget concil council")],
        vec![words("state rivieres Städte")],
        vec![(Occur::Not, Node::Word("conseli")), words("conseli")],
        vec![
            (
                Occur::May,
                in_parentheses(vec![(Occur::Not, Node::Word("maire"))]),
            ),
            words("maire"),
        ],
        // As it is written, and in any inflection.
        vec![exact("maire"), words("maire mayor dette")],
        vec![(Occur::May, Node::Word("maire")), words("maire budget")],
        // Excluded from what a condition leaves.
        vec![(
            Occur::May,
            Node::And(vec![(false, french()), (true, Node::Word("dette"))]),
        )],
        vec![(
            Occur::May,
            Node::Or(vec![
                (true, Node::Word("dette")),
                (true, Node::Word("budget")),
            ]),
        )],
        vec![(
            Occur::May,
            in_parentheses(vec![(Occur::Not, Node::Word("dette"))]),
        )],
        vec![(Occur::Not, french())],
        vec![(Occur::Not, french()), words("maire mayor")],
        // Excluded together.
        vec![
            words("dette debt"),
            (
                Occur::Not,
                in_parentheses(vec![words("maire"), exact("budget")]),
            ),
        ],
        // One after the other in titles only.
        vec![
            title(vec![words("maire dette budget council")]),
            words("budget dette"),
        ],
        // Of nothing but function words.
        vec![words("le la de"), (Occur::May, french())],
        vec![title(vec![words("the of")]), words("de la")],
        // As they are written, where other forms of the same key stand beside them.
        vec![
            (Occur::May, written("maire")),
            (Occur::May, written("dette")),
        ],
        vec![exact("le maire"), exact("mayor of")],
        vec![exact("maire conseil dette")],
        vec![(
            Occur::May,
            phrase(vec![Part::Pattern(maire), Part::Word("conseil")], 0),
        )],
        vec![(
            Occur::May,
            phrase(vec![Part::Pattern(maire), Part::Word("maires")], 3),
        )],
        vec![(
            Occur::May,
            phrase(
                vec![Part::Word("the"), Part::Pattern(Pattern::Wildcard("m?yor"))],
                1,
            ),
        )],
        near(written("maire"), written("budget"), 3),
        near(Node::Pattern(mayor), written("council"), 3),
        near(Node::Pattern(election), Node::Pattern(etat), 10),
        near(
            phrase(vec![Part::Pattern(maire), Part::Word("de")], 2),
            written("dette"),
            10,
        ),
        in_title(written("maire")),
        in_title(Node::Pattern(mayor)),
        in_title(phrase(vec![Part::Pattern(maire), Part::Word("conseil")], 2)),
        vec![
            words("budget"),
            (
                Occur::Not,
                phrase(vec![Part::Pattern(maire), Part::Word("de")], 0),
            ),
        ],
    ];
    queries.into_iter().map(List).collect()
}

impl Random {
    fn plain_word(&mut self) -> &'static str {
        if self.one_in(4) {
            self.pick(&FUNCTIONAL)
        } else {
            self.pick(&WORDS)
        }
    }

    fn words(&mut self, most: usize) -> Node {
        let n_words = 1 + self.below(most);
        let words: Vec<&str> = (0..n_words).map(|_| self.plain_word()).collect();
        Node::Words(words.join(" "))
    }

    fn phrase(&mut self) -> Node {
        let n_words = 1 + self.below(3);
        let words = (0..n_words).map(|_| match self.below(12) {
            0 => Part::Pattern(self.pick(&PATTERNS[..8])),
            _ => Part::Word(self.plain_word()),
        });
        let parts = words.collect();
        let slop = if self.one_in(3) { 1 + self.below(5) } else { 0 };
        Node::Phrase(parts, slop as u32)
    }

    /// A word or phrase by itself.
    fn unit(&mut self) -> Node {
        match self.below(10) {
            0..5 => Node::Word(self.plain_word()),
            5 | 6 => self.phrase(),
            7 => Node::Pattern(self.pick(&PATTERNS)),
            _ => {
                let n_words = 1 + self.below(2);
                let words: Vec<&str> = (0..n_words).map(|_| self.plain_word()).collect();
                Node::Exact(words.join(" "))
            }
        }
    }

    fn filter(&mut self) -> Filter {
        match self.below(5) {
            0 => {
                Filter::Language(self.pick(&[Language::French, Language::English, Language::Other]))
            }
            1 | 2 => {
                let (field, value) = self.pick(&NAMES);
                let mut values = vec![value];
                if self.one_in(4) {
                    let same: Vec<&str> = NAMES
                        .iter()
                        .filter(|(other, _)| *other == field)
                        .map(|(_, value)| *value)
                        .collect();
                    values.push(self.pick(&same));
                }
                Filter::Text(field, values)
            }
            _ => {
                let (text, first, last) = self.pick(&DATES);
                match self.below(8) {
                    0 => Filter::Date(format!("{text}.."), Some(first), None),
                    1 => Filter::Date(format!("..{text}"), None, Some(last)),
                    2 => Filter::Date(format!(">={text}"), Some(first), None),
                    3 => Filter::Date(format!(">{text}"), Some(last + 1), None),
                    4 => Filter::Date(format!("<={text}"), None, Some(last)),
                    5 => Filter::Date(format!("<{text}"), None, Some(first - 1)),
                    6 if first >= 20200301 => {
                        Filter::Date(format!("2019..{text}"), Some(20190101), Some(last))
                    }
                    _ => Filter::Date(text.to_owned(), Some(first), Some(last)),
                }
            }
        }
    }

    /// What an operator joins: everything that NEAR may not join too.
    fn operand(&mut self, depth: usize) -> Node {
        match self.below(12) {
            0 | 1 if depth > 0 => Node::List(self.list(depth - 1)),
            2 => self.near(),
            3 => self.title(depth),
            4 => Node::Filter(self.filter()),
            _ => self.unit(),
        }
    }

    fn title(&mut self, depth: usize) -> Node {
        Node::Title(Box::new(match self.below(4) {
            0 if depth > 0 => Node::List(self.list_of_places()),
            _ => self.unit(),
        }))
    }

    /// Words and phrases in parentheses, any of which may match.
    fn list_of_places(&mut self) -> List {
        let mut list = vec![(Occur::May, self.words(3))];
        if self.one_in(3) {
            list.push((Occur::May, self.phrase()));
        }
        if self.one_in(3) {
            list.push((
                Occur::May,
                Node::Or(vec![(false, self.unit()), (false, self.unit())]),
            ));
        }
        List(list)
    }

    fn near(&mut self) -> Node {
        let mut side = || match self.below(5) {
            0 => Node::List(self.list_of_places()),
            _ => self.unit(),
        };
        let (left, right) = (side(), side());
        let distance = self.pick(&[1, 3, 10]);
        let near = Node::Near(Box::new(left), Box::new(right), distance);
        if self.one_in(6) {
            let third = self.unit();
            return Node::Near(Box::new(near), Box::new(third), 1 + self.below(8) as u32);
        }
        near
    }

    fn joined(&mut self, depth: usize) -> Vec<(bool, Node)> {
        let n_operands = 2 + self.below(2);
        (0..n_operands)
            .map(|_| (self.one_in(5), self.operand(depth)))
            .collect()
    }

    /// Clauses side by side, at least one.
    pub(super) fn list(&mut self, depth: usize) -> List {
        let mut clauses: Vec<(Occur, Node)> = Vec::new();
        for _ in 0..1 + self.below(4) {
            let clause = match self.below(20) {
                0..8 => (Occur::May, self.words(3)),
                8 => (Occur::May, self.phrase()),
                9 => (Occur::May, self.unit()),
                10 => (Occur::Must, self.operand(depth)),
                11 | 12 => (Occur::Not, self.operand(depth)),
                13 => (Occur::May, Node::And(self.joined(depth))),
                14 => {
                    let mut joined = self.joined(depth);
                    if self.one_in(3) {
                        joined.insert(1, (false, Node::And(self.joined(depth))));
                    }
                    (Occur::May, Node::Or(joined))
                }
                15 => (Occur::May, self.near()),
                16 if depth > 0 => (Occur::May, Node::List(self.list(depth - 1))),
                17 => (Occur::May, self.title(depth)),
                18 => (Occur::May, Node::Filter(self.filter())),
                _ if depth > 0 => {
                    let first = Node::Or(self.joined(depth - 1));
                    let list = Node::List(List(vec![(Occur::May, first)]));
                    let joined = vec![(false, list), (self.one_in(3), self.operand(depth - 1))];
                    (Occur::May, Node::And(joined))
                }
                _ => (Occur::May, self.words(2)),
            };
            match (clauses.last_mut(), clause) {
                // Typed one after the other, they are one list of words; a word alone in a list is no different.
                (Some((Occur::May, Node::Words(before))), (Occur::May, Node::Words(words))) => {
                    before.push(' ');
                    before.push_str(&words);
                }
                (Some((Occur::May, Node::Words(before))), (Occur::May, Node::Word(word))) => {
                    before.push(' ');
                    before.push_str(word);
                }
                (_, (Occur::May, Node::Word(word))) => {
                    clauses.push((Occur::May, Node::Words(word.to_owned())));
                }
                (_, clause) => clauses.push(clause),
            }
        }
        List(clauses)
    }
}

impl fmt::Display for List {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, (occur, node)) in self.0.iter().enumerate() {
            if at > 0 {
                f.write_str(" ")?;
            }
            f.write_str(match occur {
                Occur::May => "",
                Occur::Must => "+",
                Occur::Not if at % 2 == 1 => "NOT ",
                Occur::Not => "-",
            })?;
            node.fmt(f)?;
        }
        Ok(())
    }
}

impl fmt::Display for Node {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let joined = |f: &mut fmt::Formatter<'_>, nodes: &[(bool, Node)], operators: [&str; 2]| {
            for (at, (is_negated, node)) in nodes.iter().enumerate() {
                if at > 0 {
                    write!(f, " {} ", operators[at % 2])?;
                }
                if *is_negated {
                    f.write_str(if at % 2 == 1 { "SAUF " } else { "NOT " })?;
                }
                node.fmt(f)?;
            }
            Ok(())
        };
        match self {
            Node::Words(words) => f.write_str(words),
            // As one word: in a list it would be two.
            Node::Word(word) if word.contains(' ') => write!(f, "\"{word}\""),
            Node::Word(word) => f.write_str(word),
            Node::Phrase(parts, slop) => {
                let parts: Vec<String> = parts
                    .iter()
                    .map(|part| match part {
                        Part::Word(word) => (*word).to_owned(),
                        Part::Pattern(pattern) => pattern.to_string(),
                    })
                    .collect();
                match slop {
                    0 => write!(f, "« {} »", parts.join(" ")),
                    _ => write!(f, "\"{}\"~{slop}", parts.join(" ")),
                }
            }
            Node::Exact(words) if words.contains(' ') => write!(f, "=\"{words}\""),
            Node::Exact(word) => write!(f, "={word}"),
            Node::Pattern(pattern) => pattern.fmt(f),
            Node::Near(left, right, 10) => write!(f, "{left} NEAR {right}"),
            Node::Near(left, right, distance) => write!(f, "{left} PRÈS/{distance} {right}"),
            Node::Or(nodes) => joined(f, nodes, ["OR", "OU"]),
            Node::And(nodes) => joined(f, nodes, ["AND", "ET"]),
            Node::List(list) => write!(f, "({list})"),
            Node::Title(node) => write!(f, "title:{node}"),
            Node::Filter(filter) => filter.fmt(f),
        }
    }
}

impl fmt::Display for Pattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Pattern::Wildcard(text) => f.write_str(text),
            Pattern::Fuzzy(word, 1) => write!(f, "{word}~"),
            Pattern::Fuzzy(word, edits) => write!(f, "{word}~{edits}"),
            Pattern::Regex(expression) => write!(f, "/{expression}/"),
        }
    }
}

impl fmt::Display for Filter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Filter::Text(field, values) => {
                f.write_str(match field {
                    Field::Author => "author:",
                    Field::Source => "source:",
                    Field::Path => "chemin:",
                })?;
                let values: Vec<String> = values
                    .iter()
                    .map(|value| match value.contains(' ') {
                        true => format!("\"{value}\""),
                        false => (*value).to_owned(),
                    })
                    .collect();
                match values.as_slice() {
                    [value] => f.write_str(value),
                    _ => write!(f, "({})", values.join(" ")),
                }
            }
            Filter::Language(language) => write!(f, "lang:{language}"),
            Filter::Date(text, ..) => write!(f, "date:{text}"),
        }
    }
}

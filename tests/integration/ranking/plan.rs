//! How a query is read: by the rules of the query language, over our own trees.

use fouine::language::{Forms, Language, is_typed_stop_word, normalized};

use super::corpus::Corpus;
use super::places::{Shape, Word};
use super::query::{Filter, List, Node, Occur, Part};
use super::words::{Lookup, Widening};

/// What a query is in the passages of one language.
pub(super) struct Plan {
    pub(super) language: Language,
    pub(super) leaves: Vec<Leaf>,
    /// Words typed one after the other.
    pub(super) pairs: Vec<(usize, usize)>,
    /// Nothing where nothing can match.
    pub(super) root: Option<Logic>,
}

/// A word, a phrase, or several near each other.
pub(super) struct Leaf {
    pub(super) shape: Shape,
    pub(super) in_title: bool,
    pub(super) is_wanted: bool,
    pub(super) idf: f64,
}

/// How leaves and conditions come together.
pub(super) enum Logic {
    Leaf(usize),
    Filter(Filter),
    List(Vec<Clause>),
}

pub(super) struct Clause {
    pub(super) occur: Occur,
    /// Whether it only says which articles are meant: then words beside it are not optional.
    pub(super) is_condition: bool,
    pub(super) logic: Logic,
}

/// What queries are read with.
#[derive(Clone, Copy)]
pub(super) struct Settings<'s> {
    pub(super) all: bool,
    pub(super) exact: bool,
    /// The languages that are searched.
    pub(super) languages: &'s [Language],
    /// The language that the query is in.
    pub(super) home: Option<Language>,
}

/// Where a node stands.
#[derive(Clone, Copy)]
struct Context {
    in_title: bool,
    is_wanted: bool,
}

/// Reads a query in the passages of `language`.
pub(super) fn plan(
    corpus: &Corpus,
    query: &List,
    settings: Settings<'_>,
    language: Language,
) -> Plan {
    let query = read(query);
    let mut reader = Reader {
        words: Lookup::new(
            corpus,
            language,
            settings
                .home
                .filter(|home| settings.languages.contains(home)),
        ),
        settings,
        language,
        keeps_stop_words: false,
        plan: Plan {
            language,
            leaves: Vec::new(),
            pairs: Vec::new(),
            root: None,
        },
    };
    // Stop words alone are looked for in the language that the query is in.
    let is_foreign = settings.home.is_some_and(|home| home != language);
    let is_only = settings.languages.len() == 1;
    reader.keeps_stop_words = !reader.has_content(&query) && (!is_foreign || is_only);
    let context = Context {
        in_title: false,
        is_wanted: true,
    };
    let clauses = reader.list(&query, context);
    let has_words = reader.plan.leaves.iter().any(|leaf| leaf.is_wanted);
    // What only says what to leave out finds nothing; nor does what asks for words that are not looked up.
    let is_answered = if asks(&query, &|node| !matches!(node, Node::Filter(_))) {
        has_words
    } else {
        asks(&query, &|node| matches!(node, Node::Filter(_)))
    };
    reader.plan.root = is_answered.then_some(Logic::List(clauses));
    reader.plan
}

/// The languages that a query asks for beside its other clauses.
pub(super) fn admits(query: &List, language: Language) -> bool {
    read(query)
        .0
        .iter()
        .all(|(occur, node)| match (occur, node) {
            (Occur::Must, Node::Filter(Filter::Language(only))) => *only == language,
            (Occur::Not, Node::Filter(Filter::Language(excluded))) => *excluded != language,
            _ => true,
        })
}

/// Nodes joined by OR, as a list: what is negated among them is excluded from all of it.
fn without_negations(nodes: &[(bool, Node)]) -> List {
    let (excluded, mut wanted): (Vec<_>, Vec<_>) = nodes
        .iter()
        .cloned()
        .partition(|(is_negated, _)| *is_negated);
    let any = match wanted.len() {
        0 | 1 => wanted.pop().map(|(_, node)| node),
        _ => Some(Node::Or(wanted)),
    };
    let excluded = excluded.into_iter().map(|(_, node)| (Occur::Not, node));
    List(
        any.map(|node| (Occur::May, node))
            .into_iter()
            .chain(excluded)
            .collect(),
    )
}

/// The list with conditions that must match, and with words in parentheses of their own among the others.
fn read(list: &List) -> List {
    let mut clauses = Vec::new();
    for (occur, node) in &list.0 {
        let node = match node {
            Node::Or(nodes) if nodes.iter().any(|(is_negated, _)| *is_negated) => {
                let apart = without_negations(nodes);
                if *occur == Occur::May {
                    clauses.extend(read(&apart).0);
                    continue;
                }
                &Node::List(apart)
            }
            node => node,
        };
        let node = match node {
            Node::List(inner) => {
                let mut inner = read(inner);
                match inner.0.as_slice() {
                    [(Occur::May | Occur::Must, _)] => inner.0.remove(0).1,
                    _ => Node::List(inner),
                }
            }
            node => node.clone(),
        };
        let occur = match occur {
            Occur::May if is_condition(&node) => Occur::Must,
            occur => *occur,
        };
        match node {
            Node::List(inner)
                if occur == Occur::May && inner.0.iter().all(|(occur, _)| *occur == Occur::May) =>
            {
                clauses.extend(inner.0);
            }
            node => clauses.push((occur, node)),
        }
    }
    List(clauses)
}

fn is_condition(node: &Node) -> bool {
    match node {
        Node::Filter(_) | Node::Title(_) => true,
        Node::Or(nodes) | Node::And(nodes) => nodes.iter().all(|(_, node)| is_condition(node)),
        Node::List(list) => list.0.iter().all(|(_, node)| is_condition(node)),
        _ => false,
    }
}

/// Whether a node for which `is_such` holds is wanted.
fn asks(list: &List, is_such: &dyn Fn(&Node) -> bool) -> bool {
    let mut wanted = list.0.iter().filter(|(occur, _)| *occur != Occur::Not);
    wanted.any(|(_, node)| node_asks(node, is_such))
}

fn node_asks(node: &Node, is_such: &dyn Fn(&Node) -> bool) -> bool {
    match node {
        Node::Or(nodes) | Node::And(nodes) => nodes
            .iter()
            .any(|(is_negated, node)| !is_negated && node_asks(node, is_such)),
        Node::List(list) => asks(list, is_such),
        Node::Title(node) => node_asks(node, is_such),
        node => is_such(node),
    }
}

struct Reader<'c> {
    words: Lookup<'c>,
    settings: Settings<'c>,
    language: Language,
    keeps_stop_words: bool,
    plan: Plan,
}

impl Reader<'_> {
    fn has_content(&self, list: &List) -> bool {
        asks(list, &|node| match node {
            Node::Words(text) => words(text).iter().any(|word| !self.is_stop_word(word)),
            Node::Filter(_) => false,
            _ => true,
        })
    }

    /// Function words of the language and of that of the query, but for acronyms and what *l'* stands before.
    fn is_stop_word(&self, (surface, form): &(String, String)) -> bool {
        let is_noun = surface.starts_with("l'") && form != "a";
        let is_acronym =
            surface.chars().count() > 1 && surface.to_uppercase() == *surface && !is_number(form);
        let languages = [Some(self.language), self.settings.home];
        let mut languages = languages.into_iter().flatten();
        !is_noun && !is_acronym && languages.any(|language| is_typed_stop_word(language, form))
    }

    fn list(&mut self, list: &List, context: Context) -> Vec<Clause> {
        let mut clauses = Vec::new();
        for (occur, node) in &list.0 {
            let context = Context {
                is_wanted: context.is_wanted && *occur != Occur::Not,
                ..context
            };
            let occur = match occur {
                Occur::May if self.settings.all && context.is_wanted => Occur::Must,
                occur => *occur,
            };
            match node {
                Node::Words(text)
                    if occur == Occur::May || (self.settings.all && context.is_wanted) =>
                {
                    self.words(text, occur, context, &mut clauses);
                }
                node => {
                    let logic = self.node(node, context);
                    clauses.extend(logic.map(|logic| Clause {
                        occur,
                        is_condition: occur == Occur::Must && is_condition(node),
                        logic,
                    }));
                }
            }
        }
        clauses
    }

    /// Nothing where nothing of it is looked up.
    fn node(&mut self, node: &Node, context: Context) -> Option<Logic> {
        let clauses = match node {
            Node::Words(_) => {
                let list = List(vec![(Occur::May, node.clone())]);
                self.list(&list, context)
            }
            Node::List(list) => self.list(&read(list), context),
            Node::And(nodes) => {
                let clauses = nodes.iter().map(|(is_negated, node)| {
                    let occur = if *is_negated { Occur::Not } else { Occur::Must };
                    (occur, node.clone())
                });
                self.list(&read(&List(clauses.collect())), context)
            }
            Node::Or(nodes) => {
                let mut clauses = Vec::new();
                // What is negated was taken out when the list was read.
                for (_, node) in nodes {
                    let mut alone = read(&List(vec![(Occur::Must, node.clone())])).0;
                    let logic = self.node(&alone.remove(0).1, context);
                    clauses.extend(logic.map(|logic| may(Occur::May, logic)));
                }
                clauses
            }
            Node::Title(node) => {
                let in_title = Context {
                    in_title: true,
                    ..context
                };
                let mut alone = read(&List(vec![(Occur::Must, (**node).clone())])).0;
                return self.node(&alone.remove(0).1, in_title);
            }
            Node::Filter(filter) => return Some(Logic::Filter(filter.clone())),
            _ => {
                let shape = self.shape(node, context)?;
                return Some(Logic::Leaf(self.leaf(shape, context)));
            }
        };
        (!clauses.is_empty()).then_some(Logic::List(clauses))
    }

    /// Adds plain words, each a clause of its own; one that is there already is the same.
    fn words(&mut self, text: &str, occur: Occur, context: Context, clauses: &mut Vec<Clause>) {
        let mut last = None;
        for word in words(text) {
            if self.is_stop_word(&word) && !self.keeps_stop_words {
                continue;
            }
            let widening = match occur {
                Occur::May if !context.in_title => Widening::Doubts,
                _ => Widening::Slips,
            };
            let meanings = self
                .words
                .meanings(&word.1, self.widening(widening, context));
            let same = self.same(&meanings, occur, context.in_title, clauses);
            let leaf = same.unwrap_or_else(|| {
                let meanings = meanings.into_iter();
                let leaves = meanings.map(|word| self.leaf(Shape::Word(word), context));
                let leaves: Vec<usize> = leaves.collect();
                let logic = match leaves.as_slice() {
                    [leaf] => Logic::Leaf(*leaf),
                    _ => {
                        let each = leaves
                            .iter()
                            .map(|leaf| may(Occur::May, Logic::Leaf(*leaf)));
                        Logic::List(each.collect())
                    }
                };
                clauses.push(may(occur, logic));
                leaves[0]
            });
            if let Some(last) = last
                && context.is_wanted
                && last != leaf
                && !self.plan.pairs.contains(&(last, leaf))
            {
                self.plan.pairs.push((last, leaf));
            }
            last = Some(leaf);
        }
    }

    /// The first leaf of a clause that is the same word, and worth as much.
    fn same(
        &self,
        meanings: &[Word],
        occur: Occur,
        in_title: bool,
        clauses: &[Clause],
    ) -> Option<usize> {
        let is_same = |(clause, word): (&Clause, &Word)| match clause.logic {
            Logic::Leaf(leaf) => {
                let leaf = &self.plan.leaves[leaf];
                matches!(&leaf.shape, Shape::Word(known) if known.is(word))
                    && leaf.in_title == in_title
            }
            _ => false,
        };
        clauses.iter().find_map(|clause| {
            let known = match &clause.logic {
                Logic::List(known) if known.iter().all(|clause| clause.occur == Occur::May) => {
                    known
                }
                _ => std::slice::from_ref(clause),
            };
            let is_there = clause.occur == occur
                && known.len() == meanings.len()
                && known.iter().zip(meanings).all(is_same);
            match known[0].logic {
                Logic::Leaf(leaf) if is_there => Some(leaf),
                _ => None,
            }
        })
    }

    fn leaf(&mut self, shape: Shape, context: Context) -> usize {
        self.plan.leaves.push(Leaf {
            idf: shape.idf(),
            shape,
            in_title: context.in_title,
            is_wanted: context.is_wanted,
        });
        self.plan.leaves.len() - 1
    }

    fn widening(&self, most: Widening, context: Context) -> Widening {
        match (self.settings.exact, context.is_wanted) {
            (true, _) => Widening::Nothing,
            (false, true) => most,
            (false, false) => Widening::Spellings,
        }
    }

    /// What places match; nothing where nothing is looked up.
    fn shape(&self, node: &Node, context: Context) -> Option<Shape> {
        let shapes = match node {
            Node::Words(text) => {
                let words = words(text).into_iter();
                let widening = self.widening(Widening::Slips, context);
                let meanings = words.flat_map(|(_, form)| self.words.meanings(&form, widening));
                meanings.map(Shape::Word).collect()
            }
            Node::Word(word) => return self.phrase(&[Part::Word(word)], 0, context),
            Node::Phrase(parts, slop) => return self.phrase(parts, *slop, context),
            Node::Exact(text) => {
                let words = words(text).into_iter();
                return phrase(
                    words.map(|(_, form)| self.words.written(&form)).collect(),
                    0,
                );
            }
            Node::Pattern(pattern) => return self.phrase(&[Part::Pattern(*pattern)], 0, context),
            Node::Near(left, right, distance) => {
                return match (self.shape(left, context), self.shape(right, context)) {
                    (Some(left), Some(right)) => {
                        Some(Shape::Near(Box::new(left), Box::new(right), *distance))
                    }
                    (left, right) => left.or(right),
                };
            }
            Node::Or(nodes) => nodes
                .iter()
                .filter_map(|(_, node)| self.shape(node, context))
                .collect(),
            Node::List(list) => list
                .0
                .iter()
                .filter_map(|(_, node)| self.shape(node, context))
                .collect(),
            Node::And(_) | Node::Title(_) | Node::Filter(_) => Vec::new(),
        };
        (!shapes.is_empty()).then_some(Shape::Any(shapes))
    }

    fn phrase(&self, parts: &[Part], slop: u32, context: Context) -> Option<Shape> {
        let words = parts.iter().flat_map(|part| match part {
            Part::Word(text) => {
                let words = words(text).into_iter();
                let widening = self.widening(Widening::Slips, context);
                words
                    .flat_map(|(_, form)| self.words.meanings(&form, widening))
                    .collect()
            }
            Part::Pattern(pattern) => vec![self.words.pattern(*pattern)],
        });
        phrase(words.collect(), slop)
    }
}

fn may(occur: Occur, logic: Logic) -> Clause {
    Clause {
        occur,
        is_condition: false,
        logic,
    }
}

fn phrase(mut words: Vec<Word>, slop: u32) -> Option<Shape> {
    match words.len() {
        0 => None,
        1 => words.pop().map(Shape::Word),
        _ => Some(Shape::Phrase(words, slop)),
    }
}

fn is_number(form: &str) -> bool {
    form.starts_with(|c: char| c.is_ascii_digit())
}

/// The words of a text: as typed, with what is elided, and their forms.
fn words(text: &str) -> Vec<(String, String)> {
    let mut forms = Forms::new(text);
    let mut words = Vec::new();
    while let Some(range) = forms.advance() {
        let start = text[..range.start].rfind(' ').map_or(0, |space| space + 1);
        let surface = text[start.min(range.start)..range.end].to_owned();
        debug_assert!(normalized(&surface).ends_with(forms.form()) || is_number(forms.form()));
        words.push((surface, forms.form().to_owned()));
    }
    words
}

//! What is looked up for a query, language by language.

use std::sync::Arc;

use rustc_hash::FxHashSet;
use smallvec::{SmallVec, smallvec};
use tantivy::schema::Field;

use super::syntax::{DateRange, Occur};
use crate::glossary::Glossary;
use crate::language::Language;

/// How a query is planned.
#[derive(Clone, Debug)]
pub(crate) struct PlanOptions {
    /// The languages that are searched.
    pub(crate) languages: Vec<Language>,
    /// Whether every word must be there.
    pub(crate) all: bool,
    /// Whether words stand for themselves and their inflections only.
    pub(crate) exact: bool,
    /// By what words are looked for in other languages than the query's.
    pub(crate) glossary: Option<Arc<Glossary>>,
}

/// What is looked up for a query.
#[derive(Clone, Debug, Default)]
pub(crate) struct Plan {
    /// For each language that is searched.
    pub(crate) languages: Vec<LanguagePlan>,
    /// The language that the query itself seems to be in.
    pub(crate) reads_as: Option<Language>,
    /// Stop words that were left out in every language searched, as typed.
    pub(crate) dropped: Vec<String>,
    /// What a person should know.
    pub(crate) notices: Vec<String>,
}

/// What is looked up in the passages of one language.
#[derive(Clone, Debug)]
pub(crate) struct LanguagePlan {
    pub(crate) language: Language,
    /// Whether the words were translated into it.
    pub(crate) is_translated: bool,
    /// The words and phrases, in the order of the query.
    pub(crate) leaves: Vec<Leaf>,
    /// Leaves whose words were typed one after the other, stop words aside.
    pub(crate) neighbours: Neighbouring,
    /// How they must come together; `None` where nothing can match.
    pub(crate) root: Option<PlannedNode>,
}

/// Pairs of leaves: one less than there are words, mostly, and these are few.
pub(crate) type Neighbouring = SmallVec<[[usize; 2]; 2]>;

/// How words, phrases and conditions come together.
#[derive(Clone, Debug)]
pub(crate) enum PlannedNode {
    /// A leaf, by its place in [`LanguagePlan::leaves`].
    Leaf(usize),
    /// Clauses of which, where none must match, one has to; where all are excluded, everything else matches.
    Group(Vec<PlannedClause>),
    /// A condition on the passage or its article.
    Condition(Condition),
    /// All passages, or none.
    Constant(bool),
}

/// A node and how it counts among those beside it.
#[derive(Clone, Debug)]
pub(crate) struct PlannedClause {
    pub(crate) occur: Occur,
    pub(crate) node: PlannedNode,
}

/// A condition on the passage or its article.
#[derive(Clone, Debug)]
pub(crate) enum Condition {
    /// The words follow each other in a field; the last may be a beginning only.
    Text {
        field: Field,
        /// Of each word, what it may be.
        words: Vec<Vec<String>>,
        is_prefix: bool,
    },
    /// The file that it is of is one of these, by their numbers.
    Files(Arc<FxHashSet<u64>>),
    Date(DateRange),
}

/// A word, a phrase or several near each other.
#[derive(Clone, Debug)]
pub(crate) struct Leaf {
    pub(crate) shape: Shape,
    /// Whether it is looked for in the title only.
    pub(crate) in_title: bool,
    /// Whether it adds to the score and is highlighted; what is excluded does neither.
    pub(crate) is_wanted: bool,
}

/// What places in a text match. Words are shared with what is remembered of them.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Shape {
    Word(Arc<PlannedWord>),
    /// Words that follow each other, moved by at most `slop` places in all.
    Phrase {
        words: Vec<Arc<PlannedWord>>,
        slop: u32,
    },
    /// Two at most `distance` words apart.
    Near {
        left: Box<Shape>,
        right: Box<Shape>,
        distance: u32,
    },
    Any(Vec<Shape>),
}

/// A word and all that stands for it.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct PlannedWord {
    /// As typed, normalized; several where the query has the word in several spellings.
    pub(crate) typed: Vec<String>,
    /// What is looked up.
    pub(crate) lookup: Lookup,
    /// As what words of the query it is looked up; in the plan of another language they are found again by this. None for
    /// words by their letters, which are the same in all.
    pub(crate) senses: Vec<(String, Sense)>,
    /// Words that it may be a slip of, whose keys are among those looked up.
    pub(crate) near: Vec<String>,
    /// What it is worth, beside what it would be worth by its rarity.
    pub(crate) weight: f32,
}

/// As what a word of a query is looked up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Sense {
    /// As it was typed.
    AsTyped,
    /// As what it may be a slip of.
    Slip,
}

impl PlannedWord {
    /// A word that is looked up by its keys.
    pub(super) fn of_keys(typed: &str, keys: Vec<String>, n_passages: u64) -> PlannedWord {
        PlannedWord {
            senses: vec![(typed.to_owned(), Sense::AsTyped)],
            typed: vec![typed.to_owned()],
            lookup: Lookup::Keys { keys, n_passages },
            near: Vec::new(),
            weight: 1.0,
        }
    }

    /// The same word, looked up in another sense.
    pub(super) fn in_sense(mut self, sense: Sense) -> PlannedWord {
        self.senses
            .iter_mut()
            .for_each(|(_, of_form)| *of_form = sense);
        self
    }

    /// A word that is looked up by its forms.
    pub(super) fn of_forms(typed: String, forms: Vec<String>, n_passages: u64) -> PlannedWord {
        PlannedWord {
            typed: vec![typed],
            senses: Vec::new(),
            lookup: Lookup::Forms { forms, n_passages },
            near: Vec::new(),
            weight: 1.0,
        }
    }
}

/// What is looked up for a word.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Lookup {
    Keys {
        /// Keys that the index has in the language, sorted; the word's own, which it has not, when there is none. Never empty.
        keys: Vec<String>,
        /// Passages of the language that have each of them, summed up: one with two of them counts twice.
        n_passages: u64,
    },
    Forms {
        /// Forms, as they are written.
        forms: Vec<String>,
        /// Passages that have each of them, summed up.
        n_passages: u64,
    },
}

impl Lookup {
    /// How many terms of the index it takes at most.
    pub(crate) fn n_terms(&self) -> usize {
        match self {
            Lookup::Keys { keys, .. } => keys.len(),
            Lookup::Forms { forms, .. } => forms.len(),
        }
    }

    /// Passages that have what is looked up; at most so many, where that is several terms.
    pub(crate) fn n_passages(&self) -> u64 {
        match self {
            Lookup::Keys { n_passages, .. } | Lookup::Forms { n_passages, .. } => *n_passages,
        }
    }
}

impl Shape {
    /// All words of it.
    pub(crate) fn words(&self) -> SmallVec<[&PlannedWord; 1]> {
        match self {
            Shape::Word(word) => smallvec![word.as_ref()],
            Shape::Phrase { words, .. } => words.iter().map(Arc::as_ref).collect(),
            Shape::Near { left, right, .. } => {
                left.words().into_iter().chain(right.words()).collect()
            }
            Shape::Any(shapes) => shapes.iter().flat_map(Shape::words).collect(),
        }
    }

    /// The words as typed, of each the first spelling; one that stands in several shapes, or is translated by several
    /// words, once.
    pub(crate) fn typed(&self) -> String {
        let is_any = matches!(self, Shape::Any(_));
        let mut words = self.words();
        words.dedup_by(|next, word| {
            next.typed[0] == word.typed[0] && (is_any || next.lookup != word.lookup)
        });
        let typed = words.iter().map(|word| word.typed[0].as_str());
        typed.collect::<Vec<_>>().join(" ")
    }

    /// Makes all of it worth `weight` times as much.
    pub(super) fn weigh(&mut self, weight: f32) {
        match self {
            Shape::Word(word) => Arc::make_mut(word).weight *= weight,
            Shape::Phrase { words, .. } => {
                let words = words.iter_mut().map(Arc::make_mut);
                words.for_each(|word| word.weight *= weight);
            }
            Shape::Near { left, right, .. } => {
                left.weigh(weight);
                right.weigh(weight);
            }
            Shape::Any(shapes) => shapes.iter_mut().for_each(|shape| shape.weigh(weight)),
        }
    }

    /// How many words it has.
    pub(crate) fn n_words(&self) -> usize {
        match self {
            Shape::Word(_) => 1,
            Shape::Phrase { words, .. } => words.len(),
            Shape::Near { left, right, .. } => left.n_words() + right.n_words(),
            Shape::Any(shapes) => shapes.iter().map(Shape::n_words).sum(),
        }
    }
}

impl LanguagePlan {
    /// The words of leaves that are wanted.
    pub(crate) fn wanted_words(&self) -> impl Iterator<Item = &PlannedWord> {
        let wanted = self.leaves.iter().filter(|leaf| leaf.is_wanted);
        wanted.flat_map(|leaf| leaf.shape.words())
    }
}

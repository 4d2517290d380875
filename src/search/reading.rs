//! How a query was read, for people and programs.

use crate::language::Language;
use crate::query::{Leaf, Lookup as WordLookup, Plan, PlannedWord, Query, Shape};

/// Most forms of a word that are listed.
const MAX_LISTED: usize = 20;

/// How a query was read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reading {
    /// The query as it was read, in the query language.
    pub canonical: String,
    /// The language it seems to be in; stop words are judged by it.
    pub language: Option<Language>,
    /// What was looked up in the passages of each language.
    pub lookups: Vec<Lookup>,
    /// Stop words that were not looked up.
    pub dropped: Vec<String>,
    /// What had to be guessed, or was not found, for people.
    pub notices: Vec<String>,
}

/// What was looked up in the passages of one language.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lookup {
    /// The language.
    pub language: Language,
    /// Words and phrases that are looked for: for each word the keys that stand for it, separated by `|`, or the forms,
    /// after `=`.
    pub wanted: Vec<String>,
    /// Words and phrases that are excluded, likewise.
    pub excluded: Vec<String>,
}

impl Reading {
    pub(super) fn new(query: &Query, plan: Plan) -> Reading {
        let mut notices = query.notices.clone();
        notices.extend(plan.notices);
        let lookups = plan.languages.iter().map(|plan| {
            let described = |is_wanted: bool| {
                let leaves = plan.leaves.iter();
                let leaves = leaves.filter(|leaf| leaf.is_wanted == is_wanted);
                leaves.map(describe).collect()
            };
            Lookup {
                language: plan.language,
                wanted: described(true),
                excluded: described(false),
            }
        });
        Reading {
            canonical: query.group.to_string(),
            language: plan.reads_as,
            lookups: lookups.collect(),
            dropped: plan.dropped,
            notices,
        }
    }
}

/// Writes a leaf as what is looked up: `déput|deput`, `"conseil|conseils municipal"`, `title:mair`.
pub(super) fn describe(leaf: &Leaf) -> String {
    let shape = describe_shape(&leaf.shape);
    match leaf.in_title {
        true => format!("title:{shape}"),
        false => shape,
    }
}

fn describe_shape(shape: &Shape) -> String {
    match shape {
        Shape::Word(word) => describe_word(word),
        Shape::Phrase { words, slop } => {
            let words: Vec<String> = words.iter().map(|word| describe_word(word)).collect();
            let slop = match slop {
                0 => String::new(),
                slop => format!("~{slop}"),
            };
            format!("\"{}\"{slop}", words.join(" "))
        }
        Shape::Near {
            left,
            right,
            distance,
        } => {
            let (left, right) = (describe_shape(left), describe_shape(right));
            format!("({left} NEAR/{distance} {right})")
        }
        Shape::Any(shapes) => {
            let shapes: Vec<String> = shapes.iter().map(describe_shape).collect();
            format!("({})", shapes.join(" OR "))
        }
    }
}

fn describe_word(word: &PlannedWord) -> String {
    match &word.lookup {
        WordLookup::Keys { keys, .. } => keys.join("|"),
        WordLookup::Forms { forms, .. } => {
            let listed = forms[..forms.len().min(MAX_LISTED)].join("|");
            let rest = if forms.len() > MAX_LISTED { "|…" } else { "" };
            format!("={listed}{rest}")
        }
    }
}

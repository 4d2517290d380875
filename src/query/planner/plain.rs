//! Plans plain words: each is a clause of its own, or its translation is.

use std::ops::Range;
use std::slice;
use std::sync::Arc;

use smallvec::{SmallVec, smallvec};

use super::{Builder, Context, MAX_TRANSLATED, group};
use crate::query::known::Widening;
use crate::query::plan::{PlannedClause, PlannedNode, PlannedWord, Shape};
use crate::query::syntax::Occur;
use crate::query::translate::Translated;
use crate::query::words::TypedWord;

/// Most words of a query that are looked for as two.
const MAX_APART: usize = 20;

impl<'v> Builder<'_, 'v> {
    /// Plans plain words, each a clause of its own, to be `beside` others; a word that is there already is not looked up
    /// again.
    pub(super) fn words(
        &mut self,
        text: &'v str,
        occur: Occur,
        context: Context,
        beside: &mut Vec<PlannedClause>,
    ) -> tantivy::Result<()> {
        let mut last: Option<usize> = None;
        let read = self.read(text);
        let mut translated = self.translated(&read, context)?.into_iter().peekable();
        // The leaves of translations, with the words that each stands for.
        let mut leaves: Vec<(Range<usize>, usize)> = Vec::new();
        for (at, word) in read.iter().enumerate() {
            let n_before = leaves.len();
            while let Some(found) = translated.next_if(|found| found.words.start == at) {
                let leaf = self.translated_leaf(found.shape, last, occur, context, beside);
                leaves.push((found.words, leaf));
                last = Some(leaf);
            }
            if leaves.len() > n_before {
                if occur == Occur::Must && !self.is_stop_word(word) {
                    // The word itself, or a term that it is part of.
                    let covers = leaves.iter().filter(|(words, _)| words.contains(&at));
                    let nodes = covers.map(|(_, leaf)| PlannedNode::Leaf(*leaf));
                    let node = group(Occur::Should, nodes);
                    beside.extend(node.map(|node| PlannedClause { occur, node }));
                }
                self.shared.keep(word);
                continue;
            }
            if self.is_stop_word(word) && !self.keeps_stop_words {
                self.shared.dropped.push(Arc::clone(&word.known));
                continue;
            }
            self.shared.keep(word);
            // What must be there is what was typed, as far as it is known.
            let widening = match occur {
                Occur::Should if !context.in_title => Widening::Doubts,
                _ => Widening::Slips,
            };
            let planned = self.word(word, widening, context)?;
            if planned.is_empty() {
                break;
            }
            let leaf = match self.same_word(planned, occur, beside) {
                Some(leaf) => leaf,
                None => {
                    let apart = self.written_apart(word, context)?;
                    let shapes = planned.iter().cloned().map(Shape::Word).chain(apart);
                    let first = self.leaves.len();
                    for shape in shapes {
                        self.leaf(shape, context);
                    }
                    let mut nodes = (first..self.leaves.len()).map(PlannedNode::Leaf);
                    let node = match nodes.len() {
                        1 => nodes.next(),
                        _ => group(Occur::Should, nodes),
                    };
                    beside.extend(node.map(|node| PlannedClause { occur, node }));
                    first
                }
            };
            if let Some(last) = last
                && context.is_wanted
                && last != leaf
                && !self.neighbours.contains(&[last, leaf])
            {
                self.neighbours.push([last, leaf]);
            }
            last = Some(leaf);
        }
        Ok(())
    }

    /// Adds a leaf for words that were translated, and a clause for it where it may match; gives its place.
    fn translated_leaf(
        &mut self,
        shape: Shape,
        last: Option<usize>,
        occur: Occur,
        context: Context,
        beside: &mut Vec<PlannedClause>,
    ) -> usize {
        let known = match &shape {
            Shape::Word(word) => self.same_word(slice::from_ref(word), occur, beside),
            _ => None,
        };
        let leaf = known.unwrap_or_else(|| {
            let leaf = self.leaf(shape, context);
            if occur != Occur::Must {
                let node = PlannedNode::Leaf(leaf);
                beside.push(PlannedClause { occur, node });
            }
            leaf
        });
        if let Some(last) = last
            && last != leaf
            && !self.neighbours.contains(&[last, leaf])
        {
            self.neighbours.push([last, leaf]);
        }
        leaf
    }

    /// The translations of words, in their order.
    pub(super) fn translated(
        &mut self,
        words: &[TypedWord],
        context: Context,
    ) -> tantivy::Result<Vec<Translated>> {
        let Some(translator) = self.translator.as_ref().filter(|_| context.is_wanted) else {
            return Ok(Vec::new());
        };
        let words = &words[..words.len().min(MAX_TRANSLATED - self.n_translated)];
        self.n_translated += words.len();
        let is_needed: Vec<bool> = words.iter().map(|word| !self.is_stop_word(word)).collect();
        translator.words(
            words,
            &is_needed,
            &mut self.widener,
            &mut self.shared.translations,
        )
    }

    /// The words that a word may be, written together; for the first of those that the index lacks only.
    fn written_apart(
        &mut self,
        word: &TypedWord,
        context: Context,
    ) -> tantivy::Result<Option<Shape>> {
        if !context.is_wanted || self.options.exact || self.n_apart == MAX_APART {
            return Ok(None);
        }
        let Some(words) = self.widener.written_apart(word)? else {
            return Ok(None);
        };
        self.n_apart += 1;
        Ok((!words.is_empty()).then(|| Shape::Phrase {
            words: words.to_vec(),
            slop: 0,
        }))
    }

    /// The first leaf of what a word, with what it may be a slip of, would be beside, if that is looked up the same way and
    /// worth as much: then it stands for this word as well.
    fn same_word(
        &mut self,
        word: &[Arc<PlannedWord>],
        occur: Occur,
        beside: &[PlannedClause],
    ) -> Option<usize> {
        let leaf = |node: &PlannedNode| match node {
            PlannedNode::Leaf(leaf) => Some(*leaf),
            _ => None,
        };
        let optional = |clause: &PlannedClause| match clause.occur {
            Occur::Should => leaf(&clause.node),
            Occur::Must | Occur::MustNot => None,
        };
        let is_same = |(leaf, word): (&usize, &Arc<PlannedWord>)| {
            let shape = &self.leaves[*leaf].shape;
            matches!(shape, Shape::Word(known) if known.lookup == word.lookup && known.weight == word.weight)
        };
        let known = beside.iter().filter(|clause| clause.occur == occur);
        let leaves = known
            .filter_map(|clause| match &clause.node {
                PlannedNode::Group(clauses) => clauses.iter().map(optional).collect(),
                node => leaf(node).map(|leaf| smallvec![leaf]),
            })
            .find(|leaves: &SmallVec<[usize; 2]>| {
                leaves.len() == word.len() && leaves.iter().zip(word).all(is_same)
            })?;
        for (leaf, word) in leaves.iter().zip(word) {
            if let Shape::Word(known) = &mut self.leaves[*leaf].shape {
                let known = Arc::make_mut(known);
                known.typed.extend(word.typed.iter().cloned());
                known.senses.extend(word.senses.iter().cloned());
            }
        }
        leaves.first().copied()
    }
}

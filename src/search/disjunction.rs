//! Finds the best passages for words side by side, and looks no further at those that cannot be among them.
//!
//! MaxScore (H. Turtle and J. Flood, 1995), window by window: a word can add so much to a score at most. The words that
//! even together add less than the worst of the best has are not walked through; they are only looked for in passages that
//! the other words bring near enough. Scores are sums that do not depend on the order in which they are added, so they
//! are those of [`Tree`](super::tree::Tree) to the last bit.

use smallvec::SmallVec;
use tantivy::postings::SegmentPostings;
use tantivy::schema::IndexRecordOption;
use tantivy::{DocId, DocSet, TERMINATED, Term};

use super::bits::Bits;
use super::blocks::{BLOCK, Blocks};
use super::bm25::{self, Lengths};
use super::conditions;
use super::matcher::{Matcher, cheap_terms};
use super::segments::Segment;
use super::walker::{Cursor, Walker};
use super::weights::{ByLeaf, Weighted};
use super::windows::{Goal, Room};
use crate::query::syntax::Occur;
use crate::query::{Condition, LanguagePlan, Lookup, PlannedClause, PlannedNode};

/// Words of which any may be there, and what the passages must be beside.
#[derive(Debug, Default)]
pub(super) struct List<'p> {
    /// Words and phrases, by their places in the plan.
    leaves: ByLeaf<usize>,
    conditions: Vec<&'p Condition>,
    /// Words and phrases that must not be there.
    excluded: ByLeaf<usize>,
    /// Whether nothing can match.
    is_void: bool,
}

impl<'p> List<'p> {
    /// Reads a plan as a list; `None` where it is more than that.
    pub(super) fn of(plan: &'p LanguagePlan) -> Option<List<'p>> {
        let mut list = List::default();
        let PlannedNode::Group(clauses) = plan.root.as_ref()? else {
            return None;
        };
        let has_must = clauses.iter().any(|clause| clause.occur == Occur::Must);
        let mut n_lists = 0;
        for PlannedClause { occur, node } in clauses {
            match (occur, node) {
                (Occur::Must, PlannedNode::Condition(condition)) => list.conditions.push(condition),
                (Occur::Must, PlannedNode::Constant(value)) => list.is_void |= !value,
                (Occur::Must, node) => {
                    n_lists += 1;
                    add_words(node, &mut list.leaves)?;
                }
                // What may be there beside what must is more than a list.
                (Occur::Should, _) if has_must => return None,
                (Occur::Should, node) => add_words(node, &mut list.leaves)?,
                (Occur::MustNot, node) => add_words(node, &mut list.excluded)?,
            }
        }
        (n_lists <= 1 && !list.leaves.is_empty()).then_some(list)
    }
}

/// Adds the words of a node of which any may be there; `None` where it is more.
fn add_words(node: &PlannedNode, leaves: &mut ByLeaf<usize>) -> Option<()> {
    match node {
        PlannedNode::Leaf(leaf) => leaves.push(*leaf),
        PlannedNode::Constant(false) => {}
        PlannedNode::Group(clauses) => {
            for PlannedClause { occur, node } in clauses {
                if *occur != Occur::Should {
                    return None;
                }
                add_words(node, leaves)?;
            }
        }
        PlannedNode::Condition(_) | PlannedNode::Constant(true) => return None,
    }
    Some(())
}

/// What a passage must be beside what it matches; asked in ascending order.
enum Filter<'s> {
    Condition(conditions::Filter<'s>),
    Without(Box<Matcher<'s>>),
    Among(Box<SegmentPostings>),
}

impl Filter<'_> {
    /// No passage before it, from `doc` on, is admitted.
    fn next(&mut self, doc: DocId) -> DocId {
        match self {
            Filter::Condition(filter) => filter.seek(doc),
            Filter::Without(_) => doc,
            Filter::Among(postings) if postings.doc() < doc => postings.seek(doc),
            Filter::Among(postings) => postings.doc(),
        }
    }

    fn admits(&mut self, doc: DocId) -> bool {
        match self {
            Filter::Condition(filter) => filter.contains(doc),
            Filter::Without(matcher) => {
                matcher.seek(doc);
                matcher.doc() != doc
            }
            Filter::Among(postings) => {
                if postings.doc() < doc {
                    postings.seek(doc);
                }
                postings.doc() == doc
            }
        }
    }
}

/// The passages of one language in one segment that have any words of a list.
pub(super) struct Disjunction<'s> {
    segment: Segment<'s>,
    weighted: &'s Weighted<'s>,
    list: &'s List<'s>,
}

impl<'s> Disjunction<'s> {
    pub(super) fn new(
        segment: Segment<'s>,
        weighted: &'s Weighted<'s>,
        list: &'s List<'s>,
    ) -> Disjunction<'s> {
        Disjunction {
            segment,
            weighted,
            list,
        }
    }

    /// Gives `take` every passage that may be among the best `n_best` of them, and is no worse than what it returns, a score,
    /// with its own score.
    pub(super) fn best(
        &self,
        room: &mut Room,
        worst: f32,
        n_best: usize,
        mut take: impl FnMut(DocId, f32) -> f32,
    ) -> tantivy::Result<()> {
        if self.list.is_void {
            return Ok(());
        }
        // The languages where the words are worth less come later: mostly nothing of theirs can be among the best any more.
        let bounds = self.list.leaves.iter();
        let bounds = bounds.filter(|&&leaf| !self.weighted.lacks[leaf]);
        let bounds = bounds.map(|&leaf| bm25::bound(self.weighted.idfs[leaf]));
        if (bounds.sum::<f64>() as f32) < worst {
            return Ok(());
        }
        let mut cursors = Vec::with_capacity(self.list.leaves.len());
        for &leaf in &self.list.leaves {
            if let Some(walker) = self.walker(leaf)? {
                let idf = self.weighted.idfs[leaf];
                cursors.push(Cursor { walker, idf });
            }
        }
        if cursors.is_empty() {
            return Ok(());
        }
        cursors.sort_by(|one, other| one.idf.total_cmp(&other.idf));
        // What the first so many words add at most.
        let mut most = ByLeaf::new();
        most.push(0.0);
        for cursor in &cursors {
            most.push(most[most.len() - 1] + bm25::bound(cursor.idf));
        }
        let Weighted {
            plan, statistics, ..
        } = self.weighted;
        let lengths = self.segment.lengths(plan.language, statistics)?;
        let reader = self.segment.reader;
        let mut filters = self.filters()?;
        let least = match filters.is_empty() {
            true => self.first_guess(worst, &cursors, lengths, n_best),
            false => 0.0,
        };
        let mut worst = worst.max(least);
        let mut n_common = 0;
        loop {
            // The words that do not bring a passage among the best, even all together. The worst of these only gets better, so
            // they are never walked again.
            while n_common < cursors.len() && (most[n_common + 1] as f32) < worst {
                n_common += 1;
            }
            let (common, walked) = cursors.split_at_mut(n_common);
            let next = walked.iter().map(|cursor| cursor.walker.doc()).min();
            let mut next = next.unwrap_or(TERMINATED);
            for filter in &mut filters {
                next = filter.next(next);
            }
            if next == TERMINATED {
                return Ok(());
            }
            if !filters.is_empty() {
                let cursors = walked.iter_mut();
                cursors.for_each(|cursor| cursor.walker.seek(next));
            }
            let goal = |n_left: usize| Goal {
                worst,
                others: most[n_left],
            };
            let candidates = room.candidates(walked, next, goal(n_common), lengths);
            if reader.has_deletes() || !filters.is_empty() {
                candidates.retain(|(doc, _)| {
                    !reader.is_deleted(*doc) && filters.iter_mut().all(|filter| filter.admits(*doc))
                });
            }
            for (n_left, cursor) in common.iter_mut().enumerate().rev() {
                let goal = goal(n_left + 1);
                candidates.retain_mut(|(doc, sum)| {
                    let is_near = goal.is_near(*sum);
                    if is_near {
                        let frequency = cursor.walker.frequency_in(*doc);
                        if frequency > 0 {
                            *sum += lengths.score(cursor.idf, *doc, frequency);
                        }
                    }
                    is_near
                });
            }
            for (doc, sum) in candidates.drain(..) {
                // Most were near only by words that they turned out to lack.
                let score = sum as f32;
                if score >= worst {
                    worst = take(doc, score).max(least);
                }
            }
        }
    }

    /// A score that the best `n_best` passages have at least, as far as the first postings of the rarest word tell that has
    /// enough of them: how many passages score as much by this word alone. 0 where that cannot be more than `worst`.
    fn first_guess(
        &self,
        worst: f32,
        cursors: &[Cursor<'_>],
        lengths: Lengths<'_>,
        n_best: usize,
    ) -> f32 {
        let is_deleted = |doc: DocId| self.segment.reader.is_deleted(doc);
        let tell_more = |cursor: &&Cursor<'_>| bm25::bound(cursor.idf) as f32 > worst;
        for Cursor { walker, idf } in cursors.iter().rev().take_while(tell_more) {
            let Some((docs, frequencies)) = walker.only_key().map(Blocks::here) else {
                continue;
            };
            let here = docs.iter().copied().zip(frequencies.iter().copied());
            let alive = here.filter(|(doc, _)| !is_deleted(*doc));
            let scores = alive.map(|(doc, frequency)| lengths.score(*idf, doc, frequency) as f32);
            // The bits of positive floats are ordered as the floats are, and sooner compared.
            let mut lowest_first: SmallVec<[u32; BLOCK]> = scores.map(f32::to_bits).collect();
            if (1..=lowest_first.len()).contains(&n_best) {
                let nth = lowest_first.len() - n_best;
                let (_, least, _) = lowest_first.select_nth_unstable(nth);
                return f32::from_bits(*least);
            }
        }
        0.0
    }

    /// Adds all passages that match to `matched`.
    pub(super) fn add_all(&self, matched: &mut Bits) -> tantivy::Result<()> {
        if self.list.is_void {
            return Ok(());
        }
        let mut filters = self.filters()?;
        if filters.is_empty() {
            return self.add_words(matched);
        }
        if filters
            .iter_mut()
            .any(|filter| filter.next(0) == TERMINATED)
        {
            return Ok(());
        }
        let mut here = Bits::none(self.segment.reader.max_doc());
        self.add_words(&mut here)?;
        here.retain(|doc| filters.iter_mut().all(|filter| filter.admits(doc)));
        matched.union(&here);
        Ok(())
    }

    fn add_words(&self, matched: &mut Bits) -> tantivy::Result<()> {
        for &leaf in &self.list.leaves {
            Matcher::add_all(self.segment, self.weighted, leaf, matched)?;
        }
        Ok(())
    }

    /// What goes through the passages that have the leaf at `leaf` in the plan; `None` where there are none.
    fn walker(&self, leaf: usize) -> tantivy::Result<Option<Walker<'s>>> {
        let plan = self.weighted.plan;
        if self.weighted.lacks[leaf] {
            return Ok(None);
        }
        if let Some(terms) = cheap_terms(self.segment, plan.language, &plan.leaves[leaf]) {
            let keys = Blocks::of(self.segment, &terms)?;
            return Ok((!keys.is_empty()).then_some(Walker::Word(keys)));
        }
        Ok(self.matcher(leaf)?.map(Box::new).map(Walker::Other))
    }

    fn matcher(&self, leaf: usize) -> tantivy::Result<Option<Matcher<'s>>> {
        Matcher::open(self.segment, self.weighted, leaf)
    }

    fn filters(&self) -> tantivy::Result<Vec<Filter<'s>>> {
        let Segment { reader, fields, .. } = self.segment;
        let mut filters = Vec::new();
        let plan = self.weighted.plan;
        let has_forms = |leaf: &usize| {
            let words = plan.leaves[*leaf].shape.words();
            let mut words = words.into_iter();
            words.any(|word| matches!(word.lookup, Lookup::Forms { .. }))
        };
        // Forms are looked up in the passages of all languages.
        if self.list.leaves.iter().any(has_forms) {
            let term = Term::from_field_text(fields.language, plan.language.code());
            let inverted_index = reader.inverted_index(fields.language)?;
            let postings = inverted_index.read_postings(&term, IndexRecordOption::Basic)?;
            let postings = postings.unwrap_or_else(SegmentPostings::empty);
            filters.push(Filter::Among(Box::new(postings)));
        }
        for condition in &self.list.conditions {
            let filter = conditions::Filter::open(self.segment, condition)?;
            filters.push(Filter::Condition(filter));
        }
        for &leaf in &self.list.excluded {
            filters.extend(self.matcher(leaf)?.map(Box::new).map(Filter::Without));
        }
        Ok(filters)
    }
}

//! Evaluates the tree of a plan over a segment, window by window.
//!
//! Every node fills a window: which passages match, and what each scores. Scores are sums of numbers of 24 bits in numbers
//! of 53: nothing is rounded until the end, so a passage has the same score, to the last bit, in whichever segment it is,
//! and in whatever order its words are added.

use tantivy::postings::SegmentPostings;
use tantivy::schema::IndexRecordOption;
use tantivy::{DocId, DocSet, TERMINATED, Term};

use super::bm25::{self, Lengths};
use super::conditions::Filter;
use super::matcher::Matcher;
use super::segments::Segment;
use super::weights::Weighted;
use crate::query::syntax::Occur;
use crate::query::{PlannedClause, PlannedNode};

/// Passages of a window: its scores (32 KiB) stay close to the processor.
pub(super) const WINDOW: usize = 4096;

/// What a node says of the passages of a window.
pub(super) struct Filled {
    pub(super) scores: Vec<f64>,
    pub(super) matched: Vec<bool>,
}

impl Filled {
    fn new() -> Filled {
        Filled {
            scores: vec![0.0; WINDOW],
            matched: vec![false; WINDOW],
        }
    }

    fn clear(&mut self) {
        self.scores.fill(0.0);
        self.matched.fill(false);
    }

    /// Adds the scores of `other` where it matches.
    fn add_scores(&mut self, other: &Filled) {
        for at in 0..WINDOW {
            if other.matched[at] {
                self.scores[at] += other.scores[at];
            }
        }
    }
}

/// A tree over the passages of one language in one segment.
pub(super) struct Tree<'s> {
    root: Node<'s>,
    /// The passages of the language, where the tree may match others.
    of_language: Option<SegmentPostings>,
    lengths: Lengths<'s>,
    /// One for each level of the tree.
    levels: Vec<Filled>,
}

enum Node<'s> {
    Leaf {
        /// Its place in the plan.
        leaf: usize,
        matcher: Matcher<'s>,
        idf: f32,
    },
    Group(Vec<(Occur, Node<'s>)>),
    Condition(Filter<'s>),
    Constant(bool),
}

impl<'s> Tree<'s> {
    /// Opens the tree of a language in a segment; `None` where nothing matches.
    pub(super) fn open(
        segment: Segment<'s>,
        weighted: &'s Weighted<'s>,
    ) -> tantivy::Result<Option<Tree<'s>>> {
        let Segment { reader, fields, .. } = segment;
        let Some(root) = &weighted.plan.root else {
            return Ok(None);
        };
        let language = weighted.plan.language;
        let opener = Opener { segment, weighted };
        let root = opener.node(root)?;
        let of_language = if is_of_one_language(&root, weighted) {
            None
        } else {
            let term = Term::from_field_text(fields.language, language.code());
            let inverted_index = reader.inverted_index(fields.language)?;
            match inverted_index.read_postings(&term, IndexRecordOption::Basic)? {
                Some(postings) => Some(postings),
                None => return Ok(None),
            }
        };
        let levels = (0..=depth(&root)).map(|_| Filled::new()).collect();
        Ok(Some(Tree {
            root,
            of_language,
            lengths: segment.lengths(language, &weighted.statistics)?,
            levels,
        }))
    }

    /// Fills the first window from `from` on in which something may match; gives its first passage, or `None` past the
    /// last.
    pub(super) fn fill(&mut self, from: DocId, max_doc: DocId) -> Option<(DocId, &Filled)> {
        let mut first = next(&self.root, from);
        if let Some(postings) = &self.of_language {
            first = first.max(postings.doc());
        }
        if first >= max_doc {
            return None;
        }
        let window = first - first % WINDOW as DocId;
        let Tree {
            root,
            of_language,
            lengths,
            levels,
        } = self;
        let mut filler = Filler {
            window,
            n_docs: WINDOW.min((max_doc - window) as usize),
            lengths: *lengths,
        };
        filler.fill(root, levels);
        let filled = &mut levels[0];
        if let Some(postings) = of_language {
            keep_only(postings, window, &mut filled.matched);
        }
        Some((window, &levels[0]))
    }
}

/// What a word or phrase adds to the score of a passage.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Contribution {
    /// Its place in [`LanguagePlan::leaves`](crate::query::LanguagePlan::leaves).
    pub(super) leaf: usize,
    /// Its occurrences in the passage.
    pub(super) frequency: u32,
    pub(super) score: f32,
}

/// What each word and phrase adds to the score of the passage `doc` of a segment, in the order of the query; nothing where it
/// does not match.
pub(super) fn contributions(
    segment: Segment<'_>,
    weighted: &Weighted<'_>,
    doc: DocId,
) -> tantivy::Result<Vec<Contribution>> {
    let mut tree = Tree::open(segment, weighted)?;
    let contributions = tree.as_mut().and_then(|tree| tree.contributions(doc));
    Ok(contributions.unwrap_or_default())
}

impl Tree<'_> {
    /// As the function of this name; `None` where the passage does not match. Passages are asked for in ascending order.
    fn contributions(&mut self, doc: DocId) -> Option<Vec<Contribution>> {
        let norm = self.lengths.norm(doc);
        let mut contributions = Vec::new();
        contribute(&mut self.root, doc, norm, &mut contributions).then_some(contributions)
    }
}

/// Adds the contributions of `node`, if it matches; tells whether it does.
fn contribute(node: &mut Node<'_>, doc: DocId, norm: f32, sum: &mut Vec<Contribution>) -> bool {
    match node {
        Node::Leaf { leaf, matcher, idf } => {
            matcher.seek(doc);
            if matcher.doc() != doc {
                return false;
            }
            let frequency = matcher.frequency();
            sum.push(Contribution {
                leaf: *leaf,
                frequency,
                score: bm25::score(*idf, frequency, norm),
            });
            true
        }
        Node::Condition(filter) => filter.contains(doc),
        Node::Constant(value) => *value,
        Node::Group(clauses) => {
            let before = sum.len();
            let has = |wanted: Occur| clauses.iter().any(|(occur, _)| *occur == wanted);
            let needs_should = has(Occur::Should) && !has(Occur::Must);
            let (mut has_all, mut has_any) = (true, false);
            for (occur, node) in clauses {
                match occur {
                    Occur::Should => has_any |= contribute(node, doc, norm, sum),
                    Occur::Must => has_all &= contribute(node, doc, norm, sum),
                    Occur::MustNot => has_all &= !contribute(node, doc, norm, &mut Vec::new()),
                }
            }
            let matches = has_all && (has_any || !needs_should);
            if !matches {
                sum.truncate(before);
            }
            matches
        }
    }
}

/// Keeps the matches that are among `postings`.
fn keep_only(postings: &mut SegmentPostings, window: DocId, matched: &mut [bool]) {
    for (at, matched) in matched.iter_mut().enumerate() {
        let doc = window + at as DocId;
        if *matched {
            if postings.doc() < doc {
                postings.seek(doc);
            }
            *matched = postings.doc() == doc;
        }
    }
    let end = window + WINDOW as DocId;
    if postings.doc() < end {
        postings.seek(end);
    }
}

/// Whether a tree can only match passages of the language by itself: as long as any words are wanted, and those looked up
/// are keys, which each language has in a field of its own.
fn is_of_one_language(root: &Node<'_>, weighted: &Weighted<'_>) -> bool {
    let has_only_keys = weighted.plan.leaves.iter().all(|leaf| {
        let words = leaf.shape.words();
        words
            .iter()
            .all(|word| matches!(word.lookup, crate::query::Lookup::Keys { .. }))
    });
    has_only_keys && needs_leaf(root)
}

fn needs_leaf(node: &Node<'_>) -> bool {
    match node {
        Node::Leaf { .. } | Node::Constant(false) => true,
        Node::Condition(_) | Node::Constant(true) => false,
        Node::Group(clauses) => {
            let wanted = |occur: Occur| move |clause: &&(Occur, Node<'_>)| clause.0 == occur;
            let needs = |clause: &(Occur, Node<'_>)| needs_leaf(&clause.1);
            if clauses.iter().any(|clause| clause.0 == Occur::Must) {
                clauses.iter().filter(wanted(Occur::Must)).any(needs)
            } else {
                let mut should = clauses.iter().filter(wanted(Occur::Should)).peekable();
                should.peek().is_some() && should.all(needs)
            }
        }
    }
}

fn depth(node: &Node<'_>) -> usize {
    match node {
        Node::Group(clauses) => {
            let depths = clauses.iter().map(|(_, node)| depth(node));
            1 + depths.max().unwrap_or(0)
        }
        _ => 0,
    }
}

struct Opener<'s> {
    segment: Segment<'s>,
    weighted: &'s Weighted<'s>,
}

impl<'s> Opener<'s> {
    fn node(&self, node: &PlannedNode) -> tantivy::Result<Node<'s>> {
        Ok(match node {
            PlannedNode::Leaf(leaf) => {
                let opened = Matcher::open(self.segment, self.weighted, *leaf)?;
                opened.map_or(Node::Constant(false), |matcher| Node::Leaf {
                    leaf: *leaf,
                    matcher,
                    idf: self.weighted.idfs[*leaf],
                })
            }
            PlannedNode::Group(clauses) => {
                let mut opened = Vec::with_capacity(clauses.len());
                for PlannedClause { occur, node } in clauses {
                    opened.push((*occur, self.node(node)?));
                }
                Node::Group(opened)
            }
            PlannedNode::Condition(condition) => {
                Node::Condition(Filter::open(self.segment, condition)?)
            }
            PlannedNode::Constant(value) => Node::Constant(*value),
        })
    }
}

/// No passage before it, from `from` on, can match.
fn next(node: &Node<'_>, from: DocId) -> DocId {
    match node {
        Node::Leaf { matcher, .. } => matcher.doc().max(from),
        Node::Condition(filter) => filter.doc().max(from),
        Node::Constant(true) => from,
        Node::Constant(false) => TERMINATED,
        Node::Group(clauses) => {
            let of = |wanted: Occur| {
                let clauses = clauses.iter().filter(move |(occur, _)| *occur == wanted);
                clauses.map(|(_, node)| next(node, from))
            };
            match (of(Occur::Must).max(), of(Occur::Should).min()) {
                (Some(doc), _) | (None, Some(doc)) => doc,
                (None, None) => from,
            }
        }
    }
}

struct Filler<'f> {
    window: DocId,
    /// Passages of the window: the last of a segment is not full.
    n_docs: usize,
    lengths: Lengths<'f>,
}

impl Filler<'_> {
    /// Fills the first of `levels` with what `node` says of the window.
    fn fill(&mut self, node: &mut Node<'_>, levels: &mut [Filled]) {
        let Some((filled, below)) = levels.split_first_mut() else {
            return;
        };
        filled.clear();
        match node {
            Node::Leaf { matcher, idf, .. } => self.add(matcher, *idf, filled),
            Node::Condition(filter) => {
                filled.matched[..self.n_docs].fill(true);
                filter.keep(self.window, &mut filled.matched);
            }
            Node::Constant(value) => filled.matched[..self.n_docs].fill(*value),
            Node::Group(clauses) => self.fill_group(clauses, filled, below),
        }
    }

    /// Adds a leaf to what is filled already.
    fn add(&self, matcher: &mut Matcher<'_>, idf: f32, filled: &mut Filled) {
        let end = self.window + WINDOW as DocId;
        matcher.seek(self.window);
        while matcher.doc() < end {
            let doc = matcher.doc();
            let at = (doc - self.window) as usize;
            filled.scores[at] += self.lengths.score(idf, doc, matcher.frequency());
            filled.matched[at] = true;
            matcher.advance();
        }
    }

    fn fill_group(
        &mut self,
        clauses: &mut [(Occur, Node<'_>)],
        filled: &mut Filled,
        below: &mut [Filled],
    ) {
        let has = |wanted: Occur| clauses.iter().any(|(occur, _)| *occur == wanted);
        let (has_must, has_should) = (has(Occur::Must), has(Occur::Should));
        if has_must || !has_should {
            filled.matched[..self.n_docs].fill(true);
        }
        for (occur, node) in clauses.iter_mut() {
            match (&*occur, &mut *node) {
                // What narrows comes last: conditions are only looked at where words match.
                (Occur::MustNot, _) | (Occur::Must, Node::Condition(_)) => continue,
                // The common case, words side by side, needs no level of its own.
                (Occur::Should, Node::Leaf { matcher, idf, .. }) if !has_must => {
                    self.add(matcher, *idf, filled);
                    continue;
                }
                _ => self.fill(node, below),
            }
            let of_node = &below[0];
            let pairs = filled.matched.iter_mut().zip(&of_node.matched);
            match occur {
                Occur::Must => pairs.for_each(|(all, one)| *all &= one),
                Occur::Should if !has_must => pairs.for_each(|(all, one)| *all |= one),
                Occur::Should | Occur::MustNot => {}
            }
            filled.add_scores(of_node);
        }
        for (occur, node) in clauses {
            match (occur, node) {
                (Occur::Must, Node::Condition(filter)) => {
                    filter.keep(self.window, &mut filled.matched);
                }
                (Occur::MustNot, node) => {
                    self.fill(node, below);
                    let pairs = filled.matched.iter_mut().zip(&below[0].matched);
                    pairs.for_each(|(kept, excluded)| *kept &= !excluded);
                }
                (Occur::Must | Occur::Should, _) => {}
            }
        }
    }
}

//! From a query to what is looked up for it, language by language.
//!
//! Each language is searched on its own, with its own stop words, stems and statistics: a plan has a tree for each. Which
//! words are dropped is decided here; what a word stands for in the index, in [`widen`](super::widen) and
//! [`translate`](super::translate).

use std::collections::BTreeMap;
use std::ops::Range;
use std::slice;

use rustc_hash::{FxHashMap, FxHashSet};
use tantivy::schema::Field;

use super::Query;
use super::patterns::{Expander, Expansion};
use super::plan::{
    Condition, LanguagePlan, Leaf, Lookup, Plan, PlanOptions, PlannedClause, PlannedNode,
    PlannedWord, Shape,
};
use super::syntax::{Clause, Filter, Group, Node, Occur, Part, Pattern, Phrase, TextField, shouts};
use super::translate::{Translated, Translator, likelier_language};
use super::typo::{MAX_LOOKED_FOR, Neighbours, most_edits};
use super::widen::{KnownWords, Widener, Widening};
use super::words::{TypedWord, read_words, reading, texts};
use crate::index::{Vocabulary, name_words};
use crate::language::{Forms, Language, is_any_typed_stop_word};

/// Most words of a query that are looked up; a pasted page is cut here, and a notice says so.
const MAX_WORDS: usize = 500;

/// Most plain words of a query that are translated; those that follow are matched as they are.
const MAX_TRANSLATED: usize = 50;

/// Most phrases, and words that must be there, that are translated: each is looked for by its places.
const MAX_TRANSLATED_PHRASES: usize = 10;

/// Most words of a phrase that may be a term of the glossary as a whole.
const MAX_TERM_WORDS: usize = 20;

/// Most phrases of a query.
const MAX_PHRASES: usize = 100;

/// Most conditions on articles and passages of a query.
const MAX_FILTERS: usize = 50;

/// Most words of a query that are looked for as two.
const MAX_APART: usize = 20;

/// Most patterns of a query, repeated ones included; each may go through the whole vocabulary, and through every passage.
const MAX_PATTERNS: usize = 20;

/// Most forms that a pattern stands for, the most frequent ones.
const MAX_FORMS: usize = 1_000;

/// Forms that the patterns of a query stand for together, but [`MIN_FORMS`] for each at least.
const MAX_FORMS_IN_ALL: usize = 1_200;

/// Forms that are left to a pattern when others have taken all there are.
const MIN_FORMS: usize = 10;

/// Most forms that a pattern stands for inside a phrase, or beside NEAR, where each is looked up with its places.
const MAX_FORMS_WITH_PLACES: usize = 100;

/// Most words that no passage has, named one by one.
const MAX_UNKNOWN_NAMED: usize = 10;

impl Plan {
    /// Plans `query`; what its words stand for is remembered in `known`.
    pub(crate) fn new(
        query: &Query,
        options: &PlanOptions,
        vocabulary: &Vocabulary<'_>,
        known: &KnownWords,
    ) -> tantivy::Result<Plan> {
        let shouts = shouts(&query.text);
        let mut typed: Vec<TypedWord> = Vec::new();
        for text in texts(&query.group) {
            typed.extend(read_words(text, shouts));
            typed.truncate(MAX_WORDS);
        }
        // What a word of a long text stands for depends on those before it: others are looked for near to so many only, and
        // to each of them twice at most.
        let own = KnownWords::new();
        let known = if typed.len() <= MAX_LOOKED_FOR / 2 {
            known
        } else {
            &own
        };
        let mut plan = Plan {
            reads_as: reading(&typed, vocabulary, known)?,
            ..Plan::default()
        };
        if let (None, Some(glossary)) = (plan.reads_as, &options.glossary) {
            plan.reads_as = likelier_language(glossary, &typed[..typed.len().min(MAX_TRANSLATED)]);
        }
        let mut shared = Shared {
            expander: Expander::new(vocabulary),
            expansions: FxHashMap::default(),
            notices: Vec::new(),
            translations: BTreeMap::new(),
            is_translated: false,
            kept: FxHashSet::default(),
            dropped: Vec::new(),
        };
        let neighbours = Neighbours::new(vocabulary);
        for &language in &options.languages {
            let translator = Translator::new(options, plan.reads_as, language);
            if let Some(translator) = &translator {
                shared.is_translated = true;
                plan.reads_as = plan.reads_as.or(Some(translator.from()));
            }
            let mut builder = Builder {
                language,
                home: plan.reads_as,
                options,
                translator,
                shouts,
                keeps_stop_words: false,
                widener: Widener::new(language, vocabulary, &neighbours, known),
                vocabulary,
                leaves: Vec::new(),
                neighbours: Vec::new(),
                n_left: [MAX_WORDS; 2],
                n_patterns: 0,
                n_phrases: 0,
                n_translated: 0,
                n_translated_phrases: 0,
                forms_left: MAX_FORMS_IN_ALL,
                forms_with_places_left: MAX_FORMS_WITH_PLACES * 3,
                n_filters: 0,
                n_apart: 0,
                shared: &mut shared,
            };
            let root = builder.root(&query.group)?;
            plan.languages.push(LanguagePlan {
                language,
                is_translated: builder.translator.is_some(),
                leaves: builder.leaves,
                neighbours: builder.neighbours,
                root,
            });
        }
        plan.notices = shared.notices;
        if let Some(limit) = neighbours.limit_reached() {
            plan.notices.push(format!(
                "only the first {limit} words that the index lacks were looked for in other spellings"
            ));
        }
        if options.glossary.is_some() && !shared.is_translated {
            plan.notices
                .push("nothing to translate: no other language is searched".to_owned());
        }
        for (language, translations) in shared.translations {
            let translations = translations.join("; ");
            plan.notices
                .push(format!("searched in {}: {translations}", language.name()));
        }
        let kept = shared.kept;
        let mut dropped = shared.dropped;
        let mut seen = FxHashSet::default();
        dropped.retain(|form| !kept.contains(form) && seen.insert(form.clone()));
        plan.dropped = dropped;
        plan.note_slips();
        plan.note_unknown_words(vocabulary)?;
        Ok(plan)
    }

    /// Notes what was looked for beside the words as typed.
    fn note_slips(&mut self) {
        let mut noted = FxHashSet::default();
        let mut notices = Vec::new();
        for word in self.languages.iter().flat_map(LanguagePlan::wanted_words) {
            if !word.near.is_empty() && noted.insert(&word.typed[0]) {
                let near = word.near.join(", ");
                notices.push(format!("searched also: {} → {near}", word.typed[0]));
            }
        }
        self.notices.extend(notices);
    }

    /// Notes the words that no passage has, unless they are stop words.
    fn note_unknown_words(&mut self, vocabulary: &Vocabulary<'_>) -> tantivy::Result<()> {
        let mut unknown: Vec<&String> = Vec::new();
        let mut known = FxHashSet::default();
        for plan in &self.languages {
            for word in plan.wanted_words() {
                let is_known = match &word.lookup {
                    // Keys that the index does not have stand alone.
                    Lookup::Keys(keys) => vocabulary.n_passages(plan.language, &keys[0])? > 0,
                    Lookup::Forms { forms, .. } => !forms.is_empty(),
                };
                if is_known {
                    known.extend(&word.typed);
                } else {
                    unknown.extend(&word.typed);
                }
            }
        }
        let mut noted = FxHashSet::default();
        unknown.retain(|form| {
            !known.contains(form) && !is_any_typed_stop_word(form) && noted.insert(*form)
        });
        if unknown.is_empty() {
            return Ok(());
        }
        let where_to = match self.languages.as_slice() {
            [only] => format!(" in {}", only.language.name()),
            _ => String::new(),
        };
        let n_more = unknown.len().saturating_sub(MAX_UNKNOWN_NAMED);
        unknown.truncate(MAX_UNKNOWN_NAMED);
        let named: Vec<String> = unknown.iter().map(|form| format!("“{form}”")).collect();
        let named = named.join(", ");
        let more = match n_more {
            0 => String::new(),
            n_more => format!(" and {n_more} more"),
        };
        self.notices
            .push(format!("no passage{where_to} has {named}{more}"));
        Ok(())
    }
}

/// What the plans of all languages share.
struct Shared<'v> {
    expander: Expander<'v>,
    /// Of patterns that were looked through the vocabulary for.
    expansions: FxHashMap<Pattern, Expansion>,
    notices: Vec<String>,
    /// What words are in the language searched.
    translations: BTreeMap<Language, Vec<String>>,
    /// Whether anything is looked for in another language than the query's.
    is_translated: bool,
    /// Words looked up in some language.
    kept: FxHashSet<String>,
    /// Words dropped in some language.
    dropped: Vec<String>,
}

impl Shared<'_> {
    fn note(&mut self, notice: String) {
        if !self.notices.contains(&notice) {
            self.notices.push(notice);
        }
    }
}

/// Where a node stands.
#[derive(Clone, Copy)]
struct Context {
    in_title: bool,
    is_wanted: bool,
    /// Whether its places are compared with others.
    is_near: bool,
}

/// Makes the plan of one language.
struct Builder<'b, 'v> {
    language: Language,
    home: Option<Language>,
    options: &'b PlanOptions,
    /// What the words are in this language, where they are looked for in another than their own.
    translator: Option<Translator>,
    shouts: bool,
    keeps_stop_words: bool,
    widener: Widener<'v>,
    vocabulary: &'v Vocabulary<'v>,
    leaves: Vec<Leaf>,
    neighbours: Vec<[usize; 2]>,
    /// Words that may still be looked up: wanted ones, and excluded ones.
    n_left: [usize; 2],
    n_patterns: usize,
    n_phrases: usize,
    n_translated: usize,
    n_translated_phrases: usize,
    /// Forms that patterns may still stand for.
    forms_left: usize,
    /// Forms that patterns in phrases and beside NEAR may still stand for.
    forms_with_places_left: usize,
    n_filters: usize,
    /// Words that the index lacks, looked for as two.
    n_apart: usize,
    shared: &'b mut Shared<'v>,
}

impl Builder<'_, '_> {
    /// Plans the whole query; `None` where nothing can match.
    ///
    /// Stop words are dropped as long as others remain. A query of nothing but stop words is looked for in the language
    /// that it is in, or in the only one that is searched.
    fn root(&mut self, group: &Group) -> tantivy::Result<Option<PlannedNode>> {
        let is_foreign = self.home.is_some_and(|home| home != self.language);
        let is_only = self.options.languages.len() == 1;
        self.keeps_stop_words = !self.has_content(group) && (!is_foreign || is_only);
        let context = Context {
            in_title: false,
            is_wanted: true,
            is_near: false,
        };
        let clauses = self.clauses(group, context)?;
        // What only says what to leave out finds nothing, nor does what asks for words of which none is looked up.
        let has_wanted = if wants(group, &|node| !matches!(node, Node::Filter(_))) {
            self.leaves.iter().any(|leaf| leaf.is_wanted)
        } else {
            wants(group, &|node| matches!(node, Node::Filter(_)))
        };
        Ok(has_wanted.then_some(PlannedNode::Group(clauses)))
    }

    /// Whether a wanted word or phrase would be left without the stop words.
    fn has_content(&self, group: &Group) -> bool {
        wants(group, &|node| match node {
            Node::Words(text) => {
                let words = read_words(text, self.shouts);
                words.iter().any(|word| !self.is_stop_word(word))
            }
            Node::Filter(_) => false,
            _ => true,
        })
    }

    /// Stop words of the language that the query reads as are dropped everywhere: *quel* is rare in English passages, and
    /// would weigh more than any word that matters.
    fn is_stop_word(&self, word: &TypedWord) -> bool {
        word.is_stop_word(self.language) || self.home.is_some_and(|home| word.is_stop_word(home))
    }

    /// Plans clauses side by side. Conditions do not make the words beside them optional, as `+` does.
    fn clauses(&mut self, group: &Group, context: Context) -> tantivy::Result<Vec<PlannedClause>> {
        let mut planned: Vec<PlannedClause> = Vec::new();
        let mut conditions: Vec<PlannedClause> = Vec::new();
        for Clause { occur, node } in &group.clauses {
            let context = Context {
                is_wanted: context.is_wanted && *occur != Occur::MustNot,
                ..context
            };
            // What is excluded is excluded by any of its words, as ever.
            let is_all = self.options.all && context.is_wanted;
            let occur = match occur {
                Occur::Should if is_all => Occur::Must,
                occur => *occur,
            };
            match node {
                Node::Words(text) if occur == Occur::Should || is_all => {
                    self.words(text, occur, context, &mut planned)?;
                }
                node => {
                    let is_condition = occur == Occur::Must && node.is_condition();
                    let planned_node = self.node(node, context)?;
                    let clause = planned_node.map(|node| PlannedClause { occur, node });
                    if is_condition {
                        conditions.extend(clause);
                    } else {
                        planned.extend(clause);
                    }
                }
            }
        }
        let has = |wanted: Occur| planned.iter().any(|clause| clause.occur == wanted);
        if !conditions.is_empty() && has(Occur::Should) && !has(Occur::Must) {
            planned = vec![PlannedClause {
                occur: Occur::Must,
                node: PlannedNode::Group(planned),
            }];
        }
        planned.append(&mut conditions);
        Ok(planned)
    }

    /// Plans a node; `None` where nothing of it is looked up.
    fn node(&mut self, node: &Node, context: Context) -> tantivy::Result<Option<PlannedNode>> {
        Ok(match node {
            Node::Words(text) => {
                let occur = if self.options.all && context.is_wanted {
                    Occur::Must
                } else {
                    Occur::Should
                };
                let mut words = Vec::new();
                self.words(text, occur, context, &mut words)?;
                (!words.is_empty()).then_some(PlannedNode::Group(words))
            }
            Node::Phrase(_) | Node::Near { .. } => {
                let shape = self.shape(node, context)?;
                shape.map(|shape| PlannedNode::Leaf(self.leaf(shape, context)))
            }
            Node::Any(nodes) => {
                let mut planned = Vec::new();
                for node in nodes {
                    planned.extend(self.node(node, context)?);
                }
                group(Occur::Should, planned)
            }
            Node::Group(group) => {
                let clauses = self.clauses(group, context)?;
                (!clauses.is_empty()).then_some(PlannedNode::Group(clauses))
            }
            Node::Title(node) => {
                let in_title = Context {
                    in_title: true,
                    ..context
                };
                self.node(node, in_title)?
            }
            Node::Filter(filter) => {
                self.n_filters += 1;
                if self.n_filters > MAX_FILTERS {
                    self.shared.note(format!(
                        "only the first {MAX_FILTERS} conditions were looked at"
                    ));
                    return Ok(None);
                }
                Some(self.filter(filter)?)
            }
        })
    }

    fn filter(&mut self, filter: &Filter) -> tantivy::Result<PlannedNode> {
        Ok(match filter {
            Filter::Language(language) => PlannedNode::Constant(*language == self.language),
            Filter::Date(range) => PlannedNode::Condition(Condition::Date(range.clone())),
            Filter::Text(field, text) => {
                let words = name_words(text);
                if words.is_empty() {
                    return Ok(PlannedNode::Constant(false));
                }
                let is_prefix = text.trim_end().ends_with('*');
                let fields = self.vocabulary.fields();
                let indexed = match field {
                    TextField::Author => fields.author,
                    TextField::Source => fields.source,
                    TextField::Path => {
                        let files = self.vocabulary.files(words, is_prefix)?;
                        return Ok(PlannedNode::Condition(Condition::Files(files)));
                    }
                };
                let mut variants = Vec::new();
                for (at, word) in words.iter().enumerate() {
                    let is_beginning = is_prefix && at + 1 == words.len();
                    variants.push(match self.options.exact || is_beginning {
                        true => vec![word.clone()],
                        false => self.name_variants(indexed, word)?,
                    });
                }
                PlannedNode::Condition(Condition::Text {
                    field: indexed,
                    words: variants,
                    is_prefix,
                })
            }
        })
    }

    /// A word of a name, or where no name has it, the nearest ones that some name has.
    fn name_variants(&mut self, field: Field, word: &str) -> tantivy::Result<Vec<String>> {
        let Some(edits) = most_edits(word) else {
            return Ok(vec![word.to_owned()]);
        };
        let near = self.vocabulary.names_near(field, word, edits)?;
        if near.is_empty() {
            return Ok(vec![word.to_owned()]);
        }
        let named = near.join(", ");
        self.shared.note(format!("searched also: {word} → {named}"));
        Ok(near)
    }

    /// Plans plain words, each a clause of its own, to be `beside` others; a word that is there already is not looked up
    /// again.
    fn words(
        &mut self,
        text: &str,
        occur: Occur,
        context: Context,
        beside: &mut Vec<PlannedClause>,
    ) -> tantivy::Result<()> {
        let mut last: Option<usize> = None;
        let read = read_words(text, self.shouts);
        let mut translated = self.translated(&read, context)?.into_iter().peekable();
        // The leaves of translations, with the words that each stands for.
        let mut leaves: Vec<(Range<usize>, usize)> = Vec::new();
        for (at, word) in read.into_iter().enumerate() {
            let n_before = leaves.len();
            while let Some(found) = translated.next_if(|found| found.words.start == at) {
                let leaf = self.translated_leaf(found.shape, last, occur, context, beside);
                leaves.push((found.words, leaf));
                last = Some(leaf);
            }
            if leaves.len() > n_before {
                if occur == Occur::Must && !self.is_stop_word(&word) {
                    // The word itself, or a term that it is part of.
                    let covers = leaves.iter().filter(|(words, _)| words.contains(&at));
                    let nodes = covers.map(|(_, leaf)| PlannedNode::Leaf(*leaf));
                    let node = group(Occur::Should, nodes.collect());
                    beside.extend(node.map(|node| PlannedClause { occur, node }));
                }
                self.shared.kept.insert(word.form);
                continue;
            }
            if self.is_stop_word(&word) && !self.keeps_stop_words {
                self.shared.dropped.push(word.form);
                continue;
            }
            self.shared.kept.insert(word.form.clone());
            // What must be there is what was typed, as far as it is known.
            let widening = match occur {
                Occur::Should if !context.in_title => Widening::Doubts,
                _ => Widening::Slips,
            };
            let planned = self.word(&word.form, widening, context)?;
            if planned.is_empty() {
                break;
            }
            let leaf = match self.same_word(&planned, occur, beside) {
                Some(leaf) => leaf,
                None => {
                    let apart = self.written_apart(&word.form, context)?;
                    let shapes = planned.into_iter().map(Shape::Word).chain(apart);
                    let leaves: Vec<usize> =
                        shapes.map(|shape| self.leaf(shape, context)).collect();
                    let mut nodes: Vec<PlannedNode> =
                        leaves.iter().map(|leaf| PlannedNode::Leaf(*leaf)).collect();
                    let node = match nodes.len() {
                        1 => nodes.pop(),
                        _ => group(Occur::Should, nodes),
                    };
                    beside.extend(node.map(|node| PlannedClause { occur, node }));
                    leaves[0]
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
    fn translated(
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
    fn written_apart(&mut self, form: &str, context: Context) -> tantivy::Result<Option<Shape>> {
        if !context.is_wanted || self.options.exact || self.n_apart == MAX_APART {
            return Ok(None);
        }
        let Some(words) = self.widener.written_apart(form)? else {
            return Ok(None);
        };
        self.n_apart += 1;
        Ok((!words.is_empty()).then_some(Shape::Phrase { words, slop: 0 }))
    }

    /// The first leaf of what a word, with what it may be a slip of, would be beside, if that is looked up the same way and
    /// worth as much: then it stands for this word as well.
    fn same_word(
        &mut self,
        word: &[PlannedWord],
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
        let is_same = |(leaf, word): (&usize, &PlannedWord)| {
            let shape = &self.leaves[*leaf].shape;
            matches!(shape, Shape::Word(known) if known.lookup == word.lookup && known.weight == word.weight)
        };
        let known = beside.iter().filter(|clause| clause.occur == occur);
        let leaves = known
            .filter_map(|clause| match &clause.node {
                PlannedNode::Group(clauses) => clauses.iter().map(optional).collect(),
                node => leaf(node).map(|leaf| vec![leaf]),
            })
            .find(|leaves: &Vec<usize>| {
                leaves.len() == word.len() && leaves.iter().zip(word).all(is_same)
            })?;
        for (leaf, word) in leaves.iter().zip(word) {
            if let Shape::Word(known) = &mut self.leaves[*leaf].shape {
                known.typed.extend(word.typed.iter().cloned());
                known.senses.extend(word.senses.iter().cloned());
            }
        }
        leaves.first().copied()
    }

    fn leaf(&mut self, shape: Shape, context: Context) -> usize {
        self.leaves.push(Leaf {
            shape,
            in_title: context.in_title,
            is_wanted: context.is_wanted,
        });
        self.leaves.len() - 1
    }

    /// What stands for a word, widened as far as `widening` at most; nothing when there are too many.
    fn word(
        &mut self,
        form: &str,
        widening: Widening,
        context: Context,
    ) -> tantivy::Result<Vec<PlannedWord>> {
        if !self.may_look_up(context) {
            return Ok(Vec::new());
        }
        let widening = match (self.options.exact, context.is_wanted) {
            (true, _) => Widening::None,
            (false, true) => widening,
            // What is excluded is what was named.
            (false, false) => Widening::Spellings,
        };
        self.widener.word(form, widening)
    }

    /// Counts a word to be looked up; `false` when there were too many before.
    fn may_look_up(&mut self, context: Context) -> bool {
        let n_left = &mut self.n_left[usize::from(context.is_wanted)];
        if *n_left == 0 {
            self.shared
                .note(format!("only the first {MAX_WORDS} words were looked up"));
            return false;
        }
        *n_left -= 1;
        true
    }

    /// What places match a word, a phrase, or several; `None` where nothing of it is looked up.
    fn shape(&mut self, node: &Node, context: Context) -> tantivy::Result<Option<Shape>> {
        match node {
            Node::Words(text) => {
                let mut shapes = Vec::new();
                let read = read_words(text, self.shouts);
                let mut translated = self.translated(&read, context)?.into_iter().peekable();
                for (at, word) in read.into_iter().enumerate() {
                    let n_before = shapes.len();
                    while let Some(found) = translated.next_if(|found| found.words.start == at) {
                        shapes.push(found.shape);
                    }
                    if shapes.len() > n_before {
                        continue;
                    }
                    let words = self.word(&word.form, Widening::Slips, context)?;
                    shapes.extend(words.into_iter().map(Shape::Word));
                }
                Ok(any(shapes))
            }
            Node::Phrase(phrase) => self.phrase(phrase, context),
            Node::Near {
                left,
                right,
                distance,
            } => {
                let context = Context {
                    is_near: true,
                    ..context
                };
                let left = self.shape(left, context)?;
                let right = self.shape(right, context)?;
                Ok(match (left, right) {
                    (Some(left), Some(right)) => Some(Shape::Near {
                        left: Box::new(left),
                        right: Box::new(right),
                        distance: *distance,
                    }),
                    (left, right) => left.or(right),
                })
            }
            Node::Any(nodes) => {
                let mut shapes = Vec::new();
                for node in nodes {
                    shapes.extend(self.shape(node, context)?);
                }
                Ok(any(shapes))
            }
            Node::Group(group) => {
                let mut shapes = Vec::new();
                for clause in &group.clauses {
                    shapes.extend(self.shape(&clause.node, context)?);
                }
                Ok(any(shapes))
            }
            Node::Title(_) | Node::Filter(_) => Ok(None),
        }
    }

    fn phrase(&mut self, phrase: &Phrase, context: Context) -> tantivy::Result<Option<Shape>> {
        if let Some(shape) = self.translated_phrase(phrase, context)? {
            return Ok(Some(shape));
        }
        let mut words = Vec::new();
        for part in &phrase.parts {
            match part {
                Part::Text(text) => {
                    let mut forms = Forms::new(text);
                    while forms.advance().is_some() {
                        words.extend(self.word(forms.form(), Widening::Slips, context)?.pop());
                    }
                }
                Part::Exact(text) => {
                    let mut forms = Forms::new(text);
                    while forms.advance().is_some() && self.may_look_up(context) {
                        let form = forms.form().to_owned();
                        let n_passages = self.vocabulary.n_with_form(&form)?;
                        let written = if n_passages > 0 {
                            vec![form.clone()]
                        } else {
                            Vec::new()
                        };
                        words.push(PlannedWord::of_forms(form, written, n_passages));
                    }
                }
                Part::Pattern(pattern) => {
                    let is_alone = phrase.parts.len() == 1 && !context.in_title && !context.is_near;
                    words.extend(self.pattern(pattern, is_alone)?);
                }
            }
        }
        Ok(match words.len() {
            0 => None,
            1 => words.pop().map(Shape::Word),
            _ if self.n_phrases == MAX_PHRASES => {
                self.shared.note(format!(
                    "only the first {MAX_PHRASES} phrases were looked up"
                ));
                None
            }
            _ => {
                self.n_phrases += 1;
                Some(Shape::Phrase {
                    words,
                    slop: phrase.slop,
                })
            }
        })
    }

    /// What a phrase is in the language, where the whole of it is a term of the glossary, or one word.
    fn translated_phrase(
        &mut self,
        phrase: &Phrase,
        context: Context,
    ) -> tantivy::Result<Option<Shape>> {
        let [Part::Text(text)] = phrase.parts.as_slice() else {
            return Ok(None);
        };
        let Some(translator) = self.translator.as_ref().filter(|_| context.is_wanted) else {
            return Ok(None);
        };
        if self.n_translated_phrases == MAX_TRANSLATED_PHRASES {
            return Ok(None);
        }
        let read = read_words(text, self.shouts);
        if read.len() > MAX_TERM_WORDS {
            return Ok(None);
        }
        self.n_translated_phrases += 1;
        translator.whole(&read, &mut self.widener, &mut self.shared.translations)
    }

    /// The forms that a pattern stands for; `None` when it cannot be read, or there are too many patterns.
    fn pattern(
        &mut self,
        pattern: &Pattern,
        is_alone: bool,
    ) -> tantivy::Result<Option<PlannedWord>> {
        if self.n_patterns == MAX_PATTERNS {
            self.shared.note(format!(
                "only the first {MAX_PATTERNS} patterns were looked up"
            ));
            return Ok(None);
        }
        self.n_patterns += 1;
        if !self.shared.expansions.contains_key(pattern) {
            let expansion = self.shared.expander.expand(pattern, MAX_FORMS)?;
            if let Some(notice) = expansion.notice.clone() {
                self.shared.note(notice);
            }
            self.shared.expansions.insert(pattern.clone(), expansion);
        }
        let expansion = &self.shared.expansions[pattern];
        if expansion.is_left_out {
            return Ok(None);
        }
        let (left, most, place) = match is_alone {
            true => (&mut self.forms_left, MAX_FORMS, ""),
            false => (
                &mut self.forms_with_places_left,
                MAX_FORMS_WITH_PLACES,
                " inside of a phrase, a title or beside NEAR",
            ),
        };
        let limit = (*left).clamp(MIN_FORMS, most);
        let forms = &expansion.forms[..expansion.forms.len().min(limit)];
        *left = left.saturating_sub(forms.len());
        let n_passages = forms.iter().map(|form| form.n_passages).sum();
        let written = forms.iter().map(|form| form.form.clone()).collect();
        let n_forms = expansion.n_forms;
        if n_forms > limit {
            self.shared.note(format!(
                "{pattern} stands for {n_forms} words: the {limit} most frequent were looked up{place}"
            ));
        }
        let typed = pattern.to_string();
        Ok(Some(PlannedWord::of_forms(typed, written, n_passages)))
    }
}

/// Whether a word, a phrase or a condition for which `is_such` holds is wanted, at any depth.
fn wants(group: &Group, is_such: &dyn Fn(&Node) -> bool) -> bool {
    let mut clauses = group.clauses.iter();
    clauses.any(|clause| clause.occur != Occur::MustNot && node_wants(&clause.node, is_such))
}

fn node_wants(node: &Node, is_such: &dyn Fn(&Node) -> bool) -> bool {
    match node {
        Node::Any(nodes) => nodes.iter().any(|node| node_wants(node, is_such)),
        Node::Group(group) => wants(group, is_such),
        Node::Title(node) => node_wants(node, is_such),
        Node::Words(_) | Node::Phrase(_) | Node::Near { .. } | Node::Filter(_) => is_such(node),
    }
}

fn group(occur: Occur, nodes: Vec<PlannedNode>) -> Option<PlannedNode> {
    let clauses: Vec<PlannedClause> = nodes
        .into_iter()
        .map(|node| PlannedClause { occur, node })
        .collect();
    (!clauses.is_empty()).then_some(PlannedNode::Group(clauses))
}

fn any(mut shapes: Vec<Shape>) -> Option<Shape> {
    match shapes.len() {
        0 | 1 => shapes.pop(),
        _ => Some(Shape::Any(shapes)),
    }
}

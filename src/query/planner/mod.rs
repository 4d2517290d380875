//! From a query to what is looked up for it, language by language.
//!
//! Each language is searched on its own, with its own stop words, stems and statistics: a plan has a tree for each. Which
//! words are dropped is decided here; what a word stands for in the index, in [`widen`](super::widen) and
//! [`translate`](super::translate).

mod conditions;
mod notices;
mod plain;
mod shapes;

use std::collections::BTreeMap;
use std::rc::Rc;
use std::sync::Arc;

use rustc_hash::{FxHashMap, FxHashSet};

use super::Query;
use super::known::{KnownWord, KnownWords, Widening};
use super::patterns::{Expander, Expansion};
use super::plan::{
    LanguagePlan, Leaf, Neighbouring, Plan, PlanOptions, PlannedClause, PlannedNode, PlannedWord,
    Shape,
};
use super::syntax::{Clause, Group, Node, Occur, Pattern, shouts};
use super::translate::{Translator, likelier_language};
use super::typo::{MAX_LOOKED_FOR, Neighbours};
use super::widen::Widener;
use super::words::{ReadTexts, TypedWord, TypedWords, has_fewer_words, reading, texts};
use crate::index::Vocabulary;
use crate::language::Language;

/// Most words of a query that are looked up; a pasted page is cut here, and a notice says so.
const MAX_WORDS: usize = 500;

/// Most plain words of a query that are translated; those that follow are matched as they are.
const MAX_TRANSLATED: usize = 50;

/// Most conditions on articles and passages of a query.
const MAX_FILTERS: usize = 50;

/// Forms that the patterns of a query stand for together, but a few for each at least.
const MAX_FORMS_IN_ALL: usize = 1_200;

/// Most forms that a pattern stands for inside a phrase, or beside NEAR, where each is looked up with its places.
const MAX_FORMS_WITH_PLACES: usize = 100;

impl Plan {
    /// Plans `query`; what its words stand for is remembered in `known`.
    pub(crate) fn new(
        query: &Query,
        options: &PlanOptions,
        vocabulary: &Vocabulary<'_>,
        known: &KnownWords,
    ) -> tantivy::Result<Plan> {
        let texts = texts(&query.group);
        // What a word of a long text stands for depends on those before it: others are looked for near to so many only, and
        // to each of them twice at most.
        let own;
        let known = if has_fewer_words(&texts, MAX_LOOKED_FOR / 2) {
            known
        } else {
            own = KnownWords::new();
            &own
        };
        let read = ReadTexts::new(shouts(&query.text), known);
        let typed: Vec<Rc<TypedWords>> = texts.iter().map(|text| read.words(text)).collect();
        let typed = typed.iter().flat_map(|words| words.iter());
        let typed: Vec<&TypedWord> = typed.take(MAX_WORDS).collect();
        let mut plan = Plan {
            reads_as: reading(&typed, vocabulary)?,
            ..Plan::default()
        };
        if let (None, Some(glossary)) = (plan.reads_as, &options.glossary) {
            plan.reads_as = likelier_language(glossary, &typed[..typed.len().min(MAX_TRANSLATED)]);
        }
        let mut shared = Shared {
            read,
            expander: Expander::new(vocabulary),
            expansions: FxHashMap::default(),
            notices: Vec::new(),
            translations: BTreeMap::new(),
            is_translated: false,
            kept: Vec::new(),
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
                keeps_stop_words: false,
                widener: Widener::new(language, vocabulary, &neighbours),
                vocabulary,
                leaves: Vec::new(),
                neighbours: Neighbouring::new(),
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
        if !shared.dropped.is_empty() {
            let kept = shared.kept.iter().map(|word| &*word.form);
            let mut named: FxHashSet<&str> = kept.collect();
            let dropped = shared.dropped.iter().map(|word| &*word.form);
            let dropped = dropped.filter(|form| named.insert(form));
            plan.dropped = dropped.map(str::to_owned).collect();
        }
        plan.note_slips();
        plan.note_unknown_words();
        Ok(plan)
    }
}

/// What the plans of all languages share.
struct Shared<'v> {
    read: ReadTexts<'v>,
    expander: Expander<'v>,
    /// Of patterns that were looked through the vocabulary for.
    expansions: FxHashMap<Pattern, Expansion>,
    notices: Vec<String>,
    /// What words are in the language searched.
    translations: BTreeMap<Language, Vec<String>>,
    /// Whether anything is looked for in another language than the query's.
    is_translated: bool,
    /// Words looked up in some language that may be dropped in others, as often as they were.
    kept: Vec<Arc<KnownWord>>,
    /// Words dropped in some language, likewise.
    dropped: Vec<Arc<KnownWord>>,
}

impl Shared<'_> {
    /// Notes that a word is looked up.
    fn keep(&mut self, word: &TypedWord) {
        if word.known.is_any_typed_stop_word() {
            self.kept.push(Arc::clone(&word.known));
        }
    }

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
    keeps_stop_words: bool,
    widener: Widener<'v>,
    vocabulary: &'v Vocabulary<'v>,
    leaves: Vec<Leaf>,
    neighbours: Neighbouring,
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

impl<'v> Builder<'_, 'v> {
    /// Plans the whole query; `None` where nothing can match.
    ///
    /// Stop words are dropped as long as others remain. A query of nothing but stop words is looked for in the language
    /// that it is in, or in the only one that is searched.
    fn root(&mut self, group: &'v Group) -> tantivy::Result<Option<PlannedNode>> {
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

    /// The words of a text of the query, which is read once for all languages.
    fn read(&self, text: &'v str) -> Rc<TypedWords> {
        self.shared.read.words(text)
    }

    /// Whether a wanted word or phrase would be left without the stop words.
    fn has_content(&self, group: &'v Group) -> bool {
        wants(group, &|node| match node {
            Node::Words(text) => {
                let words = self.read(text);
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
    fn clauses(
        &mut self,
        group: &'v Group,
        context: Context,
    ) -> tantivy::Result<Vec<PlannedClause>> {
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
    fn node(&mut self, node: &'v Node, context: Context) -> tantivy::Result<Option<PlannedNode>> {
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

    fn leaf(&mut self, shape: Shape, context: Context) -> usize {
        self.leaves.push(Leaf {
            shape,
            in_title: context.in_title,
            is_wanted: context.is_wanted,
        });
        self.leaves.len() - 1
    }

    /// What stands for a word, widened as far as `widening` at most; nothing when there are too many.
    fn word<'w>(
        &mut self,
        word: &'w TypedWord,
        widening: Widening,
        context: Context,
    ) -> tantivy::Result<&'w [Arc<PlannedWord>]> {
        if !self.may_look_up(context) {
            return Ok(&[]);
        }
        let widening = match (self.options.exact, context.is_wanted) {
            (true, _) => Widening::None,
            (false, true) => widening,
            // What is excluded is what was named.
            (false, false) => Widening::Spellings,
        };
        self.widener.word(word, widening)
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
}

/// Whether a word, a phrase or a condition for which `is_such` holds is wanted, at any depth.
fn wants<'q>(group: &'q Group, is_such: &dyn Fn(&'q Node) -> bool) -> bool {
    let mut clauses = group.clauses.iter();
    clauses.any(|clause| clause.occur != Occur::MustNot && node_wants(&clause.node, is_such))
}

fn node_wants<'q>(node: &'q Node, is_such: &dyn Fn(&'q Node) -> bool) -> bool {
    match node {
        Node::Any(nodes) => nodes.iter().any(|node| node_wants(node, is_such)),
        Node::Group(group) => wants(group, is_such),
        Node::Title(node) => node_wants(node, is_such),
        Node::Words(_) | Node::Phrase(_) | Node::Near { .. } | Node::Filter(_) => is_such(node),
    }
}

fn group(occur: Occur, nodes: impl IntoIterator<Item = PlannedNode>) -> Option<PlannedNode> {
    let clauses: Vec<PlannedClause> = nodes
        .into_iter()
        .map(|node| PlannedClause { occur, node })
        .collect();
    (!clauses.is_empty()).then_some(PlannedNode::Group(clauses))
}

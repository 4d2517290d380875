//! Plans what is found by its places: words, phrases and patterns, alone or near each other.

use std::sync::Arc;

use super::{Builder, Context, MAX_FORMS_WITH_PLACES};
use crate::language::Forms;
use crate::query::known::Widening;
use crate::query::plan::{PlannedWord, Shape};
use crate::query::syntax::{Node, Part, Pattern, Phrase};

/// Most phrases, and words that must be there, that are translated: each is looked for by its places.
const MAX_TRANSLATED_PHRASES: usize = 10;

/// Most words of a phrase that may be a term of the glossary as a whole.
const MAX_TERM_WORDS: usize = 20;

/// Most phrases of a query.
const MAX_PHRASES: usize = 100;

/// Most patterns of a query, repeated ones included; each may go through the whole vocabulary, and through every passage.
const MAX_PATTERNS: usize = 20;

/// Most forms that a pattern stands for, the most frequent ones.
const MAX_FORMS: usize = 1_000;

/// Forms that are left to a pattern when others have taken all there are.
const MIN_FORMS: usize = 10;

impl<'v> Builder<'_, 'v> {
    /// What places match a word, a phrase, or several; `None` where nothing of it is looked up.
    pub(super) fn shape(
        &mut self,
        node: &'v Node,
        context: Context,
    ) -> tantivy::Result<Option<Shape>> {
        match node {
            Node::Words(text) => {
                let mut shapes = Vec::new();
                let read = self.read(text);
                let mut translated = self.translated(&read, context)?.into_iter().peekable();
                for (at, word) in read.iter().enumerate() {
                    let n_before = shapes.len();
                    while let Some(found) = translated.next_if(|found| found.words.start == at) {
                        shapes.push(found.shape);
                    }
                    if shapes.len() > n_before {
                        continue;
                    }
                    let words = self.word(word, Widening::Slips, context)?;
                    shapes.extend(words.iter().cloned().map(Shape::Word));
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

    fn phrase(&mut self, phrase: &'v Phrase, context: Context) -> tantivy::Result<Option<Shape>> {
        if let Some(shape) = self.translated_phrase(phrase, context)? {
            return Ok(Some(shape));
        }
        let mut words = Vec::new();
        for part in &phrase.parts {
            match part {
                Part::Text(text) => {
                    for word in self.read(text).iter() {
                        words.extend(self.word(word, Widening::Slips, context)?.last().cloned());
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
                        let word = PlannedWord::of_forms(form, written, n_passages);
                        words.push(Arc::new(word));
                    }
                }
                Part::Pattern(pattern) => {
                    let is_alone = phrase.parts.len() == 1 && !context.in_title && !context.is_near;
                    words.extend(self.pattern(pattern, is_alone)?.map(Arc::new));
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
        phrase: &'v Phrase,
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
        let read = self.read(text);
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

fn any(mut shapes: Vec<Shape>) -> Option<Shape> {
    match shapes.len() {
        0 | 1 => shapes.pop(),
        _ => Some(Shape::Any(shapes)),
    }
}

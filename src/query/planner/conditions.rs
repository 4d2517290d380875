//! Plans conditions on articles and passages.

use tantivy::schema::Field;

use super::Builder;
use crate::index::name_words;
use crate::query::plan::{Condition, PlannedNode};
use crate::query::syntax::{Filter, TextField};
use crate::query::typo::most_edits;

impl Builder<'_, '_> {
    /// Plans a condition.
    pub(super) fn filter(&mut self, filter: &Filter) -> tantivy::Result<PlannedNode> {
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
}

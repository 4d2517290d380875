//! What a person should know of how a query was planned.

use rustc_hash::FxHashSet;

use crate::language::is_any_typed_stop_word;
use crate::query::plan::{LanguagePlan, Plan};

/// Most words that no passage has, named one by one.
const MAX_UNKNOWN_NAMED: usize = 10;

impl Plan {
    /// Notes what was looked for beside the words as typed.
    pub(super) fn note_slips(&mut self) {
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
    pub(super) fn note_unknown_words(&mut self) {
        let mut unknown: Vec<&String> = Vec::new();
        let mut known = FxHashSet::default();
        for plan in &self.languages {
            for word in plan.wanted_words() {
                if word.lookup.n_passages() > 0 {
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
            return;
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
    }
}

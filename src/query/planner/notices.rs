//! What a person should know of how a query was planned.

use rustc_hash::FxHashSet;

use crate::language::is_any_typed_stop_word;
use crate::query::plan::{LanguagePlan, Plan, PlannedWord};

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
        let words = || self.languages.iter().flat_map(LanguagePlan::wanted_words);
        let is_known = |word: &&PlannedWord| word.lookup.n_passages() > 0;
        let unknown = words().filter(|word| !is_known(word));
        let mut unknown: Vec<&String> = unknown.flat_map(|word| &word.typed).collect();
        if unknown.is_empty() {
            return;
        }
        let known = words().filter(is_known).flat_map(|word| &word.typed);
        let mut named: FxHashSet<&String> = known.collect();
        unknown.retain(|form| named.insert(form) && !is_any_typed_stop_word(form));
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

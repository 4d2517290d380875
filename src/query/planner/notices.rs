//! What a person should know of how a query was planned.

use rustc_hash::FxHashSet;
use smallvec::SmallVec;

use crate::language::is_any_typed_stop_word;
use crate::query::plan::{LanguagePlan, Plan};

/// Most words that no passage has, named one by one.
const MAX_UNKNOWN_NAMED: usize = 10;

/// Words among so many are found sooner one by one than by hashing them.
const FEW: usize = 16;

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
        let words = self.languages.iter().flat_map(LanguagePlan::wanted_words);
        let forms = words.flat_map(|word| {
            let is_known = word.lookup.n_passages() > 0;
            let typed = word.typed.iter();
            typed.map(move |form| (form.as_str(), is_known))
        });
        let forms: SmallVec<[(&str, bool); FEW]> = forms.collect();
        // What one language lacks, another has, mostly.
        let is_known = |&(form, is_known): &(&str, bool)| is_known || forms.contains(&(form, true));
        let are_known = match forms.len() {
            ..=FEW => forms.iter().all(is_known),
            _ => forms.iter().all(|(_, is_known)| *is_known),
        };
        if are_known {
            return;
        }
        let known = forms.iter().filter(|(_, is_known)| *is_known);
        let mut named: FxHashSet<&str> = known.map(|(form, _)| *form).collect();
        let unknown = forms.iter().map(|(form, _)| *form);
        let mut unknown: Vec<&str> = unknown
            .filter(|form| named.insert(form) && !is_any_typed_stop_word(form))
            .collect();
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

//! Sees to it that no two articles of an index have the same id.

use std::sync::Arc;

use rustc_hash::{FxHashMap, FxHashSet};

use super::lookup::find_article;
use super::record::article_key;
use super::snapshot::Snapshot;

/// The ids of articles, each used once.
pub(super) struct Ids {
    /// How often each was wanted in this run, by the number that stands for it: ten million ids are too many to hold, and
    /// two that have one number only cost the later of them a suffix.
    wanted: FxHashMap<u64, u32>,
    /// The index as it was; `None` when nothing of it stays.
    existing: Option<Arc<Snapshot>>,
    /// The numbers of the files whose articles go.
    freed: FxHashSet<u64>,
}

impl Ids {
    /// Starts with the ids of an index, as it is; without one where nothing of it stays.
    pub(super) fn new(existing: Option<Arc<Snapshot>>) -> Ids {
        Ids {
            wanted: FxHashMap::default(),
            existing,
            freed: FxHashSet::default(),
        }
    }

    /// Frees the ids of the articles that the index held of a file.
    pub(super) fn free(&mut self, origin: u64) {
        if self.existing.is_some() {
            self.freed.insert(origin);
        }
    }

    /// Lets go of the index as it was, once all ids are assigned.
    pub(super) fn forget_existing(&mut self) {
        self.existing = None;
    }

    /// Returns `wanted`, or `wanted~2`, `wanted~3` … where another article has it.
    pub(super) fn assign(&mut self, wanted: &str) -> tantivy::Result<String> {
        let key = article_key(wanted);
        let mut n = self.wanted.get(&key).copied().unwrap_or_default();
        let id = loop {
            n += 1;
            let id = match n {
                1 => wanted.to_owned(),
                _ => format!("{wanted}~{n}"),
            };
            let is_taken = n > 1 && self.wanted.contains_key(&article_key(&id));
            if !is_taken && !self.is_elsewhere(&id)? {
                break id;
            }
        };
        self.wanted.insert(key, n);
        if n > 1 {
            self.wanted.insert(article_key(&id), 1);
        }
        Ok(id)
    }

    /// Tells whether an article of this id stays in the index.
    fn is_elsewhere(&self, id: &str) -> tantivy::Result<bool> {
        let Some(snapshot) = &self.existing else {
            return Ok(false);
        };
        let found = find_article(snapshot, id)?;
        Ok(found.is_some_and(|article| !self.freed.contains(&article.origin)))
    }
}

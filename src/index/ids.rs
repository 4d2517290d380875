//! Sees to it that no two articles of an index have the same id.

use std::collections::{BTreeSet, HashMap, HashSet};

use tantivy::Searcher;

use super::{Fields, find_article};

/// The ids of articles, each used once.
pub(super) struct Ids {
    /// Those given in this run.
    taken: HashSet<String>,
    /// How often each was wanted.
    wanted: HashMap<String, u32>,
    /// The index as it was, with the paths whose articles are being replaced; `None` when all are.
    existing: Option<(Searcher, BTreeSet<String>)>,
}

impl Ids {
    /// Starts with the ids of an index, as it is, with the paths whose articles are being replaced; with none where all are.
    pub(super) fn new(existing: Option<(Searcher, BTreeSet<String>)>) -> Ids {
        Ids {
            taken: HashSet::new(),
            wanted: HashMap::new(),
            existing,
        }
    }

    /// Lets go of the index as it was, once all ids are assigned.
    pub(super) fn forget_existing(&mut self) {
        self.existing = None;
    }

    /// Returns `wanted`, or `wanted~2`, `wanted~3` … where another article has it.
    pub(super) fn assign(&mut self, fields: &Fields, wanted: &str) -> tantivy::Result<String> {
        let mut id = wanted.to_owned();
        let n = self.wanted.entry(id.clone()).or_insert(1);
        while self.taken.contains(&id) || is_elsewhere(&self.existing, fields, &id)? {
            *n += 1;
            id = format!("{wanted}~{n}");
        }
        self.taken.insert(id.clone());
        Ok(id)
    }
}

/// Tells whether an article of this id stays in the index.
fn is_elsewhere(
    existing: &Option<(Searcher, BTreeSet<String>)>,
    fields: &Fields,
    id: &str,
) -> tantivy::Result<bool> {
    let Some((searcher, replaced)) = existing else {
        return Ok(false);
    };
    let found = find_article(searcher, fields, id)?;
    Ok(found.is_some_and(|article| !replaced.contains(&article.path)))
}

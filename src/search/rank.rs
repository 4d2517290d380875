//! Retrieves as many passages as hits are made of, has the best of them scored again, and shares the hits among articles.

use rustc_hash::{FxBuildHasher, FxHashMap};
use tantivy::DocAddress;

use super::SearchOptions;
use super::best::{Candidate, sort};
use super::rescore::{N_RESCORED, rescore};
use super::retrieve::{Scope, Sort, retrieve};
use super::segments::Segments;
use super::weights::Weighted;
use crate::index::{Snapshot, article_key};

/// The hits of a search, and how much matches in all.
pub(super) struct Ranked<'s> {
    /// The best first.
    pub(super) hits: Vec<Candidate<'s>>,
    /// As [`Retrieved`](super::retrieve::Retrieved) has them.
    pub(super) n_passages: u64,
    pub(super) n_articles: u64,
}

/// Retrieves until there are enough hits after no article has more than its share, or no more to retrieve.
pub(super) fn rank<'s>(
    snapshot: &'s Snapshot,
    segments: &'s Segments,
    languages: &[Weighted<'_>],
    options: &SearchOptions,
) -> tantivy::Result<Ranked<'s>> {
    // As many as are rescored, where ten hits are wanted: mostly that is enough.
    const AT_FIRST: usize = 2;
    // Sixteen times as many made p90 of two words over a million passages 1.07 of the time, of which seven of a hundred need
    // more.
    const MORE: usize = 4;
    let mut n_retrieved = options.limit.saturating_mul(AT_FIRST);
    if options.limit > 0 {
        n_retrieved = n_retrieved.max(N_RESCORED);
    }
    let mut scope = Scope {
        sort: options.sort,
        counts: !options.rank_only,
        except: options.except.as_deref().map(article_key),
    };
    let (mut n_passages, mut n_articles) = (0, 0);
    loop {
        let mut found = retrieve(snapshot, segments, languages, &scope, n_retrieved)?;
        if scope.counts {
            (n_passages, n_articles) = (found.n_passages, found.n_articles);
            // They are the same however many are retrieved.
            scope.counts = false;
        }
        let is_all = found.best.len() < n_retrieved;
        let best = &mut found.best;
        if options.sort != Sort::Score {
            sort(best);
        } else {
            // So few are put in order when they have their scores.
            if best.len() > N_RESCORED {
                sort(best);
            }
            // None comes before them that was behind: scores only grow.
            let n_rescored = best.len().min(N_RESCORED);
            let best = &mut best[..n_rescored];
            rescore(snapshot, segments, languages, best)?;
        }
        let hits = share(found.best, options.limit, options.per_article);
        if is_all || hits.len() == options.limit {
            return Ok(Ranked {
                hits,
                n_passages,
                n_articles,
            });
        }
        n_retrieved = n_retrieved.saturating_mul(MORE);
    }
}

/// The first `limit` of `best`, with at most `per_article` of one article.
fn share(best: Vec<Candidate<'_>>, limit: usize, per_article: usize) -> Vec<Candidate<'_>> {
    // Mostly few of those that are retrieved are looked at.
    let n_expected = limit.min(best.len());
    let mut n_of_article: FxHashMap<DocAddress, usize> =
        FxHashMap::with_capacity_and_hasher(n_expected, FxBuildHasher);
    let allowed = best.into_iter().filter(|candidate| {
        let n_hits = n_of_article.entry(candidate.article_address()).or_default();
        *n_hits += 1;
        *n_hits <= per_article
    });
    allowed.take(limit).collect()
}

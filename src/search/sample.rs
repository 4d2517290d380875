//! Draws passages at random, the same ones for the same articles and seed.

use std::collections::BinaryHeap;

use tantivy::DocAddress;
use xxhash_rust::xxh3::xxh3_64_with_seed;

use crate::index::{PassageRecord, Snapshot, passage_at};

/// The `n` passages with the lowest hashes of article and place in it, so that it does not matter in which segments they
/// are; one pass over two columns.
pub(super) fn sample(
    snapshot: &Snapshot,
    n: usize,
    seed: u64,
) -> tantivy::Result<Vec<PassageRecord>> {
    // The highest hash is on top, to be replaced first.
    let mut lowest: BinaryHeap<(u64, DocAddress, u64)> = BinaryHeap::new();
    for (segment_ord, segment) in snapshot.searcher.segment_readers().iter().enumerate() {
        let article_keys = segment.fast_fields().u64("article_key")?;
        let ordinals = segment.fast_fields().u64("ordinal")?;
        // That of the article whose passages come: it is directly before them.
        let mut article_key = None;
        for doc in 0..segment.max_doc() {
            let ordinal = ordinals.first(doc).unwrap_or_default();
            if ordinal == 0 {
                article_key = article_keys.first(doc);
                continue; // what has no place in an article is no passage
            }
            let Some(article_key) = article_key else {
                continue;
            };
            if segment.is_deleted(doc) {
                continue;
            }
            let hash = hash(article_key, ordinal, seed);
            if lowest.len() < n || lowest.peek().is_some_and(|(highest, ..)| hash < *highest) {
                lowest.push((hash, DocAddress::new(segment_ord as u32, doc), ordinal));
                if lowest.len() > n {
                    lowest.pop();
                }
            }
        }
    }
    let mut passages = Vec::with_capacity(lowest.len());
    for (_, address, ordinal) in lowest.into_sorted_vec() {
        passages.extend(passage_at(snapshot, address, ordinal)?);
    }
    Ok(passages)
}

fn hash(article_key: u64, ordinal: u64, seed: u64) -> u64 {
    let mut bytes = [0; 16];
    bytes[..8].copy_from_slice(&article_key.to_le_bytes());
    bytes[8..].copy_from_slice(&ordinal.to_le_bytes());
    xxh3_64_with_seed(&bytes, seed)
}

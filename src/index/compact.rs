//! Keeps segments few: each costs every search a little, and deleted passages count in the statistics until their segment
//! is written anew.

use tantivy::index::{SegmentId, SegmentMeta};

/// Segments that an index may have.
const MAX_SEGMENTS: usize = 8;

/// Or one for so many documents: segments of this size cost a search little beside their documents, and much to merge.
const LARGE: u32 = 400_000;

/// Passages and articles of a first build of several commits that are put into one segment, for searches that take half as
/// long.
const MAX_MERGED: u32 = 300_000;

/// Documents of a segment too small to stay: each update leaves one, and the next joins them.
const TINY: u32 = 2_000;

/// Documents of a segment that is written anew as soon as any of it is deleted.
const SMALL: u32 = 20_000;

/// A larger segment is written anew when one document in so many is deleted.
const DELETED_SHARE: u32 = 10;

/// The segments, if any, that should become one.
pub(super) fn to_merge(mut segments: Vec<SegmentMeta>, is_first_build: bool) -> Vec<SegmentId> {
    let n_documents: u32 = segments.iter().map(SegmentMeta::num_docs).sum();
    // What has to go comes first, then the smallest.
    segments.sort_by_key(|segment| (!is_worn(segment), segment.num_docs()));
    let n_worn = segments.iter().filter(|segment| is_worn(segment)).count();
    let n_tiny = segments[n_worn..]
        .iter()
        .filter(|segment| segment.num_docs() < TINY)
        .count();
    let n_small = match n_worn + n_tiny {
        1 => n_worn,
        several => several,
    };
    let may_have = match is_first_build && n_documents <= MAX_MERGED {
        true => 1,
        false => MAX_SEGMENTS.max((n_documents / LARGE) as usize),
    };
    let n_too_many = match segments.len().saturating_sub(may_have) {
        0 => 0,
        n_above => n_above + 1,
    };
    segments[..n_small.max(n_too_many)]
        .iter()
        .map(SegmentMeta::id)
        .collect()
}

/// Tells whether so much of a segment is deleted that it should be written anew.
fn is_worn(segment: &SegmentMeta) -> bool {
    let n_deleted = segment.num_deleted_docs();
    n_deleted > 0 && (segment.max_doc() <= SMALL || n_deleted > segment.max_doc() / DELETED_SHARE)
}

//! Reads some of what is to be indexed, so that its texts are written in few bytes from the first on (see `codec`).

use rayon::prelude::*;

use super::codec::{Kind, MAX_SAMPLE_BYTES};
use super::prepare::prepare_item;
use super::stored::to_json;
use crate::corpus::{Items, Limits, Piece, SourceFile};

/// Bytes that are read of a file: one that is an article is left out where it is more than a few times as long.
const FILE_BYTES: u64 = 32 << 10;
const MAX_FILE_BYTES: u64 = 64 * FILE_BYTES;

/// Bytes that are read in all: a dictionary for each of two languages.
const ALL_BYTES: u64 = 2 * MAX_SAMPLE_BYTES;

/// Texts of files here and there among `files`.
pub(super) fn sample(files: &[SourceFile], limits: &Limits) -> Vec<(Kind, String)> {
    let texts = pick(files).into_par_iter().flat_map_iter(|file| {
        let mut texts = Vec::new();
        let mut n_bytes = 0;
        for piece in Items::new(vec![file.clone()], *limits) {
            let Piece::Article(item) = piece else {
                continue;
            };
            if let Some(Ok(prepared)) = prepare_item(item, limits).prepared {
                texts.push((Kind::Records, to_json(&prepared.article)));
                for passage in prepared.passages {
                    n_bytes += passage.text.len() as u64;
                    texts.push((Kind::Passages(passage.language), passage.text));
                    if n_bytes > FILE_BYTES {
                        return texts;
                    }
                }
            }
        }
        texts
    });
    texts.collect()
}

/// Files as far from each other as their bytes allow, in order.
fn pick(files: &[SourceFile]) -> Vec<&SourceFile> {
    let files = files
        .iter()
        .filter(|file| !file.is_article() || file.bytes <= MAX_FILE_BYTES);
    let n_read = |file: &SourceFile| file.bytes.min(FILE_BYTES);
    let n_bytes: u64 = files.clone().map(n_read).sum();
    let share = ALL_BYTES as f64 / n_bytes.max(1) as f64;
    let (mut n_passed, mut n_picked) = (0.0, 0.0);
    let picked = files.filter(|file| {
        let n_bytes = n_read(file) as f64;
        n_passed += n_bytes;
        let is_picked = n_picked + n_bytes / 2.0 <= share * n_passed;
        n_picked += if is_picked { n_bytes } else { 0.0 };
        is_picked
    });
    picked.collect()
}

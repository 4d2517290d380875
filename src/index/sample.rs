//! Reads some of what is to be indexed, so that its texts are written in few bytes from the first on (see `codec`).

use rayon::prelude::*;

use super::codec::{Kind, MAX_SAMPLE_BYTES};
use crate::corpus::{Items, Limits, Piece, SourceFile};
use crate::language::detect;

/// Bytes of text that are taken of an article; of a file that is one and many times as long, none are.
const ARTICLE_BYTES: u64 = 32 << 10;
const MAX_FILE_BYTES: u64 = 16 * ARTICLE_BYTES;

/// Bytes, and pieces, that are read of a collection: its beginning.
const COLLECTION_BYTES: u64 = 8 * ARTICLE_BYTES;
const COLLECTION_PIECES: usize = 1_000;

/// Bytes of text that are read in all: for a dictionary of each of two languages.
const ALL_BYTES: u64 = 2 * MAX_SAMPLE_BYTES;

/// Texts of files here and there among `files`, or their beginnings.
pub(super) fn sample(files: &[SourceFile], limits: &Limits) -> Vec<(Kind, String)> {
    let texts = pick(files).into_par_iter().flat_map_iter(|file| {
        let mut n_bytes = 0;
        let mut texts = Vec::new();
        for piece in Items::new(vec![file.clone()], *limits).take(COLLECTION_PIECES) {
            let Piece::Article(item) = piece else {
                continue;
            };
            n_bytes += item.n_bytes();
            if let Ok(mut document) = item.load(limits).document {
                let end = document.text.floor_char_boundary(ARTICLE_BYTES as usize);
                document.text.truncate(end);
                let language = detect(&document.text, document.metadata.language);
                texts.push((Kind::Passages(language), document.text));
            }
            if n_bytes >= COLLECTION_BYTES {
                break;
            }
        }
        texts
    });
    texts.collect()
}

/// Bytes that are read of a file.
fn n_read(file: &SourceFile) -> u64 {
    match file.is_article() {
        true => file.bytes.min(ARTICLE_BYTES),
        false => file.bytes.min(COLLECTION_BYTES),
    }
}

/// Files as far from each other as their bytes allow, in order.
fn pick(files: &[SourceFile]) -> Vec<&SourceFile> {
    let files = files
        .iter()
        .filter(|file| !file.is_article() || file.bytes <= MAX_FILE_BYTES);
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

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use super::*;
    use crate::corpus::discover;
    use crate::language::Language;

    fn files(texts: &[String]) -> (tempfile::TempDir, Vec<SourceFile>) {
        let folder = tempfile::tempdir().unwrap();
        for (number, text) in texts.iter().enumerate() {
            std::fs::write(folder.path().join(format!("{number:04}.txt")), text).unwrap();
        }
        let paths: [PathBuf; 1] = [folder.path().into()];
        let files = discover(&paths, None).files;
        (folder, files)
    }

    #[test]
    fn small_corpora_are_read_as_a_whole() {
        let text = "Le maire de la ville a ouvert la bibliothèque. ".repeat(10);
        let (_folder, files) = files(&vec![text.clone(); 30]);
        let sample = sample(&files, &Limits::default());
        assert_eq!(sample.len(), 30);
        assert!(
            sample
                .iter()
                .all(|(kind, _)| *kind == Kind::Passages(Language::French))
        );
    }

    #[test]
    fn of_large_corpora_files_are_picked_from_beginning_to_end() {
        let (_folder, mut files) = files(&vec!["Une phrase.".to_owned(); 1_000]);
        for file in &mut files {
            file.bytes = ALL_BYTES / 100;
        }
        files[500].bytes = MAX_FILE_BYTES * 2;
        let picked = pick(&files);
        assert!((90..=350).contains(&picked.len()), "{}", picked.len());
        let place = |picked: &SourceFile| files.iter().position(|file| file.path == picked.path);
        let places: Vec<usize> = picked.into_iter().filter_map(place).collect();
        assert!(
            places[0] < 20 && places[places.len() - 1] > 980,
            "{places:?}"
        );
        assert!(
            places.windows(2).all(|pair| pair[1] - pair[0] < 30),
            "{places:?}"
        );
        assert!(!places.contains(&500), "it is too long");
    }
}

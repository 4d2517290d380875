//! Texts are stored in codes of dictionaries that are learned from them: whatever happens to these, texts come back as they
//! were, or are read again.

use std::fs;
use std::path::PathBuf;

use fouine::random::SplitMix64;

use crate::support::Workspace;

const FRENCH: [&str; 4] = [
    "Le conseil a décidé hier que {} serait vendu avec {} avant l’été.",
    "Les habitants de la ville ont vu {} près de l’église, et {} aussi.",
    "« Il n’y a plus de {} dans le port », dit-elle en {} à {}.",
    "Pendant la guerre, {} et {} étaient déjà connus des marins.",
];
const ENGLISH: [&str; 4] = [
    "The council said yesterday that {} would be sold with {} before summer.",
    "People who live in the town have seen {} near the church, and {} too.",
    "“There is no more {} in the harbour,” she said in {} to {}.",
    "During the war, {} and {} were already known to the sailors.",
];
/// What no dictionary has seen.
const STRANGE: &str = "Два мира · 東京タワー — a  b  c  d\t\te   f🦊🦊g ’’’ ———————————————————————————————— x_y__z 1234567890123456789012345678901234567890 e\u{301}te\u{301} \u{feff} (fin)";

/// An article of about so many bytes, always the same by its seed, with words of its own.
fn article(sentences: &[&str], seed: u64, n_bytes: usize) -> String {
    let mut random = SplitMix64::new(seed);
    let mut text = String::new();
    while text.len() < n_bytes {
        let mut sentence = sentences[random.below(sentences.len())].to_owned();
        while sentence.contains("{}") {
            let n_syllables = 1 + random.below(4);
            let word: String = (0..n_syllables)
                .map(|_| ["ba", "ré", "tin", "mou", "lec", "vi", "son", "dra"][random.below(8)])
                .collect();
            sentence = sentence.replacen("{}", &word, 1);
        }
        text.push_str(&sentence);
        text.push_str(if random.below(6) == 0 { "\n\n" } else { " " });
    }
    text
}

/// Writes articles in both languages into a folder; returns how many bytes they have.
fn write_articles(workspace: &Workspace, folder: &str, n_articles: u64, n_bytes: usize) -> usize {
    let mut n_written = 0;
    for seed in 0..n_articles {
        let (name, sentences) = match seed % 2 {
            0 => ("fr", &FRENCH),
            _ => ("en", &ENGLISH),
        };
        let text = article(sentences, seed + folder.len() as u64 * 1_000, n_bytes);
        n_written += text.len();
        workspace.write(&format!("corpus/{folder}/{name}-{seed}.txt"), text);
    }
    n_written
}

fn stores(workspace: &Workspace) -> Vec<(u64, PathBuf)> {
    let files = fs::read_dir(workspace.path("index")).unwrap();
    let files = files.map(|file| file.unwrap().path());
    let stores = files.filter(|path| path.extension().is_some_and(|end| end == "store"));
    let mut stores: Vec<(u64, PathBuf)> = stores
        .map(|path| (fs::metadata(&path).unwrap().len(), path))
        .collect();
    stores.sort();
    stores
}

/// That the index holds what its files say, text for text.
fn is_as_its_files(workspace: &Workspace, n_files: usize) {
    let checked = workspace.run(&["check"]).succeeds();
    let wanted = format!("{n_files} files as indexed, 0 changed since, 0 not there");
    assert!(checked.stdout.contains(&wanted), "{checked:?}");
}

#[test]
fn texts_come_back_as_they_were() {
    let workspace = Workspace::new();
    let n_bytes = write_articles(&workspace, "first", 30, 6_000);
    workspace.run(&["index"]).succeeds();
    is_as_its_files(&workspace, 30);
    let n_stored: u64 = stores(&workspace).iter().map(|(n_bytes, _)| n_bytes).sum();
    assert!(
        n_stored < n_bytes as u64 / 2,
        "{n_bytes} bytes take {n_stored}"
    );
    // Written in the dictionaries that are there, and not like what these were learned from.
    write_articles(&workspace, "then", 4, 3_000);
    workspace.write("corpus/strange.txt", STRANGE);
    workspace.write("corpus/mixed.txt", article(&FRENCH, 9, 900) + STRANGE);
    workspace.run(&["index"]).succeeds();
    is_as_its_files(&workspace, 36);
    workspace.run(&["index", "--rebuild"]).succeeds();
    is_as_its_files(&workspace, 36);
}

/// Flips a bit of a file, so many bytes from its beginning.
fn flip_a_bit(file: &PathBuf, at: usize) {
    let mut bytes = fs::read(file).unwrap();
    bytes[at] ^= 4;
    fs::write(file, bytes).unwrap();
}

#[test]
fn texts_whose_dictionary_is_lost_are_read_again() {
    let workspace = Workspace::new();
    // Enough for a segment that stays as it is, with a dictionary of records too.
    write_articles(&workspace, "large", 700, 2_500);
    workspace.run(&["index"]).succeeds();
    write_articles(&workspace, "small", 6, 3_000);
    workspace.run(&["index"]).succeeds();
    let stores = stores(&workspace);
    assert_eq!(stores.len(), 2, "{stores:?}");
    let (n_bytes, large) = stores.last().unwrap();
    flip_a_bit(large, *n_bytes as usize / 2);
    let repaired = workspace.run(&["check", "--repair"]);
    assert_eq!(repaired.status, 0, "{repaired:?}");
    is_as_its_files(&workspace, 706);
    let again = workspace.run(&["index"]).succeeds();
    assert!(again.stdout.contains("706 files unchanged"), "{again:?}");
}

#[test]
fn a_damaged_dictionary_is_no_reason_not_to_build_anew() {
    let workspace = Workspace::new();
    write_articles(&workspace, "first", 30, 6_000);
    workspace.run(&["index"]).succeeds();
    // Wherever they are in the store.
    let (n_bytes, store) = stores(&workspace).remove(0);
    (0..n_bytes as usize)
        .step_by(1_000)
        .for_each(|at| flip_a_bit(&store, at));
    let refused = workspace.run(&["index"]);
    assert_ne!(refused.status, 0, "{refused:?}");
    assert!(refused.stderr.contains("damaged"), "{refused:?}");
    workspace.run(&["index", "--rebuild"]).succeeds();
    is_as_its_files(&workspace, 30);
}

#[test]
fn dictionaries_go_with_the_texts() {
    let workspace = Workspace::new();
    // Enough for a dictionary of records.
    write_articles(&workspace, "first", 400, 1_000);
    workspace.run(&["index"]).succeeds();
    let before = stores(&workspace)[0].0;
    for _ in 0..3 {
        fs::rename(workspace.path("corpus/first"), workspace.path("first")).unwrap();
        workspace.run(&["index", "--prune"]);
        fs::rename(workspace.path("first"), workspace.path("corpus/first")).unwrap();
        workspace.run(&["index"]).succeeds();
    }
    is_as_its_files(&workspace, 400);
    let after: u64 = stores(&workspace).iter().map(|(n_bytes, _)| n_bytes).sum();
    assert!(after < before * 5 / 4, "{before} bytes, then {after}");
}

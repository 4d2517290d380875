//! Texts in few bytes, each read by itself: in codes of a dictionary of the words and phrases that texts like it are made of.
//!
//! A dictionary is learned from texts as they come, for each language and for records, and is a document of the index: it is
//! written, moved and lost with the commits that it belongs to. As the index grows, others follow, each for the texts after
//! it; a text begins with the number of its own.
//!
//! What was tried, on passages of articles, chapters and news, beside blocks of 8 KB that zstd had compressed:
//!
//! | | bytes of text in one |
//! |---|---|
//! | blocks, zstd at level 1 | 2.16 |
//! | texts by themselves, zstd with a dictionary of 112 KB | 2.15 |
//! | words in one to three bytes, learned from 6 MB in both languages; the others as they are | 2.63 |
//! | languages for themselves, words that are rare by parts of words, learned from 4 MB each | 3.03 |
//! | and phrases | 3.5 |
//! | learned from 3, 5, 8 MB each: French | 3.52, 3.66, 3.77 |
//! | … English | 3.44, 3.56, 3.64 |
//!
//! A passage is read back in 2 µs (300 to 400 MB/s on one core), of which blocks took 25; texts are written at 90 MB/s, which is
//! what zstd did in two thirds of the time, and a dictionary of 3 MB is learned in 0.1 s. On 10,487 files of 125 MB the store
//! went from 70.0 to 40.5 MB, the index from 1.19 to 0.94 of the text, and ten snippets cost 0.1 to 0.2 ms less.
//!
//! A dictionary learned from the first texts only knows what they are about: on the same files, where sources follow each
//! other, the store took 53.6 MB. Hence the sample of all that is to come (`sample`).

mod dictionary;
mod encoder;
mod learner;
mod table;
mod tokens;
mod train;

use std::io;

use tantivy_common::VInt;

pub(super) use dictionary::Dictionary;
use encoder::Encoder;
pub(super) use learner::{
    Codes, Kind, Learned, Learner, MAX_SAMPLE_BYTES, PASSAGE_BYTES, RECORD_BYTES,
};

/// Appends a number, in a byte for seven bits of it.
pub(super) fn write_number(number: u64, into: &mut Vec<u8>) {
    VInt(number).serialize_into_vec(into);
}

/// Reads a number off the beginning of `bytes`; an error when there is none.
pub(super) fn read_number(bytes: &mut &[u8]) -> io::Result<u64> {
    VInt::deserialize_u64(bytes)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use tantivy::directory::OwnedBytes;

    use super::train::train;
    use super::*;

    /// Texts of few words, most of which come again, with all kinds of things between them.
    fn text() -> impl Strategy<Value = String> {
        let word = prop_oneof![
            8 => "(le|la|de|marée|the|of|tides|L’île|Été|12)",
            2 => "[a-zéœ]{1,9}",
            1 => "\\PC{0,5}",
            1 => Just("anticonstitutionnellement-".repeat(20)),
        ];
        let between = prop_oneof![
            8 => Just(" ".to_owned()),
            2 => "(, |\\. | « | »|’|-|\n\n)",
            1 => "[ \u{0}\t.]{0,4}",
        ];
        let parts = prop::collection::vec((word, between), 0..30);
        parts.prop_map(|parts| {
            parts
                .iter()
                .map(|(word, after)| format!("{word}{after}"))
                .collect()
        })
    }

    proptest! {
        #[test]
        fn texts_are_read_back(
            sample in prop::collection::vec(text(), 0..30),
            others in prop::collection::vec(text(), 1..10),
        ) {
            let sample: Vec<&str> = sample.iter().map(String::as_str).collect();
            let dictionary = train(&sample);
            let read = Dictionary::read(&OwnedBytes::new(dictionary.to_bytes())).unwrap();
            let encoder = Encoder::new(dictionary);
            for text in sample.into_iter().chain(others.iter().map(String::as_str)) {
                let mut codes = Vec::new();
                encoder.encode(text, &mut codes);
                prop_assert_eq!(read.decode(&codes).unwrap(), text);
            }
        }

        /// Neither codes nor dictionaries have to make sense.
        #[test]
        fn damage_is_an_error(
            sample in prop::collection::vec(text(), 0..5),
            place in any::<prop::sample::Index>(),
            byte in any::<u8>(),
            codes in prop::collection::vec(any::<u8>(), 0..40),
        ) {
            let sample: Vec<&str> = sample.iter().map(String::as_str).collect();
            let mut bytes = train(&sample).to_bytes();
            let place = place.index(bytes.len());
            bytes[place] = byte;
            let bytes = OwnedBytes::new(bytes);
            if let Ok(dictionary) = Dictionary::read(&bytes) {
                let _ = dictionary.decode(&codes);
                if dictionary.has_texts() {
                    let mut written = Vec::new();
                    let encoder = Encoder::new(Dictionary::read(&bytes).unwrap());
                    sample.iter().for_each(|text| encoder.encode(text, &mut written));
                    let _ = dictionary.decode(&written);
                }
            }
        }
    }

    #[test]
    fn words_that_come_again_take_few_bytes() {
        let sample = "Le maire de la ville a ouvert la bibliothèque de la ville. ".repeat(40);
        let encoder = Encoder::new(train(&[&sample]));
        let mut codes = Vec::new();
        encoder.encode(
            "Le maire de la bibliothèque a ouvert la ville. ",
            &mut codes,
        );
        assert!(codes.len() <= 8, "{codes:?}");
    }
}

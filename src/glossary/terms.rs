//! Where the terms of one language stand in the text of a glossary, by their first letters.
//!
//! A hash of every inflection would need the stem of every word of the glossary, which takes longer than all else in a
//! search. The first letters cost nearly nothing, and leave a few dozen terms to look at for a word.

use crate::language::{Forms, fold};

/// Letters of a term that are kept.
const MAX_LETTERS: usize = 6;

/// What a letter takes of a number.
const LETTER_BITS: usize = 5;

/// Stands for what is no letter from *a* to *z*.
const OTHER: u32 = 31;

/// How the first word of a term begins, folded.
pub(super) enum Beginning {
    /// It is this.
    Word(String),
    /// It begins so.
    Prefix(String),
}

impl Beginning {
    /// Tells whether `word`, folded, begins so.
    pub(super) fn has(&self, word: &str) -> bool {
        match self {
            Beginning::Word(whole) => word == whole,
            Beginning::Prefix(prefix) => word.starts_with(prefix.as_str()),
        }
    }
}

/// The terms of one language, sorted by their first letters.
pub(super) struct Terms {
    /// The first letters, packed, in the upper half; in the lower the byte of the text where the term begins.
    places: Vec<u64>,
}

impl Terms {
    /// The headwords of `text`, lines of the form `french<TAB>english; english`.
    pub(super) fn french(text: &str) -> Terms {
        let is_before_term = |byte| byte == b'\n';
        Terms::sorted(text, std::iter::once(0).chain(after(text, is_before_term)))
    }

    /// The equivalents in `text`.
    pub(super) fn english(text: &str) -> Terms {
        let is_before_term = |byte| matches!(byte, b'\t' | b';');
        Terms::sorted(text, after(text, is_before_term))
    }

    fn sorted(text: &str, starts: impl Iterator<Item = usize>) -> Terms {
        let mut places: Vec<u64> = starts
            .filter_map(|start| {
                let letters = first_letters(text[start..].trim_start())?;
                let start = u32::try_from(start).ok()?;
                Some(u64::from(letters) << u32::BITS | u64::from(start))
            })
            .collect();
        places.sort_unstable();
        Terms { places }
    }

    /// Where the terms begin that may have this beginning: their first letters are the same.
    pub(super) fn starting(&self, beginning: &Beginning) -> impl Iterator<Item = usize> {
        let (letters, filler) = match beginning {
            Beginning::Word(word) => (word, 0),
            Beginning::Prefix(prefix) => (prefix, OTHER),
        };
        let first = packed(letters.chars(), 0);
        let last = packed(letters.chars(), filler);
        let letters = |place: &u64| (place >> u32::BITS) as u32;
        let from = self.places.partition_point(|place| letters(place) < first);
        let to = self.places.partition_point(|place| letters(place) <= last);
        self.places[from..to]
            .iter()
            .map(|&place| place as u32 as usize)
    }
}

/// The places after the bytes of `text` that are `wanted`.
fn after(text: &str, wanted: impl Fn(u8) -> bool) -> impl Iterator<Item = usize> {
    let bytes = text.bytes().enumerate();
    bytes.filter_map(move |(at, byte)| wanted(byte).then_some(at + 1))
}

/// The term that begins at byte `start` of `text`, white space around it left out.
pub(super) fn term_at(text: &str, start: usize) -> &str {
    let rest = &text[start..];
    rest[..rest.find(['\t', ';', '\n']).unwrap_or(rest.len())].trim()
}

/// The first letters of the first word of the term that `text` begins with, folded; `None` if it has no word.
fn first_letters(text: &str) -> Option<u32> {
    plain_letters(text).or_else(|| {
        let mut forms = Forms::new(term_at(text, 0));
        forms.advance()?;
        Some(packed(fold(forms.form()).chars(), 0))
    })
}

/// Does as [`first_letters`] if the word is of letters only that are usual in French and English: nearly all words are,
/// and it takes a tenth of the time.
fn plain_letters(text: &str) -> Option<u32> {
    let n_bytes = text.find([' ', '-', '\t', ';', '\n']).unwrap_or(text.len());
    let word = &text[..n_bytes];
    let is_plain = !word.is_empty() && word.chars().all(|c| plain(c).is_some());
    is_plain.then(|| packed(word.chars().filter_map(plain), 0))
}

/// The letter that `c` is without its accent and in lower case, if it is usual in French and English.
fn plain(c: char) -> Option<char> {
    Some(match c {
        'a'..='z' | 'A'..='Z' => c.to_ascii_lowercase(),
        'à' | 'â' => 'a',
        'ç' => 'c',
        'é' | 'è' | 'ê' | 'ë' | 'É' | 'È' => 'e',
        'î' | 'ï' => 'i',
        'ô' => 'o',
        'ù' | 'û' => 'u',
        _ => return None,
    })
}

/// The first of `letters` as a number that sorts as they do; `filler` stands for those that are missing.
fn packed(letters: impl Iterator<Item = char>, filler: u32) -> u32 {
    let codes = letters.map(|letter| match letter {
        'a'..='z' => letter as u32 - 'a' as u32 + 1,
        _ => OTHER,
    });
    let codes = codes.chain(std::iter::repeat(filler)).take(MAX_LETTERS);
    codes.fold(0, |number, code| number << LETTER_BITS | code)
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str =
        "École\tschool\nécolier\tpupil; school boy\nécran\tscreen\nl'Oréal\tL'Oréal\n…\t!\n";

    fn starting<'t>(terms: &Terms, text: &'t str, prefix: &str) -> Vec<&'t str> {
        let beginning = Beginning::Prefix(prefix.to_owned());
        let starts = terms.starting(&beginning);
        starts.map(|start| term_at(text, start)).collect()
    }

    #[test]
    fn headwords_are_found_by_their_first_letters() {
        let french = Terms::french(TEXT);
        assert_eq!(starting(&french, TEXT, "eco"), ["École", "écolier"]);
        assert_eq!(starting(&french, TEXT, "ecolie"), ["écolier"]);
        assert_eq!(starting(&french, TEXT, "oreal"), ["l'Oréal"]);
        assert_eq!(starting(&french, TEXT, "l"), [""; 0]);
        assert_eq!(starting(&french, TEXT, "").len(), 4);
        let word = Beginning::Word("eco".to_owned());
        assert_eq!(french.starting(&word).count(), 0);
    }

    #[test]
    fn equivalents_are_found_by_their_first_letters() {
        let english = Terms::english(TEXT);
        assert_eq!(starting(&english, TEXT, "schoo"), ["school", "school boy"]);
        assert_eq!(starting(&english, TEXT, "pupil"), ["pupil"]);
        assert_eq!(starting(&english, TEXT, "screening"), ["screen"]);
    }

    #[test]
    fn the_short_way_to_the_first_letters_is_the_long_one() {
        let bundled = include_str!("fr-en.tsv");
        let others = "Jusqu'à\tl'Été\njusqu-à\tS.N.C.F.\nÉcole\tNaïve\nœuvre\t10 000; fl\n";
        for term in [bundled, others]
            .into_iter()
            .flat_map(|text| text.split(['\n', '\t', ';']))
        {
            let term = term.trim();
            let mut forms = Forms::new(term);
            let long = forms
                .advance()
                .map(|_| packed(fold(forms.form()).chars(), 0));
            assert_eq!(first_letters(term), long, "{term}");
        }
    }
}

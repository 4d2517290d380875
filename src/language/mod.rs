//! What fouine knows of French and English: words, their stems, stop words, and which language a text is in.
//!
//! Everything that turns text into terms is here, and only here: the index, the query and the highlights go
//! through the same [`Analyzer`], so they cannot disagree. The chain, one file per step:
//!
//! ```text
//! text ─ tokenizer ─ normalize ─ elision ─ (form) ─ stop words, stem ─ (key)
//! ```
//!
//! A *form* is a word as it was written, freed of what a searcher does not mean by it: case, elided articles,
//! the possessive, ligatures, the way accents are encoded, the separators of thousands. A *key* is what is
//! looked up: the stem of the form, accents kept, or the form itself for a stop word. Keeping the accents in
//! keys is what tells `thé` from `the`, and `chat` from `chât`(iment); a query without accents is widened to
//! the accented forms of the vocabulary when it is planned (see [`fold()`]).
//!
//! Start reading at [`Analyzer`]; [`detect()`] and [`Evidence`], which tell languages, stand apart.

mod analyzer;
mod block;
mod detect;
mod elision;
mod evidence;
mod fold;
mod inflection;
mod normalize;
mod number;
mod stem;
mod stop_words;
mod tokenizer;

use std::fmt;

use serde::{Deserialize, Serialize};

pub use analyzer::{ANALYZER_VERSION, Analyzer, Token, beginnings};
pub use detect::detect;
pub use elision::is_elided;
pub use evidence::Evidence;
pub use fold::{fold, is_folded};
pub use normalize::normalized;
pub use stop_words::{
    is_any_stop_word, is_any_typed_stop_word, is_stop_word, is_typed_stop_word, suggests,
};
pub use tokenizer::Forms;

/// The language a passage is analyzed in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Language {
    /// French.
    #[serde(rename = "fr")]
    French,
    /// English.
    #[serde(rename = "en")]
    English,
    /// Neither French nor English, or nothing to tell it by: words are indexed without stemming.
    #[serde(rename = "other")]
    Other,
}

impl Language {
    /// What it is called.
    pub fn name(self) -> &'static str {
        match self {
            Language::French => "French",
            Language::English => "English",
            Language::Other => "other languages",
        }
    }

    /// All of them, in the order in which they are listed to users.
    pub const ALL: [Language; 3] = [Language::French, Language::English, Language::Other];

    /// The code shown to users and kept in the index: `fr`, `en` or `other`.
    pub fn code(self) -> &'static str {
        match self {
            Language::French => "fr",
            Language::English => "en",
            Language::Other => "other",
        }
    }

    /// Reads a declaration such as `fr`, `en-GB`, `fra`, `français` or `English`.
    ///
    /// A well-formed tag of another language (`de`, `pt-BR`) is [`Language::Other`]; what does not look like a
    /// language at all is `None`.
    pub fn from_tag(tag: &str) -> Option<Language> {
        let tag = tag.trim().to_lowercase();
        let primary = tag.split(['-', '_']).next().unwrap_or_default();
        match primary {
            "fr" | "fra" | "fre" | "français" | "francais" | "french" => Some(Language::French),
            "en" | "eng" | "anglais" | "english" => Some(Language::English),
            _ if (2..=3).contains(&primary.len())
                && primary.bytes().all(|byte| byte.is_ascii_lowercase()) =>
            {
                Some(Language::Other)
            }
            _ => None,
        }
    }
}

impl fmt::Display for Language {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.code())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn declared_languages_are_read_leniently() {
        for tag in ["fr", "FR", "fr-FR", "fr_CA", "fra", "Français", " french "] {
            assert_eq!(Language::from_tag(tag), Some(Language::French), "{tag}");
        }
        for tag in ["en", "en-GB", "eng", "English", "anglais"] {
            assert_eq!(Language::from_tag(tag), Some(Language::English), "{tag}");
        }
        assert_eq!(Language::from_tag("de"), Some(Language::Other));
        assert_eq!(Language::from_tag(""), None);
        assert_eq!(Language::from_tag("the usual"), None);
    }
}

//! What is known about an article beside its text, and how it is read from named fields.
//!
//! Front matter, the `<meta>` elements of HTML and the records of a collection all come down to
//! names and values of loose types; they are read by the same rules here.

use html5gum::{Token, Tokenizer};
use serde::{Deserialize, Serialize};

use super::date::Date;
use super::tags::with_bounded_runs;
use crate::language::Language;

/// What is known about an article.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Metadata {
    /// The title, one line; empty only for a record of a collection that has none.
    pub title: String,
    /// When it was published.
    pub date: Option<Date>,
    /// Who wrote it, joined by commas.
    pub author: Option<String>,
    /// The paper or site that published it.
    pub source: Option<String>,
    /// Where it stands on the web.
    pub url: Option<String>,
    /// The language it says it is in; nobody has checked.
    pub language: Option<Language>,
}

const TITLE_KEYS: &[&str] = &["title", "titre"];
const DATE_KEYS: &[&str] = &[
    "date",
    "published",
    "publishdate",
    "date_published",
    "created",
];
const AUTHOR_KEYS: &[&str] = &["author", "authors", "auteur", "auteurs", "byline"];
const SOURCE_KEYS: &[&str] = &[
    "source",
    "publication",
    "publisher",
    "journal",
    "site",
    "media",
];
const URL_KEYS: &[&str] = &["url", "link", "permalink", "canonical"];
const LANGUAGE_KEYS: &[&str] = &["lang", "language", "langue", "locale"];

/// Whether a key (in small letters) is one that [`Fields::metadata`] reads.
pub(crate) fn is_known_key(key: &str) -> bool {
    [
        TITLE_KEYS,
        DATE_KEYS,
        AUTHOR_KEYS,
        SOURCE_KEYS,
        URL_KEYS,
        LANGUAGE_KEYS,
    ]
    .iter()
    .any(|keys| keys.contains(&key))
}

/// Longest spelling of a value, or of several together, that is read: as a tree, a list of figures takes sixty times the
/// memory of its spelling.
pub(crate) const MAX_VALUE_BYTES: usize = 1 << 20;

/// A value of whatever type the author chose; numbers and dates are text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Value {
    Text(String),
    List(Vec<Value>),
    Map(Fields),
}

/// Names and values, in the order of their source.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Fields(Vec<(String, Value)>);

impl Fields {
    /// Adds a value; names are compared without regard to case.
    pub(crate) fn push(&mut self, key: &str, value: Value) {
        self.0.push((key.trim().to_lowercase(), value));
    }

    /// Adds the fields of another source of them, after those already here.
    pub(crate) fn extend(&mut self, others: Self) {
        self.0.extend(others.0);
    }

    /// Keeps the fields that a table names, under the names it gives them.
    pub(crate) fn renamed(self, names: &[(&str, &str)]) -> Self {
        let mut fields = Self::default();
        for (key, value) in self.0 {
            if let Some((_, name)) = names.iter().find(|(old, _)| *old == key) {
                fields.push(name, value);
            }
        }
        fields
    }

    /// Reads what these fields say about an article; values of an odd type count as absent.
    pub(crate) fn metadata(&self) -> Metadata {
        let line = |keys| self.all(keys).find_map(Value::line);
        Metadata {
            title: line(TITLE_KEYS).unwrap_or_default(),
            date: self
                .all(DATE_KEYS)
                .filter_map(Value::line)
                .find_map(|text| Date::parse(&text)),
            author: self
                .all(AUTHOR_KEYS)
                .filter_map(Value::line)
                .find_map(|author| clean_author(&author)),
            source: line(SOURCE_KEYS),
            url: line(URL_KEYS),
            language: self
                .all(LANGUAGE_KEYS)
                .filter_map(Value::line)
                .find_map(|tag| Language::from_tag(&tag)),
        }
    }

    /// The values under any of the names, in the order of the names.
    pub(crate) fn all<'a>(&'a self, keys: &'a [&str]) -> impl Iterator<Item = &'a Value> {
        keys.iter()
            .flat_map(|key| self.0.iter().filter(move |(name, _)| name == key))
            .map(|(_, value)| value)
    }
}

impl Value {
    /// The value as one line of text: a list joined by commas, a map by its name.
    pub(crate) fn line(&self) -> Option<String> {
        let line = match self {
            Self::Text(text) => clean_line(text),
            Self::List(values) => {
                let lines: Vec<String> = values.iter().filter_map(Self::line).collect();
                lines.join(", ")
            }
            Self::Map(fields) => fields.all(&["name", "@value"]).find_map(Self::line)?,
        };
        (!line.is_empty()).then_some(line)
    }
}

impl From<serde_json::Value> for Value {
    fn from(value: serde_json::Value) -> Self {
        match value {
            serde_json::Value::String(text) => Self::Text(text),
            serde_json::Value::Array(values) => {
                Self::List(values.into_iter().map(Self::from).collect())
            }
            serde_json::Value::Object(map) => {
                let mut fields = Fields::default();
                for (key, value) in map {
                    fields.push(&key, value.into());
                }
                Self::Map(fields)
            }
            serde_json::Value::Null => Self::Text(String::new()),
            other => Self::Text(other.to_string()),
        }
    }
}

/// Takes the tags out of a short text, decodes its entities and makes it one line.
pub(crate) fn clean_line(text: &str) -> String {
    if text.contains(['<', '&']) {
        collapse_white(&strip_markup(text))
    } else {
        collapse_white(text)
    }
}

fn strip_markup(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    for Ok(token) in Tokenizer::new(with_bounded_runs(text).as_ref()) {
        if let Token::String(string) = token {
            plain.push_str(&String::from_utf8_lossy(&string));
        }
    }
    plain
}

/// Makes every run of white space one space, and takes it from both ends.
pub(crate) fn collapse_white(text: &str) -> String {
    let mut line = String::with_capacity(text.len());
    for word in text.split_whitespace() {
        if !line.is_empty() {
            line.push(' ');
        }
        line.push_str(word);
    }
    line
}

/// Drops the `By` or `Par` of a byline; an address is nobody's name.
pub(crate) fn clean_author(author: &str) -> Option<String> {
    let mut name = author.trim();
    for prefix in ["by ", "par "] {
        if let Some(head) = name.get(..prefix.len())
            && head.eq_ignore_ascii_case(prefix)
        {
            name = name[prefix.len()..].trim_start();
        }
    }
    let is_name = !name.is_empty() && !name.contains("://");
    is_name.then(|| name.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn metadata(json: &str) -> Metadata {
        match Value::from(serde_json::from_str::<serde_json::Value>(json).unwrap()) {
            Value::Map(fields) => fields.metadata(),
            other => panic!("{other:?} is not an object"),
        }
    }

    #[test]
    fn fields_are_read_in_french_and_english_whatever_the_case() {
        let read = metadata(
            r#"{"Titre": "Le pont", "published": "hier", "created": "2020-05-12", "auteurs": ["A. Roux", {"name": "B. Diarra"}],
                "journal": {"name": "L'Écho"}, "permalink": "https://example.org/a", "langue": "fr-FR"}"#,
        );
        assert_eq!(read.title, "Le pont");
        assert_eq!(read.date.unwrap().to_string(), "2020-05-12");
        assert_eq!(read.author.as_deref(), Some("A. Roux, B. Diarra"));
        assert_eq!(read.source.as_deref(), Some("L'Écho"));
        assert_eq!(read.url.as_deref(), Some("https://example.org/a"));
        assert_eq!(read.language, Some(Language::French));
    }

    #[test]
    fn values_of_odd_types_never_fail() {
        let read = metadata(
            r#"{"title": 2001, "date": {"a": []}, "author": [[], null, true], "lang": 3}"#,
        );
        assert_eq!(read.title, "2001");
        assert_eq!(read.date, None);
        assert_eq!(read.author.as_deref(), Some("true"));
    }

    #[test]
    fn title_loses_tags_entities_and_breaks() {
        assert_eq!(
            clean_line("The <strike>old</strike>\n new &amp; <em>best</em>&nbsp;way, 3 < 4"),
            "The old new & best way, 3 < 4"
        );
    }

    #[test]
    fn byline_loses_its_preposition() {
        assert_eq!(clean_author("By Jane Roe").as_deref(), Some("Jane Roe"));
        assert_eq!(clean_author("Par Zoé").as_deref(), Some("Zoé"));
        assert_eq!(clean_author("Byron").as_deref(), Some("Byron"));
        assert_eq!(clean_author("https://facebook.com/x"), None);
    }
}

//! What a page says about its article: `<meta>` elements, JSON-LD, the language of the page.

use html5gum::StartTag;

use crate::corpus::metadata::{Fields, MAX_VALUE_BYTES, Value};

/// Names of `<meta>` elements and the field each of them fills.
const META_NAMES: &[(&str, &str)] = &[
    ("og:title", "title"),
    ("twitter:title", "title"),
    ("dc.title", "title"),
    ("dcterms.title", "title"),
    ("citation_title", "title"),
    ("article:published_time", "date"),
    ("og:article:published_time", "date"),
    ("date", "date"),
    ("pubdate", "date"),
    ("publish-date", "date"),
    ("dc.date", "date"),
    ("dc.date.issued", "date"),
    ("dc.date.created", "date"),
    ("dcterms.date", "date"),
    ("dcterms.created", "date"),
    ("dcterms.issued", "date"),
    ("citation_publication_date", "date"),
    ("datepublished", "date"),
    ("author", "author"),
    ("article:author", "author"),
    ("dc.creator", "author"),
    ("dcterms.creator", "author"),
    ("citation_author", "author"),
    ("og:site_name", "source"),
    ("dc.publisher", "source"),
    ("dcterms.publisher", "source"),
    ("og:url", "url"),
    ("dc.language", "lang"),
    ("dcterms.language", "lang"),
    ("language", "lang"),
    ("content-language", "lang"),
    ("og:locale", "lang"),
];

/// Reads what one start tag says.
pub(super) fn read_tag(tag: &StartTag<usize>, fields: &mut Fields) {
    let attribute = |name: &str| {
        let value = tag.attributes.get(name.as_bytes())?;
        Some(String::from_utf8_lossy(&value.value).into_owned())
    };
    match tag.name.as_slice() {
        b"meta" => {
            let names = ["property", "name", "itemprop", "http-equiv"];
            let name = names
                .into_iter()
                .find_map(attribute)
                .map(|name| name.trim().to_lowercase());
            let field = META_NAMES
                .iter()
                .find(|(meta, _)| Some(*meta) == name.as_deref());
            if let (Some((_, field)), Some(content)) = (field, attribute("content")) {
                fields.push(field, Value::Text(content));
            }
        }
        b"html" => push_if_some(
            fields,
            "lang",
            attribute("lang").or_else(|| attribute("xml:lang")),
        ),
        b"time" => push_if_some(fields, "created", attribute("datetime")),
        b"link" if attribute("rel").is_some_and(|rel| rel.eq_ignore_ascii_case("canonical")) => {
            push_if_some(fields, "canonical", attribute("href"));
        }
        _ => {}
    }
}

fn push_if_some(fields: &mut Fields, key: &str, value: Option<String>) {
    if let Some(value) = value {
        fields.push(key, Value::Text(value));
    }
}

pub(super) fn is_json_ld(tag: &StartTag<usize>) -> bool {
    let kind = tag.attributes.get("type".as_bytes());
    kind.is_some_and(|kind| {
        kind.value
            .trim_ascii()
            .eq_ignore_ascii_case(b"application/ld+json")
    })
}

/// Puts what JSON-LD says of the article before what the head says.
pub(super) fn merge(json_ld: &[String], head: Fields) -> Fields {
    let mut fields = Fields::default();
    if let Some(article) = json_ld.iter().find_map(|script| article_of(script)) {
        fields.extend(article.renamed(&[
            ("headline", "title"),
            ("datepublished", "date"),
            ("publisher", "source"),
            ("inlanguage", "lang"),
            ("author", "author"),
            ("url", "url"),
        ]));
    }
    fields.extend(head);
    fields
}

/// The first object of a script that describes an article.
fn article_of(script: &str) -> Option<Fields> {
    let script = script
        .trim()
        .trim_start_matches("<![CDATA[")
        .trim_end_matches("]]>");
    if script.len() > MAX_VALUE_BYTES {
        return None;
    }
    let value = serde_json::from_str::<serde_json::Value>(script).ok()?;
    let mut waiting = vec![value];
    while let Some(value) = waiting.pop() {
        match value {
            serde_json::Value::Array(values) => waiting.extend(values.into_iter().rev()),
            serde_json::Value::Object(mut object) => {
                if object.get("@type").is_some_and(is_article_type) {
                    match Value::from(serde_json::Value::Object(object)) {
                        Value::Map(fields) => return Some(fields),
                        Value::Text(_) | Value::List(_) => return None,
                    }
                }
                waiting.extend(object.remove("@graph"));
                waiting.extend(object.remove("mainEntity"));
            }
            _ => {}
        }
    }
    None
}

fn is_article_type(kind: &serde_json::Value) -> bool {
    let is_article = |kind: &serde_json::Value| {
        kind.as_str().is_some_and(|name| {
            ["Article", "Posting", "Report"]
                .iter()
                .any(|end| name.ends_with(end))
        })
    };
    match kind {
        serde_json::Value::Array(kinds) => kinds.iter().any(is_article),
        kind => is_article(kind),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn article_is_found_in_a_graph() {
        let script = r#"{"@context": "https://schema.org", "@graph": [{"@type": "WebSite", "name": "X"},
            {"@type": ["NewsArticle"], "headline": "Le pont", "author": [{"name": "A"}, "B"], "datePublished": "2020-05-12T08:00:00Z"}]}"#;
        let metadata = merge(&["{".to_owned(), script.to_owned()], Fields::default()).metadata();
        assert_eq!(metadata.title, "Le pont");
        assert_eq!(metadata.author.as_deref(), Some("A, B"));
        assert_eq!(metadata.date.unwrap().to_string(), "2020-05-12");
    }

    #[test]
    fn nothing_is_found_in_anything_else() {
        for script in [
            "",
            "[[[]]]",
            "{\"@type\": 3}",
            "{\"@graph\": {\"@type\": \"Person\"}}",
            "null",
        ] {
            assert_eq!(article_of(script), None);
        }
    }
}

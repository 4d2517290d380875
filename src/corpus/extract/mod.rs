//! From a decoded file to the text of its article, one format a file.
//!
//! A format takes the body out of its markup and reads what the markup says about it. What every
//! format lacks at times, a title and a date, is found here by the same rules for all.

mod body;
mod html;
mod markdown;
mod plain;
mod title;

use std::fmt;
use std::ops::Range;
use std::path::Path;

use encoding_rs::Encoding;

use super::date::Date;
use super::metadata::Metadata;
use super::source_map::Segment;
use super::{Section, dateline};

/// A way of writing an article down.
pub(crate) trait Format: fmt::Debug + Sync {
    /// The file name extensions of this format, in small letters.
    fn extensions(&self) -> &'static [&'static str];

    /// The encoding that the bytes name themselves.
    fn declared_encoding(&self, _bytes: &[u8]) -> Option<&'static Encoding> {
        None
    }

    /// Takes the article out of its markup. Never fails: at worst there is no text.
    fn extract(&self, source: &str) -> Extracted;
}

/// The formats that are read, one line each.
const FORMATS: &[&dyn Format] = &[&plain::Plain, &markdown::Markdown, &html::Html];

/// The extensions of collections: one article a line.
const COLLECTION_EXTENSIONS: &[&str] = &["jsonl", "ndjson"];

/// What a file is, judged by its name.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Kind {
    Article(&'static dyn Format),
    Collection,
}

/// The kind of a file that is read; none for all others.
pub(crate) fn kind_of(path: &Path) -> Option<Kind> {
    let extension = path.extension()?.to_str()?.to_ascii_lowercase();
    if COLLECTION_EXTENSIONS.contains(&extension.as_str()) {
        return Some(Kind::Collection);
    }
    FORMATS
        .iter()
        .find(|format| format.extensions().contains(&extension.as_str()))
        .map(|&format| Kind::Article(format))
}

/// The extensions of all files that are read, with their dots.
pub(crate) fn extensions() -> Vec<String> {
    let formats = FORMATS.iter().flat_map(|format| format.extensions());
    formats
        .chain(COLLECTION_EXTENSIONS)
        .map(|extension| format!(".{extension}"))
        .collect()
}

/// An article out of its markup.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Extracted {
    /// What the source says; the title is empty when it says none.
    pub(crate) metadata: Metadata,
    pub(crate) text: String,
    /// Where the text stands in the source, ascending on both sides.
    pub(crate) segments: Vec<Segment>,
    /// At least one; the first begins at 0.
    pub(crate) sections: Vec<Section>,
    /// The part of the source that is the body.
    pub(crate) body: Range<usize>,
}

/// The title that a file name makes where the article has none.
pub(super) fn title_from_file_name(stem: &str) -> String {
    title::from_file_name(stem)
}

/// Extracts an article and finds its title and date where the format did not.
pub(crate) fn extract(format: &dyn Format, source: &str, file_stem: &str) -> Extracted {
    let mut extracted = format.extract(source);
    if extracted.metadata.title.is_empty()
        && let Some((title, rest)) = title::leading_line(&extracted.text)
    {
        extracted.metadata.title = title;
        extracted.drop_head(rest);
    }
    if extracted.metadata.title.is_empty() {
        extracted.metadata.title = title_from_file_name(file_stem);
    }
    extracted.metadata.date = extracted
        .metadata
        .date
        .or_else(|| dateline::find(&extracted.text))
        .or_else(|| Date::in_file_name(file_stem).map(|(date, _)| date));
    extracted
}

impl Extracted {
    /// Takes away the first `len` bytes of the text.
    fn drop_head(&mut self, len: usize) {
        self.text.drain(..len);
        let mut start = self.body.start;
        self.segments.retain_mut(|segment| {
            let before = len.saturating_sub(segment.text);
            segment.text = segment.text.saturating_sub(len);
            if segment.len < before {
                return false;
            }
            segment.source += before;
            segment.len -= before;
            true
        });
        if let Some(first) = self.segments.first() {
            start = first.source.max(start);
        }
        self.body.start = start;
        for section in &mut self.sections {
            section.start = section.start.saturating_sub(len);
        }
        let n_gone = self
            .sections
            .partition_point(|section| section.start == 0)
            .saturating_sub(1);
        self.sections.drain(..n_gone);
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::proptest;

    use super::*;

    #[test]
    fn extension_decides_whatever_its_case() {
        let is_article = |name| matches!(kind_of(Path::new(name)), Some(Kind::Article(_)));
        assert!(
            ["a.txt", "a.MD", "a.Xhtml", "a.b.mkd"]
                .into_iter()
                .all(is_article)
        );
        assert!(
            !["a.jsonl", "a.pdf", "md", ".md", "a."]
                .into_iter()
                .any(is_article)
        );
        assert!(matches!(
            kind_of(Path::new("a.NDJSON")),
            Some(Kind::Collection)
        ));
    }

    #[test]
    fn title_line_and_dateline_are_found_in_plain_text() {
        let source = "Le pont est fermé\n\nParis, 12 mai 2020 (AFP) – Le maire a dit oui.\n";
        let article = extract(&plain::Plain, source, "x");
        assert_eq!(article.metadata.title, "Le pont est fermé");
        assert_eq!(article.metadata.date.unwrap().to_string(), "2020-05-12");
        assert!(article.text.starts_with("Paris"));
        assert_eq!(&source[article.body], article.text);
    }

    #[test]
    fn file_name_is_the_last_resort() {
        let source = "Le maire a dit que le pont est fermé. Il ne rouvrira pas.\n";
        let article = extract(&plain::Plain, source, "2020-05-12-le-pont_fermé");
        assert_eq!(article.metadata.title, "Le pont fermé");
        assert_eq!(article.metadata.date.unwrap().to_string(), "2020-05-12");
        assert_eq!(article.text, source);
    }

    proptest! {
        #[test]
        fn segments_and_sections_of_any_source_are_in_order(
            source in "(\\PC|é|\n|\n\n|# |## |Mots |<p>|<h2>|</h2>|</div>|<div>|&eacute;|\\*\\*|\\[a\\]\\(b\\)|\\|\\{\\{< x >\\}\\}|- ){0,60}"
        ) {
            for &format in FORMATS {
                let article = extract(format, &source, "nom");
                assert!(article.body.start <= article.body.end && article.body.end <= source.len());
                assert!(source.is_char_boundary(article.body.start));
                let mut last = Segment { text: 0, source: 0, len: 0 };
                for segment in &article.segments {
                    assert!(segment.text >= last.text + last.len, "{segment:?} after {last:?}");
                    assert!(segment.source >= last.source + last.len, "{segment:?} after {last:?}");
                    assert!(source.is_char_boundary(segment.source));
                    assert!(article.text.is_char_boundary(segment.text));
                    let verbatim = &source[segment.source..segment.source + segment.len];
                    let text = &article.text[segment.text..segment.text + segment.len];
                    assert_eq!(verbatim.replace(['\n', '\r', '\t'], " "), text.replace(['\n', '\r', '\t'], " "));
                    last = *segment;
                }
                assert_eq!(article.sections[0].start, 0);
                assert!(article.sections.windows(2).all(|pair| pair[0].start < pair[1].start));
                assert!(article.sections.iter().all(|s| article.text.is_char_boundary(s.start)));
            }
        }
    }
}

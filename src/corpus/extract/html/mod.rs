//! HTML: the article of a page, without what stands around it.
//!
//! `page` reads the source once, for its texts and what it says about itself; `readable` finds
//! the article among the texts; `blocks` writes it down as paragraphs and sections.

mod blocks;
mod entities;
mod meta;
mod page;
mod readable;

use encoding_rs::Encoding;
use html5gum::{DefaultEmitter, Token, Tokenizer};

use super::body::{Body, Break};
use super::{Extracted, Format};
use crate::corpus::metadata::{clean_author, clean_line};
use crate::corpus::tags::with_bounded_runs;
use blocks::{BlockReader, Scope};
use page::Page;

/// HTML and XHTML pages.
#[derive(Debug)]
pub(super) struct Html;

impl Format for Html {
    fn extensions(&self) -> &'static [&'static str] {
        &["html", "htm", "xhtml"]
    }

    fn declared_encoding(&self, bytes: &[u8]) -> Option<&'static Encoding> {
        declared_encoding(bytes)
    }

    fn extract(&self, source: &str) -> Extracted {
        let bounded = with_bounded_runs(source);
        let source = bounded.as_ref();
        let page = Page::read(source);
        let article = readable::find(source, &page);
        let mut metadata = page.fields.metadata();
        if let Some(article) = &article {
            let byline = article.byline.as_deref().map(clean_line);
            metadata.author = metadata.author.or_else(|| clean_author(&byline?));
        }
        metadata.title = without_site_name(&metadata.title, metadata.source.as_deref());

        let mut body = Body::new();
        if let Some(article) = &article {
            article.write(&page, source, &metadata.title, &mut body);
        }
        for scope in [Scope::Page, Scope::Fragment] {
            if body.is_empty() {
                body = Body::new();
                let reader = BlockReader::new(&mut body, scope, &metadata.title);
                read_source(source, 0, reader);
            }
        }
        if metadata.title.is_empty() {
            metadata.title = page.first_heading;
        }
        let range = body.source_range().unwrap_or(0..source.len());
        body.finish(metadata, range)
    }
}

/// Writes a piece of HTML that stands at `offset` in a source of another format.
pub(super) fn read_fragment(fragment: &str, offset: usize, body: &mut Body) {
    let reader = BlockReader::new(body, Scope::Fragment, "");
    read_source(&with_bounded_runs(fragment), offset, reader);
    body.break_at(Break::Paragraph, offset + fragment.len());
}

fn read_source(source: &str, offset: usize, mut reader: BlockReader<'_>) {
    for token in tokens(source) {
        match token {
            Token::StartTag(tag) => {
                reader.start_tag(&tag.name, tag.self_closing, offset + tag.span.start);
            }
            Token::EndTag(tag) => {
                reader.end_tag(&tag.name, offset + tag.span.end.min(source.len()));
            }
            Token::String(string) => {
                let span = page::char_span(source, string.span.start, string.span.end);
                let value = String::from_utf8_lossy(&string.value);
                reader.text(&value, &source[span.clone()], offset + span.start);
            }
            Token::Comment(_) | Token::Doctype(_) | Token::Error(_) => {}
        }
    }
    reader.finish();
}

/// The tokens of a source, with their places in it.
fn tokens(source: &str) -> impl Iterator<Item = Token<usize>> {
    let mut emitter = DefaultEmitter::<usize>::new_with_span();
    emitter.naively_switch_states(true);
    Tokenizer::new_with_emitter(source, emitter).map(|token| match token {
        Ok(token) => token,
        Err(never) => match never {},
    })
}

/// Takes ` | Le Journal` from the end of a title, when that is the site's name.
fn without_site_name(title: &str, site: Option<&str>) -> String {
    let Some(site) = site else {
        return title.to_owned();
    };
    let n_site_chars = site.chars().count();
    let before = title
        .char_indices()
        .rev()
        .take(n_site_chars)
        .last()
        .filter(|&(at, _)| title[at..].to_lowercase() == site.to_lowercase())
        .map(|(at, _)| title[..at].trim_end());
    let shortened =
        before.and_then(|head| head.strip_suffix(['|', '-', '–', '—', '•', '·', ':', '»']));
    match shortened.map(str::trim_end) {
        Some(shortened) if !shortened.is_empty() => shortened.to_owned(),
        _ => title.to_owned(),
    }
}

/// The encoding in a `<meta charset>` or an XML declaration near the start.
fn declared_encoding(bytes: &[u8]) -> Option<&'static Encoding> {
    const HEAD_BYTES: usize = 4096;
    let head = String::from_utf8_lossy(&bytes[..bytes.len().min(HEAD_BYTES)]).to_ascii_lowercase();
    let label_at = |name: &str| {
        let after = &head[head.find(name)? + name.len()..];
        let after = after.trim_start().strip_prefix('=')?.trim_start();
        let after = after.trim_start_matches(['"', '\'']);
        let end = after
            .find(['"', '\'', '>', ';', ' ', '/', '?'])
            .unwrap_or(after.len());
        Encoding::for_label(&after.as_bytes()[..end])
    };
    label_at("charset").or_else(|| label_at("encoding"))
}

#[cfg(test)]
mod tests {
    use super::*;

    const NEWS: &str = include_str!("testdata/news.html");

    #[test]
    fn news_page_gives_its_article_only() {
        let extracted = Html.extract(NEWS);
        let metadata = &extracted.metadata;
        assert_eq!(
            metadata.title,
            "Le pont des Tanneurs ferme « pour six mois »"
        );
        assert_eq!(metadata.date.unwrap().to_string(), "2021-03-04");
        assert_eq!(metadata.author.as_deref(), Some("Zoé Kermadec, Paul Ott"));
        assert_eq!(metadata.source.as_deref(), Some("L'Écho de la Sorne"));
        for noise in [
            "cookies",
            "Abonnez-vous",
            "Mentions légales",
            "À lire aussi",
            "window.",
        ] {
            assert!(
                !extracted.text.contains(noise),
                "{noise} in {}",
                extracted.text
            );
        }
        assert!(
            extracted.text.starts_with("La mairie a annoncé"),
            "{}",
            extracted.text
        );
        let headings: Vec<_> = extracted
            .sections
            .iter()
            .map(|s| s.heading.as_deref())
            .collect();
        assert_eq!(
            headings,
            [None, Some("Un chantier de 3,2 millions d’euros")]
        );
    }

    #[test]
    fn paragraphs_of_the_article_are_found_in_the_source() {
        let extracted = Html.extract(NEWS);
        let mapped: usize = extracted.segments.iter().map(|segment| segment.len).sum();
        assert!(
            mapped * 10 > extracted.text.len() * 9,
            "{mapped} of {}",
            extracted.text.len()
        );
    }

    #[test]
    fn page_without_article_gives_its_body() {
        let extracted = Html
            .extract("<nav>Menu</nav><p>Un <b>mot</b>,\n deux&nbsp;mots.<p>Fin<footer>x</footer>");
        assert_eq!(extracted.text, "Un mot, deux\u{a0}mots.\n\nFin");
    }

    #[test]
    fn endless_nesting_is_bounded() {
        for tag in ["<div>", "<b>", "<p><a>", "<table><tr>", "<svg>", "<nav>"] {
            let source = format!("{}<p>Un mot.", tag.repeat(300_000));
            let text = Html.extract(&source).text;
            assert!(tag == "<svg>" || text == "Un mot.", "{tag}: {text}");
        }
    }

    #[test]
    fn markup_that_is_text_stays_as_it_is_written() {
        for tag in ["plaintext", "xmp"] {
            let page = format!("<p>Un mot.<p>Un autre.<{tag}>si a>b</{tag}>");
            let text = Html.extract(&page).text;
            assert!(text.contains("si a>b"), "{tag}: {text}");
            assert!(text.contains("Un mot.\n\nUn autre."), "{tag}: {text}");
        }
    }

    #[test]
    fn line_ends_of_every_system_are_spaces() {
        for end in ["\n", "\r\n", "\r", "&#10;"] {
            let source = format!("<p>Un{end}mot,{end}{end}deux.<pre>a{end}b</pre>");
            assert_eq!(
                Html.extract(&source).text,
                "Un mot, deux.\n\na\nb",
                "{end:?}"
            );
        }
    }

    #[test]
    fn endless_attributes_are_bounded() {
        let attributes: String = (0..20_000).map(|n| format!(" a{n}=1")).collect();
        assert_eq!(
            Html.extract(&format!("<p{attributes}>Un mot.")).text,
            "Un mot."
        );
    }

    #[test]
    fn site_name_leaves_the_title() {
        assert_eq!(
            without_site_name("Le pont | L'Écho", Some("l'écho")),
            "Le pont"
        );
        assert_eq!(
            without_site_name("Le pont | L'Écho", None),
            "Le pont | L'Écho"
        );
        assert_eq!(without_site_name("L'Écho", Some("L'Écho")), "L'Écho");
        assert_eq!(
            without_site_name("Le pont de L'Écho", Some("L'Écho")),
            "Le pont de L'Écho"
        );
    }

    #[test]
    fn declared_encoding_is_read_in_every_form() {
        for head in [
            "<meta charset=iso-8859-15>",
            "<meta http-equiv='Content-Type' content='text/html; charset=ISO-8859-15'>",
            "<?xml version='1.0' encoding='ISO-8859-15'?>",
        ] {
            assert_eq!(
                declared_encoding(head.as_bytes()),
                Some(encoding_rs::ISO_8859_15)
            );
        }
        assert_eq!(declared_encoding(b"<meta charset=rien><p>"), None);
    }
}

//! Reads the source of a page once: its texts, with their places, and what it says of itself.

use std::collections::HashMap;
use std::ops::Range;

use html5gum::{StartTag, Token};

use super::{meta, tokens};
use crate::corpus::metadata::{Fields, Value, collapse_white};

/// Pages past these are no articles, and building a tree of them takes quadratic time or, when
/// elements are left open by the thousand, all of the stack.
const MAX_ELEMENTS: usize = 50_000;
const MAX_DEPTH: usize = 256;
const MAX_ATTRIBUTES: usize = 256;
const MAX_TEXT_BYTES: usize = 64 * 1024;

/// What a page holds, before anyone judges which part of it is the article.
#[derive(Debug, Default)]
pub(super) struct Page {
    /// The texts between tags, scripts left out, in order, with their places; none of a page that is too much.
    pub(super) texts: Vec<(String, Range<usize>)>,
    /// What the head says about the article, the most reliable first.
    pub(super) fields: Fields,
    /// The text of the first `<h1>`.
    pub(super) first_heading: String,
    /// Whether it has more than an article has: it is not looked for in it then.
    pub(super) is_too_much: bool,
}

/// Elements whose end tag is left out rightly, or that have none.
const WITHOUT_END: &[&[u8]] = &[
    b"p",
    b"li",
    b"td",
    b"th",
    b"tr",
    b"dt",
    b"dd",
    b"option",
    b"br",
    b"img",
    b"meta",
    b"link",
    b"input",
    b"hr",
    b"source",
    b"wbr",
    b"area",
    b"base",
    b"col",
    b"embed",
    b"track",
    b"thead",
    b"tbody",
    b"tfoot",
    b"colgroup",
    b"param",
];

/// Counts the elements that are open.
#[derive(Default)]
struct OpenElements {
    depth: usize,
    by_name: HashMap<Vec<u8>, usize>,
}

impl OpenElements {
    fn begin(&mut self, name: &[u8]) {
        // Where it is too deep already, no matter how deep.
        if self.depth <= MAX_DEPTH && !WITHOUT_END.contains(&name) {
            self.depth += 1;
            match self.by_name.get_mut(name) {
                Some(n_open) => *n_open += 1,
                None => drop(self.by_name.insert(name.to_owned(), 1)),
            }
        }
    }

    /// An end tag without a beginning ends nothing.
    fn end(&mut self, name: &[u8]) {
        if let Some(n_open) = self.by_name.get_mut(name).filter(|n_open| **n_open > 0) {
            *n_open -= 1;
            self.depth -= 1;
        }
    }
}

/// Elements of old in which markup is text: written again, it would be another.
const WITHOUT_MARKUP: &[&[u8]] = &[b"plaintext", b"xmp"];

/// The element whose text is being collected.
#[derive(Debug, PartialEq, Eq)]
enum Collecting {
    Nothing,
    Title,
    Heading,
    JsonLd,
}

impl Page {
    pub(super) fn read(source: &str) -> Self {
        let mut page = Self::default();
        let mut collecting = Collecting::Nothing;
        let mut collected = String::new();
        let mut json_ld = Vec::new();
        let mut head = Fields::default();
        let mut title = None;
        let mut open = OpenElements::default();
        let mut n_elements = 0;
        let mut in_code = false;
        for token in tokens(source) {
            match token {
                Token::StartTag(tag) => {
                    n_elements += 1;
                    if !tag.self_closing {
                        open.begin(&tag.name);
                    }
                    if n_elements > MAX_ELEMENTS
                        || open.depth > MAX_DEPTH
                        || tag.attributes.len() > MAX_ATTRIBUTES
                        || WITHOUT_MARKUP.contains(&tag.name.as_slice())
                    {
                        page.give_up();
                    }
                    in_code = is_code(&tag.name);
                    meta::read_tag(&tag, &mut head);
                    if collecting == Collecting::Nothing {
                        collecting = page.collects(&tag, title.is_none());
                    }
                }
                Token::EndTag(tag) => {
                    in_code = false;
                    open.end(&tag.name);
                    match (&collecting, tag.name.as_slice()) {
                        (Collecting::Title, b"title") => {
                            title = Some(std::mem::take(&mut collected));
                        }
                        (Collecting::Heading, b"h1") => {
                            page.first_heading = collapse_white(&collected);
                        }
                        (Collecting::JsonLd, b"script") => {
                            json_ld.push(std::mem::take(&mut collected));
                        }
                        _ => continue,
                    }
                    collected.clear();
                    collecting = Collecting::Nothing;
                }
                Token::String(string) => {
                    let value = String::from_utf8_lossy(&string.value);
                    if collecting != Collecting::Nothing {
                        collected.push_str(&value);
                    }
                    if !in_code && value.len() > MAX_TEXT_BYTES {
                        page.give_up();
                    }
                    if !in_code && !page.is_too_much {
                        let span = char_span(source, string.span.start, string.span.end);
                        page.texts.push((value.into_owned(), span));
                    }
                }
                Token::Comment(_) | Token::Doctype(_) | Token::Error(_) => {}
            }
        }
        if let Some(title) = title {
            head.push("title", Value::Text(title));
        }
        page.fields = meta::merge(&json_ld, head);
        page
    }

    /// Forgets the texts, which take many times the memory of the source where tags are dense.
    fn give_up(&mut self) {
        self.is_too_much = true;
        self.texts = Vec::new();
    }

    fn collects(&self, tag: &StartTag<usize>, wants_title: bool) -> Collecting {
        match tag.name.as_slice() {
            b"title" if wants_title => Collecting::Title,
            b"h1" if self.first_heading.is_empty() => Collecting::Heading,
            b"script" if meta::is_json_ld(tag) => Collecting::JsonLd,
            _ => Collecting::Nothing,
        }
    }
}

/// Whether an element holds text for machines, with no element in it.
fn is_code(name: &[u8]) -> bool {
    matches!(name, b"script" | b"style")
}

/// Brings a span of the tokenizer inside the source, onto character boundaries.
pub(super) fn char_span(source: &str, start: usize, end: usize) -> Range<usize> {
    let start = source.floor_char_boundary(start.min(source.len()));
    let end = source.floor_char_boundary(end.min(source.len()));
    start..end.max(start)
}

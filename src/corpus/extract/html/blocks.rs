//! Writes the tokens of HTML down as paragraphs, lines and sections.

use std::ops::Range;

use super::entities;
use crate::corpus::extract::body::{Body, Break};
use crate::corpus::metadata::collapse_white;

/// What is being read, which decides what is passed over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Scope {
    /// A whole page: what stands around the article is left out.
    Page,
    /// An article found in a page; its header may hold its first lines.
    Article,
    /// A piece of HTML of which everything is meant to be read.
    Fragment,
}

/// Elements that hold no text for readers.
const HIDDEN: &[&[u8]] = &[
    b"script",
    b"style",
    b"template",
    b"noscript",
    b"head",
    b"title",
    b"svg",
    b"iframe",
    b"select",
    b"textarea",
    b"object",
    b"math",
];

/// Elements around an article.
const AROUND: &[&[u8]] = &[
    b"nav", b"header", b"footer", b"aside", b"form", b"button", b"dialog", b"menu",
];

/// Reads tags and texts in their order and writes them into a [`Body`].
pub(super) struct BlockReader<'a> {
    body: &'a mut Body,
    scope: Scope,
    /// A heading that repeats the title opens no section.
    title: &'a str,
    /// The element being passed over, and how many of its name are open.
    skipped: Option<(Vec<u8>, usize)>,
    /// The heading being read: its level, its text so far and its place.
    heading: Option<(u8, String, usize)>,
    /// White space seen after a word, not yet written, and its place.
    space: Option<Range<usize>>,
    at_block_start: bool,
    n_items: usize,
    n_preformatted: usize,
}

impl<'a> BlockReader<'a> {
    pub(super) fn new(body: &'a mut Body, scope: Scope, title: &'a str) -> Self {
        Self {
            body,
            scope,
            title,
            skipped: None,
            heading: None,
            space: None,
            at_block_start: true,
            n_items: 0,
            n_preformatted: 0,
        }
    }

    pub(super) fn start_tag(&mut self, name: &[u8], self_closing: bool, at: usize) {
        if let Some((skipped, depth)) = &mut self.skipped {
            *depth += usize::from(skipped == name && !self_closing);
            return;
        }
        if self.is_skipped(name) {
            if !self_closing {
                self.skipped = Some((name.to_owned(), 1));
            }
            return;
        }
        match name {
            b"li" => self.n_items += 1,
            b"pre" => self.n_preformatted += 1,
            _ => {}
        }
        if let Some(level) = heading_level(name) {
            self.end_heading();
            self.heading = Some((level, String::new(), at));
        } else if let Some(kind) = self.block_break(name) {
            self.end_heading_if_block(name);
            self.end_block(kind, at);
        }
    }

    pub(super) fn end_tag(&mut self, name: &[u8], at: usize) {
        if let Some((skipped, depth)) = &mut self.skipped {
            if skipped == name {
                *depth -= 1;
                if *depth == 0 {
                    self.skipped = None;
                }
            }
            return;
        }
        match name {
            b"li" => self.n_items = self.n_items.saturating_sub(1),
            b"pre" => self.n_preformatted = self.n_preformatted.saturating_sub(1),
            _ => {}
        }
        if heading_level(name).is_some() {
            self.end_heading();
        } else if name != b"br"
            && let Some(kind) = self.block_break(name)
        {
            self.end_block(kind, at);
        }
    }

    /// Reads a text whose entities are decoded; `raw` is how it stands in the source, at `at`.
    pub(super) fn text(&mut self, value: &str, raw: &str, at: usize) {
        if self.skipped.is_some() {
            return;
        }
        if let Some((_, heading, _)) = &mut self.heading {
            heading.push_str(value);
            return;
        }
        for piece in entities::pieces(value, raw) {
            let start = at + piece.raw.start;
            let source = start..at + piece.raw.end;
            let value = &value[piece.value];
            if piece.verbatim {
                self.verbatim(value, start);
            } else if self.n_preformatted == 0 && value.trim_ascii().is_empty() {
                // The line end of another system, or a space spelled as an entity.
                self.space.get_or_insert(source);
            } else {
                self.write(value, source);
            }
        }
    }

    /// Reads a text whose place in the source is unknown: it counts as standing at `at`.
    pub(super) fn unplaced_text(&mut self, value: &str, at: usize) {
        if self.skipped.is_some() {
            return;
        }
        if let Some((_, heading, _)) = &mut self.heading {
            heading.push_str(value);
            return;
        }
        if value.starts_with(|c: char| c.is_ascii_whitespace()) {
            self.space.get_or_insert(at..at);
        }
        for word in value.split_ascii_whitespace() {
            self.write(word, at..at);
            self.space = Some(at..at);
        }
        if !value.ends_with(|c: char| c.is_ascii_whitespace()) {
            self.space = None;
        }
    }

    /// Ends the reading: a heading left open opens its section all the same.
    pub(super) fn finish(mut self) {
        self.end_heading();
    }

    fn verbatim(&mut self, text: &str, at: usize) {
        if self.n_preformatted > 0 {
            self.write(text, at..at + text.len());
            return;
        }
        // Words with single spaces between them are written at once.
        let bytes = text.as_bytes();
        let mut start = 0;
        while start < bytes.len() {
            if bytes[start].is_ascii_whitespace() {
                self.space.get_or_insert(at + start..at + start + 1);
                start += 1;
                continue;
            }
            let mut end = start;
            while end < bytes.len() {
                let next_is_white = bytes.get(end + 1).is_none_or(u8::is_ascii_whitespace);
                if bytes[end].is_ascii_whitespace() && (bytes[end] != b' ' || next_is_white) {
                    break;
                }
                end += 1;
            }
            self.write(&text[start..end], at + start..at + end);
            start = end;
        }
    }

    fn write(&mut self, piece: &str, source: Range<usize>) {
        if let Some(space) = self.space.take()
            && !self.at_block_start
        {
            self.body.push(" ", space);
        }
        self.at_block_start = false;
        self.body.push(piece, source);
    }

    fn is_skipped(&self, name: &[u8]) -> bool {
        HIDDEN.contains(&name)
            || match self.scope {
                Scope::Page => AROUND.contains(&name),
                Scope::Article => name != b"header" && AROUND.contains(&name),
                Scope::Fragment => false,
            }
    }

    fn end_block(&mut self, kind: Break, at: usize) {
        self.space = None;
        self.at_block_start = true;
        self.body.break_at(kind, at);
    }

    fn end_heading_if_block(&mut self, name: &[u8]) {
        // An unclosed heading ends where the next paragraph begins.
        if matches!(
            name,
            b"p" | b"ul" | b"ol" | b"table" | b"blockquote" | b"article" | b"section"
        ) {
            self.end_heading();
        }
    }

    fn end_heading(&mut self) {
        let Some((level, text, at)) = self.heading.take() else {
            return;
        };
        self.end_block(Break::Paragraph, at);
        let text = collapse_white(&text);
        if !text.is_empty() && text != self.title {
            self.body.heading(level, &text, at);
        }
    }

    fn block_break(&self, name: &[u8]) -> Option<Break> {
        Some(match name {
            b"li" | b"br" | b"tr" | b"dt" | b"dd" | b"option" => Break::Line,
            b"td" | b"th" => Break::Cell,
            b"p" | b"div" | b"ul" | b"ol" if self.n_items > 0 => Break::Line,
            b"p" | b"div" | b"ul" | b"ol" | b"dl" | b"table" | b"blockquote" | b"pre" | b"hr"
            | b"article" | b"section" | b"main" | b"figure" | b"figcaption" | b"body" | b"html"
            | b"address" | b"details" | b"summary" | b"fieldset" | b"caption" | b"nav"
            | b"header" | b"footer" | b"aside" | b"form" | b"center" => Break::Paragraph,
            _ => return None,
        })
    }
}

fn heading_level(name: &[u8]) -> Option<u8> {
    match name {
        [b'h', digit @ b'1'..=b'6'] => Some(digit - b'0'),
        _ => None,
    }
}

//! Markdown: the words of the article without the signs around them.

use std::borrow::Cow;
use std::ops::Range;

use pulldown_cmark::{CodeBlockKind, CowStr, Event, HeadingLevel, Options, Parser, Tag, TagEnd};

use super::body::{Body, Break, FILLER};
use super::{Extracted, Format, html};
use crate::corpus::front_matter;
use crate::corpus::metadata::clean_line;

/// Markdown files, with the front matter of site generators.
#[derive(Debug)]
pub(super) struct Markdown;

impl Format for Markdown {
    fn extensions(&self) -> &'static [&'static str] {
        &["md", "markdown", "mkd"]
    }

    fn extract(&self, source: &str) -> Extracted {
        let (fields, body_start) = front_matter::read(source);
        let metadata = fields.metadata();
        let body_source = without_shortcodes(&source[body_start..]);
        let mut reader = Reader {
            source: &body_source,
            offset: body_start,
            body: Body::new(),
            title: metadata.title.is_empty().then(String::new),
            heading: None,
            n_images: 0,
            n_items: 0,
            html_block: None,
        };
        let options = Options::ENABLE_TABLES
            | Options::ENABLE_FOOTNOTES
            | Options::ENABLE_STRIKETHROUGH
            | Options::ENABLE_TASKLISTS
            | Options::ENABLE_HEADING_ATTRIBUTES;
        for part in parts(&body_source) {
            reader.source = &body_source[part.clone()];
            reader.offset = body_start + part.start;
            for (event, range) in Parser::new_ext(reader.source, options).into_offset_iter() {
                reader.event(event, range);
            }
        }
        let mut metadata = metadata;
        if let Some(title) = reader.title {
            metadata.title = clean_line(&title);
        }
        reader.body.finish(metadata, body_start..source.len())
    }
}

/// Larger sources are read in parts, as if each were an article: the parser holds the tree of all it is given, of which
/// every sign may be a branch, in sixty times the memory. No article that a person wrote is that large.
const MAX_PART_BYTES: usize = 4 << 20;

/// Cuts a large source into parts, after a blank line, or else a line, where there is one.
fn parts(source: &str) -> Vec<Range<usize>> {
    let mut parts = Vec::new();
    let mut start = 0;
    while source.len() - start > MAX_PART_BYTES {
        let part = &source[start..source.floor_char_boundary(start + MAX_PART_BYTES)];
        let line_end = part.rfind("\n\n").map(|at| at + 2);
        let length = line_end.or_else(|| Some(part.rfind('\n')? + 1));
        let end = start + length.unwrap_or(part.len());
        parts.push(start..end);
        start = end;
    }
    parts.push(start..source.len());
    parts
}

/// Replaces the shortcodes of Hugo and Jekyll (`{{< … >}}`, `{{% … %}}`, `{% … %}`) by fillers
/// of the same length.
fn without_shortcodes(source: &str) -> Cow<'_, str> {
    const PAIRS: [(&str, &str); 3] = [("{{<", ">}}"), ("{{%", "%}}"), ("{%", "%}")];
    // One that does not end soon is no shortcode; without a limit every `{%` would search the rest.
    const MAX_BYTES: usize = 4096;
    let mut filled = String::new();
    let mut copied = 0;
    let mut at = 0;
    while let Some(found) = source[at..].find('{') {
        let start = at + found;
        let rest = &source[start..source.floor_char_boundary(start + MAX_BYTES)];
        let end = PAIRS.iter().find_map(|(open, close)| {
            let inside = rest.strip_prefix(open)?;
            Some(start + open.len() + inside.find(close)? + close.len())
        });
        let Some(end) = end else {
            at = start + 1;
            continue;
        };
        filled.push_str(&source[copied..start]);
        for byte in source[start..end].bytes() {
            filled.push(if byte == b'\n' { '\n' } else { FILLER });
        }
        copied = end;
        at = end;
    }
    if copied == 0 {
        return Cow::Borrowed(source);
    }
    filled.push_str(&source[copied..]);
    Cow::Owned(filled)
}

/// Whether an indented block is HTML: nested tags are indented too, and after a blank line
/// Markdown takes them for code.
fn is_html(block: &str) -> bool {
    let opens_tag = |rest: &str| rest.starts_with(|c: char| c.is_ascii_alphabetic() || c == '/');
    block.trim_start().strip_prefix('<').is_some_and(opens_tag)
        || ["</p>", "</a>", "</div>", "</li>", "</ul>"]
            .iter()
            .any(|tag| block.contains(tag))
}

/// A Markdown source being read, event by event.
struct Reader<'a> {
    /// The source after its front matter, or a part of it.
    source: &'a str,
    /// Where it stands in the file.
    offset: usize,
    body: Body,
    /// The title when a heading gives it, empty so far; none when the metadata has one.
    title: Option<String>,
    /// The heading being read: its text so far.
    heading: Option<String>,
    n_images: usize,
    n_items: usize,
    /// The block of HTML being read.
    html_block: Option<Range<usize>>,
}

impl Reader<'_> {
    fn event(&mut self, event: Event<'_>, range: Range<usize>) {
        match event {
            Event::Start(tag) => self.start(&tag, range),
            Event::End(tag) => self.end(tag, range),
            Event::Text(text) => match &mut self.html_block {
                Some(block) => block.end = range.end,
                None => self.text(&text, range),
            },
            Event::Code(code) => {
                let inside = self.position_of(&code, &range);
                self.text(&code, inside);
            }
            Event::SoftBreak => self.text(&CowStr::Borrowed(" "), range),
            Event::HardBreak => {
                if let Some(heading) = &mut self.heading {
                    heading.push(' ');
                }
                self.body.break_at(Break::Line, self.offset + range.end);
            }
            Event::Html(_) => match &mut self.html_block {
                Some(block) => block.end = range.end,
                None => self.html(range),
            },
            Event::Rule => self
                .body
                .break_at(Break::Paragraph, self.offset + range.start),
            Event::InlineHtml(_)
            | Event::InlineMath(_)
            | Event::DisplayMath(_)
            | Event::FootnoteReference(_)
            | Event::TaskListMarker(_) => {}
        }
    }

    fn start(&mut self, tag: &Tag<'_>, range: Range<usize>) {
        let start = range.start;
        let block = if self.n_items > 0 {
            Break::Line
        } else {
            Break::Paragraph
        };
        let kind = match tag {
            Tag::Heading { .. } => {
                self.heading = Some(String::new());
                return;
            }
            Tag::Image { .. } => {
                self.n_images += 1;
                return;
            }
            Tag::CodeBlock(CodeBlockKind::Indented) if is_html(&self.source[range]) => {
                self.html_block = Some(start..start);
                block
            }
            Tag::HtmlBlock => {
                self.html_block = Some(start..start);
                block
            }
            Tag::Item => {
                self.n_items += 1;
                Break::Line
            }
            Tag::TableRow => Break::Line,
            Tag::TableCell => Break::Cell,
            Tag::Paragraph
            | Tag::BlockQuote(_)
            | Tag::CodeBlock(_)
            | Tag::List(_)
            | Tag::FootnoteDefinition(_)
            | Tag::DefinitionListTitle
            | Tag::DefinitionListDefinition
            | Tag::DefinitionList
            | Tag::Table(_)
            | Tag::TableHead
            | Tag::MetadataBlock(_) => block,
            Tag::Emphasis
            | Tag::Strong
            | Tag::Strikethrough
            | Tag::Superscript
            | Tag::Subscript
            | Tag::Link { .. } => return,
        };
        self.body.break_at(kind, self.offset + start);
    }

    fn end(&mut self, tag: TagEnd, range: Range<usize>) {
        let kind = match tag {
            TagEnd::Heading(level) => {
                let heading = self.heading.take().unwrap_or_default();
                self.end_heading(level, &heading, range.start);
                return;
            }
            TagEnd::Image => {
                self.n_images = self.n_images.saturating_sub(1);
                return;
            }
            TagEnd::HtmlBlock | TagEnd::CodeBlock => {
                if let Some(block) = self.html_block.take() {
                    self.html(block.start..block.end.max(range.start));
                }
                Break::Paragraph
            }
            TagEnd::Item => {
                self.n_items = self.n_items.saturating_sub(1);
                Break::Line
            }
            TagEnd::List(_) if self.n_items > 0 => Break::Line,
            TagEnd::List(_)
            | TagEnd::Table
            | TagEnd::BlockQuote(_)
            | TagEnd::FootnoteDefinition => Break::Paragraph,
            TagEnd::TableHead => Break::Line,
            _ => return,
        };
        self.body.break_at(kind, self.offset + range.end);
    }

    fn end_heading(&mut self, level: HeadingLevel, heading: &str, start: usize) {
        match &mut self.title {
            // Further down, only a heading of the first level can be that of the whole.
            Some(title)
                if title.is_empty()
                    && !heading.trim().is_empty()
                    && (level == HeadingLevel::H1 || self.body.is_empty()) =>
            {
                title.push_str(heading);
                self.body.break_at(Break::Paragraph, self.offset + start);
            }
            _ => self.body.heading(level as u8, heading, self.offset + start),
        }
    }

    fn text(&mut self, text: &str, range: Range<usize>) {
        if self.n_images > 0 {
            return;
        }
        if let Some(heading) = &mut self.heading {
            heading.extend(text.chars().filter(|&c| c != FILLER));
            return;
        }
        self.body
            .push(text, self.offset + range.start..self.offset + range.end);
    }

    /// Where the text of inline code stands between its backticks.
    fn position_of(&self, code: &str, range: &Range<usize>) -> Range<usize> {
        match self.source[range.clone()].find(code) {
            Some(at) => range.start + at..range.start + at + code.len(),
            None => range.clone(),
        }
    }

    fn html(&mut self, block: Range<usize>) {
        let source = &self.source[block.clone()];
        html::read_fragment(source, self.offset + block.start, &mut self.body);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(source: &str) -> String {
        Markdown.extract(source).text
    }

    fn headings(source: &str) -> Vec<(usize, Option<String>)> {
        let sections = Markdown.extract(source).sections;
        sections.into_iter().map(|s| (s.start, s.heading)).collect()
    }

    #[test]
    fn markup_is_taken_away() {
        assert_eq!(
            text(
                "Un **mot** [lié](https://example.org) et `code`.\nSuite &amp; fin \\* ici.\n\n> Cité"
            ),
            "Un mot lié et code. Suite & fin * ici.\n\nCité"
        );
    }

    #[test]
    fn items_and_rows_are_lines() {
        assert_eq!(
            text("Avant\n\n- un\n- deux\n  1. trois\n\nAprès"),
            "Avant\n\nun\ndeux\ntrois\n\nAprès"
        );
        assert_eq!(text("* un\n\n* deux\n\nAprès"), "un\ndeux\n\nAprès");
        assert_eq!(
            text("|a|b|\n|-|-|\n|c|d|\n|e|f|\n\nFin"),
            "a\tb\nc\td\ne\tf\n\nFin"
        );
    }

    #[test]
    fn code_notes_and_html_keep_their_words() {
        assert_eq!(
            text("A\n\n```rust\nlet x;\nlet y;\n```\nB[^1]\n\n[^1]: Note"),
            "A\n\nlet x;\nlet y;\n\n\nB\n\nNote"
        );
        assert_eq!(
            text(
                "A <b>gras</b><br> B\n\n<div class='x'>\n<p>C &eacute;</p>\n</div>\n\n<!-- non -->\nD"
            ),
            "A gras B\n\nC é\n\nD"
        );
    }

    #[test]
    fn indented_html_is_no_code() {
        let source =
            "<div>\n\n    <p>A <a\n    href='x'>b</a></p>\n\n    </div>\n\nC\n\n    let x;\n";
        assert_eq!(text(source), "A b\n\nC\n\nlet x;\n");
    }

    #[test]
    fn images_and_shortcodes_say_nothing() {
        assert_eq!(text("![photo.jpg](a.jpg) A ![une *photo*](b.jpg)B"), " A B");
        assert_eq!(
            text("{{< figure src=\"é\" >}}\n\nA {% link x %}B {{% note %}}C{{% /note %}} {%"),
            "A B C {%"
        );
    }

    #[test]
    fn headings_open_sections_and_are_not_text() {
        let source = "---\ntitle: T\n---\nA\n\n# Un\n\nB\n\n## Deux\n\nC\n\n# Trois\n## Quatre\nD";
        assert_eq!(text(source), "A\n\nB\n\nC\n\nD");
        let expected = [
            (0, None),
            (3, Some("Un")),
            (6, Some("Un › Deux")),
            (9, Some("Trois › Quatre")),
        ];
        assert_eq!(
            headings(source),
            expected.map(|(at, heading)| (at, heading.map(str::to_owned)))
        );
    }

    #[test]
    fn first_heading_is_the_title_when_there_is_no_other() {
        let source = "# Le *pont* <b>fermé</b>\n\nA\n\n## Suite\n\nB";
        let extracted = Markdown.extract(source);
        assert_eq!(extracted.metadata.title, "Le pont fermé");
        assert_eq!(headings(source), [(0, None), (3, Some("Suite".to_owned()))]);
    }

    #[test]
    fn heading_further_down_is_no_title() {
        assert_eq!(
            Markdown
                .extract("Le pont\n\nA\n\n## Suite\n\nB")
                .metadata
                .title,
            ""
        );
        assert_eq!(
            Markdown.extract("A\n\n# Le pont\n\nB").metadata.title,
            "Le pont"
        );
    }

    #[test]
    fn a_large_source_is_read_in_parts() {
        let paragraph = "Un *mot* [lié](x).\n\n";
        let source = paragraph.repeat(2 * MAX_PART_BYTES / paragraph.len() + 1);
        assert_eq!(parts(&source).len(), 3);
        let extracted = Markdown.extract(&source);
        let n_paragraphs = source.len() / paragraph.len();
        assert_eq!(
            extracted.text,
            ["Un mot lié."; 1].repeat(n_paragraphs).join("\n\n")
        );
        let last = extracted.segments.last().unwrap();
        assert_eq!(&source[last.source..last.source + last.len], ".");
        assert_eq!(
            parts(&"é".repeat(MAX_PART_BYTES)).len(),
            2,
            "without a line end"
        );
    }
}

//! Builds the text of an article piece by piece, remembering where each piece stood.

use std::ops::Range;

use super::Extracted;
use crate::corpus::Section;
use crate::corpus::metadata::{Metadata, collapse_white};
use crate::corpus::source_map::Segment;

/// Stands in a source for what was taken out of it, so that offsets stay; never written down.
pub(super) const FILLER: char = '\u{1}';

/// Longest chain of headings, in characters: more than is indexed of one. It stands with every section, so that without
/// a limit a long heading over many short sections would take memory that grows with the square of the source.
const MAX_HEADING_CHARS: usize = 301;

/// Most sections of an article; headings after that many open none, and their text goes on. Each holds its headings,
/// which may be far longer than what stands under them.
const MAX_SECTIONS: usize = 20_000;

/// Places kept at every piece; beyond that many they are kept at intervals of [`SPARSE_BYTES`]. Where markup is denser
/// than words, exact places would take ten times the memory of the source.
const MAX_EXACT_SEGMENTS: usize = 4 << 20;
const SPARSE_BYTES: usize = 64;

/// What separates two blocks of text; the stronger of two wins.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Break {
    None,
    Cell,
    Line,
    Paragraph,
}

/// The text of an article under construction.
#[derive(Debug)]
pub(super) struct Body {
    text: String,
    segments: Vec<Segment>,
    sections: Vec<Section>,
    /// Where in the source the last piece ends.
    mapped_end: usize,
    pending: Break,
    /// Where in the source the next block begins, with the headings before it.
    block_start: Option<usize>,
    /// The headings that lead here, with their levels.
    headings: Vec<(u8, String)>,
    new_section: bool,
}

impl Body {
    pub(super) fn new() -> Self {
        Self {
            text: String::new(),
            segments: Vec::new(),
            sections: vec![Section {
                start: 0,
                heading: None,
            }],
            mapped_end: 0,
            pending: Break::None,
            block_start: None,
            headings: Vec::new(),
            new_section: false,
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.text.is_empty()
    }

    /// Ends what is being written; the next piece begins a block at `source`.
    pub(super) fn break_at(&mut self, kind: Break, source: usize) {
        self.pending = self.pending.max(kind);
        // A heading before the block, once there is one, is where the block begins.
        if kind > Break::Cell && !self.new_section {
            self.block_start = Some(source);
        }
    }

    /// Opens a section; its heading stands at `source` and is not part of the text.
    pub(super) fn heading(&mut self, level: u8, heading: &str, source: usize) {
        self.break_at(Break::Paragraph, source);
        self.headings.retain(|&(outer, _)| outer < level);
        let mut heading = collapse_white(heading);
        shorten(&mut heading);
        if !heading.is_empty() {
            self.headings.push((level, heading));
        }
        self.new_section = true;
    }

    /// Writes a piece of text that stands at `source`, as it is when both have the same length.
    pub(super) fn push(&mut self, piece: &str, source: Range<usize>) {
        if !piece.contains(FILLER) {
            self.write(piece, source);
            return;
        }
        let verbatim = piece.len() == source.len();
        let mut at = source.start;
        for part in piece.split_inclusive(FILLER) {
            let kept = part.trim_end_matches(FILLER);
            let end = if verbatim { at + kept.len() } else { at };
            self.write(kept, at..end);
            at += if verbatim { part.len() } else { 0 };
        }
    }

    fn write(&mut self, piece: &str, source: Range<usize>) {
        if piece.is_empty() {
            return;
        }
        self.open_block();
        let verbatim = piece.len() == source.len();
        let start = source.start.max(self.mapped_end);
        // A piece out of order stands where the last one ended, as well as can be told.
        let len = if verbatim && start == source.start {
            piece.len()
        } else {
            0
        };
        let at = self.text.len();
        if start > self.mapped_end && self.block_start.is_none() && at > 0 {
            // Markup between two pieces belongs to the second.
            self.segment(at, self.mapped_end, 0);
        }
        // The first block needs no mark: it begins where the body does.
        if let Some(block_start) = self.block_start.take()
            && at > 0
        {
            self.segment(at, block_start.clamp(self.mapped_end, start), 0);
        }
        self.segment(at, start, len);
        self.text.push_str(piece);
        self.mapped_end = self.mapped_end.max(source.end);
    }

    fn open_block(&mut self) {
        if !self.text.is_empty() {
            self.text.push_str(match self.pending {
                Break::None => "",
                Break::Cell => "\t",
                Break::Line => "\n",
                Break::Paragraph => "\n\n",
            });
        }
        self.pending = Break::None;
        if self.new_section {
            self.new_section = false;
            self.open_section();
        }
    }

    fn open_section(&mut self) {
        if self.sections.len() >= MAX_SECTIONS {
            return;
        }
        let names: Vec<&str> = self
            .headings
            .iter()
            .map(|(_, name)| name.as_str())
            .collect();
        let mut chain = names.join(" › ");
        shorten(&mut chain);
        let section = Section {
            start: self.text.len(),
            heading: (!chain.is_empty()).then_some(chain),
        };
        match self.sections.last_mut() {
            Some(last) if last.start == section.start => *last = section,
            Some(last) if last.heading == section.heading => {}
            _ => self.sections.push(section),
        }
    }

    fn segment(&mut self, text: usize, source: usize, len: usize) {
        let is_full = self.segments.len() >= MAX_EXACT_SEGMENTS;
        match self.segments.last_mut() {
            Some(last)
                if last.len > 0
                    && last.text + last.len == text
                    && last.source + last.len == source =>
            {
                last.len += len;
            }
            Some(last) if last.text == text && last.source == source => last.len = len,
            Some(last) if is_full && text < last.text + last.len + SPARSE_BYTES => {}
            _ => self.segments.push(Segment { text, source, len }),
        }
    }

    /// The part of the source between the first piece and the end of the last.
    pub(super) fn source_range(&self) -> Option<Range<usize>> {
        let start = self.segments.first()?.source;
        Some(start..self.mapped_end.max(start))
    }

    /// Ends the text; `body` is the part of the source that held it.
    pub(super) fn finish(self, metadata: Metadata, body: Range<usize>) -> Extracted {
        Extracted {
            metadata,
            text: self.text,
            segments: self.segments,
            sections: self.sections,
            body,
        }
    }
}

/// Cuts a heading that is longer than any should be.
fn shorten(heading: &mut String) {
    if let Some((end, _)) = heading.char_indices().nth(MAX_HEADING_CHARS) {
        heading.truncate(end);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headings_do_not_multiply_what_they_stand_over() {
        let mut body = Body::new();
        body.heading(1, &"é".repeat(250), 0);
        body.heading(3, &"é".repeat(100_000), 0);
        for n in 0..MAX_SECTIONS + 100 {
            body.heading(2, &n.to_string().repeat(100), n);
            body.push("mot", n..n);
        }
        assert_eq!(body.sections.len(), MAX_SECTIONS);
        let chars = |section: &Section| section.heading.as_ref().map_or(0, |h| h.chars().count());
        assert!(
            body.sections
                .iter()
                .all(|section| chars(section) <= MAX_HEADING_CHARS)
        );
        assert!(body.text.ends_with("mot\n\nmot"), "the text goes on");
    }

    #[test]
    fn places_are_kept_at_intervals_where_there_are_too_many() {
        let mut body = Body::new();
        let n_pieces = MAX_EXACT_SEGMENTS + 10 * SPARSE_BYTES;
        for n in 0..n_pieces {
            body.push("a", 2 * n..2 * n + 1);
        }
        let n_segments = body.segments.len();
        assert!(
            (MAX_EXACT_SEGMENTS..MAX_EXACT_SEGMENTS + 20).contains(&n_segments),
            "{n_segments}"
        );
        let follow =
            |a: &Segment, b: &Segment| a.text + a.len <= b.text && a.source + a.len <= b.source;
        assert!(body.segments.is_sorted_by(follow));
        assert_eq!(body.text.len(), n_pieces);
    }
}

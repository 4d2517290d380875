//! The part of a passage that is shown: whole sentences where they fit, from where the matches are densest.

use std::ops::Range;

use super::highlight::{Match, merge};
use crate::passage;

/// Length aimed at, in characters.
pub const SNIPPET_CHARS: usize = 300;

/// Characters of context before the first match, where a sentence is too long to be shown whole.
const LEAD_CHARS: usize = 60;

/// Shown for the blank line after a caption or a subheading.
const BREAK: &str = " · ";

/// What a repeated match is worth beside the first of its leaf.
const REPEATED: f32 = 0.05;

/// An extract of a passage.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Snippet {
    /// The extract, on one line; `…` where it begins or ends inside a sentence.
    pub text: String,
    /// What matched: bytes of `text`, ascending, disjoint, on character boundaries.
    pub highlights: Vec<Range<usize>>,
}

/// Extracts a snippet from `text`, in which the query has `matches`; `weights` tells what each leaf is worth.
pub(super) fn snippet(text: &str, matches: &[Match], weights: &[f32]) -> Snippet {
    let sentences = sentences(text);
    let value = |range: &Range<usize>| value(range, matches, weights);
    let mut best: Option<(f32, Range<usize>)> = None;
    let mut consider = |range: Range<usize>| {
        let value = value(&range);
        if best.as_ref().is_none_or(|(highest, _)| value > *highest) {
            best = Some((value, range));
        }
    };
    for (first, Sentence { bytes, .. }) in sentences.iter().enumerate() {
        if let Some(end) = last_fitting(&sentences[first..]) {
            consider(bytes.start..end);
        } else {
            let within = matches.iter().filter(|found| contains(bytes, &found.range));
            for found in within {
                consider(fragment(text, bytes, found.range.start));
            }
            consider(fragment(text, bytes, bytes.start));
        }
    }
    let Some((_, range)) = best else {
        return Snippet {
            text: String::new(),
            highlights: Vec::new(),
        };
    };
    let range = grow_back(text, &sentences, range);
    let is_cut = |at: usize| {
        let inside = |Sentence { bytes, .. }: &Sentence| bytes.start < at && at < bytes.end;
        sentences.iter().any(inside)
    };
    let highlights = matches
        .iter()
        .filter(|found| contains(&range, &found.range))
        .map(|found| found.range.clone());
    render(
        text,
        range.clone(),
        &merge(highlights),
        is_cut(range.start),
        is_cut(range.end),
    )
}

/// What a part of the text is worth: each leaf in it once, and a little for every further match.
fn value(range: &Range<usize>, matches: &[Match], weights: &[f32]) -> f32 {
    let mut seen = vec![false; weights.len()];
    let mut value = 0.0;
    for found in matches.iter().filter(|found| contains(range, &found.range)) {
        let weight = weights.get(found.leaf).copied().unwrap_or_default();
        match seen.get_mut(found.leaf) {
            Some(seen) if !*seen => {
                *seen = true;
                value += weight;
            }
            _ => value += weight * REPEATED,
        }
    }
    value
}

fn contains(outer: &Range<usize>, inner: &Range<usize>) -> bool {
    outer.start <= inner.start && inner.end <= outer.end
}

/// A sentence of a text, without the white space around it.
struct Sentence {
    bytes: Range<usize>,
    /// The same, counted in characters: each is compared with several others.
    chars: Range<usize>,
}

fn sentences(text: &str) -> Vec<Sentence> {
    let mut sentences = Vec::new();
    let (mut n_bytes, mut n_chars) = (0, 0);
    for range in passage::sentences(text) {
        let bytes = trim(text, range);
        if bytes.is_empty() {
            continue;
        }
        n_chars += text[n_bytes..bytes.start].chars().count();
        let start = n_chars;
        n_chars += text[bytes.clone()].chars().count();
        n_bytes = bytes.end;
        sentences.push(Sentence {
            bytes,
            chars: start..n_chars,
        });
    }
    sentences
}

/// Returns where the last of `sentences` ends that can be shown together with the first; `None` where that is too long by
/// itself.
fn last_fitting(sentences: &[Sentence]) -> Option<usize> {
    let start = sentences.first()?.chars.start;
    let fits = |last: &&Sentence| last.chars.end - start <= SNIPPET_CHARS;
    let last = sentences.iter().take_while(fits).last()?;
    Some(last.bytes.end)
}

/// Takes sentences before `range` into it as long as all fits: context, where the best part is short.
fn grow_back(text: &str, sentences: &[Sentence], range: Range<usize>) -> Range<usize> {
    let n_before = sentences.partition_point(|sentence| sentence.bytes.end <= range.start);
    let before = &sentences[..n_before];
    let Some(last) = before.last() else {
        return range;
    };
    let end = last.chars.end + text[last.bytes.end..range.end].chars().count();
    let first = before.partition_point(|first| end - first.chars.start > SNIPPET_CHARS);
    match before.get(first) {
        Some(first) => first.bytes.start..range.end,
        None => range,
    }
}

/// The part of an overlong `sentence` around the match that begins at `anchor`, between words: from a little before it to
/// as far as fits; from further back where the sentence ends sooner.
fn fragment(text: &str, sentence: &Range<usize>, anchor: usize) -> Range<usize> {
    let start = chars_before(text, sentence.start..anchor, LEAD_CHARS);
    let rest = &text[start..sentence.end];
    let Some((limit, _)) = rest.char_indices().nth(SNIPPET_CHARS) else {
        let start = chars_before(text, sentence.clone(), SNIPPET_CHARS).min(start);
        return trim(text, start..sentence.end);
    };
    let to_word = rest[..limit].rfind(char::is_whitespace);
    let end = to_word.filter(|&end| start + end > anchor).unwrap_or(limit);
    trim(text, start..start + end)
}

/// Where the last `n_chars` characters of a range begin, or the first word within them.
fn chars_before(text: &str, range: Range<usize>, n_chars: usize) -> usize {
    let last = text[range.clone()].char_indices().rev().take(n_chars);
    let start = last
        .last()
        .map_or(range.end, |(offset, _)| range.start + offset);
    if start == range.start {
        return start;
    }
    let to_word = text[start..range.end].find(char::is_whitespace);
    to_word.map_or(range.end, |offset| start + offset)
}

fn trim(text: &str, range: Range<usize>) -> Range<usize> {
    let part = &text[range.clone()];
    let start = range.end - part.trim_start().len();
    start..start + part.trim().len()
}

/// Writes `text[range]` on one line, white space collapsed, and moves the highlights along.
fn render(
    text: &str,
    range: Range<usize>,
    highlights: &[Range<usize>],
    is_cut_before: bool,
    is_cut_after: bool,
) -> Snippet {
    let mut snippet = Snippet {
        text: String::with_capacity(range.len() + 8),
        highlights: Vec::with_capacity(highlights.len()),
    };
    if is_cut_before {
        snippet.text.push_str("… ");
    }
    let mut highlights = highlights.iter().peekable();
    let mut highlight_start = None;
    for (offset, c) in text[range.clone()].char_indices() {
        let at = range.start + offset;
        if highlights
            .peek()
            .is_some_and(|highlight| at == highlight.end)
            && let Some(start) = highlight_start.take()
        {
            snippet.highlights.push(start..snippet.text.len());
            highlights.next();
        }
        if highlights
            .peek()
            .is_some_and(|highlight| at == highlight.start)
        {
            highlight_start = Some(snippet.text.len());
        }
        match c {
            '\n' if is_break(&snippet.text, &text[at..range.end]) => snippet.text.push_str(BREAK),
            '\n' | '\r' | '\t' | ' ' | '\u{0B}' | '\u{0C}' | '\u{2028}' | '\u{2029}' => {
                if !snippet.text.ends_with(' ') {
                    snippet.text.push(' ');
                }
            }
            _ => snippet.text.push(c),
        }
    }
    if let Some(start) = highlight_start {
        snippet.highlights.push(start..snippet.text.len());
    }
    if is_cut_after {
        snippet.text.push_str(" …");
    }
    snippet
}

/// Tells whether a line end belongs to a blank line, and what comes before it is no whole sentence: a caption, a
/// subheading, an item of a list.
fn is_break(before: &str, from_line_end: &str) -> bool {
    let next_line = from_line_end[1..].trim_start_matches([' ', '\t', '\r', '\u{A0}']);
    next_line.starts_with('\n') && before.ends_with(|c: char| c.is_alphanumeric() || c == ')')
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Matches of single words, each a leaf of its own.
    fn find(text: &str, words: &[&str]) -> Vec<Match> {
        let mut matches: Vec<Match> = Vec::new();
        for (leaf, word) in words.iter().enumerate() {
            matches.extend(text.match_indices(word).map(|(at, word)| Match {
                range: at..at + word.len(),
                leaf,
            }));
        }
        matches.sort_by_key(|found| found.range.start);
        matches
    }

    fn highlighted(snippet: &Snippet) -> Vec<&str> {
        let ranges = snippet.highlights.iter().cloned();
        ranges.map(|range| &snippet.text[range]).collect()
    }

    #[test]
    fn a_short_passage_is_shown_whole() {
        let text = "Le maire parle.\n\nLe préfet  écoute.";
        let snippet = snippet(text, &find(text, &["préfet"]), &[1.0]);
        assert_eq!(snippet.text, "Le maire parle. Le préfet écoute.");
        assert_eq!(highlighted(&snippet), ["préfet"]);
    }

    #[test]
    fn sentences_with_more_words_of_the_query_win() {
        let filler = "Une phrase qui ne dit rien du tout de ce que l'on cherche ici. ".repeat(6);
        let text = format!("Le maire. {filler}Le maire et la dette. {filler}");
        let snippet = snippet(&text, &find(&text, &["maire", "dette"]), &[1.0, 1.0]);
        assert!(
            snippet.text.contains("maire et la dette"),
            "{}",
            snippet.text
        );
        assert!(snippet.text.ends_with('.') && snippet.text.chars().count() <= SNIPPET_CHARS);
        assert_eq!(highlighted(&snippet), ["maire", "dette"]);
    }

    #[test]
    fn an_overlong_sentence_is_cut_between_words_around_the_match() {
        let text = format!(
            "{} préfet {}",
            "avant ".repeat(80).trim(),
            "après ".repeat(80).trim()
        );
        let snippet = snippet(&text, &find(&text, &["préfet"]), &[1.0]);
        assert!(snippet.text.starts_with("… avant ") && snippet.text.ends_with(" après …"));
        assert!(snippet.text.chars().count() <= SNIPPET_CHARS + 4);
        assert_eq!(highlighted(&snippet), ["préfet"]);
    }

    #[test]
    fn a_match_near_the_end_of_an_overlong_sentence_keeps_its_context() {
        let text = format!("{}le préfet.", "avant ".repeat(80));
        let snippet = snippet(&text, &find(&text, &["préfet"]), &[1.0]);
        assert!(snippet.text.starts_with("… avant ") && snippet.text.ends_with("le préfet."));
        assert!(snippet.text.chars().count() > SNIPPET_CHARS - 20);
    }

    #[test]
    fn without_a_match_the_beginning_is_shown() {
        let text = "Premier. Deuxième.";
        let snippet = snippet(text, &[], &[]);
        assert_eq!(snippet.text, text);
        assert!(snippet.highlights.is_empty());
    }

    proptest! {
        #[test]
        fn highlights_lie_inside_any_snippet(
            text in "\\PC{0,600}|([a-zé]{1,12}[ .!?\n]{1,2}){0,200}",
            ranges in prop::collection::vec((any::<prop::sample::Index>(), 1..20_usize), 0..8),
        ) {
            let mut matches: Vec<Match> = ranges
                .iter()
                .map(|(start, length)| {
                    let start = text.floor_char_boundary(start.index(text.len() + 1));
                    let end = text.floor_char_boundary((start + length).min(text.len()));
                    Match { range: start..end.max(start), leaf: 0 }
                })
                .filter(|found| !text[found.range.clone()].trim().is_empty())
                .collect();
            matches.sort_by_key(|found| found.range.start);
            let snippet = snippet(&text, &matches, &[1.0]);
            let n_breaks = snippet.text.matches(BREAK).count();
            prop_assert!(snippet.text.chars().count() <= SNIPPET_CHARS + 4 + n_breaks);
            let mut end = 0;
            for range in &snippet.highlights {
                prop_assert!(range.start >= end && range.end > range.start);
                prop_assert!(snippet.text.get(range.clone()).is_some());
                end = range.end;
            }
        }

        #[test]
        fn sentences_are_taken_together_as_far_as_their_characters_fit(
            text in "([a-zé]{1,12}[ .!?\n]{1,2}){0,200}",
            at in any::<prop::sample::Index>(),
            n_together in 1..4_usize,
        ) {
            let sentences = sentences(&text);
            prop_assume!(!sentences.is_empty());
            let fits = |range: Range<usize>| text[range].chars().count() <= SNIPPET_CHARS;
            let first = at.index(sentences.len());
            let start = sentences[first].bytes.start;
            let ends = sentences[first..].iter().map(|sentence| sentence.bytes.end);
            let fitting = ends.take_while(|end| fits(start..*end)).last();
            prop_assert_eq!(last_fitting(&sentences[first..]), fitting);
            let last = sentences.len().min(first + n_together) - 1;
            let end = sentences[last].bytes.end;
            let starts = sentences[..first].iter().rev().map(|sentence| sentence.bytes.start);
            let earliest = starts.take_while(|start| fits(*start..end)).last();
            let grown = grow_back(&text, &sentences, start..end);
            prop_assert_eq!(grown, earliest.unwrap_or(start)..end);
        }
    }
}

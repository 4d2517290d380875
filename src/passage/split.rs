//! Splits a text into passages: the shortest path through its sentences, by a cost that states what is wanted.
//!
//! A greedy splitter leaves a stump at the end of each section and cuts long paragraphs unevenly; choosing all cuts
//! of a section together (dynamic programming over sentences, at most [`MAX_WORDS`] words back) does not, and the
//! wishes stand in one place: [`length_cost`], [`joining_cost`], [`cut_cost`].

use std::iter;
use std::ops::Range;

use super::paragraph::{is_finished, paragraphs};
use super::sentence::paragraph_sentences;
use super::words::{count_words, nth_word};
use crate::language::{Evidence, Language};

/// Fewest words wanted in a passage.
pub const MIN_WORDS: usize = 60;
/// Most words wanted in a passage.
pub const AIM_WORDS: usize = 180;
/// Most words there can be in a passage.
pub const MAX_WORDS: usize = 256;
/// Most bytes there can be in a passage: bounds what has no spaces.
pub const MAX_BYTES: usize = 8 << 10;

/// Words of a piece cut out of an overlong sentence.
const PIECE_WORDS: usize = 120;

/// Sections larger than this are split as several: the sentences and words of all of it are held in memory together, and
/// a line of one letter takes fifty times its size.
const MAX_SECTION_BYTES: usize = 4 << 20;

/// Longest line without a full stop, in words, that is taken for a subheading of plain text.
const MAX_SUBHEADING_WORDS: usize = 10;

/// A passage of a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Passage {
    /// Its bytes in the text.
    pub range: Range<usize>,
    /// What there is to tell its language by.
    pub evidence: Evidence,
}

/// Splits `text` into passages, ranges of bytes that cover it in order, without gaps, on character boundaries.
///
/// `sections` are the offsets at which sections begin, ascending: no passage lies across one. Paragraphs are kept
/// whole where they have [`MIN_WORDS`] to [`AIM_WORDS`] words, shorter ones of one language are joined, longer ones cut
/// between sentences. White space alone makes no passage of its own beside others.
///
/// ```
/// let text = "Un paragraphe court.\n\nUn autre.\n\nDernière section.";
/// let last = text.find("Dernière").unwrap();
/// let passages = fouine::passage::split(text, &[0, last]);
/// assert_eq!(passages.len(), 2);
/// assert_eq!(&text[passages[1].range.clone()], "Dernière section.");
/// ```
pub fn split(text: &str, sections: &[usize]) -> Vec<Passage> {
    let mut passages: Vec<Passage> = Vec::new();
    let mut start = 0;
    for end in section_ends(text, sections) {
        let section = &text[start..end];
        if section.trim().is_empty() && !passages.is_empty() {
            if let Some(last) = passages.last_mut() {
                last.range.end = end;
            }
        } else {
            let units = units(section);
            for range in choose(&units) {
                let units = &units[range];
                let bytes = units[0].range.start..units[units.len() - 1].range.end;
                passages.push(Passage {
                    range: start + bytes.start..start + bytes.end,
                    evidence: units.iter().map(|unit| unit.evidence).sum(),
                });
            }
        }
        start = end;
    }
    if passages.len() > 1 && text[passages[0].range.clone()].trim().is_empty() {
        passages[1].range.start = 0;
        passages.remove(0);
    }
    passages
}

/// Where the sections that begin at `sections` end, ascending; large ones end in between as well.
fn section_ends(text: &str, sections: &[usize]) -> Vec<usize> {
    let mut ends = Vec::new();
    let mut start = 0;
    for end in sections.iter().copied().chain([text.len()]) {
        while end.saturating_sub(start) > MAX_SECTION_BYTES {
            start = part_end(text, start);
            ends.push(start);
        }
        if end > start {
            ends.push(end);
            start = end;
        }
    }
    ends
}

/// Where the part of a large section that begins at `start` ends: after a blank line, a line, a word, or as far as it goes.
fn part_end(text: &str, start: usize) -> usize {
    let part = &text[start..text.floor_char_boundary(start + MAX_SECTION_BYTES)];
    let separators = ["\n\n", "\n", " "];
    let found = separators
        .iter()
        .find_map(|separator| Some(part.rfind(separator)? + separator.len()));
    start + found.unwrap_or(part.len())
}

/// What a passage is made of: a sentence, or a piece of an overlong one.
struct Unit {
    range: Range<usize>,
    n_words: usize,
    end: End,
    evidence: Evidence,
    /// Of its paragraph, where it can be told.
    language: Option<Language>,
}

/// What a unit ends with, hence how well a passage may end there.
#[derive(Clone, Copy, PartialEq, Eq)]
enum End {
    /// In the middle of a sentence.
    Piece,
    /// A sentence, and its paragraph goes on.
    Sentence,
    /// A paragraph.
    Paragraph,
    /// A line that reads as a subheading: what follows belongs to it.
    Subheading,
}

fn units(section: &str) -> Vec<Unit> {
    let mut units: Vec<Unit> = Vec::new();
    for paragraph in paragraphs(section) {
        let text = &section[paragraph.clone()];
        let first_unit = units.len();
        let mut n_paragraph_words = 0;
        for sentence in paragraph_sentences(text) {
            let start = paragraph.start + sentence.start;
            for piece in pieces(&text[sentence]) {
                let range = start + piece.start..start + piece.end;
                let n_words = count_words(&section[range.clone()]);
                n_paragraph_words += n_words;
                units.push(Unit {
                    n_words,
                    end: End::Piece,
                    evidence: Evidence::of(&section[range.clone()]),
                    language: None,
                    range,
                });
            }
            if let Some(last) = units.last_mut() {
                last.end = End::Sentence;
            }
        }
        let of_paragraph = &mut units[first_unit..];
        let evidence: Evidence = of_paragraph.iter().map(|unit| unit.evidence).sum();
        let language = evidence.recognize(text);
        of_paragraph
            .iter_mut()
            .for_each(|unit| unit.language = language);
        if let Some(last) = units.last_mut() {
            let is_subheading = n_paragraph_words <= MAX_SUBHEADING_WORDS && !is_finished(text);
            last.end = if is_subheading {
                End::Subheading
            } else {
                End::Paragraph
            };
        }
    }
    units
}

/// Chooses the cheapest division of `units` into passages, each a range of units.
fn choose(units: &[Unit]) -> Vec<Range<usize>> {
    let mut best_cost = vec![0_u64; units.len() + 1];
    let mut best_start = vec![0_usize; units.len() + 1];
    for end in 1..=units.len() {
        let is_last = end == units.len();
        let end_cost = if is_last {
            0
        } else {
            cut_cost(units[end - 1].end)
        };
        let mut n_words = 0;
        let mut joining = 0;
        best_cost[end] = u64::MAX;
        for start in (0..end).rev() {
            n_words += units[start].n_words;
            let n_bytes = units[end - 1].range.end - units[start].range.start;
            let n_units = end - start;
            if n_units > 1 && (n_words > MAX_WORDS || n_bytes > MAX_BYTES) {
                break;
            }
            if n_units > 1 {
                joining += joining_cost(&units[start], &units[start + 1]);
            }
            let total = best_cost[start]
                .saturating_add(length_cost(n_words) + joining)
                .saturating_add(end_cost);
            // `<=` prefers the longer passage among equals.
            if total <= best_cost[end] {
                best_cost[end] = total;
                best_start[end] = start;
            }
        }
    }
    let mut passages = Vec::new();
    let mut end = units.len();
    while end > 0 {
        passages.push(best_start[end]..end);
        end = best_start[end];
    }
    passages.reverse();
    passages
}

/// What a passage of `n_words` costs: two for each word below [`MIN_WORDS`], one for each above [`AIM_WORDS`].
fn length_cost(n_words: usize) -> u64 {
    let missing = MIN_WORDS.saturating_sub(n_words) * 2;
    let excess = n_words.saturating_sub(AIM_WORDS);
    (missing + excess) as u64
}

/// What it costs to have two neighbors in one passage, in the same unit: one where a paragraph ends between them, and more
/// than the shortest passage would cost where they are in different languages, since a passage is analyzed in one.
fn joining_cost(unit: &Unit, next: &Unit) -> u64 {
    match (unit.language, next.language) {
        (Some(language), Some(other)) if language != other => 2 * MIN_WORDS as u64 + 1,
        _ => u64::from(unit.end == End::Paragraph),
    }
}

/// What it costs to end a passage at such an end, in the same unit.
fn cut_cost(end: End) -> u64 {
    match end {
        End::Paragraph => 0,
        End::Sentence | End::Piece => 25,
        End::Subheading => 60,
    }
}

/// Cuts a sentence that is too long for a passage into pieces, preferably after a comma or the like. White space, which may
/// be too long by itself, belongs to the piece before it, at the beginning to the first.
fn pieces(sentence: &str) -> impl Iterator<Item = Range<usize>> {
    let words_end = sentence.trim_end().len();
    let mut next = Some(0);
    let mut words_start = sentence.len() - sentence.trim_start().len();
    iter::from_fn(move || {
        let start = next.take()?;
        let rest = &sentence[words_start..];
        if words_end.saturating_sub(words_start) <= MAX_BYTES && !has_too_many_words(rest) {
            return Some(start..sentence.len());
        }
        let rest = &rest[piece_length(rest)..];
        words_start = sentence.len() - rest.trim_start().len();
        next = Some(words_start);
        Some(start..words_start)
    })
}

/// Bytes of the first piece of `rest`, which is too long for one passage.
fn piece_length(rest: &str) -> usize {
    let window = &rest[..rest.floor_char_boundary(MAX_BYTES)];
    let mut n_words = 0;
    let mut at = 0;
    let mut after_clause = None;
    for chunk in window.split_inclusive(char::is_whitespace) {
        n_words += count_words(chunk);
        if n_words > PIECE_WORDS {
            // A first chunk of many words (a line of CSV) is cut inside.
            return match at {
                0 => nth_word(chunk, PIECE_WORDS),
                _ => after_clause.filter(|end| end * 2 > at).unwrap_or(at),
            };
        }
        at += chunk.len();
        if chunk
            .trim_end()
            .ends_with([',', ';', ':', ')', '»', '–', '—'])
        {
            after_clause = Some(at);
        }
    }
    match after_clause {
        Some(end) if end * 2 > at => end,
        _ => at,
    }
}

fn has_too_many_words(text: &str) -> bool {
    // A word is a letter and something that ends it.
    text.len() >= 2 * MAX_WORDS && count_words(text) > MAX_WORDS
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// A paragraph of `n_words` words in sentences of ten.
    fn paragraph(n_words: usize) -> String {
        let mut text = String::new();
        for word in 1..=n_words {
            text.push_str(match word % 10 {
                1 => "Le ",
                0 => "mot. ",
                _ => "mot ",
            });
        }
        text.trim_end().to_owned()
    }

    fn lengths(text: &str) -> Vec<usize> {
        ranges(text, &[0])
            .into_iter()
            .map(|range| count_words(&text[range]))
            .collect()
    }

    fn ranges(text: &str, sections: &[usize]) -> Vec<Range<usize>> {
        let passages = split(text, sections).into_iter();
        passages.map(|passage| passage.range).collect()
    }

    #[test]
    fn white_space_without_end_makes_no_passage() {
        let blank = " ".repeat(3 * MAX_BYTES);
        let text = format!("{blank}Un{blank}deux,{blank}\n\n{blank}trois{blank}");
        let passages = ranges(&text, &[0]);
        assert!(
            passages
                .iter()
                .all(|range| !text[range.clone()].trim().is_empty())
        );
    }

    #[test]
    fn a_section_without_end_is_split_in_parts() {
        for line in ["a\n", "a b.\n\n", "le mot ", "x"] {
            let text = line.repeat(2 * MAX_SECTION_BYTES / line.len() + 10);
            let ends = section_ends(&text, &[0]);
            assert_eq!(ends.len(), 3, "{line:?}");
            assert_eq!(ends.last(), Some(&text.len()));
            let parts = ends.windows(2).map(|pair| &text[pair[0]..pair[1]]);
            assert!(parts.into_iter().all(|part| part.starts_with(line)));
        }
    }

    #[test]
    fn paragraphs_of_good_length_are_passages() {
        let text = [80, 120, 60].map(paragraph).join("\n\n");
        assert_eq!(lengths(&text), [80, 120, 60]);
    }

    #[test]
    fn short_paragraphs_are_joined() {
        let text = [30, 40, 20, 100].map(paragraph).join("\n");
        assert_eq!(lengths(&text), [70, 120]);
    }

    #[test]
    fn short_paragraphs_of_different_languages_are_not() {
        let french = "Le maire de la ville n'a pas voulu répondre à nos questions.";
        let english = "The mayor of the town did not want to answer our questions.";
        let text = [french, english, french].join("\n\n");
        assert_eq!(ranges(&text, &[0]).len(), 3);
        assert_eq!(ranges(&[french, french].join("\n\n"), &[0]).len(), 1);
    }

    #[test]
    fn long_paragraphs_are_cut_evenly_between_sentences() {
        let text = paragraph(400);
        assert_eq!(lengths(&text).iter().sum::<usize>(), 400);
        assert!(
            lengths(&text)
                .iter()
                .all(|n_words| (60..=180).contains(n_words))
        );
        assert!(
            ranges(&text, &[0])
                .into_iter()
                .all(|range| text[range].trim_end().ends_with('.'))
        );
    }

    #[test]
    fn a_subheading_goes_with_what_follows() {
        let text = format!("{}\n\nAnswer crushing\n\n{}", paragraph(100), paragraph(90));
        let passages = ranges(&text, &[0]);
        assert_eq!(passages.len(), 2);
        assert!(text[passages[1].clone()].starts_with("Answer crushing"));
    }

    #[test]
    fn an_overlong_sentence_is_cut_after_a_clause() {
        let text = "mot mot mot mot, ".repeat(200);
        for range in ranges(&text, &[0]) {
            assert!(text[range.clone()].trim_end().ends_with(','));
            assert!(count_words(&text[range]) <= MAX_WORDS);
        }
    }

    #[test]
    fn pieces_are_the_sentence() {
        let blank = " ".repeat(MAX_BYTES + 1);
        let texts = [-1, 0, 1].map(|more| "x".repeat(MAX_BYTES.saturating_add_signed(more)));
        let texts = texts.into_iter().chain([
            String::new(),
            format!("{blank}un{blank}deux,{blank}"),
            blank.clone(),
        ]);
        for text in texts {
            let mut end = 0;
            for piece in pieces(&text) {
                assert_eq!(piece.start, end);
                assert!(text[piece.clone()].trim().len() <= MAX_BYTES);
                end = piece.end;
            }
            assert_eq!(end, text.len());
        }
    }

    #[test]
    fn what_has_no_spaces_is_bounded_too() {
        let text = "é".repeat(100_000);
        assert!(
            ranges(&text, &[0])
                .into_iter()
                .all(|range| range.len() <= MAX_BYTES)
        );
    }

    proptest! {
        #[test]
        fn passages_cover_any_text(
            text in "\\PC{0,400}|([A-ZÉa-zé]{1,9}[ ,.!?:»\n\u{A0}]{1,3}){0,900}|([a-z],?){0,2000}",
            cuts in prop::collection::vec(any::<prop::sample::Index>(), 0..6),
        ) {
            let mut sections: Vec<usize> = cuts
                .iter()
                .map(|cut| text.floor_char_boundary(cut.index(text.len() + 1)))
                .collect();
            sections.sort_unstable();
            let passages = ranges(&text, &sections);
            let mut end = 0;
            for range in &passages {
                prop_assert_eq!(range.start, end);
                prop_assert!(range.end > range.start);
                let passage = text.get(range.clone());
                prop_assert!(passage.is_some());
                prop_assert!(count_words(passage.unwrap_or_default()) <= MAX_WORDS);
                prop_assert!(range.len() <= MAX_BYTES || text[range.clone()].trim().len() <= MAX_BYTES);
                end = range.end;
            }
            prop_assert_eq!(end, text.len());
            for &cut in &sections {
                let across = passages.iter().find(|range| range.start < cut && cut < range.end);
                if let Some(range) = across {
                    let blank = text[range.start..cut].trim().is_empty() || text[cut..range.end].trim().is_empty();
                    prop_assert!(blank, "only white space may lie across a section");
                }
            }
        }
    }
}

//! Where paragraphs end: at blank lines, or at every line end where the text is written so.

use std::ops::Range;

/// Longest line of a text that may have been wrapped by hand or by a mail program, in characters.
const MAX_WRAPPED_CHARS: usize = 100;

/// Fewest lines of a block by which wrapping can be told.
const MIN_WRAPPED_LINES: usize = 3;

/// Splits `text` into paragraphs that cover it; white space before the first belongs to it, white space after each
/// to the one it follows.
///
/// Blank lines separate paragraphs. Within a block of lines each line is one too, unless the block looks wrapped:
/// short lines most of which end in mid-sentence.
pub(super) fn paragraphs(text: &str) -> Vec<Range<usize>> {
    let mut paragraphs: Vec<Range<usize>> = Vec::new();
    let mut block: Vec<Range<usize>> = Vec::new();
    let mut at = 0;
    for line in text.split_inclusive('\n') {
        let range = at..at + line.len();
        at = range.end;
        if line.trim().is_empty() {
            close(text, &mut block, &mut paragraphs);
            match paragraphs.last_mut() {
                Some(last) => last.end = range.end,
                None => paragraphs.push(range), // white space before the first: joined below
            }
        } else {
            block.push(range);
        }
    }
    close(text, &mut block, &mut paragraphs);
    if paragraphs.len() > 1 && text[paragraphs[0].clone()].trim().is_empty() {
        paragraphs[1].start = paragraphs[0].start;
        paragraphs.remove(0);
    }
    paragraphs
}

fn close(text: &str, block: &mut Vec<Range<usize>>, paragraphs: &mut Vec<Range<usize>>) {
    let (Some(first), Some(last)) = (block.first(), block.last()) else {
        return;
    };
    if is_wrapped(text, block) {
        paragraphs.push(first.start..last.end);
        block.clear();
    } else {
        paragraphs.append(block);
    }
}

fn is_wrapped(text: &str, block: &[Range<usize>]) -> bool {
    let Some((_, all_but_last)) = block.split_last() else {
        return false;
    };
    if block.len() < MIN_WRAPPED_LINES {
        return false;
    }
    let lines = all_but_last
        .iter()
        .map(|range| text[range.clone()].trim_end());
    let longest = lines.clone().map(|line| line.chars().count()).max();
    let n_unfinished = lines.filter(|line| !is_finished(line)).count();
    longest.is_some_and(|longest| (40..=MAX_WRAPPED_CHARS).contains(&longest))
        && n_unfinished * 10 >= all_but_last.len() * 6
}

/// Tells whether a line ends as a sentence does.
pub(super) fn is_finished(line: &str) -> bool {
    line.trim_end()
        .trim_end_matches([
            '»', '”', '"', '’', '\'', ')', ']', ' ', '\u{A0}', '\u{202F}',
        ])
        .ends_with(['.', '!', '?', '…', ':', ';'])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn split(text: &str) -> Vec<&str> {
        paragraphs(text)
            .into_iter()
            .map(|range| &text[range])
            .collect()
    }

    #[test]
    fn blank_lines_separate() {
        assert_eq!(
            split("\n\nUn.\n \nDeux.\r\n\r\nTrois."),
            ["\n\nUn.\n \n", "Deux.\r\n\r\n", "Trois."]
        );
    }

    #[test]
    fn so_do_line_ends_where_there_are_no_blank_lines() {
        let text = "Seven candidates are in the running for the mayor of the town this year.\nAll are trying.\nMoving on.";
        assert_eq!(split(text).len(), 3);
    }

    #[test]
    fn wrapped_lines_are_one_paragraph() {
        let text = "The council met on Tuesday evening to vote the\nbudget, which after three hours of talk it did\nnot do. It will meet again.\n\nNext.";
        assert_eq!(split(text).len(), 2);
    }

    #[test]
    fn white_space_alone_is_one_paragraph() {
        assert_eq!(split(" \n\n "), [" \n\n "]);
        assert!(split("").is_empty());
    }
}

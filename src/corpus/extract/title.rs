//! The title of an article whose format has none: its first line, or the name of its file.

use crate::corpus::date::Date;
use crate::corpus::dateline;
use crate::corpus::metadata::{clean_line, collapse_white};

const MAX_TITLE_CHARS: usize = 120;
const MAX_TITLE_WORDS: usize = 20;

/// A line this long whose neighbor is of the same kind is more likely part of a paragraph that
/// was broken into lines than a title.
const MIN_WRAPPED_CHARS: usize = 50;
const MAX_WRAPPED_CHARS: usize = 100;

/// The first line that is not blank, when it reads as a title, and the offset of the line on
/// which the rest begins.
pub(super) fn leading_line(text: &str) -> Option<(String, usize)> {
    let start = text.len() - text.trim_start().len();
    let (line, _) = text[start..].split_once('\n')?;
    let after_line = start + line.len() + 1;
    let next = text[after_line..].lines().next().unwrap_or("");
    let rest = first_line_with_text(text, after_line)?;
    let reads_as_title = is_title(line.trim()) && !is_wrapped(line.trim(), next.trim());
    reads_as_title.then(|| (clean_line(line), rest))
}

/// The offset of the first line at or after `from` that is not blank.
fn first_line_with_text(text: &str, from: usize) -> Option<usize> {
    let mut at = from;
    for line in text[from..].split_inclusive('\n') {
        if !line.trim().is_empty() {
            return Some(at);
        }
        at += line.len();
    }
    None
}

fn is_title(line: &str) -> bool {
    let unquoted =
        line.trim_end_matches(['"', '”', '»', '\'', '’', ')', ' ', '\u{a0}', '\u{202f}']);
    let short = line.len() <= MAX_TITLE_CHARS * 4
        && line.chars().count() <= MAX_TITLE_CHARS
        && line.split_whitespace().count() <= MAX_TITLE_WORDS;
    short
        && line.contains(char::is_alphabetic)
        && !unquoted.ends_with(['.', ',', ';', ':', '…'])
        && !line.contains("://")
        && !is_list_item(line)
        && !is_byline(line)
        && !dateline::is_whole_line(line)
        && dateline::find(line).is_none()
}

fn is_list_item(line: &str) -> bool {
    let after_number = line.trim_start_matches(|c: char| c.is_ascii_digit());
    let numbered = after_number.len() < line.len() && after_number.starts_with([')', '.']);
    numbered || line.starts_with(['-', '*', '•', '–', '—', '+', '>', '|'])
}

fn is_byline(line: &str) -> bool {
    let mut words = line.split_whitespace();
    let opens = words
        .next()
        .is_some_and(|word| matches!(word.to_lowercase().as_str(), "by" | "par"));
    opens
        && words
            .next()
            .is_some_and(|word| word.starts_with(char::is_uppercase))
        && words.count() <= 6
}

fn is_wrapped(line: &str, next: &str) -> bool {
    let next_chars = next.chars().take(MAX_WRAPPED_CHARS + 1).count();
    next.starts_with(char::is_lowercase)
        || line.chars().count() >= MIN_WRAPPED_CHARS
            && (MIN_WRAPPED_CHARS..=MAX_WRAPPED_CHARS).contains(&next_chars)
}

/// Makes a title of a file name: without a leading date, words apart, a capital first.
pub(super) fn from_file_name(stem: &str) -> String {
    let dated = Date::in_file_name(stem).map_or(0, |(_, len)| len);
    let words = |name: &str| collapse_white(&name.replace(['-', '_'], " "));
    let mut title = words(&stem[dated..]);
    if title.is_empty() {
        title = stem.to_owned();
    }
    let mut characters = title.chars();
    match characters.next() {
        Some(first) => first.to_uppercase().chain(characters).collect(),
        None => title,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn title(text: &str) -> Option<String> {
        leading_line(text).map(|(title, _)| title)
    }

    #[test]
    fn short_first_line_is_the_title() {
        let text = "\n  Le pont ferme-t-il ?  \r\n\r\n  Oui, dit le maire.";
        let (title, rest) = leading_line(text).unwrap();
        assert_eq!(title, "Le pont ferme-t-il ?");
        assert_eq!(&text[rest..], "  Oui, dit le maire.");
    }

    #[test]
    fn what_reads_otherwise_is_no_title() {
        for text in [
            "Le pont est fermé.\n\nSuite.",
            "Il a dit « non. »\n\nSuite.",
            "Le maire a dit :\n\nSuite.",
            "Publié le 3 avril 2019 à 10h32\n\nSuite.",
            "Par Zoé Roux\n\nSuite.",
            "By Jane Roe and John Doe\n\nMore.",
            "- un\n- deux",
            "1. un\n2. deux",
            "Le maire de la ville a dit hier que le pont de pierre\nresterait fermé.",
            "The mayor of Port Ellery said on Tuesday evening that\nMargaret Tolliver would not sign the contract for the yard\nand left.",
            "Seul",
            "Seul\n \n",
            "",
        ] {
            assert_eq!(title(text), None, "{text}");
        }
    }

    #[test]
    fn file_name_becomes_a_title() {
        assert_eq!(from_file_name("2020-05-12-le-pont_fermé"), "Le pont fermé");
        assert_eq!(from_file_name("20200512"), "20200512");
        assert_eq!(from_file_name("élections"), "Élections");
        assert_eq!(from_file_name(""), "");
    }
}

//! Finds the date of an article in its first lines: a dateline, a byline, a date alone.
//!
//! A date in running prose is not the article's date, so what surrounds the date must be of
//! the few words that datelines are made of.

use super::date::{self, Date};

/// How many lines that are not blank are looked at.
const MAX_LINES: usize = 3;

/// How far into the text those lines may reach.
const MAX_BYTES: usize = 600;

/// How far into a line its date may end.
const MAX_LINE_BYTES: usize = 160;

/// A dateline names a place and perhaps a person before its date, no more.
const MAX_WORDS_BEFORE: usize = 8;

/// Words in small letters that may come before the date.
const OPENING_WORDS: &[&str] = &[
    "publié",
    "publiée",
    "posté",
    "mis",
    "mise",
    "modifié",
    "à",
    "jour",
    "le",
    "du",
    "la",
    "par",
    "de",
    "des",
    "d",
    "l",
    "et",
    "en",
    "published",
    "posted",
    "updated",
    "on",
    "by",
    "the",
    "and",
    "of",
    "in",
    "lundi",
    "mardi",
    "mercredi",
    "jeudi",
    "vendredi",
    "samedi",
    "dimanche",
    "sur",
    "les",
    "date",
];

/// Finds the date that the first lines of an article give it.
pub(crate) fn find(text: &str) -> Option<Date> {
    let head = &text[..text.floor_char_boundary(MAX_BYTES)];
    head.lines()
        .map(str::trim)
        .filter(|line| !line.is_empty())
        .take(MAX_LINES)
        .find_map(in_line)
}

/// Whether the line is only a date, or a byline with one: not a title, then.
pub(crate) fn is_whole_line(line: &str) -> bool {
    line.len() <= MAX_LINE_BYTES
        && date::find(line).is_some_and(|(_, span)| {
            reads_as_opening(&line[..span.start]) && is_time_of_day(&line[span.end..])
        })
}

fn in_line(line: &str) -> Option<Date> {
    let head = &line[..line.floor_char_boundary(MAX_LINE_BYTES)];
    let (date, span) = date::find(head)?;
    let month_alone = date.day().is_none() && span.start > 0;
    let opening = reads_as_opening(&line[..span.start]);
    (opening && !month_alone && reads_as_closing(&line[span.end..])).then_some(date)
}

/// Capitalized words (places, names) and the words of [`OPENING_WORDS`], few of them.
fn reads_as_opening(before: &str) -> bool {
    let mut words = before
        .split(|c: char| !c.is_alphanumeric())
        .filter(|word| !word.is_empty());
    let few = words.clone().count() <= MAX_WORDS_BEFORE;
    let sentence_ends = before.contains(['.', '!', '?', ';', '«', '"']) && before.len() > 30;
    few && !sentence_ends
        && words.all(|word| {
            word.starts_with(char::is_uppercase)
                || OPENING_WORDS.contains(&word.to_lowercase().as_str())
        })
}

/// The line ends, or a time of day follows, or the dash, bracket or bar before the article.
fn reads_as_closing(after: &str) -> bool {
    let after = after.trim_start_matches([',', '.', ' ', '\u{a0}', '\u{202f}']);
    after.starts_with(['-', '–', '—', '―', '(', '|', '·', '•', '/']) || is_time_of_day(after)
}

/// Nothing but `10h32`, `à 10:32`, `T09:00:00Z`, `at 10.32 a.m. GMT`, or nothing at all.
fn is_time_of_day(after: &str) -> bool {
    if after.len() > 40 {
        return false;
    }
    after
        .split(|c: char| !c.is_alphabetic())
        .filter(|word| !word.is_empty())
        .all(|word| {
            matches!(
                word.to_lowercase().as_str(),
                "à" | "at"
                    | "h"
                    | "t"
                    | "z"
                    | "a"
                    | "p"
                    | "m"
                    | "am"
                    | "pm"
                    | "gmt"
                    | "utc"
                    | "cet"
                    | "cest"
                    | "est"
                    | "edt"
                    | "bst"
                    | "min"
                    | "heures"
            )
        })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::proptest;

    use super::*;

    fn found(text: &str) -> Option<String> {
        find(text).map(String::from)
    }

    #[test]
    fn datelines_and_bylines_give_the_date() {
        for (text, expected) in [
            ("Paris, 12 mai 2020 (AFP) – Le maire a dit", "2020-05-12"),
            (
                "Publié le 3 avril 2019 à 10h32\nLe maire a dit",
                "2019-04-03",
            ),
            ("LONDON, May 7, 2015\n\nThe mayor said", "2015-05-07"),
            ("LONDON, May 7, 2015 (Reuters) - The mayor", "2015-05-07"),
            (
                "Un titre\n\nBy Jane O'Hara, 7 May 2015\nThe mayor",
                "2015-05-07",
            ),
            ("Mis à jour le 03/04/2019 à 10:32", "2019-04-03"),
            ("1er mars 2020", "2020-03-01"),
            ("Mars 2020\nLe maire", "2020-03"),
        ] {
            assert_eq!(found(text).as_deref(), Some(expected), "{text}");
        }
    }

    #[test]
    fn dates_in_running_prose_are_not_the_articles() {
        for text in [
            "On May 7, 2015, the mayor said",
            "Mayor Balkany poses with officers outside Paris, on May 7, 2015.\nMore",
            "Le 12 mai 2020, le maire a dit que",
            "Le maire est mort le 12 mai 2020",
            "a\nb\nc\n12 mai 2020",
        ] {
            assert_eq!(found(text), None, "{text}");
        }
    }

    proptest! {
        #[test]
        fn any_text_is_searched(text in "(\\PC|12 mai 2020|\n|é){0,400}") {
            find(&text);
            is_whole_line(&text);
        }
    }
}

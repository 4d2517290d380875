//! Publication dates: a year, a month or a day, read from what people write.

use std::fmt;
use std::ops::Range;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// Years outside of these are taken for something else than a year.
const YEARS: std::ops::RangeInclusive<u16> = 1000..=2200;

/// A date that exists, as precise as its source: a year, a month, or a day.
///
/// A less precise date sorts before the more precise ones it contains.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub struct Date {
    year: u16,
    /// From 1; 0 when only the year is known.
    month: u8,
    /// From 1; 0 when unknown.
    day: u8,
}

/// The text given is not a date in ISO form, or no such day exists.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a date such as 2020, 2020-03 or 2020-03-15")]
pub struct InvalidDate;

impl Date {
    /// Makes a date, unless it does not exist or a day comes without a month.
    pub fn new(year: u16, month: Option<u8>, day: Option<u8>) -> Option<Self> {
        let exists = YEARS.contains(&year)
            && match (month, day) {
                (None, day) => day.is_none(),
                (Some(month), None) => (1..=12).contains(&month),
                (Some(month), Some(day)) => (1..=days_in_month(year, month)).contains(&day),
            };
        exists.then_some(Self {
            year,
            month: month.unwrap_or(0),
            day: day.unwrap_or(0),
        })
    }

    /// The year.
    pub fn year(self) -> u16 {
        self.year
    }

    /// The month, from 1, when known.
    pub fn month(self) -> Option<u8> {
        (self.month > 0).then_some(self.month)
    }

    /// The day of the month, from 1, when known.
    pub fn day(self) -> Option<u8> {
        (self.day > 0).then_some(self.day)
    }

    /// The date as a number, `YYYYMMDD`, with zeros for what is not known: less precise dates sort as they do here.
    pub fn number(self) -> u32 {
        u32::from(self.year) * 10_000 + u32::from(self.month) * 100 + u32::from(self.day)
    }

    /// Reads a value that is meant to be a date, with or without a time, in French, English or
    /// figures. `07/05/2015` is the seventh of May, unless only the other reading exists.
    pub(crate) fn parse(value: &str) -> Option<Self> {
        let value = value.trim();
        if value.len() == 4 {
            return Self::new(digits(value)?, None, None);
        }
        if value.len() == 8
            && let Some(date) = from_compact(value)
        {
            return Some(date);
        }
        find(value).map(|(date, _)| date)
    }

    /// Reads the date with which a file name begins, and the length of what spells it:
    /// `2020-05-12-…`, `2020_05_12…`, `20200512_…` or `2020-05-…`.
    pub(crate) fn in_file_name(stem: &str) -> Option<(Self, usize)> {
        let run = stem.bytes().take_while(u8::is_ascii_digit).count();
        if run == 8 {
            return Some((from_compact(&stem[..8])?, 8));
        }
        let (date, span) = match_at(&stem.replace('_', "-"), 0)?;
        let date = date.filter(|date| run == 4 && date.month().is_some())?;
        Some((date, span.end))
    }
}

fn days_in_month(year: u16, month: u8) -> u8 {
    let leap = year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400));
    match month {
        1 | 3 | 5 | 7 | 8 | 10 | 12 => 31,
        4 | 6 | 9 | 11 => 30,
        2 if leap => 29,
        2 => 28,
        _ => 0,
    }
}

fn from_compact(value: &str) -> Option<Date> {
    if value.len() != 8 || !value.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    let (year, rest) = value.split_at(4);
    let (month, day) = rest.split_at(2);
    Date::new(digits(year)?, Some(digits(month)?), Some(digits(day)?))
}

fn digits<N: FromStr>(text: &str) -> Option<N> {
    let all_digits = text.bytes().all(|b| b.is_ascii_digit());
    all_digits.then(|| text.parse().ok()).flatten()
}

impl fmt::Display for Date {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}", self.year)?;
        if self.month > 0 {
            write!(f, "-{:02}", self.month)?;
        }
        if self.day > 0 {
            write!(f, "-{:02}", self.day)?;
        }
        Ok(())
    }
}

impl FromStr for Date {
    type Err = InvalidDate;

    fn from_str(text: &str) -> Result<Self, InvalidDate> {
        let mut parts = text.split('-');
        let mut part = |width: usize| match parts.next() {
            None => Ok(None),
            Some(part) if part.len() == width => digits(part).map(Some).ok_or(InvalidDate),
            Some(_) => Err(InvalidDate),
        };
        let year: u16 = part(4)?.ok_or(InvalidDate)?;
        let month = part(2)?.map(|month| month as u8);
        let day = part(2)?.map(|day| day as u8);
        if parts.next().is_some() {
            return Err(InvalidDate);
        }
        Self::new(year, month, day).ok_or(InvalidDate)
    }
}

impl From<Date> for String {
    fn from(date: Date) -> Self {
        date.to_string()
    }
}

impl TryFrom<String> for Date {
    type Error = InvalidDate;

    fn try_from(text: String) -> Result<Self, InvalidDate> {
        text.parse()
    }
}

/// Finds the first date written out in `text`, and where.
///
/// What looks like a date but is none (30 February) ends the search: reading the rest of it as
/// another date would be worse than having none.
pub(crate) fn find(text: &str) -> Option<(Date, Range<usize>)> {
    let mut in_word = false;
    for (offset, c) in text.char_indices() {
        let begins_word = c.is_alphanumeric() && !in_word;
        if begins_word
            && may_begin_date(c)
            && let Some((date, span)) = match_at(text, offset)
        {
            return date.map(|date| (date, span));
        }
        in_word = c.is_alphanumeric();
    }
    None
}

/// A digit, or the initial of a month: most words need no closer look.
fn may_begin_date(c: char) -> bool {
    c.is_ascii_digit() || "adfjmonsADFJMONS".contains(c)
}

/// Reads a date that begins exactly at `start`: the outer option says whether something has the
/// form of a date, the inner one whether that date exists.
fn match_at(text: &str, start: usize) -> Option<(Option<Date>, Range<usize>)> {
    let cursor = Cursor { text, at: start };
    let (date, end) = iso(cursor)
        .or_else(|| figures(cursor))
        .or_else(|| day_first(cursor))
        .or_else(|| month_first(cursor))?;
    Some((date, start..end))
}

/// `2020-03-15`, `2020/03/15`, `2020.3.15`, `2020-03`, whatever follows.
fn iso(mut cursor: Cursor<'_>) -> Option<(Option<Date>, usize)> {
    let year = cursor.number(4..=4)?;
    let separator = cursor.one_of("-/.")?;
    let month = cursor.number(1..=2)? as u8;
    let with_month = cursor;
    let day = cursor
        .one_of("-/.")
        .filter(|&c| c == separator)
        .and_then(|_| cursor.number(1..=2));
    match day {
        Some(day) => Some((Date::new(year, Some(month), Some(day as u8)), cursor.at)),
        None if separator == '-' => Some((Date::new(year, Some(month), None), with_month.at)),
        None => None,
    }
}

/// `15/03/2020`, `15.03.2020`, `15-03-2020`: the day first, unless it cannot be one.
fn figures(mut cursor: Cursor<'_>) -> Option<(Option<Date>, usize)> {
    let first = cursor.number(1..=2)? as u8;
    let separator = cursor.one_of("-/.")?;
    let second = cursor.number(1..=2)? as u8;
    cursor.one_of("-/.").filter(|&c| c == separator)?;
    let year = cursor.number(4..=4)?;
    let date = Date::new(year, Some(second), Some(first))
        .or_else(|| Date::new(year, Some(first), Some(second)));
    Some((date, cursor.at))
}

/// `15 mars 2020`, `1er mars 2020`, `7th of May, 2015`, `7-May-2015`.
fn day_first(mut cursor: Cursor<'_>) -> Option<(Option<Date>, usize)> {
    let day = cursor.number(1..=2)? as u8;
    cursor.ordinal();
    cursor.skip(" \u{a0}\u{202f}-");
    let mut month_cursor = cursor;
    if month_cursor.word() == Some("of") {
        month_cursor.skip(" ");
        cursor = month_cursor;
    }
    let month = month_number(cursor.word()?)?;
    cursor.skip(" \u{a0}\u{202f}.,-");
    let year = cursor.number(4..=4)?;
    Some((Date::new(year, Some(month), Some(day)), cursor.at))
}

/// `May 7, 2015`, `May 7th 2015`, `mars 2020`.
fn month_first(mut cursor: Cursor<'_>) -> Option<(Option<Date>, usize)> {
    let month = month_number(cursor.word()?)?;
    cursor.skip(" \u{a0}\u{202f}.,");
    let mut with_day = cursor;
    if let Some(day) = with_day.number(1..=2) {
        with_day.ordinal();
        with_day.skip(" \u{a0}\u{202f},");
        let year = with_day.number(4..=4)?;
        return Some((Date::new(year, Some(month), Some(day as u8)), with_day.at));
    }
    let year = cursor.number(4..=4)?;
    Some((Date::new(year, Some(month), None), cursor.at))
}

/// A place in a text that small readers move on when they find what they want.
#[derive(Clone, Copy)]
struct Cursor<'a> {
    text: &'a str,
    at: usize,
}

impl<'a> Cursor<'a> {
    fn rest(self) -> &'a str {
        &self.text[self.at..]
    }

    /// A run of ASCII digits, the whole run, of an accepted length.
    fn number(&mut self, lengths: std::ops::RangeInclusive<usize>) -> Option<u16> {
        let run = self.rest().bytes().take_while(u8::is_ascii_digit).count();
        if !lengths.contains(&run) {
            return None;
        }
        let number = digits(&self.rest()[..run])?;
        self.at += run;
        Some(number)
    }

    fn one_of(&mut self, characters: &str) -> Option<char> {
        let c = self
            .rest()
            .chars()
            .next()
            .filter(|&c| characters.contains(c))?;
        self.at += c.len_utf8();
        Some(c)
    }

    fn skip(&mut self, characters: &str) {
        while self.one_of(characters).is_some() {}
    }

    fn word(&mut self) -> Option<&'a str> {
        let rest = self.rest();
        let end = rest
            .find(|c: char| !c.is_alphabetic() && !is_combining_accent(c))
            .unwrap_or(rest.len());
        self.at += end;
        (end > 0).then_some(&rest[..end])
    }

    fn ordinal(&mut self) {
        let mut ahead = *self;
        if let Some("er" | "st" | "nd" | "rd" | "th") = ahead.word() {
            *self = ahead;
        }
    }
}

fn is_combining_accent(c: char) -> bool {
    ('\u{300}'..='\u{36f}').contains(&c)
}

fn month_number(word: &str) -> Option<u8> {
    // The longest month has nine letters; more than that with accents apart is none.
    if word.len() > 24 {
        return None;
    }
    let folded: String = word
        .chars()
        .filter(|&c| !is_combining_accent(c))
        .flat_map(char::to_lowercase)
        .map(|c| match c {
            'é' => 'e',
            'û' => 'u',
            other => other,
        })
        .collect();
    Some(match folded.as_str() {
        "january" | "janvier" | "jan" | "janv" => 1,
        "february" | "fevrier" | "feb" | "fev" | "fevr" => 2,
        "march" | "mars" | "mar" => 3,
        "april" | "avril" | "apr" | "avr" => 4,
        "may" | "mai" => 5,
        "june" | "juin" | "jun" => 6,
        "july" | "juillet" | "jul" | "juil" => 7,
        "august" | "aout" | "aug" => 8,
        "september" | "septembre" | "sept" | "sep" => 9,
        "october" | "octobre" | "oct" => 10,
        "november" | "novembre" | "nov" => 11,
        "december" | "decembre" | "dec" => 12,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::{any, proptest};

    use super::*;

    fn parsed(value: &str) -> Option<String> {
        Date::parse(value).map(String::from)
    }

    #[test]
    fn forms_people_write_are_read() {
        for (value, expected) in [
            ("2020", "2020"),
            ("2020-03", "2020-03"),
            ("2020-03-15", "2020-03-15"),
            ("20200315", "2020-03-15"),
            ("2021-02-01T14:19:40.262Z", "2021-02-01"),
            ("2018-10-19 09:00:00 -0400", "2018-10-19"),
            ("Thu, 7 May 2015 10:00:00 +0200", "2015-05-07"),
            ("12 mai 2020", "2020-05-12"),
            ("1er mars 2020", "2020-03-01"),
            ("le 3\u{a0}AOÛT 1999", "1999-08-03"),
            ("14 fe\u{301}vrier 2001", "2001-02-14"),
            ("May 7, 2015", "2015-05-07"),
            ("Sept. 7th, 2015", "2015-09-07"),
            ("7 May 2015", "2015-05-07"),
            ("7th of May 2015", "2015-05-07"),
            ("07/05/2015", "2015-05-07"),
            ("05/27/2015", "2015-05-27"),
            ("mars 2020", "2020-03"),
        ] {
            assert_eq!(parsed(value).as_deref(), Some(expected), "{value}");
        }
    }

    #[test]
    fn impossible_dates_are_absent() {
        for value in [
            "2020-13-01",
            "2019-02-29",
            "30 février 2020",
            "31/02/2020",
            "9999-01-01",
            "20201399",
            "0999",
            "hier",
            "",
        ] {
            assert_eq!(parsed(value), None, "{value}");
        }
    }

    #[test]
    fn file_name_gives_its_leading_date() {
        let date = |stem| Date::in_file_name(stem).map(|(date, len)| (date.to_string(), len));
        assert_eq!(date("2020-05-12-le-maire"), Some(("2020-05-12".into(), 10)));
        assert_eq!(date("20200512_maire"), Some(("2020-05-12".into(), 8)));
        assert_eq!(date("2020_05_maire"), Some(("2020-05".into(), 7)));
        assert_eq!(date("2001-odyssey"), None);
        assert_eq!(date("000_46fdcb89373945cc"), None);
        assert_eq!(date("12-05-2020-maire"), None);
    }

    #[test]
    fn less_precise_date_sorts_first() {
        let mut dates = ["2020-03-15", "2020-03", "2020", "2019-12-31"].map(parsed);
        dates.sort();
        let expected = ["2019-12-31", "2020", "2020-03", "2020-03-15"];
        assert_eq!(dates, expected.map(|date| Some(date.into())));
    }

    proptest! {
        #[test]
        fn display_reads_back(year in any::<u16>(), month in any::<Option<u8>>(), day in any::<Option<u8>>()) {
            if let Some(date) = Date::new(year, month, day) {
                assert_eq!(date.to_string().parse(), Ok(date));
            }
        }

        #[test]
        fn any_text_is_searched(text in "(\\PC|[0-9]{1,4}|-|/|mai |May ){0,30}") {
            Date::parse(&text);
            Date::in_file_name(&text);
        }
    }
}

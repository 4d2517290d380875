//! Ranges of dates, as queries name them.

use crate::corpus::Date;

/// Dates from one to another, both included, either open; with the text that named them.
///
/// Dates are numbers of the form `YYYYMMDD`. A date that is only known by its year or month (`20200000`, `20200300`)
/// is in a range if some day of it is: nothing is lost for being vague.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DateRange {
    /// As typed.
    pub text: String,
    /// The first day.
    pub first: Option<u32>,
    /// The last day.
    pub last: Option<u32>,
}

impl DateRange {
    /// Reads `2020`, `2020-03`, `2020-03-15`, `15/03/2020`, `a..b`, `a..`, `..b`, `>=a`, `>a`, `<=b` or `<b`; `None` when it
    /// is none of these, or a range that ends before it begins.
    ///
    /// ```
    /// use fouine::query::syntax::DateRange;
    ///
    /// let spring = DateRange::parse("2020-03..2020-06").unwrap();
    /// assert_eq!((spring.first, spring.last), (Some(20200301), Some(20200631)));
    /// assert!(spring.contains(20200400) && spring.contains(20200000) && !spring.contains(20200701));
    /// ```
    pub fn parse(text: &str) -> Option<DateRange> {
        let text = text.trim();
        let (first, last) = if let Some((first, last)) = text.split_once("..") {
            let first = optional(first)?.map(first_day);
            let last = optional(last)?.map(last_day);
            if first.is_none() && last.is_none() {
                return None;
            }
            (first, last)
        } else if let Some(from) = text.strip_prefix(">=") {
            (Some(first_day(date(from)?)), None)
        } else if let Some(to) = text.strip_prefix("<=") {
            (None, Some(last_day(date(to)?)))
        } else if let Some(after) = text.strip_prefix('>') {
            (Some(last_day(date(after)?) + 1), None)
        } else if let Some(before) = text.strip_prefix('<') {
            (None, Some(first_day(date(before)?) - 1))
        } else {
            let date = date(text)?;
            (Some(first_day(date)), Some(last_day(date)))
        };
        if let (Some(first), Some(last)) = (first, last)
            && last < first
        {
            return None;
        }
        Some(DateRange {
            text: text.to_owned(),
            first,
            last,
        })
    }

    /// Whether an article of this date, a number of the form `YYYYMMDD` with zeros for what is not known, is in it.
    pub fn contains(&self, date: u32) -> bool {
        self.first.is_none_or(|first| last_of(date) >= first)
            && self.last.is_none_or(|last| first_of(date) <= last)
    }
}

fn first_day(date: Date) -> u32 {
    first_of(date.number())
}

fn last_day(date: Date) -> u32 {
    last_of(date.number())
}

fn first_of(date: u32) -> u32 {
    let (has_month, has_day) = known_parts(date);
    date + if has_month { 0 } else { 100 } + if has_day { 0 } else { 1 }
}

/// The last day, every month having 31: dates are only compared.
fn last_of(date: u32) -> u32 {
    let (has_month, has_day) = known_parts(date);
    date + if has_month { 0 } else { 1200 } + if has_day { 0 } else { 31 }
}

/// Whether month and day of a date are known.
fn known_parts(date: u32) -> (bool, bool) {
    let (month, day) = (date / 100 % 100, date % 100);
    (month > 0, day > 0)
}

/// A date, or nothing; `None` when it is something else.
fn optional(text: &str) -> Option<Option<Date>> {
    match text.trim() {
        "" => Some(None),
        text => date(text).map(Some),
    }
}

/// `2020-03-15`, `2020/03/15`, `15/03/2020` or `15.03.2020`, from the right or the left as far as it goes.
fn date(text: &str) -> Option<Date> {
    let parts: Vec<&str> = text.trim().split(['-', '/', '.']).collect();
    let mut numbers = Vec::new();
    for part in &parts {
        let is_number = !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
        numbers.push(part.parse::<u16>().ok().filter(|_| is_number)?);
    }
    if parts.last().is_some_and(|part| part.len() == 4) {
        numbers.reverse();
    } else if parts[0].len() != 4 {
        return None;
    }
    let small = |number: u16| u8::try_from(number).ok();
    match numbers.as_slice() {
        [year] => Date::new(*year, None, None),
        [year, month] => Date::new(*year, Some(small(*month)?), None),
        [year, month, day] => Date::new(*year, Some(small(*month)?), Some(small(*day)?)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_form_is_read() {
        for (text, first, last) in [
            ("2020", Some(20200101), Some(20201231)),
            ("2020-03", Some(20200301), Some(20200331)),
            ("2020-03-15", Some(20200315), Some(20200315)),
            ("15/03/2020", Some(20200315), Some(20200315)),
            ("03/2020", Some(20200301), Some(20200331)),
            ("2019..2020-06", Some(20190101), Some(20200631)),
            ("2019..", Some(20190101), None),
            ("..2019", None, Some(20191231)),
            (">=2020-03-15", Some(20200315), None),
            (">2020-03", Some(20200332), None),
            ("<=2020", None, Some(20201231)),
            ("<2020", None, Some(20200100)),
        ] {
            let range = DateRange::parse(text).unwrap();
            assert_eq!((range.first, range.last), (first, last), "{text}");
        }
        for text in [
            "",
            "..",
            "hier",
            "2020-13",
            "2020..2019",
            "20",
            ">=",
            "1-2-3",
            "2020-02-30",
        ] {
            assert_eq!(DateRange::parse(text), None, "{text}");
        }
    }

    #[test]
    fn vague_dates_are_in_what_they_overlap() {
        let may = DateRange::parse("2020-05").unwrap();
        assert!(may.contains(20200500) && may.contains(20200000) && may.contains(20200531));
        assert!(!may.contains(20200600) && !may.contains(20190000));
        let after = DateRange::parse(">2020-05").unwrap();
        assert!(!after.contains(20200531) && !after.contains(20200500) && after.contains(20200601));
        let before = DateRange::parse("<2020-05").unwrap();
        assert!(before.contains(20200430) && !before.contains(20200501));
    }
}

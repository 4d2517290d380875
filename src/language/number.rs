//! Numbers as one word: `63,500`, `63 500` and `63.500` are 63500, `34,6` and `34.6` are 34.6.
//!
//! The separator alone cannot tell thousands from decimals in two languages; the shape can: groups of exactly
//! three digits after a first of one to three are thousands. `1.234` read as a decimal is the price; a
//! searcher who types it any of the three ways still finds it, since the query is read by the same rule.

/// A number found at the beginning of a text.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Number {
    /// Bytes of text it takes.
    pub(super) length: usize,
    /// Bytes of its whole part, separators included.
    pub(super) whole_length: usize,
}

/// Most groups of three digits in a number: a thousand billions. A longer chain is a column of figures.
const MAX_GROUPS: usize = 4;

/// Reads the number that `text` begins with (its first byte is an ASCII digit).
///
/// # Errors
///
/// When it is not one, but words or several of them (`12h30`, `2e`, `3.0.1`, a date such as `12.05.2020`, a column such as
/// `100 200 300 400`): the bytes in which no number is to be looked for.
pub(super) fn read(text: &str) -> Result<Number, usize> {
    let first_digits = digits(text);
    let mut length = first_digits;
    let mut n_groups = 0;
    let mut separator = None;
    if length <= 3 {
        while let Some(c) = text[length..].chars().next() {
            if !is_thousands_separator(c) || separator.is_some_and(|first| first != c) {
                break;
            }
            let next = length + c.len_utf8();
            if digits(&text[next..]) != 3 {
                break;
            }
            separator = Some(c);
            length = next + 3;
            n_groups += 1;
            // Read on to the end of a column, but no further than a line of it.
            if n_groups > MAX_GROUPS * 8 {
                break;
            }
        }
    }
    if n_groups > MAX_GROUPS || (n_groups == MAX_GROUPS - 1 && first_digits == 3) {
        return Err(length);
    }
    let whole_length = length;
    let mut rest = text[length..].chars();
    if let Some(mark @ ('.' | ',')) = rest.next()
        && separator != Some(mark)
    {
        let n_decimals = digits(&text[length + 1..]);
        if n_decimals > 0 {
            length += 1 + n_decimals;
            if is_continued(&text[length..]) {
                return Err(length + chain(&text[length..]));
            }
            return Ok(Number {
                length,
                whole_length,
            });
        }
    }
    if separator.is_some() && !is_continued(&text[length..]) {
        return Ok(Number {
            length,
            whole_length,
        });
    }
    Err(length)
}

/// Bytes of the digits behind points and commas that `text` begins with: the rest of a version or a date.
fn chain(text: &str) -> usize {
    let in_chain = |c: char| c.is_ascii_digit() || c == '.' || c == ',';
    text.find(|c| !in_chain(c)).unwrap_or(text.len())
}

/// Appends the one spelling of `number` (as [`read`] found it) to `form`: digits, and a point before decimals.
pub(super) fn write(surface: &str, whole_length: usize, form: &mut String) {
    form.extend(surface[..whole_length].chars().filter(char::is_ascii_digit));
    if surface.len() > whole_length {
        form.push('.');
        form.push_str(&surface[whole_length + 1..]);
    }
}

/// Tells whether more of the same follows, so that what came before is not a number by itself: a letter, or
/// another group of digits behind a separator.
fn is_continued(rest: &str) -> bool {
    let mut chars = rest.chars();
    match chars.next() {
        Some(c) if c.is_alphanumeric() => true,
        Some('.' | ',') => chars.next().is_some_and(|c| c.is_ascii_digit()),
        _ => false,
    }
}

fn digits(text: &str) -> usize {
    text.bytes().take_while(u8::is_ascii_digit).count()
}

fn is_thousands_separator(c: char) -> bool {
    matches!(
        c,
        ',' | '.' | ' ' | '\u{A0}' | '\u{202F}' | '\u{2009}' | '\'' | '\u{2019}'
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn spelled(text: &str) -> Option<String> {
        let number = read(text).ok()?;
        let mut form = String::new();
        write(&text[..number.length], number.whole_length, &mut form);
        Some(form)
    }

    #[test]
    fn thousands_are_one_number_however_they_are_grouped() {
        for text in [
            "63,500",
            "63.500",
            "63 500",
            "63\u{A0}500",
            "63\u{202F}500",
            "63'500",
        ] {
            assert_eq!(spelled(text).as_deref(), Some("63500"), "{text:?}");
        }
        assert_eq!(spelled("1 250 000 euros").as_deref(), Some("1250000"));
    }

    #[test]
    fn decimals_take_a_point() {
        assert_eq!(spelled("34,6 %").as_deref(), Some("34.6"));
        assert_eq!(spelled("34.6%").as_deref(), Some("34.6"));
        assert_eq!(spelled("1,234.56").as_deref(), Some("1234.56"));
        assert_eq!(spelled("1 234,56").as_deref(), Some("1234.56"));
    }

    #[test]
    fn columns_of_figures_are_no_numbers() {
        assert_eq!(read("100 200 300 400 x"), Err(15));
        assert_eq!(read("1 000 000 000 000 000 000"), Err(25));
        assert_eq!(spelled("1 000 000 000").as_deref(), Some("1000000000"));
    }

    #[test]
    fn years_before_a_count_stay_apart() {
        assert_eq!(spelled("2019 300 personnes"), None);
    }

    #[test]
    fn what_is_not_a_number_is_left_to_the_words() {
        for text in ["12", "12h30", "2e", "3.0.1", "12.05.2020", "1.5x", "12."] {
            assert_eq!(spelled(text), None, "{text}");
        }
    }

    #[test]
    fn the_end_of_a_sentence_is_not_a_decimal_mark() {
        assert_eq!(spelled("63 500. Puis").as_deref(), Some("63500"));
        assert_eq!(spelled("34,6.").as_deref(), Some("34.6"));
    }
}

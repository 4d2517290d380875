//! Matches a text with the way it is spelled in the source, entities and all.

use std::iter;
use std::ops::Range;

use html5gum::{Token, Tokenizer};

/// A piece of a text and how it stands in the source.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Piece {
    pub(super) value: Range<usize>,
    pub(super) raw: Range<usize>,
    /// Whether both are the same, byte for byte.
    pub(super) verbatim: bool,
}

/// No entity is longer.
const MAX_ENTITY_BYTES: usize = 40;

/// Cuts a text into pieces that stand in the source as they are, and pieces that are spelled
/// otherwise there. What cannot be matched is one piece of the second kind.
///
/// One after the other: a text that is all entities or carriage returns has as many as bytes.
pub(super) fn pieces<'a>(value: &'a str, raw: &'a str) -> impl Iterator<Item = Piece> + 'a {
    let (mut v, mut r) = (0, 0);
    iter::from_fn(move || {
        let (value_start, raw_start) = (v, r);
        while let same @ 1.. = common_prefix(&value[v..], &raw[r..]) {
            v += same;
            r += same;
        }
        let verbatim = v > value_start;
        if !verbatim && v < value.len() {
            let rest = (value.len() - v, raw.len() - r);
            let (decoded, spelled) = respelled(&value[v..], &raw[r..]).unwrap_or(rest);
            v += decoded;
            r += spelled;
        }
        (v > value_start).then_some(Piece {
            value: value_start..v,
            raw: raw_start..r,
            verbatim,
        })
    })
}

/// The length of what both begin with, up to an entity and on a character boundary.
fn common_prefix(value: &str, raw: &str) -> usize {
    let same = value
        .bytes()
        .zip(raw.bytes())
        .take_while(|&(a, b)| a == b && b != b'&')
        .count();
    let same = value.floor_char_boundary(same);
    if same == 0 && raw.starts_with('&') && value.starts_with('&') && entity(value, raw).is_none() {
        return 1;
    }
    same
}

/// Lengths of the next character (or two) of the text and of its spelling.
fn respelled(value: &str, raw: &str) -> Option<(usize, usize)> {
    if raw.starts_with('&') {
        return entity(value, raw);
    }
    if raw.starts_with("\r\n") && value.starts_with('\n') {
        return Some((1, 2));
    }
    // A lone carriage return, or a NUL replaced.
    let spelled = raw.chars().next().filter(|c| c.is_control())?;
    let decoded = value.chars().next()?;
    Some((decoded.len_utf8(), spelled.len_utf8()))
}

fn entity(value: &str, raw: &str) -> Option<(usize, usize)> {
    let head = &raw[..raw.floor_char_boundary(MAX_ENTITY_BYTES)];
    let name_end = head[1..]
        .find(|c: char| !c.is_ascii_alphanumeric() && c != '#')
        .map_or(head.len(), |at| at + 1);
    let with_semicolon = head[name_end..].starts_with(';').then_some(name_end + 1);
    if let (Some(end), Some(first)) = (with_semicolon, value.chars().next())
        && first != '&'
        && continues_alike(&value[first.len_utf8()..], &raw[end..])
    {
        return Some((first.len_utf8(), end));
    }
    // Without its semicolon an old entity may end anywhere in the word.
    let ends = with_semicolon.into_iter().chain((2..=name_end).rev());
    for end in ends {
        let decoded = decode(&head[..end]);
        if decoded != head[..end] && value.starts_with(&decoded) && !decoded.starts_with('&') {
            return Some((decoded.len(), end));
        }
        if decoded == "&" && value.starts_with('&') {
            return Some((1, end));
        }
    }
    None
}

/// Whether what follows an entity shows that it is one, ends there and is one character: nearly
/// always so, and much cheaper to see than by decoding.
fn continues_alike(value: &str, raw: &str) -> bool {
    match (value.chars().next(), raw.chars().next()) {
        (_, Some('&')) => true,
        (value, raw) => value == raw,
    }
}

fn decode(entity: &str) -> String {
    let mut decoded = String::new();
    for Ok(token) in Tokenizer::new(entity) {
        if let Token::String(string) = token {
            decoded.push_str(&String::from_utf8_lossy(&string));
        }
    }
    decoded
}

#[cfg(test)]
mod tests {
    use super::*;

    fn spelled(raw: &str) -> Vec<(String, String)> {
        let value = decode(raw);
        pieces(&value, raw)
            .map(|p| (value[p.value].to_owned(), raw[p.raw].to_owned()))
            .collect()
    }

    #[test]
    fn entities_are_pieces_of_their_own() {
        let pairs = [
            ("L", "L"),
            ("’", "&rsquo;"),
            ("ét", "ét"),
            ("é", "&#233;"),
            (" AT&T ", " AT&T "),
            ("&", "&amp;"),
            ("amp;", "amp;"),
        ];
        let expected = pairs.map(|(value, raw)| (value.to_owned(), raw.to_owned()));
        assert_eq!(spelled("L&rsquo;ét&#233; AT&T &amp;amp;"), expected);
    }

    #[test]
    fn old_entities_and_line_ends_are_matched() {
        let pairs = [
            ("caf", "caf"),
            ("é", "&eacute"),
            (" ", " "),
            ("\n", "\r\n"),
            ("&zut; ", "&zut; "),
        ];
        let expected = pairs.map(|(value, raw)| (value.to_owned(), raw.to_owned()));
        assert_eq!(spelled("caf&eacute \r\n&zut; "), expected);
    }
}

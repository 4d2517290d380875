//! Finds the article of a page, and where its texts stand in the source.

use std::collections::HashMap;
use std::panic::{AssertUnwindSafe, catch_unwind};

use dom_smoothie::{Config, Readability};
use html5gum::Token;

use super::blocks::{BlockReader, Scope};
use super::page::Page;
use super::tokens;
use crate::corpus::extract::body::Body;

/// A text this long that occurs once is surely the same in the article and in the source.
const MIN_ANCHOR_BYTES: usize = 20;

/// The article that was found in a page.
#[derive(Debug)]
pub(super) struct Readable {
    /// The article as HTML.
    content: String,
    pub(super) byline: Option<String>,
}

/// Finds the article of a page, if it has one.
pub(super) fn find(source: &str, page: &Page) -> Option<Readable> {
    if page.is_too_much {
        return None;
    }
    let config = Config {
        // Read by `meta`, which knows more forms of it.
        disable_json_ld: true,
        ..Config::default()
    };
    // The page is foreign and so is the code that judges it: should it panic, the page is read
    // without its judgment.
    let article = catch_unwind(AssertUnwindSafe(|| {
        Readability::new(source, None, Some(config)).and_then(|mut page| page.parse())
    }));
    let article = article.ok()?.ok()?;
    Some(Readable {
        content: article.content.to_string(),
        byline: article.byline,
    })
}

impl Readable {
    /// Writes the article down, each of its texts at its place in the source.
    pub(super) fn write(&self, page: &Page, source: &str, title: &str, body: &mut Body) {
        let tokens: Vec<Token<usize>> = tokens(&self.content).collect();
        let texts: Vec<String> = tokens
            .iter()
            .filter_map(|token| match token {
                Token::String(string) => Some(String::from_utf8_lossy(&string.value).into_owned()),
                _ => None,
            })
            .collect();
        let trimmed: Vec<&str> = texts.iter().map(|text| text.trim()).collect();
        let found = align(
            &trimmed,
            &page
                .texts
                .iter()
                .map(|(text, _)| text.trim())
                .collect::<Vec<_>>(),
        );

        let mut reader = BlockReader::new(body, Scope::Article, title);
        let mut places = texts.iter().zip(found);
        let mut at = 0;
        for token in &tokens {
            match token {
                Token::StartTag(tag) => reader.start_tag(&tag.name, tag.self_closing, at),
                Token::EndTag(tag) => reader.end_tag(&tag.name, at),
                Token::String(_) => {
                    let Some((text, place)) = places.next() else {
                        continue;
                    };
                    match place.and_then(|index| page.texts.get(index)) {
                        Some((value, span)) => {
                            reader.text(value, &source[span.clone()], span.start);
                            at = span.end;
                        }
                        None => reader.unplaced_text(text, at),
                    }
                }
                Token::Comment(_) | Token::Doctype(_) | Token::Error(_) => {}
            }
        }
        reader.finish();
    }
}

/// Finds each text of the article among those of the source, in ascending order; all trimmed.
///
/// Long texts that occur once are found first, and the others between them, so that a short
/// one (a linked word) is not taken for the same word in a menu.
fn align(article: &[&str], source: &[&str]) -> Vec<Option<usize>> {
    let mut places: HashMap<&str, Vec<usize>> = HashMap::new();
    for (index, text) in source
        .iter()
        .enumerate()
        .filter(|(_, text)| !text.is_empty())
    {
        places.entry(text).or_default().push(index);
    }
    let candidates = |text: &str| places.get(text).map_or(&[][..], Vec::as_slice);

    let mut found: Vec<Option<usize>> = vec![None; article.len()];
    let mut next = 0;
    for (place, text) in found.iter_mut().zip(article) {
        if let [index] = candidates(text)
            && text.len() >= MIN_ANCHOR_BYTES
            && *index >= next
        {
            *place = Some(*index);
            next = index + 1;
        }
    }

    let first_anchor = found.iter().position(Option::is_some).unwrap_or(0);
    let mut before = found.get(first_anchor).copied().flatten().unwrap_or(0);
    for at in (0..first_anchor).rev() {
        let all = candidates(article[at]);
        let n_before = all.partition_point(|&index| index < before);
        if let Some(&index) = n_before.checked_sub(1).and_then(|i| all.get(i)) {
            found[at] = Some(index);
            before = index;
        }
    }

    // For every text, the place of the next one that is found already.
    let mut upper_bounds = vec![source.len(); article.len()];
    let mut upper = source.len();
    for (bound, place) in upper_bounds.iter_mut().zip(&found).rev() {
        *bound = upper;
        upper = place.unwrap_or(upper);
    }
    let mut lower = 0;
    for (at, upper) in upper_bounds.into_iter().enumerate() {
        if found[at].is_none() && at >= first_anchor {
            let all = candidates(article[at]);
            let n_passed = all.partition_point(|&index| index < lower);
            found[at] = all.get(n_passed).copied().filter(|&index| index < upper);
        }
        lower = found[at].map_or(lower, |index| index + 1);
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    const LONG: &str = "Une phrase assez longue pour être unique.";

    #[test]
    fn short_texts_are_found_beside_the_long_ones() {
        let source = [
            "Sport", "Paris", "Lire", "Paris", LONG, "Paris", "Sport", "Fin",
        ];
        assert_eq!(
            align(&["Paris", LONG, "Sport"], &source),
            [Some(3), Some(4), Some(6)]
        );
        assert_eq!(
            align(&["Rien", LONG, "Rien", "Fin"], &source),
            [None, Some(4), None, Some(7)]
        );
        assert_eq!(
            align(&["Paris", "Paris", "Sport"], &source),
            [Some(1), Some(3), Some(6)]
        );
    }

    #[test]
    fn order_of_the_source_is_kept() {
        let source = [LONG, "a", "b"];
        assert_eq!(
            align(&["b", LONG, "b", "a"], &source),
            [None, Some(0), Some(2), None]
        );
        assert_eq!(align(&[], &source), []);
    }
}

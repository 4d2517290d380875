//! Reads the text of a query: words, phrases in quotation marks, exclusions. Every text is a query.

use super::{Clause, Query};

impl Query {
    /// Reads `text`: words; phrases between `"…"`, `“…”` or `« … »`; `-` before either excludes it.
    ///
    /// Never fails: what looks unfinished is read in the most likely way, and a notice says so.
    pub fn parse(text: &str) -> Query {
        let mut query = Query {
            text: text.to_owned(),
            clauses: Vec::new(),
            notices: Vec::new(),
        };
        let mut rest = text;
        while let Some(start) = rest.find(|c: char| !c.is_whitespace()) {
            rest = &rest[start..];
            let (is_excluded, after_sign) = match rest.strip_prefix(['-', '\u{2212}']) {
                Some(after) if may_be_excluded(after) => (true, after),
                _ => (false, rest),
            };
            rest = match after_sign.chars().next().and_then(closing_mark) {
                Some(closing) => query.read_phrase(after_sign, closing, is_excluded),
                None if is_excluded => query.read_excluded_word(after_sign),
                None => query.read_words(rest),
            };
        }
        let wants_nothing = query.clauses.iter().all(|clause| clause.is_excluded);
        if wants_nothing && !query.clauses.is_empty() {
            query
                .notices
                .push("the query only says what to leave out; add a word to look for".to_owned());
        }
        query
    }

    /// Reads the phrase that `text` begins with; returns what follows it.
    fn read_phrase<'t>(&mut self, text: &'t str, closing: &[char], is_excluded: bool) -> &'t str {
        let opening = text.chars().next().map_or(0, char::len_utf8);
        let inside = &text[opening..];
        let (phrase, rest) = match inside.split_once(closing) {
            Some(parts) => parts,
            None if !inside.contains(char::is_alphanumeric) => (inside, ""),
            None => {
                self.notices.push(format!(
                    "the quotation mark before “{}” is not closed: read as a phrase to the end",
                    first_word(inside)
                ));
                (inside, "")
            }
        };
        self.push(phrase, true, is_excluded);
        rest
    }

    /// Reads the excluded word that `text` begins with; returns what follows it.
    fn read_excluded_word<'t>(&mut self, text: &'t str) -> &'t str {
        let (word, rest) = text.split_at(word_end(text));
        self.push(word, true, true);
        rest
    }

    /// Reads the words that `text` begins with, as far as the next phrase or exclusion; returns what follows them.
    /// They stay one clause, white space included: `63 500` is a number.
    fn read_words<'t>(&mut self, text: &'t str) -> &'t str {
        let mut end = 0;
        loop {
            let space = text[end..].len() - text[end..].trim_start().len();
            let next = &text[end + space..];
            let is_other = next
                .chars()
                .next()
                .is_none_or(|c| closing_mark(c).is_some())
                || next
                    .strip_prefix(['-', '\u{2212}'])
                    .is_some_and(may_be_excluded);
            if is_other && end > 0 {
                break;
            }
            // At least one character is always taken, so that reading ends.
            let first = next.chars().next().map_or(0, char::len_utf8);
            end += space + word_end(next).max(first);
        }
        let (words, rest) = text.split_at(end);
        self.push(words, false, false);
        rest
    }

    fn push(&mut self, text: &str, is_phrase: bool, is_excluded: bool) {
        let text = text.trim();
        if text.contains(char::is_alphanumeric) {
            self.clauses.push(Clause {
                text: text.to_owned(),
                is_phrase,
                is_excluded,
            });
        }
    }
}

/// A sign that something follows directly: a lone `-`, or `--`, is punctuation.
fn may_be_excluded(after_sign: &str) -> bool {
    let next = after_sign.chars().next();
    next.is_some_and(|c| c.is_alphanumeric() || closing_mark(c).is_some())
}

/// The marks that close the quotation that `c` opens.
fn closing_mark(c: char) -> Option<&'static [char]> {
    match c {
        '"' => Some(&['"']),
        '“' | '”' | '„' => Some(&['”', '“', '"']),
        '«' => Some(&['»']),
        _ => None,
    }
}

/// Where the word that `text` begins with ends: at white space or a quotation mark.
fn word_end(text: &str) -> usize {
    let mut chars = text.char_indices();
    chars
        .find(|&(_, c)| c.is_whitespace() || closing_mark(c).is_some())
        .map_or(text.len(), |(at, _)| at)
}

fn first_word(text: &str) -> &str {
    text.split_whitespace().next().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn french_and_typographic_quotation_marks_make_phrases() {
        for text in [
            "\"mise en examen\"",
            "“mise en examen”",
            "« mise en examen »",
            "«mise en examen»",
        ] {
            assert_eq!(
                Query::parse(text).clauses,
                [Clause::wanted_phrase("mise en examen")],
                "{text}"
            );
        }
    }

    #[test]
    fn a_hyphen_excludes_only_where_a_word_begins() {
        assert_eq!(
            Query::parse("Pottier-Dumas -maire - dette -\"place Jules-Verdier\" --oui").clauses,
            [
                Clause::wanted_words("Pottier-Dumas"),
                Clause::excluded("maire"),
                Clause::wanted_words("- dette"),
                Clause::excluded("place Jules-Verdier"),
                Clause::wanted_words("--oui"),
            ]
        );
    }

    #[test]
    fn words_stay_together_so_that_numbers_do() {
        assert_eq!(
            Query::parse("  63 500  habitants -ville «\u{A0}la dette\u{A0}» maire").clauses,
            [
                Clause::wanted_words("63 500  habitants"),
                Clause::excluded("ville"),
                Clause::wanted_phrase("la dette"),
                Clause::wanted_words("maire"),
            ]
        );
    }

    #[test]
    fn an_unclosed_phrase_goes_to_the_end_and_says_so() {
        let query = Query::parse("maire \"conseil municipal");
        assert_eq!(query.clauses[1], Clause::wanted_phrase("conseil municipal"));
        assert_eq!(query.notices.len(), 1);
    }

    #[test]
    fn exclusions_alone_ask_for_more() {
        assert_eq!(Query::parse("-maire").notices.len(), 1);
    }

    #[test]
    fn punctuation_is_no_clause() {
        for text in ["", " ", "?", "\"\"", "-", "« »", "*", "((("] {
            assert_eq!(Query::parse(text).clauses, [], "{text}");
        }
    }

    proptest! {
        #[test]
        fn every_text_is_a_query(text in "\\PC*|[a-z \"«»“”-]*") {
            let query = Query::parse(&text);
            prop_assert_eq!(&query.text, &text);
            for clause in query.clauses {
                prop_assert!(text.contains(&clause.text));
            }
        }
    }
}

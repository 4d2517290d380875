//! Words looked for by their letters: which forms of the index a pattern stands for.

use std::cmp::Reverse;

use regex::{Regex, RegexBuilder};

use super::syntax::Pattern;
use crate::index::{Form, Vocabulary};
use crate::language::{fold, is_folded, normalized};

/// Most memory of a compiled regular expression, in bytes.
const MAX_REGEX_BYTES: usize = 1 << 18;

/// Longest pattern, in characters; no word that is indexed is much longer.
const MAX_CHARS: usize = 200;

/// Near words that are named in a notice, where there are more.
const MAX_NAMED: usize = 8;

/// The forms that a pattern stands for.
#[derive(Clone, Debug, Default)]
pub(super) struct Expansion {
    /// Most frequent first.
    pub(super) forms: Vec<Form>,
    /// How many there are, of which these are the most frequent.
    pub(super) n_forms: usize,
    /// Whether the pattern cannot be read, and is left out of the query.
    pub(super) is_left_out: bool,
    /// What a person should know.
    pub(super) notice: Option<String>,
}

/// Finds what patterns stand for. A pattern without a beginning goes through all forms of the index, which are read once.
pub(super) struct Expander<'v> {
    vocabulary: &'v Vocabulary<'v>,
    all_forms: Option<Vec<Form>>,
}

impl<'v> Expander<'v> {
    pub(super) fn new(vocabulary: &'v Vocabulary<'v>) -> Expander<'v> {
        Expander {
            vocabulary,
            all_forms: None,
        }
    }

    /// Finds the forms of the index that `pattern` stands for, the `limit` most frequent ones.
    ///
    /// Letters typed without accents meet any; typed with accents, these only.
    pub(super) fn expand(&mut self, pattern: &Pattern, limit: usize) -> tantivy::Result<Expansion> {
        match pattern {
            Pattern::Wildcard(text) | Pattern::Fuzzy(text, _)
                if text.chars().count() > MAX_CHARS =>
            {
                Ok(most_frequent(Vec::new(), limit))
            }
            Pattern::Fuzzy(word, edits) => {
                let near = self.vocabulary.near(&fold(&normalized(word)), *edits, "")?;
                let forms: Vec<&Form> = near.iter().map(|(_, form)| form).collect();
                let mut expansion = most_frequent(forms.clone(), limit);
                if forms.len() > MAX_NAMED {
                    let named = expansion.forms.iter().take(MAX_NAMED);
                    let named: Vec<&str> = named.map(|form| form.form.as_str()).collect();
                    let (n_forms, named) = (forms.len(), named.join(", "));
                    expansion.notice =
                        Some(format!("{pattern} stands for {n_forms} words: {named} …"));
                }
                Ok(expansion)
            }
            Pattern::Wildcard(text) => {
                let glob = Glob::new(text);
                let matches = |form: &str| glob.matches(form);
                self.filtered(&fold(&glob.prefix()), matches, limit)
            }
            Pattern::Regex(expression) => {
                let written = in_indexed_letters(expression);
                let compiled = RegexBuilder::new(&format!("^(?:{written})$"))
                    .case_insensitive(true)
                    .size_limit(MAX_REGEX_BYTES)
                    .build();
                let regex = match compiled {
                    Ok(regex) => regex,
                    Err(regex::Error::CompiledTooBig(_)) => {
                        return Ok(without(format!("/{expression}/ is too large: left out")));
                    }
                    Err(_) => {
                        return Ok(without(format!(
                            "/{expression}/ is no regular expression: left out"
                        )));
                    }
                };
                let matches = |form: &str| matches(&regex, form);
                self.filtered(&literal_prefix(&written), matches, limit)
            }
        }
    }

    /// The forms that begin with `prefix` when folded, and match.
    fn filtered(
        &mut self,
        prefix: &str,
        matches: impl Fn(&str) -> bool,
        limit: usize,
    ) -> tantivy::Result<Expansion> {
        let beginning;
        let candidates: &[Form] = if prefix.is_empty() {
            if self.all_forms.is_none() {
                self.all_forms = Some(self.vocabulary.forms_starting("")?);
            }
            self.all_forms.as_deref().unwrap_or_default()
        } else {
            beginning = self.vocabulary.forms_starting(prefix)?;
            &beginning
        };
        let found = candidates.iter().filter(|form| matches(&form.form));
        Ok(most_frequent(found.collect(), limit))
    }
}

fn without(notice: String) -> Expansion {
    Expansion {
        forms: Vec::new(),
        n_forms: 0,
        is_left_out: true,
        notice: Some(notice),
    }
}

/// Keeps the most frequent forms.
fn most_frequent(mut forms: Vec<&Form>, limit: usize) -> Expansion {
    let n_forms = forms.len();
    forms.sort_by(|a, b| (Reverse(a.n_passages), &a.form).cmp(&(Reverse(b.n_passages), &b.form)));
    forms.truncate(limit);
    Expansion {
        forms: forms.into_iter().cloned().collect(),
        n_forms,
        is_left_out: false,
        notice: None,
    }
}

/// A regular expression with letters as forms have them: `oe` for `œ`. A letter in a class stays one.
fn in_indexed_letters(expression: &str) -> String {
    let mut written = String::with_capacity(expression.len());
    let mut is_in_class = false;
    for c in expression.chars() {
        is_in_class = (is_in_class || c == '[') && c != ']';
        match c {
            'œ' | 'Œ' if !is_in_class => written.push_str("(?:oe)"),
            'æ' | 'Æ' if !is_in_class => written.push_str("(?:ae)"),
            c => written.push(c),
        }
    }
    written
}

fn matches(regex: &Regex, form: &str) -> bool {
    regex.is_match(form) || (!is_folded(form) && regex.is_match(&fold(form)))
}

/// The letters that everything a regular expression matches begins with, as far as they are plain to see.
fn literal_prefix(expression: &str) -> String {
    if expression.contains('|') {
        return String::new();
    }
    let is_plain = |c: char| c.is_alphanumeric();
    let end = expression
        .find(|c| !is_plain(c))
        .unwrap_or(expression.len());
    let mut prefix = expression[..end].to_owned();
    // The last letter may be optional.
    if expression[end..].starts_with(['*', '?', '{']) {
        prefix.pop();
    }
    fold(&normalized(&prefix))
}

/// A word with `*` for any letters and `?` for one.
struct Glob {
    pattern: Vec<char>,
    is_folded: bool,
}

impl Glob {
    fn new(text: &str) -> Glob {
        let text = normalized(text);
        Glob {
            is_folded: is_folded(&text),
            pattern: text.chars().collect(),
        }
    }

    /// The letters before the first wildcard.
    fn prefix(&self) -> String {
        let letters = self.pattern.iter().take_while(|c| !matches!(c, '*' | '?'));
        letters.collect()
    }

    fn matches(&self, form: &str) -> bool {
        if self.is_folded && !is_folded(form) {
            self.matches_chars(&fold(form).chars().collect::<Vec<_>>())
        } else {
            self.matches_chars(&form.chars().collect::<Vec<_>>())
        }
    }

    /// Walks both; after a mismatch goes back to the last `*`, which then takes one letter more.
    fn matches_chars(&self, word: &[char]) -> bool {
        let (mut at, mut in_word) = (0, 0);
        let mut star: Option<(usize, usize)> = None;
        while in_word < word.len() {
            match self.pattern.get(at) {
                Some('*') => {
                    star = Some((at, in_word));
                    at += 1;
                }
                Some(&c) if c == '?' || c == word[in_word] => {
                    at += 1;
                    in_word += 1;
                }
                _ => {
                    let Some((star_at, taken)) = star else {
                        return false;
                    };
                    star = Some((star_at, taken + 1));
                    at = star_at + 1;
                    in_word = taken + 1;
                }
            }
        }
        self.pattern[at..].iter().all(|&c| c == '*')
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn wildcards_stand_for_letters() {
        for (pattern, word, expected) in [
            ("élect*", "élections", true),
            ("élect*", "electric", false),
            ("elect*", "élections", true),
            ("wom?n", "women", true),
            ("wom?n", "womn", false),
            ("*tion", "élection", true),
            ("*tion", "élections", false),
            ("a*b*c", "axxbyyc", true),
            ("a*b*c", "axxcyyb", false),
            ("ŒUV*", "oeuvre", true),
        ] {
            assert_eq!(
                Glob::new(pattern).matches(word),
                expected,
                "{pattern} {word}"
            );
        }
    }

    #[test]
    fn only_what_is_plain_is_a_prefix() {
        assert_eq!(literal_prefix("élect(eur|ion)"), "");
        assert_eq!(literal_prefix("élect.*"), "elect");
        assert_eq!(literal_prefix("maires?"), "maire");
        assert_eq!(literal_prefix(".*"), "");
    }

    #[test]
    fn ligatures_are_two_letters_in_expressions_too() {
        assert_eq!(in_indexed_letters("œuvr.*"), "(?:oe)uvr.*");
        assert_eq!(in_indexed_letters("[œa]b"), "[œa]b");
    }

    proptest! {
        #[test]
        fn wildcards_are_the_regular_expression_they_look_like(
            pattern in "[ab*?]{0,8}",
            word in "[ab]{0,8}",
        ) {
            let regex = format!("^{}$", pattern.replace('*', ".*").replace('?', "."));
            let expected = Regex::new(&regex).unwrap().is_match(&word);
            prop_assert_eq!(Glob::new(&pattern).matches(&word), expected);
        }
    }
}

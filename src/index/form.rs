//! The terms of words as written, and of names.

use unicode_normalization::char::is_combining_mark;

use crate::language::{fold, normalized};

/// Ends the term of a form that is its own folded word.
pub(super) const PLAIN: char = '\0';

/// Separates the folded word from a form that differs from it.
pub(super) const ACCENTED: char = '\u{1}';

/// The words of a name or a path, as they are indexed and looked up: runs of letters and digits, folded.
pub(crate) fn name_words(text: &str) -> Vec<String> {
    let runs = text.split(|c: char| !c.is_alphanumeric() && !is_combining_mark(c));
    runs.map(|run| fold(&normalized(run)))
        .filter(|word| !word.is_empty())
        .collect()
}

/// The term of a form: what it is folded, and itself, if that is something else. So what looks for a folded word meets all
/// its spellings, and what looks for accents passes by the many words that have none.
pub(crate) fn form_term(form: &str) -> String {
    let mut term = fold(form);
    if term == form {
        term.push(PLAIN);
    } else {
        term.push(ACCENTED);
        term.push_str(form);
    }
    term
}

/// The folded word and the form of a term; `None` when it is none.
pub(super) fn parse_form_term(term: &str) -> Option<(&str, &str)> {
    let (folded, form) = term.split_at(term.find([PLAIN, ACCENTED])?);
    Some((folded, form.strip_prefix(ACCENTED).unwrap_or(folded)))
}

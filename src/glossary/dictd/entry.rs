//! The equivalents in an entry of a dictionary, read leniently: whatever does not look like one is passed over.
//!
//! ```text
//! maison /mɛzɔ̃/ <n, fem>
//! 1. house, home
//! 2. firm (commerce)
//!    "la maison mère" - head office
//!    see: {domicile}
//! ```

/// Longest term kept, in words: what is longer explains.
const MAX_WORDS: usize = 6;

/// Longest term kept, in bytes.
const MAX_TERM_BYTES: usize = 100;

/// Most equivalents of an entry: a damaged index may take the whole dictionary for one.
const MAX_EQUIVALENTS: usize = 50;

/// Longest label such as `n.` or `adj.`, in letters.
const MAX_LABEL_LETTERS: usize = 5;

/// What opens a note, with what closes it.
const NOTES: [(char, char); 5] = [('<', '>'), ('[', ']'), ('(', ')'), ('{', '}'), ('/', '/')];

/// Marks of a quotation: its line is an example.
const QUOTATION_MARKS: [char; 5] = ['"', '“', '”', '«', '»'];

/// The equivalents in `entry`, in their order.
///
/// The first line is the headword's; the others have equivalents between commas or semicolons, after a number.
pub(super) fn equivalents(entry: &str) -> Vec<String> {
    let mut equivalents: Vec<String> = Vec::new();
    for line in entry.lines().skip(1) {
        let is_other = line.contains(QUOTATION_MARKS) || line.contains(':');
        if is_other {
            continue;
        }
        for part in without_notes(line).split([',', ';']) {
            if equivalents.len() == MAX_EQUIVALENTS {
                return equivalents;
            }
            if let Some(term) = term(without_label(without_number(part.trim())))
                && !equivalents.contains(&term)
            {
                equivalents.push(term);
            }
        }
    }
    equivalents
}

/// `text` as a term, if it may be one: without the article or the *to* of English, which nobody searches for.
pub(super) fn term(text: &str) -> Option<String> {
    let mut words: Vec<&str> = text.split_whitespace().collect();
    if words.len() > 1 && ["to", "the", "a", "an"].contains(&words[0]) {
        words.remove(0);
    }
    let term = words.join(" ");
    let is_term = (1..=MAX_WORDS).contains(&words.len())
        && term.len() <= MAX_TERM_BYTES
        && term.contains(char::is_alphabetic)
        && !term.contains(';');
    is_term.then_some(term)
}

/// `line` without what stands between brackets or, from the beginning of a word on, between slashes. What is not closed
/// goes on in the next line, and is left out too.
fn without_notes(line: &str) -> String {
    let mut kept = String::with_capacity(line.len());
    let mut rest = line;
    while let Some(c) = rest.chars().next() {
        rest = &rest[c.len_utf8()..];
        let note = NOTES.iter().find(|&&(opening, _)| opening == c);
        let begins_word = kept.is_empty() || kept.ends_with(char::is_whitespace);
        match note {
            Some(&(_, closing)) if c != '/' || begins_word => {
                rest = rest.split_once(closing).map_or("", |(_, after)| after);
            }
            _ => kept.push(c),
        }
    }
    kept
}

/// `text` without a number such as `1.` or `2)` before it.
fn without_number(text: &str) -> &str {
    let after = text.trim_start_matches(|c: char| c.is_ascii_digit());
    if after.len() == text.len() {
        return text;
    }
    after.strip_prefix(['.', ')']).map_or(text, str::trim_start)
}

/// `text` without labels such as `n.` or `adj.` before it.
fn without_label(mut text: &str) -> &str {
    while let Some((label, after)) = text.split_once('.') {
        let n_letters = label.chars().count();
        let is_label = (1..=MAX_LABEL_LETTERS).contains(&n_letters)
            && label.chars().all(char::is_alphabetic)
            && (after.is_empty() || after.starts_with(' '));
        if !is_label {
            break;
        }
        text = after.trim_start();
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equivalents_are_freed_of_notes_numbers_and_labels() {
        let entry = "maison /mɛzɔ̃/ <n, fem>\n\
            1. house, home\n\
            2. n. firm (trade, old use); [fam.] pad /pæd/\n\
            3) to live in, a house, the Hague, etc.\n   \
            \"la maison mère\" - head office\n\
            see: {domicile}\n\
            not a word but a long and winding explanation\n";
        assert_eq!(
            equivalents(entry),
            ["house", "home", "firm", "pad", "live in", "Hague"]
        );
    }

    #[test]
    fn the_line_of_the_headword_has_no_equivalents() {
        assert_eq!(
            equivalents("abandon /əbændən/\n   abandonner, délaisser\n"),
            ["abandonner", "délaisser"]
        );
        assert!(equivalents("abandon, abandonment /əbændən/").is_empty());
        assert!(equivalents("").is_empty());
    }

    #[test]
    fn an_entry_without_end_is_cut() {
        let words: Vec<String> = (0..1000).map(|n| format!("word{n}")).collect();
        let entry = format!("x\n{}", words.join(", "));
        assert_eq!(equivalents(&entry), words[..MAX_EQUIVALENTS]);
    }

    #[test]
    fn what_is_not_closed_is_left_out() {
        assert_eq!(
            equivalents("x\nhouse (a building\nand/or home"),
            ["house", "and/or home"]
        );
        assert_eq!(equivalents("x\n/a/ b, c/d"), ["b", "c/d"]);
    }

    #[test]
    fn points_within_words_are_no_labels() {
        assert_eq!(without_label("adj. n. élu"), "élu");
        assert_eq!(without_label("U.S.A."), "U.S.A.");
        assert_eq!(without_number("1984"), "1984");
    }
}

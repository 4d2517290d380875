//! Cuts a query into words, phrases, patterns, signs, operators, parentheses and names of fields.

use std::ops::Range;

use super::{Part, Pattern, Phrase};
use crate::language::{is_any_stop_word, is_elided};

/// Words between two things joined by a bare `NEAR`.
const DEFAULT_DISTANCE: u32 = 10;

/// What a distance too large to be read is: more words than a passage has are as good as any.
const MAX_DISTANCE: u32 = 10_000;

/// A piece of a query.
#[derive(Clone, Debug)]
pub(super) struct Lexeme {
    pub(super) kind: Kind,
    /// Bytes of the query.
    pub(super) range: Range<usize>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Word,
    Phrase(Phrase),
    Open,
    Close,
    Plus,
    Minus,
    And,
    Or,
    Not,
    Near(u32),
    Field(Field),
}

impl Kind {
    pub(super) fn is_binary_operator(&self) -> bool {
        matches!(self, Kind::And | Kind::Or | Kind::Near(_))
    }

    /// Whether it applies to what comes next.
    pub(super) fn is_prefix(&self) -> bool {
        matches!(self, Kind::Plus | Kind::Minus | Kind::Field(_))
    }

    pub(super) fn begins_operand(&self) -> bool {
        !self.is_binary_operator() && *self != Kind::Close
    }

    pub(super) fn ends_operand(&self) -> bool {
        matches!(self, Kind::Word | Kind::Phrase(_) | Kind::Close)
    }
}

/// The fields that a query may name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Field {
    Title,
    Author,
    Source,
    Path,
    Language,
    Date,
}

/// Names of fields, in lower case.
const FIELDS: [(&str, Field); 11] = [
    ("title", Field::Title),
    ("titre", Field::Title),
    ("author", Field::Author),
    ("auteur", Field::Author),
    ("source", Field::Source),
    ("path", Field::Path),
    ("chemin", Field::Path),
    ("lang", Field::Language),
    ("langue", Field::Language),
    ("language", Field::Language),
    ("date", Field::Date),
];

/// Cuts `text`; tells in `notices` what was guessed.
pub(super) fn lex(text: &str, notices: &mut Vec<String>) -> Vec<Lexeme> {
    let mut lexer = Lexer {
        text,
        at: 0,
        has_operators: !shouts(text),
        lexemes: Vec::new(),
        notices,
    };
    while lexer.skip_space() {
        lexer.advance();
    }
    if let (true, Some(star)) = (lexer.lexemes.is_empty(), text.find('*')) {
        // A star among words is punctuation; alone it asks for everything.
        lexer.at = star;
        let every = Pattern::Wildcard("*".to_owned());
        lexer.push_phrase(vec![Part::Pattern(every)], 0, 1);
    }
    lexer.lexemes
}

/// Function words that in capitals, beside one other word, are names.
const ACRONYMS: [&str; 6] = ["UN", "US", "EU", "IT", "AI", "WHO"];

/// Whether a query is all in capitals and has a function word that is no operator, so that capitals tell nothing: `ET` and
/// `LA` are words there.
pub(crate) fn shouts(text: &str) -> bool {
    // Names of fields are written in small letters, and with their values they may be left out.
    let is_field =
        |word: &&str| field(word.trim_start_matches(['(', '+', '-', '\u{2212}'])).is_some();
    let pieces = || text.split_whitespace().filter(|word| !is_field(word));
    // Nearly every query ends here.
    if pieces().any(|word| word.contains(char::is_lowercase)) {
        return false;
    }
    let words = || pieces().filter(|word| has_letters(word));
    let n_words = words().take(3).count();
    let is_function_word = |word: &str| {
        operator(word).is_none()
            && word.len() > 1
            && is_any_stop_word(&word.to_lowercase())
            && (n_words > 2 || !ACRONYMS.contains(&word))
    };
    // Whoever writes these knows of operators.
    let has_syntax = || {
        let near = |word: &str| word.contains('/') && is_operator(word);
        text.contains(is_opening_mark) || pieces().any(near)
    };
    n_words > 1 && !has_syntax() && words().any(is_function_word)
}

/// Whether a word is an operator, where there is something to join.
pub(super) fn is_operator(word: &str) -> bool {
    operator(word).is_some()
}

fn operator(word: &str) -> Option<Kind> {
    Some(match word {
        "AND" | "ET" | "&&" => Kind::And,
        "OR" | "OU" | "||" => Kind::Or,
        "NOT" | "SAUF" => Kind::Not,
        "NEAR" | "PRÈS" | "PRES" => Kind::Near(DEFAULT_DISTANCE),
        _ => {
            let (name, distance) = word.split_once('/')?;
            matches!(operator(name)?, Kind::Near(_)).then_some(())?;
            let is_number = !distance.is_empty() && distance.bytes().all(|b| b.is_ascii_digit());
            Kind::Near(is_number.then(|| distance.parse().unwrap_or(MAX_DISTANCE))?)
        }
    })
}

struct Lexer<'t, 'n> {
    text: &'t str,
    at: usize,
    has_operators: bool,
    lexemes: Vec<Lexeme>,
    notices: &'n mut Vec<String>,
}

impl<'t> Lexer<'t, '_> {
    fn rest(&self) -> &'t str {
        &self.text[self.at..]
    }

    /// Goes to the next character that is no white space; `false` at the end.
    fn skip_space(&mut self) -> bool {
        let rest = self.rest();
        self.at += rest.len() - rest.trim_start().len();
        self.at < self.text.len()
    }

    fn push(&mut self, kind: Kind, n_bytes: usize) {
        let range = self.at..self.at + n_bytes;
        self.at = range.end;
        self.lexemes.push(Lexeme { kind, range });
    }

    /// Reads one piece.
    fn advance(&mut self) {
        let rest = self.rest();
        let Some(first) = rest.chars().next() else {
            return;
        };
        let after = &rest[first.len_utf8()..];
        match first {
            '(' => self.push(Kind::Open, 1),
            ')' => self.push(Kind::Close, 1),
            '+' if may_follow_sign(after) => self.push(Kind::Plus, 1),
            '-' | '\u{2212}' if may_follow_sign(after) => {
                self.push(Kind::Minus, first.len_utf8());
            }
            '=' if after.starts_with(char::is_alphanumeric) => {
                let word = &after[..word_end(after)];
                let part = Part::Exact(word.to_owned());
                self.push_phrase(vec![part], 0, 1 + word.len());
            }
            '=' if after.starts_with(is_opening_mark) => self.quoted(1),
            _ if is_opening_mark(first) => self.quoted(0),
            // Of what stands directly before parentheses, too, since these may be left out.
            '/' => match regex(rest).or_else(|| regex(&rest[..word_end(rest)])) {
                Some(expression) => {
                    let pattern = Pattern::Regex(expression.to_owned());
                    let n_bytes = expression.len() + 2;
                    self.push_phrase(vec![Part::Pattern(pattern)], 0, n_bytes);
                }
                None => self.word(),
            },
            _ => match field(rest) {
                Some((field, n_bytes)) => self.push(Kind::Field(field), n_bytes),
                None => self.word(),
            },
        }
    }

    fn push_phrase(&mut self, parts: Vec<Part>, slop: u32, n_bytes: usize) {
        self.push(Kind::Phrase(Phrase { parts, slop }), n_bytes);
    }

    /// Reads a phrase in quotation marks, after `n_before` bytes (`=`), and its slop.
    fn quoted(&mut self, n_before: usize) {
        let rest = &self.rest()[n_before..];
        let opening = rest.chars().next().unwrap_or('"');
        let inside = &rest[opening.len_utf8()..];
        let closing = closing_marks(opening);
        let (phrase, after) = match inside.split_once(closing) {
            Some(parts) => parts,
            None => {
                if let Some(word) = inside.split_whitespace().find(|word| has_letters(word)) {
                    self.notices.push(format!(
                        "the quotation mark before “{word}” is not closed: read as a phrase to the end"
                    ));
                }
                (inside, "")
            }
        };
        let slop = after.strip_prefix('~').map_or("", |digits| {
            let end = digits.find(|c: char| !c.is_ascii_digit());
            &digits[..end.unwrap_or(digits.len())]
        });
        let n_slop = if slop.is_empty() { 0 } else { 1 + slop.len() };
        let n_bytes = self.rest().len() - after.len() + n_slop;
        let slop = slop
            .parse()
            .unwrap_or(if slop.is_empty() { 0 } else { MAX_DISTANCE });
        let phrase = phrase.trim();
        let parts = match n_before {
            _ if !has_letters(phrase) => {
                self.at += n_bytes;
                return;
            }
            0 => phrase_parts(phrase),
            _ => vec![Part::Exact(phrase.to_owned())],
        };
        self.push_phrase(parts, slop, n_bytes);
    }

    /// Reads a word, a pattern or an operator.
    fn word(&mut self) {
        let rest = self.rest();
        // At least one character is taken, so that reading ends.
        let first = rest.chars().next().map_or(0, char::len_utf8);
        let word = &rest[..word_end(rest).max(first)];
        match operator(word) {
            Some(kind) if self.has_operators => return self.push(kind, word.len()),
            _ => {}
        }
        if !has_letters(word) {
            self.at += word.len();
            return;
        }
        self.note_field(word);
        if let Some((fuzzy, edits)) = fuzzy(word) {
            if edits > 2 {
                self.notices
                    .push(format!("“{word}”: at most 2 edits are looked for"));
            }
            return self.push_phrase(fuzzy_parts(fuzzy, edits), 0, word.len());
        }
        if is_wildcard(word) {
            return self.push_phrase(wildcard_parts(word), 0, word.len());
        }
        self.push(Kind::Word, word.len());
    }

    /// Notes a name before a colon that is one of a field but for its value, or looks like one.
    fn note_field(&mut self, word: &str) {
        let Some((name, value)) = word.split_once(':') else {
            return;
        };
        let is_field = FIELDS
            .iter()
            .any(|(known, _)| *known == name.to_lowercase());
        if is_field && !has_letters(value) {
            self.notices.push(format!(
                "“{name}:” has no value right behind it: read as a word"
            ));
        }
        let is_name = name.chars().count() > 1 && name.chars().all(char::is_alphabetic);
        if is_name && value.starts_with(char::is_alphanumeric) {
            self.notices.push(format!(
                "no field is called “{name}” (title, author, source, path, lang, date are): read as words"
            ));
        }
    }
}

/// Whether what follows a `+` or `-` can be wanted or excluded: a lone sign, or `--`, is punctuation.
fn may_follow_sign(after: &str) -> bool {
    let mut chars = after.chars();
    let next = chars.next();
    let then = chars.next();
    match next {
        Some('=') => then.is_some_and(|c| c.is_alphanumeric() || is_opening_mark(c)),
        Some('/') if regex(after).is_some() => true,
        // Any number of them: `a AND **tion` is written `+a +**tion`.
        Some('*' | '?') => {
            let letters = after.trim_start_matches(['*', '?']);
            letters.starts_with(char::is_alphanumeric)
        }
        Some('/') => then.is_some_and(char::is_alphanumeric),
        Some(c) => c.is_alphanumeric() || is_opening_mark(c) || c == '(',
        None => false,
    }
}

/// The name of a field that `text` begins with, if a value follows it directly.
fn field(text: &str) -> Option<(Field, usize)> {
    let (name, value) = text.split_at(text.find(':')?);
    if name.len() > 16 || name.contains(char::is_whitespace) {
        return None;
    }
    let value = &value[1..];
    let word = &value[..value.find(char::is_whitespace).unwrap_or(value.len())];
    let is_quoted = value.starts_with(|c| is_opening_mark(c) || matches!(c, '(' | '='));
    if !has_letters(word) && !is_quoted {
        return None;
    }
    let name = name.to_lowercase();
    let (_, field) = FIELDS.into_iter().find(|(known, _)| *known == name)?;
    Some((field, text.len() - value.len()))
}

/// The regular expression that `text` begins with: between slashes, without white space, the word ending behind it.
fn regex(text: &str) -> Option<&str> {
    // No word has quotation marks.
    let is_end = |c: char| c.is_whitespace() || is_opening_mark(c);
    let end = text.find(is_end).unwrap_or(text.len());
    let word = text[..end].trim_end_matches(')');
    // A parenthesis after the last slash closes a group of the query.
    let inside = word.strip_prefix('/')?.strip_suffix('/')?;
    let is_escaped = inside.ends_with('\\');
    let has_slash = inside.replace("\\/", "").contains('/');
    (!inside.is_empty() && !is_escaped && !has_slash).then_some(inside)
}

fn is_opening_mark(c: char) -> bool {
    matches!(c, '"' | '“' | '”' | '„' | '«')
}

/// The marks that close the quotation that `opening` opens.
fn closing_marks(opening: char) -> &'static [char] {
    match opening {
        '"' => &['"'],
        '«' => &['»'],
        _ => &['”', '“', '"'],
    }
}

/// Where the word that `text` begins with ends: at white space, a quotation mark, or a parenthesis that is not its own as
/// in `adressé(e)`.
fn word_end(text: &str) -> usize {
    let mut n_open = 0;
    let mut is_in_word = false;
    for (at, c) in text.char_indices() {
        match c {
            '(' if is_in_word => n_open += 1,
            ')' if n_open > 0 => n_open -= 1,
            '(' | ')' => return at,
            _ if c.is_whitespace() || is_opening_mark(c) => return at,
            _ => {}
        }
        is_in_word = c.is_alphanumeric();
    }
    text.len()
}

fn has_letters(text: &str) -> bool {
    text.contains(char::is_alphanumeric)
}

/// Around a word they are quotation marks.
const APOSTROPHES: [char; 2] = ['\'', '’'];

/// A word without the marks around it and what is elided before it.
fn bare(mut word: &str) -> &str {
    loop {
        let inner = without_elision(word.trim_matches(APOSTROPHES));
        if inner.len() == word.len() {
            return word;
        }
        word = inner;
    }
}

/// `word~` and `word~2`; of words joined by hyphens, each.
fn fuzzy(word: &str) -> Option<(&str, u32)> {
    let (fuzzy, edits) = word.split_once('~')?;
    let edits = match edits.trim_end_matches(['.', ',', ';', ':', '!', '?']) {
        "" => 1,
        edits => edits.parse().ok()?,
    };
    let is_word = |c: char| c.is_alphanumeric() || matches!(c, '-' | '\'' | '’');
    (has_letters(fuzzy) && fuzzy.chars().all(is_word)).then_some((fuzzy, edits))
}

/// The parts of a word that may be up to `edits` letters off.
fn fuzzy_parts(word: &str, edits: u32) -> Vec<Part> {
    let words = word.split('-').map(bare);
    let words = words.filter(|word| !word.is_empty());
    let parts = words.map(|word| match edits {
        0 => Part::Exact(word.to_owned()),
        _ => Part::Pattern(Pattern::Fuzzy(word.to_owned(), edits.min(2) as u8)),
    });
    parts.collect()
}

/// Whether a word has a `*` beside a letter, or a `?` before one: at the end of a word it asks.
fn is_wildcard(word: &str) -> bool {
    let question = || {
        word.char_indices()
            .any(|(at, c)| c == '?' && word[at + 1..].starts_with(char::is_alphanumeric))
    };
    has_letters(word) && (word.contains('*') || question())
}

/// The parts of a word with wildcards: several where it is joined by hyphens (`porte-f*`); what is elided goes.
fn wildcard_parts(word: &str) -> Vec<Part> {
    let is_inside = |c: char| c.is_alphanumeric() || matches!(c, '*' | '?' | '\'' | '’');
    let pieces = word
        .split(|c| !is_inside(c))
        // At the end of a word a `?` asks.
        .map(|piece| bare(piece.trim_end_matches(['?', '\'', '’'])))
        .filter(|piece| has_letters(piece));
    let parts = pieces.map(|piece| {
        if is_wildcard(piece) {
            Part::Pattern(Pattern::Wildcard(piece.to_owned()))
        } else {
            Part::Text(piece.to_owned())
        }
    });
    parts.collect()
}

/// A word without what is elided before it.
fn without_elision(word: &str) -> &str {
    let mut rest = word;
    while let Some((before, after)) = rest.split_once(['\'', '’'])
        && is_elided(before)
        && has_letters(after)
    {
        rest = after;
    }
    rest
}

/// The parts of a phrase: patterns, and the text between them.
fn phrase_parts(phrase: &str) -> Vec<Part> {
    let mut parts = Vec::new();
    let mut text_start = 0;
    let push_text = |parts: &mut Vec<Part>, text: &str| {
        if has_letters(text) {
            parts.push(Part::Text(text.trim().to_owned()));
        }
    };
    for word in phrase.split_whitespace() {
        let patterns = match fuzzy(word) {
            Some((word, edits)) => fuzzy_parts(word, edits),
            None if is_wildcard(word) => wildcard_parts(word),
            None => continue,
        };
        // `word` is a part of `phrase`: its place is told by the pointers.
        let start = word.as_ptr() as usize - phrase.as_ptr() as usize;
        push_text(&mut parts, &phrase[text_start..start]);
        parts.extend(patterns);
        text_start = start + word.len();
    }
    push_text(&mut parts, &phrase[text_start..]);
    parts
}

//! Writes a tree as a query again: how it was read, in full.

use std::fmt::{Display, Formatter, Result, Write};

use super::lexer::is_operator;
use super::{Clause, Filter, Group, Node, Occur, Part, Pattern, Phrase};

impl Display for Group {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        for (n_before, clause) in self.clauses.iter().enumerate() {
            if n_before > 0 {
                f.write_char(' ')?;
            }
            match (clause.occur, &clause.node) {
                (Occur::Should, Node::Words(text)) if self.clauses.len() > 1 => {
                    write_beside_others(text, f)?;
                }
                _ => clause.fmt(f)?,
            }
        }
        Ok(())
    }
}

/// Writes words that stand beside other clauses: a word that would join them gets a comma.
fn write_beside_others(text: &str, f: &mut Formatter<'_>) -> Result {
    for piece in text.split_inclusive(char::is_whitespace) {
        let word = piece.trim_end();
        let comma = if is_operator(word) { "," } else { "" };
        write!(f, "{word}{comma}{}", &piece[word.len()..])?;
    }
    Ok(())
}

/// Writes what stands in parentheses: at the end of a word that opens some itself, the closing one would be taken for the
/// word's.
fn write_in_parentheses(inner: &str, f: &mut Formatter<'_>) -> Result {
    let last = inner.rsplit(char::is_whitespace).next().unwrap_or_default();
    let space = match last.matches('(').count() > last.matches(')').count() {
        true => " ",
        false => "",
    };
    write!(f, "({inner}{space})")
}

impl Display for Clause {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        match self.occur {
            Occur::Should => {
                if let Node::Words(text) = &self.node {
                    return f.write_str(text);
                }
            }
            Occur::Must if self.node.is_condition() => {}
            Occur::Must => f.write_char('+')?,
            Occur::MustNot => f.write_char('-')?,
        }
        self.node.fmt(f)
    }
}

impl Display for Node {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        match self {
            Node::Words(text) => write_in_parentheses(text, f),
            Node::Phrase(phrase) => phrase.fmt(f),
            Node::Near {
                left,
                right,
                distance,
            } => write!(f, "({left} NEAR/{distance} {right})"),
            Node::Any(nodes) => {
                f.write_char('(')?;
                for (n_before, node) in nodes.iter().enumerate() {
                    if n_before > 0 {
                        f.write_str(" OR ")?;
                    }
                    node.fmt(f)?;
                }
                f.write_char(')')
            }
            Node::Group(group) => write_in_parentheses(&group.to_string(), f),
            Node::Title(node) => write!(f, "title:{node}"),
            Node::Filter(filter) => filter.fmt(f),
        }
    }
}

impl Display for Phrase {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        if let ([Part::Pattern(pattern)], 0) = (self.parts.as_slice(), self.slop) {
            return pattern.fmt(f);
        }
        if let ([Part::Exact(text)], slop) = (self.parts.as_slice(), self.slop) {
            write!(f, "={}", Quoted(text))?;
            return if slop > 0 {
                write!(f, "~{slop}")
            } else {
                Ok(())
            };
        }
        let parts = self.parts.iter().map(|part| match part {
            Part::Text(text) | Part::Exact(text) => text.clone(),
            Part::Pattern(pattern) => pattern.to_string(),
        });
        Quoted(&parts.collect::<Vec<_>>().join(" ")).fmt(f)?;
        if self.slop > 0 {
            write!(f, "~{}", self.slop)?;
        }
        Ok(())
    }
}

impl Display for Pattern {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        match self {
            Pattern::Wildcard(text) => f.write_str(text),
            Pattern::Fuzzy(word, edits) => write!(f, "{word}~{edits}"),
            Pattern::Regex(expression) => write!(f, "/{expression}/"),
        }
    }
}

impl Display for Filter {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        match self {
            Filter::Text(field, text) => write!(f, "{}:{}", field.name(), Quoted(text)),
            Filter::Language(language) => write!(f, "lang:{}", language.code()),
            Filter::Date(range) => write!(f, "date:{}", range.text),
        }
    }
}

/// A text in quotation marks that are not in it.
struct Quoted<'t>(&'t str);

impl Display for Quoted<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        if self.0.contains('"') {
            write!(f, "«{}»", self.0)
        } else {
            write!(f, "\"{}\"", self.0)
        }
    }
}

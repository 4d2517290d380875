//! Hands the words of [`crate::language`] to tantivy, as terms and as forms.

use tantivy::tokenizer::{Token, TokenStream, Tokenizer, TokenizerManager};
use unicode_normalization::char::is_combining_mark;

use super::schema::{FORMS, NAMES, analyzer_name};
use crate::language::{Analyzer, Forms, Language, fold, normalized};

/// Separates the folded word from the form in the terms of the `forms` field.
pub(super) const FORM_SEPARATOR: char = '\0';

/// Registers every tokenizer that the schema names: whenever an index is created or opened, since tantivy keeps
/// the names only.
pub(super) fn register(tokenizers: &TokenizerManager) {
    for language in Language::ALL {
        tokenizers.register(&analyzer_name(language), TermTokenizer::new(language));
    }
    tokenizers.register(FORMS, FormTokenizer);
    tokenizers.register(NAMES, NameTokenizer);
}

/// The words of a name or a path, as they are indexed and looked up: runs of letters and digits, folded.
pub(crate) fn name_words(text: &str) -> Vec<String> {
    let runs = text.split(|c: char| !c.is_alphanumeric() && !is_combining_mark(c));
    runs.map(|run| fold(&normalized(run)))
        .filter(|word| !word.is_empty())
        .collect()
}

/// Yields the words of names and paths.
#[derive(Clone)]
struct NameTokenizer;

impl Tokenizer for NameTokenizer {
    type TokenStream<'a> = NameStream;

    fn token_stream(&mut self, text: &str) -> NameStream {
        NameStream {
            words: name_words(text).into_iter(),
            token: Token::default(),
        }
    }
}

/// The words of a name as tantivy's tokens.
struct NameStream {
    words: std::vec::IntoIter<String>,
    token: Token,
}

impl TokenStream for NameStream {
    fn advance(&mut self) -> bool {
        let Some(word) = self.words.next() else {
            return false;
        };
        self.token.text = word;
        self.token.position = self.token.position.wrapping_add(1);
        true
    }

    fn token(&self) -> &Token {
        &self.token
    }

    fn token_mut(&mut self) -> &mut Token {
        &mut self.token
    }
}

/// Yields the keys of one language.
struct TermTokenizer {
    analyzer: Analyzer,
}

impl TermTokenizer {
    fn new(language: Language) -> TermTokenizer {
        TermTokenizer {
            analyzer: Analyzer::new(language),
        }
    }
}

impl Clone for TermTokenizer {
    /// tantivy clones one for each writing thread: each gets a cache of its own.
    fn clone(&self) -> TermTokenizer {
        TermTokenizer::new(self.analyzer.language())
    }
}

impl Tokenizer for TermTokenizer {
    type TokenStream<'a> = WordStream<'a, &'a mut Analyzer>;

    fn token_stream<'a>(&'a mut self, text: &'a str) -> Self::TokenStream<'a> {
        WordStream::new(text, &mut self.analyzer)
    }
}

/// The term of a form: what it is folded, and itself.
pub(crate) fn form_term(form: &str) -> String {
    format!("{}{FORM_SEPARATOR}{form}", fold(form))
}

/// Yields the words as written.
#[derive(Clone)]
struct FormTokenizer;

impl Tokenizer for FormTokenizer {
    type TokenStream<'a> = WordStream<'a, FormTokenizer>;

    fn token_stream<'a>(&'a mut self, text: &'a str) -> Self::TokenStream<'a> {
        WordStream::new(text, FormTokenizer)
    }
}

/// How a word becomes a term.
trait WriteTerm {
    /// Replaces `term` by the term of `form`.
    fn write_term(&mut self, form: &str, term: &mut String);
}

impl WriteTerm for &mut Analyzer {
    fn write_term(&mut self, form: &str, term: &mut String) {
        self.key(form, term);
    }
}

impl WriteTerm for FormTokenizer {
    fn write_term(&mut self, form: &str, term: &mut String) {
        term.clear();
        term.push_str(&form_term(form));
    }
}

/// The words of a text as tantivy's tokens; the first is at position 0.
struct WordStream<'a, W> {
    forms: Forms<'a>,
    writer: W,
    token: Token,
}

impl<'a, W> WordStream<'a, W> {
    fn new(text: &'a str, writer: W) -> WordStream<'a, W> {
        WordStream {
            forms: Forms::new(text),
            writer,
            token: Token::default(),
        }
    }
}

impl<W: WriteTerm> TokenStream for WordStream<'_, W> {
    fn advance(&mut self) -> bool {
        let Some(range) = self.forms.advance() else {
            return false;
        };
        self.writer
            .write_term(self.forms.form(), &mut self.token.text);
        self.token.offset_from = range.start;
        self.token.offset_to = range.end;
        self.token.position = self.token.position.wrapping_add(1);
        true
    }

    fn token(&self) -> &Token {
        &self.token
    }

    fn token_mut(&mut self) -> &mut Token {
        &mut self.token
    }
}

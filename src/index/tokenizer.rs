//! Hands the words of [`crate::language`] to tantivy, as terms and as forms.

use tantivy::tokenizer::{Token, TokenStream, Tokenizer, TokenizerManager};

use super::schema::{FORMS, analyzer_name};
use crate::language::{Analyzer, Forms, Language, fold};

/// Separates the folded word from the form in the terms of the `forms` field.
pub(super) const FORM_SEPARATOR: char = '\0';

/// Registers every tokenizer that the schema names: whenever an index is created or opened, since tantivy keeps
/// the names only.
pub(super) fn register(tokenizers: &TokenizerManager) {
    for language in Language::ALL {
        tokenizers.register(&analyzer_name(language), TermTokenizer::new(language));
    }
    tokenizers.register(FORMS, FormTokenizer);
}

/// Appends the term of `form` in the `forms` field to `term`.
fn write_form_term(form: &str, term: &mut String) {
    term.push_str(&fold(form));
    term.push(FORM_SEPARATOR);
    term.push_str(form);
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
    type TokenStream<'a> = TermStream<'a>;

    fn token_stream<'a>(&'a mut self, text: &'a str) -> TermStream<'a> {
        TermStream {
            analyzer: &mut self.analyzer,
            forms: Forms::new(text),
            token: Token::default(),
        }
    }
}

struct TermStream<'a> {
    analyzer: &'a mut Analyzer,
    forms: Forms<'a>,
    token: Token,
}

impl TokenStream for TermStream<'_> {
    fn advance(&mut self) -> bool {
        let Some(range) = self.forms.advance() else {
            return false;
        };
        self.analyzer.key(self.forms.form(), &mut self.token.text);
        step(&mut self.token, range);
        true
    }

    fn token(&self) -> &Token {
        &self.token
    }

    fn token_mut(&mut self) -> &mut Token {
        &mut self.token
    }
}

/// Yields the words as written.
#[derive(Clone)]
struct FormTokenizer;

impl Tokenizer for FormTokenizer {
    type TokenStream<'a> = FormStream<'a>;

    fn token_stream<'a>(&'a mut self, text: &'a str) -> FormStream<'a> {
        FormStream {
            forms: Forms::new(text),
            token: Token::default(),
        }
    }
}

struct FormStream<'a> {
    forms: Forms<'a>,
    token: Token,
}

impl TokenStream for FormStream<'_> {
    fn advance(&mut self) -> bool {
        let Some(range) = self.forms.advance() else {
            return false;
        };
        self.token.text.clear();
        write_form_term(self.forms.form(), &mut self.token.text);
        step(&mut self.token, range);
        true
    }

    fn token(&self) -> &Token {
        &self.token
    }

    fn token_mut(&mut self) -> &mut Token {
        &mut self.token
    }
}

/// Moves `token` to the next position; the first token's is 0.
fn step(token: &mut Token, range: std::ops::Range<usize>) {
    token.offset_from = range.start;
    token.offset_to = range.end;
    token.position = token.position.wrapping_add(1);
}

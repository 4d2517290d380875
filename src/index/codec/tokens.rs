//! Cuts texts into words and what stands between them, for the dictionaries of texts.
//!
//! This has nothing to do with the words that are looked up: any cut would do that is the same each time. This one is told by
//! the first byte of a character: all are parts of words but those of ASCII that are neither letters nor digits, and those of
//! the two blocks of the width in which there are the spaces, quotes and dashes of French and English.

/// The tokens of a text, one after the other: words and what is between words take turns, and put together they are the text.
pub(super) struct Tokens<'t> {
    text: &'t str,
    at: usize,
}

/// A word, or what is between two words.
#[derive(Clone, Copy, Debug)]
pub(super) struct Token<'t> {
    pub(super) text: &'t str,
    /// Where it is in the text.
    pub(super) start: usize,
    pub(super) is_word: bool,
}

/// What a byte belongs to.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Class {
    Word,
    Other,
    /// What the byte before belongs to.
    Same,
}

const CLASSES: [Class; 256] = {
    let mut classes = [Class::Word; 256];
    let mut byte = 0;
    while byte < 256 {
        classes[byte] = match byte as u8 {
            byte if byte.is_ascii_alphanumeric() => Class::Word,
            // From U+0080 on, and from U+2000 on.
            0..0x80 | 0xC2 | 0xE2 => Class::Other,
            0x80..0xC0 => Class::Same,
            _ => Class::Word,
        };
        byte += 1;
    }
    classes
};

impl<'t> Tokens<'t> {
    pub(super) fn new(text: &'t str) -> Tokens<'t> {
        Tokens { text, at: 0 }
    }

    /// Goes over a space that comes next, if a word comes behind it.
    #[inline]
    pub(super) fn skip_space(&mut self) {
        if let [b' ', next, ..] = &self.text.as_bytes()[self.at..] {
            self.at += usize::from(CLASSES[usize::from(*next)] == Class::Word);
        }
    }
}

impl<'t> Iterator for Tokens<'t> {
    type Item = Token<'t>;

    #[inline]
    fn next(&mut self) -> Option<Token<'t>> {
        let start = self.at;
        let rest = &self.text.as_bytes()[start..];
        let class = CLASSES[usize::from(*rest.first()?)];
        let other = match class {
            Class::Word => Class::Other,
            Class::Other | Class::Same => Class::Word,
        };
        let end = rest
            .iter()
            .position(|byte| CLASSES[usize::from(*byte)] == other);
        self.at = end.map_or(self.text.len(), |end| start + end);
        Some(Token {
            text: &self.text[start..self.at],
            start,
            is_word: class == Class::Word,
        })
    }
}

/// Whether `text` begins with a word.
pub(super) fn begins_with_word(text: &[u8]) -> bool {
    let first = text.first();
    first.is_some_and(|byte| CLASSES[usize::from(*byte)] == Class::Word)
}

/// Whether `text` ends with a word.
pub(super) fn ends_with_word(text: &[u8]) -> bool {
    let classes = text.iter().rev().map(|byte| CLASSES[usize::from(*byte)]);
    classes.into_iter().find(|class| *class != Class::Same) == Some(Class::Word)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn words_and_what_is_between_take_turns() {
        let text = "L’été 1987, « là-bas »…";
        let tokens: Vec<&str> = Tokens::new(text).map(|token| token.text).collect();
        let wanted = [
            "L", "’", "été", " ", "1987", ", « ", "là", "-", "bas", " »…",
        ];
        assert_eq!(tokens, wanted);
    }

    proptest! {
        #[test]
        fn put_together_they_are_the_text(text in "(\\PC|[a-zé’ ,]){0,40}") {
            let tokens: Vec<Token> = Tokens::new(&text).collect();
            let take_turns = |pair: &[Token]| pair[0].is_word != pair[1].is_word;
            prop_assert!(tokens.windows(2).all(take_turns));
            let put_together: String = tokens.iter().map(|token| token.text).collect();
            prop_assert_eq!(put_together, text);
        }
    }
}

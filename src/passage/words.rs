//! How many words a text has, for the lengths of passages.

/// Words of `text`, counted as readers and programs count them, whichever is more: runs between white space, or
/// runs of letters and digits (`l'école` is one of the former and two of the latter).
pub(super) fn count_words(text: &str) -> usize {
    let mut n_runs = 0;
    let mut n_words = 0;
    let mut before = BLANK;
    let mut at = 0;
    while let Some(&byte) = text.as_bytes().get(at) {
        let kind = match OF_ASCII.get(usize::from(byte)) {
            Some(kind) => {
                at += 1;
                *kind
            }
            None => {
                let c = text[at..].chars().next().unwrap_or_default();
                at += c.len_utf8();
                kind_of(c)
            }
        };
        // The bits that were not set before.
        let begun = kind & !before;
        n_runs += usize::from(begun & IN_RUN);
        n_words += usize::from(begun >> 1);
        before = kind;
    }
    n_runs.max(n_words)
}

/// What a character belongs to: nothing, a run between white space, and if so, a run of letters and digits.
const BLANK: u8 = 0;
const IN_RUN: u8 = 1;
const IN_WORD: u8 = 2;

/// Kinds of the characters of ASCII.
const OF_ASCII: [u8; 128] = {
    let mut kinds = [IN_RUN; 128];
    let mut byte = 0;
    while byte < 128 {
        match byte as u8 {
            b'\t'..=b'\r' | b' ' => kinds[byte] = BLANK,
            byte if byte.is_ascii_alphanumeric() => kinds[byte as usize] = IN_RUN | IN_WORD,
            _ => {}
        }
        byte += 1;
    }
    kinds
};

fn kind_of(c: char) -> u8 {
    let is_word = match c {
        // As `char::is_alphanumeric` says, which looks them up: letters of Latin, and quotes, dashes and the like.
        '\u{C0}'..='\u{24F}' => !matches!(c, '×' | '÷'),
        '\u{2000}'..='\u{206F}' => false,
        _ => c.is_alphanumeric(),
    };
    match c {
        _ if is_word => IN_RUN | IN_WORD,
        _ if c.is_whitespace() => BLANK,
        _ => IN_RUN,
    }
}

/// Where the word after the first `n_words` runs of letters and digits of `text` begins.
pub(super) fn nth_word(text: &str, n_words: usize) -> usize {
    let mut starts = text.char_indices().scan(false, |in_word, (at, c)| {
        let is_start = c.is_alphanumeric() && !*in_word;
        *in_word = c.is_alphanumeric();
        Some(is_start.then_some(at))
    });
    starts.by_ref().flatten().nth(n_words).unwrap_or(text.len())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn letters_and_digits_are_those_of_unicode() {
        for c in '\0'..=char::MAX {
            let expected = match (c.is_whitespace(), c.is_alphanumeric()) {
                (true, _) => BLANK,
                (_, true) => IN_RUN | IN_WORD,
                _ => IN_RUN,
            };
            assert_eq!(kind_of(c), expected, "{c:?}");
            let of_ascii = OF_ASCII.get(c as usize);
            assert!(of_ascii.is_none_or(|kind| *kind == expected), "{c:?}");
        }
    }

    proptest! {
        #[test]
        fn words_are_counted_either_way(text in "\\PC{0,60}|[a-zé0-9 ,’\u{A0}\n.-]{0,60}") {
            let n_runs = text.split_whitespace().count();
            let words = text.split(|c: char| !c.is_alphanumeric());
            let n_words = words.filter(|word| !word.is_empty()).count();
            prop_assert_eq!(count_words(&text), n_runs.max(n_words));
        }
    }
}

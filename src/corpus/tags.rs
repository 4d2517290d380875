//! Bounds runs of attributes in HTML, before the tokenizer sees them.
//!
//! html5gum 0.9 goes a call deeper for each attribute in double quotes that follows another after white space, and has no
//! stack left after a few thousand (`<p a="b" a="b" …`). No page has tags with nearly as many.

use std::borrow::Cow;
use std::collections::VecDeque;

use memchr::{memchr, memchr_iter};

/// Most such attributes in a run. A thread of 2 MB has stack for fewer than 256 without optimization, and 10,000 with it.
const MAX_RUN: usize = 64;

/// The same source, of the same length, in which an attribute is no longer in quotes after every [`MAX_RUN`] of a run.
///
/// What is a tag and what is not is for the tokenizer to say: a run is looked for from each `="` there is, in a tag or not.
pub(super) fn with_bounded_runs(source: &str) -> Cow<'_, str> {
    let bytes = source.as_bytes();
    let mut cut = Vec::new();
    // Where runs that were begun go on, with their lengths; several may be under way, one in the quotes of the other.
    let mut expected: VecDeque<(usize, usize)> = VecDeque::new();
    for quote in memchr_iter(b'"', bytes).filter(|quote| opens_value(bytes, *quote)) {
        let mut length = 0;
        while let Some(&(at, before)) = expected.front().filter(|(at, _)| *at <= quote) {
            if at == quote {
                length = length.max(before);
            }
            expected.pop_front();
        }
        length += 1;
        if length >= MAX_RUN {
            cut.push(quote);
            length = 0;
        }
        if let Some(following) = following(bytes, quote) {
            expected.push_back((following, length));
        }
    }
    if cut.is_empty() {
        return Cow::Borrowed(source);
    }
    let mut bounded = source.to_owned();
    for quote in cut {
        bounded.replace_range(quote..=quote, " ");
    }
    Cow::Owned(bounded)
}

/// Whether an equals sign is before a quote, perhaps with white space between.
fn opens_value(bytes: &[u8], quote: usize) -> bool {
    let mut before = bytes[..quote].iter().rev();
    before.find(|byte| !byte.is_ascii_whitespace()) == Some(&b'=')
}

/// Where the value that `quote` opens is followed by another attribute in quotes: the place of its quote.
fn following(bytes: &[u8], quote: usize) -> Option<usize> {
    let skip_spaces = |from: usize| {
        let is_space = |byte: &&u8| byte.is_ascii_whitespace();
        from + bytes[from..].iter().take_while(is_space).count()
    };
    let end = quote + 1 + memchr(b'"', &bytes[quote + 1..])?;
    let name = skip_spaces(end + 1);
    let ends_name = |byte: &u8| byte.is_ascii_whitespace() || matches!(byte, b'/' | b'>' | b'=');
    let equals = name + 1 + bytes.get(name + 1..)?.iter().position(ends_name)?;
    if name == end + 1 || bytes[equals] != b'=' {
        return None;
    }
    let next = skip_spaces(equals + 1);
    (bytes.get(next) == Some(&b'"')).then_some(next)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_pages_have_is_left_alone() {
        let page = r#"<p class="a" id="b">x="y" z="t"</p>"#;
        assert!(matches!(with_bounded_runs(page), Cow::Borrowed(_)));
        let many = r#"<p a="b" c="d">"#.repeat(10_000);
        assert!(matches!(with_bounded_runs(&many), Cow::Borrowed(_)));
    }

    #[test]
    fn long_runs_are_cut_wherever_they_begin() {
        let run = "é=\"b\" ".repeat(10_000);
        for source in [
            format!("<p {run}>Le maire.</p>"),
            format!("<script>i<n='</script><p {run}>Le maire.</p>"),
            format!("<p a=b='x\" c=\"' > \" {run}>Le maire.</p>"),
            format!("<p x=\"y=\" {run}>Le maire.</p>"),
            format!("<p {}>Le maire.</p>", run.replace('=', "=\n ")),
            format!("<p {}>Le maire.</p>", run.replace(' ', "\t ")),
        ] {
            let bounded = with_bounded_runs(&source);
            assert_eq!(bounded.len(), source.len());
            let n_cut = source.matches('"').count() - bounded.matches('"').count();
            assert!(
                (10_000 / MAX_RUN..=10_100 / MAX_RUN + 1).contains(&n_cut),
                "{n_cut}"
            );
            let n_tokens = html5gum::Tokenizer::new(bounded.as_ref()).count();
            assert!(n_tokens > 2);
        }
    }
}

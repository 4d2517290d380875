//! What a terminal can show, and what must not reach it.

use std::borrow::Cow;
use std::io::{self, IsTerminal};

use anstyle::{AnsiColor, Style};
use unicode_width::UnicodeWidthChar;

/// Widest lines of text, in columns: longer ones are hard to read.
const MAX_COLUMNS: usize = 100;

/// When to color.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum Color {
    /// On a terminal, unless NO_COLOR is set
    Auto,
    Always,
    Never,
}

/// Where standard output goes.
pub(crate) struct Terminal {
    is_colored: bool,
    /// Columns to wrap text at; `None` where it is not a terminal, and lines belong to programs.
    columns: Option<usize>,
}

/// A role that text has in the output.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Role {
    Title,
    Match,
    Where,
    Aside,
    Plain,
}

impl Terminal {
    /// Looks at standard output and at the environment.
    pub(crate) fn of(color: Color) -> Terminal {
        let is_terminal = io::stdout().is_terminal();
        let is_refused = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
        let columns = terminal_size::terminal_size().map(|(width, _)| usize::from(width.0));
        Terminal {
            is_colored: match color {
                Color::Auto => is_terminal && !is_refused,
                Color::Always => true,
                Color::Never => false,
            },
            columns: columns
                .filter(|_| is_terminal)
                .map(|columns| columns.clamp(20, MAX_COLUMNS)),
        }
    }

    /// The codes to write before and after text in this role; empty without color.
    pub(crate) fn codes(&self, role: Role) -> (String, String) {
        if !self.is_colored {
            return (String::new(), String::new());
        }
        let style = match role {
            Role::Title => Style::new().bold(),
            Role::Match => Style::new().bold().fg_color(Some(AnsiColor::Yellow.into())),
            Role::Where => Style::new().fg_color(Some(AnsiColor::Cyan.into())),
            Role::Aside => Style::new().dimmed(),
            Role::Plain => Style::new(),
        };
        (style.render().to_string(), style.render_reset().to_string())
    }

    /// Columns of text to wrap at, where wrapping makes sense.
    pub(crate) fn columns(&self) -> Option<usize> {
        self.columns
    }
}

/// Columns that `text` takes.
pub(crate) fn width(text: &str) -> usize {
    text.chars().filter_map(UnicodeWidthChar::width).sum()
}

/// Replaces what could make a terminal do something, or show text other than it is: control characters, and those that
/// change the direction of writing. Line ends and tabs become spaces.
pub(crate) fn sanitize(text: &str) -> Cow<'_, str> {
    if !text.contains(is_unsafe) {
        return Cow::Borrowed(text);
    }
    let safe = text.chars().map(|c| match c {
        '\n' | '\r' | '\t' => ' ',
        c if is_unsafe(c) => '\u{FFFD}',
        c => c,
    });
    Cow::Owned(safe.collect())
}

/// Tells whether `c` must not reach a terminal as it is.
pub(crate) fn is_unsafe(c: char) -> bool {
    c.is_control()
        || matches!(
            c,
            '\u{061C}' | '\u{200E}' | '\u{200F}' | '\u{2028}' | '\u{2029}' | '\u{202A}'
                ..='\u{202E}' | '\u{2066}'..='\u{2069}'
        )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escape_sequences_and_reversed_text_are_disarmed() {
        assert_eq!(sanitize("a\u{1b}[31mb\u{9b}c"), "a\u{FFFD}[31mb\u{FFFD}c");
        assert_eq!(sanitize("a\u{202E}b"), "a\u{FFFD}b");
        assert_eq!(sanitize("a\r\nb"), "a  b");
        assert_eq!(sanitize("« été »\u{A0}!"), "« été »\u{A0}!");
    }
}

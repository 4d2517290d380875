//! Lets `fouine search maire -dette` mean what it says, although `-dette` looks like options to clap.

use std::ffi::OsString;

/// Stands for the hyphen of an exclusion while clap reads the arguments; the query parser takes both.
const MINUS: char = '\u{2212}';

/// Rewrites the exclusions among the arguments of `search`, so that clap reads them as words of the query; the options
/// `with_value` take the next argument as their value.
pub(super) fn protect_exclusions(
    arguments: impl IntoIterator<Item = OsString>,
    with_value: Vec<String>,
) -> impl Iterator<Item = OsString> {
    let mut is_search = false;
    let mut is_over = false;
    let mut previous = String::new();
    arguments
        .into_iter()
        .enumerate()
        .map(move |(at, argument)| {
            let Some(text) = argument.to_str() else {
                return argument;
            };
            if at == 1 {
                is_search = text == "search";
            }
            is_over |= text == "--";
            let is_value = with_value.contains(&previous);
            previous = text.to_owned();
            if at > 1 && is_search && !is_over && !is_value && is_exclusion(text) {
                OsString::from(text.replacen('-', &MINUS.to_string(), 1))
            } else {
                argument
            }
        })
}

/// Puts the hyphens back.
pub(super) fn restore_exclusion(word: &str) -> String {
    match word.strip_prefix(MINUS) {
        Some(rest) => format!("-{rest}"),
        None => word.to_owned(),
    }
}

/// Tells `-dette` and `-nucléaire` from options: `-n`, `-n20`, `-n=20`, `-h`, `-V`, `--json`.
fn is_exclusion(argument: &str) -> bool {
    let Some(rest) = argument.strip_prefix('-') else {
        return false;
    };
    if rest.is_empty() || rest.starts_with('-') || matches!(rest, "n" | "h" | "V") {
        return false;
    }
    let number = rest
        .strip_prefix('n')
        .map(|number| number.strip_prefix('=').unwrap_or(number));
    !number.is_some_and(|number| number.bytes().all(|byte| byte.is_ascii_digit()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn exclusions_are_told_from_options() {
        for option in [
            "-n", "-n5", "-n=5", "-h", "-V", "--json", "-", "--", "maire",
        ] {
            assert!(!is_exclusion(option), "{option}");
        }
        for exclusion in [
            "-dette",
            "-nucléaire",
            "-hôpital",
            "-n5x",
            "-\"conseil municipal\"",
        ] {
            assert!(is_exclusion(exclusion), "{exclusion}");
        }
    }

    #[test]
    fn only_words_of_a_search_are_rewritten() {
        let rewrite = |arguments: &[&str]| -> Vec<String> {
            protect_exclusions(arguments.iter().map(OsString::from), vec!["-n".to_owned()])
                .map(|argument| argument.to_string_lossy().into_owned())
                .collect()
        };
        assert_eq!(
            rewrite(&["fouine", "search", "-dette", "-n", "-3", "--", "-x"]),
            ["fouine", "search", "−dette", "-n", "-3", "--", "-x"]
        );
        assert_eq!(
            rewrite(&["fouine", "index", "-dette"]),
            ["fouine", "index", "-dette"]
        );
        assert_eq!(restore_exclusion("−dette"), "-dette");
    }
}

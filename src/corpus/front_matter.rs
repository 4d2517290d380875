//! The block of named values before a Markdown article: YAML between `---`, TOML between `+++`.

use yaml_rust2::parser::{Event, Parser};

use super::metadata::{Fields, Value, is_known_key};

/// A block longer than this is text between two rules.
const MAX_BYTES: usize = 256 * 1024;

/// Values nested deeper are nothing an article has.
const MAX_DEPTH: usize = 32;

/// Reads the front matter at the very start of a source.
///
/// Gives its fields and the offset of the body after it; no fields and 0 when there is none.
pub(crate) fn read(source: &str) -> (Fields, usize) {
    let start = source.len() - source.trim_start_matches('\u{feff}').len();
    for (fence, parse) in [
        ("---", parse_yaml as fn(&str) -> Fields),
        ("+++", parse_toml),
    ] {
        if let Some((block, body)) = fenced(&source[start..], fence) {
            return (parse(block), start + body);
        }
    }
    (Fields::default(), 0)
}

/// The block between two lines that are the fence, and the offset of what follows.
fn fenced<'a>(source: &'a str, fence: &str) -> Option<(&'a str, usize)> {
    let source_head = &source[..source.floor_char_boundary(MAX_BYTES)];
    let mut lines = source_head.split_inclusive('\n');
    let first = lines.next().filter(|line| line.trim_end() == fence)?;
    let mut at = first.len();
    for line in lines {
        let is_end = line.trim_end() == fence || (fence == "---" && line.trim_end() == "...");
        if is_end {
            let block = &source[first.len()..at];
            return looks_like_fields(block, fence).then_some((block, at + line.len()));
        }
        at += line.len();
    }
    None
}

/// Two rules may also enclose ordinary text, which is not to be lost.
fn looks_like_fields(block: &str, fence: &str) -> bool {
    let sign = if fence == "---" { ':' } else { '=' };
    block.trim().is_empty()
        || block.lines().any(|line| {
            let key = line.split_once(sign).map_or("", |(key, _)| key.trim());
            !key.is_empty()
                && key
                    .chars()
                    .all(|c| c.is_alphanumeric() || "_-.\"' ".contains(c))
                && key.len() <= 60
        })
}

fn parse_yaml(block: &str) -> Fields {
    match yaml_value(block) {
        Some(Value::Map(fields)) => fields,
        _ => parse_lines(block, ':'),
    }
}

/// Builds the value from the parser's events: its own loader recurses, and loses the spelling of
/// dates and numbers.
fn yaml_value(block: &str) -> Option<Value> {
    let mut parser = Parser::new_from_str(block);
    // Collections under way, outermost first, each with the key that waits for a value.
    let mut open: Vec<(Value, Option<String>)> = Vec::new();
    loop {
        let (event, _) = parser.next_token().ok()?;
        let value = match event {
            Event::Scalar(text, ..) => Value::Text(text),
            Event::Alias(_) => Value::Text(String::new()),
            Event::SequenceStart(..) | Event::MappingStart(..) => {
                if open.len() == MAX_DEPTH {
                    return None;
                }
                let collection = match event {
                    Event::SequenceStart(..) => Value::List(Vec::new()),
                    _ => Value::Map(Fields::default()),
                };
                open.push((collection, None));
                continue;
            }
            Event::SequenceEnd | Event::MappingEnd => open.pop()?.0,
            Event::StreamEnd => return None,
            Event::Nothing | Event::StreamStart | Event::DocumentStart | Event::DocumentEnd => {
                continue;
            }
        };
        let Some((collection, waiting_key)) = open.last_mut() else {
            return Some(value);
        };
        match collection {
            Value::List(values) => values.push(value),
            Value::Map(fields) => match waiting_key.take() {
                Some(key) => fields.push(&key, value),
                None => *waiting_key = Some(value.line().unwrap_or_default()),
            },
            Value::Text(_) => return None,
        }
    }
}

fn parse_toml(block: &str) -> Fields {
    match toml::from_str::<toml::Table>(block) {
        Ok(table) => match toml_value(toml::Value::Table(table)) {
            Value::Map(fields) => fields,
            Value::Text(_) | Value::List(_) => Fields::default(),
        },
        Err(_) => parse_lines(block, '='),
    }
}

fn toml_value(value: toml::Value) -> Value {
    match value {
        toml::Value::String(text) => Value::Text(text),
        toml::Value::Integer(number) => Value::Text(number.to_string()),
        toml::Value::Float(number) => Value::Text(number.to_string()),
        toml::Value::Boolean(truth) => Value::Text(truth.to_string()),
        toml::Value::Datetime(time) => Value::Text(time.to_string()),
        toml::Value::Array(values) => Value::List(values.into_iter().map(toml_value).collect()),
        toml::Value::Table(table) => {
            let mut fields = Fields::default();
            for (key, value) in table {
                fields.push(&key, toml_value(value));
            }
            Value::Map(fields)
        }
    }
}

/// Reads `key: value` line by line, for blocks that a parser refuses: most often a title with a
/// colon in it that nobody quoted.
fn parse_lines(block: &str, sign: char) -> Fields {
    let mut fields = Fields::default();
    let mut list_key: Option<String> = None;
    for line in block.lines() {
        if let (Some(key), Some(item)) = (&list_key, line.trim_start().strip_prefix("- ")) {
            fields.push(key, Value::Text(unquoted(item).to_owned()));
            continue;
        }
        list_key = None;
        let Some((key, value)) = line.split_once(sign) else {
            continue;
        };
        let key = key.trim().to_lowercase();
        let value = unquoted(value);
        if !is_known_key(&key) {
            continue;
        }
        if value.is_empty() {
            list_key = Some(key);
        } else {
            fields.push(&key, Value::Text(value.to_owned()));
        }
    }
    fields
}

fn unquoted(value: &str) -> &str {
    let value = value.trim();
    for quote in ['"', '\''] {
        if let Some(inside) = value.strip_prefix(quote) {
            return inside.strip_suffix(quote).unwrap_or(inside);
        }
    }
    value
}

#[cfg(test)]
mod tests {
    use proptest::prelude::proptest;

    use super::*;

    #[test]
    fn yaml_is_read_with_its_folded_and_quoted_values() {
        let source = "---\ntitle: >-\n  Le pont\n  fermé\ndate: '2018-07-11 09:00:00 -0400'\nauthors:\n  - name: Zoé\n  - Éric\n---\nCorps.\n";
        let (fields, body) = read(source);
        let metadata = fields.metadata();
        assert_eq!(metadata.title, "Le pont fermé");
        assert_eq!(metadata.date.unwrap().to_string(), "2018-07-11");
        assert_eq!(metadata.author.as_deref(), Some("Zoé, Éric"));
        assert_eq!(&source[body..], "Corps.\n");
    }

    #[test]
    fn toml_is_read_with_its_dates() {
        let source = "\u{feff}+++\r\ntitle = \"Le pont\"\r\ndate = 2019-05-04\r\n[params]\r\nx = 1\r\n+++\r\nCorps.";
        let (fields, body) = read(source);
        assert_eq!(fields.metadata().title, "Le pont");
        assert_eq!(fields.metadata().date.unwrap().to_string(), "2019-05-04");
        assert_eq!(&source[body..], "Corps.");
    }

    #[test]
    fn unquoted_colon_is_read_line_by_line() {
        let source =
            "---\ntitle: Le pont : fermé: \"oui\"\ndate: 2020-05-12\nauthors:\n - Zoé\n---\nCorps";
        let metadata = read(source).0.metadata();
        assert_eq!(metadata.title, "Le pont : fermé: \"oui\"");
        assert_eq!(metadata.date.unwrap().to_string(), "2020-05-12");
        assert_eq!(metadata.author.as_deref(), Some("Zoé"));
    }

    #[test]
    fn block_that_never_closes_is_text() {
        assert_eq!(read("---\ntitle: Le pont\n\nCorps.\n").1, 0);
        assert_eq!(read("---\n\nUne phrase.\n\n---\n\nUne autre.\n").1, 0);
        assert_eq!(read(" ---\ntitle: x\n---\n").1, 0);
    }

    #[test]
    fn nesting_without_end_is_refused() {
        let source = format!("---\na: {}\ntitle: Le pont\n---\n", "[".repeat(100_000));
        assert_eq!(read(&source).0.metadata().title, "Le pont");
    }

    proptest! {
        #[test]
        fn any_block_is_read(block in "(\\PC|[a-z]+: |- |\n|\"|'|\\[|\\{|&|\\*|>|\\||#|\t| ){0,80}", toml in "(\\PC|[a-z]+ = |\n|\"|'|\\[|\\{|#){0,40}") {
            for source in [format!("---\n{block}\n---\n"), format!("+++\n{toml}\n+++\n")] {
                let (_, body) = read(&source);
                assert!(source.is_char_boundary(body));
            }
        }
    }
}

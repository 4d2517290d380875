//! Queries with ids: JSON lines as BEIR has them, tab-separated columns, TREC topics.

use std::collections::HashSet;
use std::path::Path;

use super::file::{self, Malformed, Parsed, lines};
use crate::error::Result;

const EXPECTED_JSON: &str = r#"a JSON object such as {"_id": "q1", "text": "le maire"}"#;
const EXPECTED_COLUMNS: &str = "two columns: id, tab, text (or JSON lines, or TREC topics)";
const EXPECTED_TOPIC: &str = "<top>, <num> Number: 301, <title> le maire, </top>";

/// A query with an id.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Topic {
    /// What qrels and runs call it.
    pub id: String,
    /// What is asked.
    pub text: String,
}

/// Queries, each id once.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Topics {
    /// In the order of the file.
    pub topics: Vec<Topic>,
    /// Queries whose id another had before; they are left out.
    pub n_repeated: usize,
}

impl Topics {
    /// Reads queries from a file, whose form is told by its first line: `{` begins JSON lines, of which `_id` and
    /// `text` are read; `<top>` begins TREC topics, of which number and title are read; all else is `id<TAB>text`.
    ///
    /// # Errors
    ///
    /// [`Error::Read`](crate::error::Error::Read); [`Error::Malformed`](crate::error::Error::Malformed) for a line that
    /// cannot be read.
    pub fn read(path: &Path) -> Result<Topics> {
        file::read(path, Topics::parse)
    }

    /// Reads queries whose ids do not matter, in the order of the file: any of the forms above, JSON lines without `_id`,
    /// or, where not all lines have a tab, a query a line.
    ///
    /// # Errors
    ///
    /// As [`Topics::read`].
    pub fn read_texts(path: &Path) -> Result<Vec<String>> {
        file::read(path, Topics::parse_texts)
    }

    fn parse_texts(text: &str) -> Parsed<Vec<String>> {
        let first = text.trim_start();
        if first.starts_with('{') {
            return lines(text).map(json_text).collect();
        }
        if is_tag(first, "top") {
            let topics = trec_topics(text)?.into_iter();
            return Ok(topics.map(|topic| topic.text).collect());
        }
        let has_ids = lines(text).all(|(_, line)| line.contains('\t'));
        let texts = lines(text).map(|line| match has_ids {
            true => column_topic(line).map(|topic| topic.text),
            false => Ok(line.1.to_owned()),
        });
        texts.collect()
    }

    fn parse(text: &str) -> Parsed<Topics> {
        let first = text.trim_start();
        let found: Vec<Topic> = if first.starts_with('{') {
            lines(text).map(json_topic).collect::<Parsed<_>>()?
        } else if is_tag(first, "top") {
            trec_topics(text)?
        } else {
            lines(text).map(column_topic).collect::<Parsed<_>>()?
        };
        let n_found = found.len();
        let mut ids = HashSet::new();
        let unique = found
            .into_iter()
            .filter(|topic| ids.insert(topic.id.clone()));
        let topics: Vec<Topic> = unique.collect();
        Ok(Topics {
            n_repeated: n_found - topics.len(),
            topics,
        })
    }
}

fn json_topic((line, json): (usize, &str)) -> Parsed<Topic> {
    let record = json_record(line, json)?;
    let id = match record.get("_id") {
        Some(serde_json::Value::String(id)) if !id.is_empty() => id.clone(),
        Some(serde_json::Value::Number(id)) => id.to_string(),
        _ => return Err(malformed_json(line, "no id")),
    };
    let text = text_of(line, &record)?;
    Ok(Topic { id, text })
}

/// The text of a query, whatever its id.
fn json_text((line, json): (usize, &str)) -> Parsed<String> {
    text_of(line, &json_record(line, json)?)
}

type Record = serde_json::Map<String, serde_json::Value>;

fn json_record(line: usize, json: &str) -> Parsed<Record> {
    serde_json::from_str(json.trim()).map_err(|_| malformed_json(line, "not a JSON object"))
}

fn text_of(line: usize, record: &Record) -> Parsed<String> {
    let text = record.get("text").and_then(serde_json::Value::as_str);
    let text = text.ok_or_else(|| malformed_json(line, "no text"))?;
    Ok(text.to_owned())
}

fn malformed_json(line: usize, problem: &str) -> Malformed {
    Malformed {
        line,
        problem: problem.to_owned(),
        expected: EXPECTED_JSON,
    }
}

fn column_topic((line, text): (usize, &str)) -> Parsed<Topic> {
    let columns: Vec<&str> = text.split('\t').collect();
    let problem = match columns.as_slice() {
        ["", _] => "no id".to_owned(),
        [id, text] => {
            let (id, text) = ((*id).to_owned(), (*text).to_owned());
            return Ok(Topic { id, text });
        }
        [_] => "no tab".to_owned(),
        columns => format!("{} columns", columns.len()),
    };
    Err(Malformed {
        line,
        problem,
        expected: EXPECTED_COLUMNS,
    })
}

/// A tag of TREC's markup, and the text up to the next.
struct Tag<'a> {
    line: usize,
    /// In lower case, with the slash of one that closes.
    name: String,
    content: &'a str,
}

/// A topic that is not complete yet.
struct Open {
    line: usize,
    id: Option<String>,
    text: Option<String>,
}

fn trec_topics(text: &str) -> Parsed<Vec<Topic>> {
    let malformed = |line, problem: &str| Malformed {
        line,
        problem: problem.to_owned(),
        expected: EXPECTED_TOPIC,
    };
    let mut topics = Vec::new();
    let mut open: Option<Open> = None;
    for tag in tags(text) {
        match (tag.name.as_str(), open.as_mut()) {
            ("top", None) => {
                open = Some(Open {
                    line: tag.line,
                    id: None,
                    text: None,
                });
            }
            ("top", Some(open)) => return Err(malformed(open.line, "a topic without </top>")),
            ("num", Some(open)) => open.id = Some(without_label(tag.content, "number:")),
            ("title", Some(open)) => open.text = Some(without_label(tag.content, "topic:")),
            ("/top", Some(complete)) => {
                let line = complete.line;
                let id = complete.id.take().filter(|id| !id.is_empty());
                let id = id.ok_or_else(|| malformed(line, "a topic without number"))?;
                let text = complete.text.take();
                let text = text.ok_or_else(|| malformed(line, "a topic without title"))?;
                topics.push(Topic { id, text });
                open = None;
                if !tag.content.trim().is_empty() {
                    return Err(malformed(tag.line, "text after </top>"));
                }
            }
            (_, None) => return Err(malformed(tag.line, "a tag outside of <top>")),
            (_, Some(_)) => {}
        }
    }
    match open {
        Some(open) => Err(malformed(open.line, "a topic without </top>")),
        None => Ok(topics),
    }
}

fn tags(text: &str) -> Vec<Tag<'_>> {
    let mut tags: Vec<Tag<'_>> = Vec::new();
    let mut content_start = 0;
    let mut line = 1;
    for (at, _) in text.match_indices('<') {
        let Some(name) = tag_name(&text[at..]) else {
            continue;
        };
        let between = &text[content_start..at];
        if let Some(last) = tags.last_mut() {
            last.content = between;
        }
        line += between.matches('\n').count();
        content_start = at + name.len() + 2;
        tags.push(Tag {
            line,
            name: name.to_ascii_lowercase(),
            content: &text[content_start..],
        });
    }
    tags
}

/// The name of the tag that `text` begins with.
fn tag_name(text: &str) -> Option<&str> {
    let name = text.strip_prefix('<')?;
    let word = name.strip_prefix('/').unwrap_or(name);
    // No farther than it goes: every `<` of the text is looked at.
    let n_letters = word.bytes().take_while(u8::is_ascii_alphabetic).count();
    let is_tag = n_letters > 0 && word[n_letters..].starts_with('>');
    is_tag.then(|| &name[..name.len() - word.len() + n_letters])
}

fn is_tag(text: &str, name: &str) -> bool {
    tag_name(text).is_some_and(|found| found.eq_ignore_ascii_case(name))
}

/// The words of a tag, without the label that TREC puts before them: `Number: 301`.
fn without_label(content: &str, label: &str) -> String {
    let content = content.trim();
    let rest = match content.get(..label.len()) {
        Some(start) if start.eq_ignore_ascii_case(label) => &content[label.len()..],
        _ => content,
    };
    let words: Vec<&str> = rest.split_whitespace().collect();
    words.join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(text: &str) -> Vec<(String, String)> {
        let topics = Topics::parse(text).unwrap().topics;
        topics
            .into_iter()
            .map(|topic| (topic.id, topic.text))
            .collect()
    }

    #[track_caller]
    fn refused(text: &str) -> (usize, String) {
        let malformed = Topics::parse(text).unwrap_err();
        (malformed.line, malformed.problem)
    }

    fn pairs(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
        let pairs = pairs.iter();
        pairs
            .map(|&(id, text)| (id.to_owned(), text.to_owned()))
            .collect()
    }

    #[test]
    fn each_form_is_told_by_its_content() {
        let expected = pairs(&[("q1", "le maire"), ("2", "the mayor")]);
        for text in [
            "\r\n{\"_id\":\"q1\",\"text\":\"le maire\",\"lang\":\"fr\"}\r\n\r\n{\"_id\":2,\"text\":\"the mayor\"}\r\n",
            "q1\tle maire\n2\tthe mayor",
            "<top>\n<num> Number: q1\n<title> le\nmaire\n\n<desc> Description:\nQui ?\n</top>\n\n\
             <TOP><num>2</num><title>Topic: the mayor</title></TOP>\n",
        ] {
            assert_eq!(parsed(text), expected, "{text}");
        }
    }

    #[test]
    fn a_comparison_in_a_title_is_no_tag() {
        let text = "<top><num>1<title>a < b and b > c</top>";
        assert_eq!(parsed(text), pairs(&[("1", "a < b and b > c")]));
    }

    #[test]
    fn the_first_query_of_an_id_counts() {
        let topics = Topics::parse("q1\ta\nq2\tb\nq1\tc\n").unwrap();
        assert_eq!((topics.topics.len(), topics.n_repeated), (2, 1));
        assert_eq!(topics.topics[0].text, "a");
    }

    #[test]
    fn lines_that_are_none_are_named() {
        let malformed = [
            ("q1\ta\n\nq2 b\n", 3, "no tab"),
            ("q1\ta\tb\n", 1, "3 columns"),
            ("q1\ta\n\tb\n", 2, "no id"),
            (
                "{\"_id\":\"q1\",\"text\":\"a\"}\n[1]\n",
                2,
                "not a JSON object",
            ),
            ("{\"text\":\"a\"}", 1, "no id"),
            ("{\"_id\":\"q1\",\"text\":null}", 1, "no text"),
            ("<top>\n<num> 1\n<title> a\n", 1, "a topic without </top>"),
            (
                "<top>\n<num> 1\n<title> a\n<top>\n",
                1,
                "a topic without </top>",
            ),
            ("\n<top>\n<title> a\n</top>\n", 2, "a topic without number"),
            ("<top>\n<num> 1\n</top>\n", 1, "a topic without title"),
            (
                "<top>\n<num> 1 <title> a\n</top>\n<num> 2\n",
                4,
                "a tag outside of <top>",
            ),
            (
                "<top>\n<num> 1 <title> a\n</top> b\n",
                3,
                "text after </top>",
            ),
        ];
        for (text, line, problem) in malformed {
            assert_eq!(refused(text), (line, problem.to_owned()), "{text}");
        }
    }

    #[test]
    fn texts_are_read_from_every_form_and_from_plain_lines() {
        for text in [
            "{\"_id\":\"q1\",\"text\":\"le maire\"}\n{\"text\":\"the mayor\"}\n",
            "q1\tle maire\nq1\tthe mayor\n",
            "<top><num>1<title>le maire</top><top><num>2<title>the mayor</top>",
            "le maire\r\n\r\nthe mayor\r\n",
        ] {
            assert_eq!(
                Topics::parse_texts(text).unwrap(),
                ["le maire", "the mayor"]
            );
        }
        assert_eq!(Topics::parse_texts("a\tb\nc\n").unwrap(), ["a\tb", "c"]);
        assert_eq!(Topics::parse_texts("q1\ta\tb\n").unwrap_err().line, 1);
        assert_eq!(
            Topics::parse_texts("{\"_id\":1}\n").unwrap_err().problem,
            "no text"
        );
        assert!(Topics::parse_texts("\n").unwrap().is_empty());
    }

    #[test]
    fn an_empty_file_has_no_queries() {
        assert_eq!(Topics::parse("\n").unwrap(), Topics::default());
    }
}

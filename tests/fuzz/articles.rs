//! Files of every format, from bytes to articles with their places.

use std::fs;
use std::ops::Range;

use fouine::corpus::{Document, Items, Limits, Piece, SkipReason, Skipped, discover};
use fouine::passage::split;
use fouine::random::SplitMix64;

use super::campaign::campaign;
use super::mutate::Samples;

/// Longest chain of headings, in characters.
const MAX_HEADING_CHARS: usize = 301;

/// Bytes of text that one byte of a file may become: a byte that is no text becomes U+FFFD, a byte of windows-1252 a
/// sign of three.
const MAX_GROWTH: usize = 3;

const PLAIN: Samples = Samples {
    whole: &[
        "Le pont est fermé\n\nParis, 12 mai 2020 (AFP) – Le maire a dit oui.\nIl rouvrira.\n"
            .as_bytes(),
        b"L\x92\xe9t\xe9 \x96 le c\x9cur, 5 \x80.\r\n\r\nIl fait 34,6 degr\xe9s.\r\n",
        "\u{feff}By Jane Roe\n\nThe mayor's car, she said, was stolen in the U.S. on Sept. 12.\n"
            .as_bytes(),
        b"\xff\xfeL\0e\0 \0p\0o\0n\0t\0.\0\n\0",
        b"\xfe\xff\0L\0e\0 \0p\0o\0n\0t\0.\0\n",
        b"\x82\xb1\x82\xea\x82\xcd\x93\xfa\x96{\x8c\xea\x82\xcc\x83e\x83L\x83X\x83g\x82\xc5\x82\xb7\x81B",
    ],
    pieces: &["12 mai 2020", "PARIS, ", "Par Zoé Roux\n", "http://", "- ", "1) ", ":\n", "%PDF-"],
};

const MARKDOWN: Samples = Samples {
    whole: &[
        "---\ntitle: Le pont\ndate: 2020-05-12\n---\n# Un\n\nUn **mot** [lié](https://example.org) et `code`.\n\n> Cité\n\n- un\n  1. deux\n\n## Deux\n\n|a|b|\n|-|-|\n|c|d|\n".as_bytes(),
        "Le pont\n=======\n\nA <b>gras</b><br> B\n\n<div class='x'>\n<p>C &eacute;</p>\n</div>\n\n<!-- non -->\nD[^1]\n\n[^1]: Note\n\n    code\n".as_bytes(),
        b"{{< figure src=\"a\" >}}\n\nA {% link x %}B ~~c~~ ![i](a.jpg)\\\n- [ ] x\n***\n[r]: http://x 'y'\n\n[r] [s][r]\n```rust\nlet x;\n```\n",
        b"<div>\n\n    <p>A <a\n    href='x'>b</a></p>\n\n    </div>\n\nC\n",
    ],
    pieces: &[
        "#", "# ", "## T\n", "\n===\n", "\n---\n", "*", "**", "_", "`", "```\n", "~~~", "~~", "> ", "- ", "1. ", "* ",
        "[", "]", "](", "![", "[^1]", "[^1]: ", "[a]: b\n", "|", "|-|-|\n", "<div>", "</div>", "<!--", "-->", "<?",
        "<![CDATA[", "{{<", ">}}", "{{%", "%}}", "{%", "%}", "{#id .c}", "&eacute;", "&#0;", "&#x10ffff;", "    ",
        "\n    ", "- [ ] ", "<a href=", "\\", "<h2>", "</h2>", "<p>", "<br>",
    ],
};

const FRONT_MATTER: Samples = Samples {
    whole: &[
        "---\ntitle: >-\n  Le pont\n  fermé\ndate: '2018-07-11 09:00:00 -0400'\nauthors:\n  - name: Zoé\n  - Éric\nlang: fr\n---\nCorps.\n".as_bytes(),
        "+++\ntitle = \"Le pont\"\ndate = 2019-05-04T10:00:00Z\n[params]\nx = [1, {y = 2}]\na.b.c = 1\n[[d]]\n+++\nCorps.\n".as_bytes(),
        b"---\na: &a [x, {b: c}]\nb: *a\n? k\n: v\nc: |+\n  x\n\n  y\n...\nCorps.\n",
        "---\ntitle: Le pont : fermé: \"oui\"\nauthors:\n - Zoé\n---\nCorps\n".as_bytes(),
    ],
    pieces: &[
        "---\n", "+++\n", "...\n", "title: ", "date: ", "author: ", "lang: ", "- ", "? ", ": ", "&a ", "*a", "!!str ",
        "!<", "%YAML 1.2\n", "|", ">", ">-", "[", "]", "{", "}", ",", "#", "'", "\"", "\"\"\"", "'''", "<<: *a\n",
        "title = ", "[a.b]\n", "[[a]]\n", "a.", " = ", "0x", "1e999", "inf", "2020-05-12", "\\u0000", "\\x", "\t",
        "~", "null", "true",
    ],
};

const HTML: Samples = Samples {
    whole: &[
        "<!DOCTYPE html><html lang=fr><head><title>Le pont | L'Écho</title><meta charset=utf-8><meta property=og:site_name content=\"L'Écho\"><meta name=author content=Zoé><script type='application/ld+json'>{\"@type\": \"NewsArticle\", \"headline\": \"Le pont\", \"author\": [{\"name\": \"A\"}]}</script></head><body><nav>Menu <a href=/>Accueil</a></nav><article><h1>Le pont</h1><p>La mairie a annoncé mardi la fermeture du pont, qui ne rouvrira pas avant l'été prochain, selon le maire.</p><h2>Un chantier</h2><p>Il coûtera 3,2 millions d&rsquo;euros, dont une moitié pour l'État, et l'autre pour la ville et la région, a-t-il dit.</p></article><footer>x</footer></body></html>".as_bytes(),
        b"<nav>Menu</nav><p>Un <b>mot</b>,\n deux&nbsp;mots.<p>Fin<ul><li>a<li>b</ul><pre>x\r\n y</pre><table><tr><td>1<td>2</table><footer>x</footer>",
        b"<?xml version='1.0' encoding='ISO-8859-15'?><html><body><p>Le c\xbdur, 5 \xa4.<svg><text>a</svg><select><option>b</select></body></html>",
        "<meta charset=iso-2022-jp><h3>T</h3>caf&eacute;, &zut; AT&T &amp;amp; &#233; &#x1F6B2;<br/>fin".as_bytes(),
    ],
    pieces: &[
        "<div>", "</div>", "<p>", "</p>", "<h1>", "</h1>", "<h2>", "</h2>", "<b>", "<a href='x'>", "</a>", "<article>",
        "</article>", "<table>", "<tr>", "<td>", "</table>", "<ul>", "<li>", "<pre>", "</pre>", "<script>", "</script>",
        "<style>", "<svg>", "<math>", "<template>", "<title>", "</title>", "<textarea>", "<plaintext>", "<noscript>",
        "<frameset>", "<select>", "<form>", "<br>", "<!--", "-->", "--!>", "<![CDATA[", "]]>", "<!DOCTYPE", "<?", "</",
        "<meta charset=utf-16>", "<meta charset=gb18030>", "<meta name=author content=x>", "<time datetime=2020>",
        "<html lang=en>", "<script type=application/ld+json>", "{\"@graph\": [", "&amp;", "&eacute", "&notin;", "&#x0;",
        "&#xD800;", "&nbsp;", "&", "=", " class=\"article\"", "\r\n",
    ],
};

const RECORDS: Samples = Samples {
    whole: &[
        "{\"_id\": \"x\", \"title\": \"Le pont\", \"text\": \"Paris, 12 mai 2020 – Il est \\\"ferm\\u00e9\\\".\\n\\ud83d\\udeb2\", \"lang\": \"fr\"}\n\n{\"id\": 7, \"text\": null, \"body\": \"b\"}\n".as_bytes(),
        b"\xef\xbb\xbf{\"text\": \"a\", \"author\": [{\"name\": \"Z\"}, [[]], 1.5e3]}\r\n{\"contents\": \"caf\xe9\"}\r\nrien\r\n",
        b"\xff\xfe{\0\"\0t\0e\0x\0t\0\"\0:\0\"\0a\0\n\x0a\"\0}\0\n\0{\0}\0\n\0",
    ],
    pieces: &[
        "{", "}", "[", "]", "\"", "\"text\": ", "\"text\": \"a\"", "\"_id\": ", "\"title\": ", "\"date\": ", ",", ":",
        "\\", "\\n", "\\u00e9", "\\ud83d", "\\udeb2", "\\u0000", "\\\"", "null", "true", "1e999", "-0", "1",
        "{\"text\":\"mot\"}\n", "\n",
    ],
};

#[test]
fn decode() {
    campaign_of("decode", "txt", &PLAIN, 250);
}

#[test]
fn markdown() {
    campaign_of("markdown", "md", &MARKDOWN, 200);
}

#[test]
fn front_matter() {
    campaign_of("front_matter", "md", &FRONT_MATTER, 200);
}

#[test]
fn html() {
    campaign_of("html", "html", &HTML, 60);
}

#[test]
fn records() {
    campaign_of("records", "jsonl", &RECORDS, 300);
}

/// A campaign of files with this extension.
fn campaign_of(target: &str, extension: &str, samples: &Samples, usual: u64) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(format!("article.{extension}"));
    campaign(target, samples, usual, |bytes, seed| {
        fs::write(&path, bytes).unwrap();
        let load = || -> Vec<Result<Document, Skipped>> {
            let files = discover(std::slice::from_ref(&path), None).files;
            let limits = Limits::default();
            let items = Items::new(files, limits);
            let loaded = items.filter_map(|piece| match piece {
                Piece::Article(item) => Some(item.load(&limits).document),
                Piece::Skipped(_, skipped) => Some(Err(skipped)),
                Piece::End(..) => None,
            });
            loaded.collect()
        };
        let loaded = load();
        if extension == "jsonl" {
            look_at_lines(bytes, &loaded);
        } else {
            assert_eq!(loaded.len(), 1);
        }
        let mut random = SplitMix64::new(seed);
        let file = File {
            n_bytes: bytes.len(),
            n_lines: 1 + bytes.iter().filter(|&&byte| byte == b'\n').count() as u64,
            plain: (extension == "txt" && !bytes.contains(&0))
                .then(|| std::str::from_utf8(bytes).ok())
                .flatten(),
        };
        for document in loaded.iter().flatten() {
            look_at(document, &file, &mut random);
        }
        if random.below(8) == 0 {
            let documents = |loaded: Vec<Result<Document, Skipped>>| -> Vec<Option<Document>> {
                loaded.into_iter().map(Result::ok).collect()
            };
            assert_eq!(documents(load()), documents(loaded), "read twice");
        }
    });
}

/// The file that articles were read from.
struct File<'f> {
    n_bytes: usize,
    n_lines: u64,
    /// Its text, where it is plain text in UTF-8.
    plain: Option<&'f str>,
}

/// Every line of a collection is an article or the reason why there is none.
fn look_at_lines(bytes: &[u8], loaded: &[Result<Document, Skipped>]) {
    if bytes.starts_with(b"\xff\xfe") || bytes.starts_with(b"\xfe\xff") || bytes.contains(&0) {
        return; // lines of two-byte units
    }
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let lines = bytes.split(|&byte| byte == b'\n');
    let n_lines = lines.filter(|line| !line.trim_ascii().is_empty()).count();
    assert_eq!(loaded.len(), n_lines);
    for skipped in loaded.iter().filter_map(|result| result.as_ref().err()) {
        let is_of_a_line = skipped.line.is_some();
        assert!(is_of_a_line || matches!(skipped.reason, SkipReason::Unreadable(_)));
    }
}

/// What holds of every article, whatever it was read from.
fn look_at(document: &Document, file: &File<'_>, random: &mut SplitMix64) {
    let text = &document.text;
    assert!(!text.trim().is_empty() && !document.id.is_empty());
    assert!(
        text.len() <= MAX_GROWTH * file.n_bytes,
        "{} bytes",
        text.len()
    );
    assert!(!document.metadata.title.contains(['\n', '\r', '\t']));

    let starts: Vec<usize> = document.sections.iter().map(|s| s.start).collect();
    assert_eq!(starts[0], 0);
    assert!(starts.is_sorted_by(|a, b| a < b), "{starts:?}");
    assert!(starts.iter().all(|&start| text.is_char_boundary(start)));
    for heading in document
        .sections
        .iter()
        .filter_map(|s| s.heading.as_deref())
    {
        assert!(!heading.trim().is_empty() && !heading.contains('\n'));
        assert!(heading.chars().count() <= MAX_HEADING_CHARS);
    }

    let passages = split(text, &starts).into_iter();
    let passages: Vec<Range<usize>> = passages.map(|passage| passage.range).collect();
    look_at_places(document, file, &passages);
    let mut cuts: Vec<usize> = (0..4)
        .map(|_| text.floor_char_boundary(random.below(text.len() + 1)))
        .chain([0, text.len()])
        .collect();
    cuts.sort_unstable();
    let pieces: Vec<Range<usize>> = cuts.windows(2).map(|pair| pair[0]..pair[1]).collect();
    look_at_places(document, file, &pieces);
}

/// Ranges that touch have places that touch, within the file; in a file of plain text they hold the same text.
fn look_at_places(document: &Document, file: &File<'_>, ranges: &[Range<usize>]) {
    let mut end = None;
    let mut last_line = 1;
    for range in ranges {
        let place = document.source.locate(range.clone());
        assert!(
            end.is_none_or(|end| end == place.bytes.start),
            "{range:?}: {place:?}"
        );
        assert!(place.bytes.start <= place.bytes.end, "{range:?}: {place:?}");
        assert!(
            place.bytes.end <= file.n_bytes as u64,
            "{range:?}: {place:?}"
        );
        assert!(place.lines.0 <= place.lines.1, "{range:?}: {place:?}");
        assert!(
            1 <= place.lines.0 && place.lines.1 <= file.n_lines,
            "{range:?}: {place:?}"
        );
        assert!(last_line <= place.lines.1, "{range:?}: {place:?}");
        if let Some(plain) = file.plain {
            let there = &plain[place.bytes.start as usize..place.bytes.end as usize];
            assert_eq!(there, &document.text[range.clone()], "{range:?}");
        }
        (end, last_line) = (Some(place.bytes.end), place.lines.1);
    }
}

//! Large files that aim at time, memory or the stack.
//!
//! As large as a file may be, one core takes 1 to 100 seconds for each, and less than 1.5 GB of memory; what these files
//! are for is that neither grows with the square of the size. In the usual tests they are small: what once overflowed the
//! stack, or took all of the memory for a megabyte, shows then too.

use std::fs;
use std::ops::Range;
use std::time::Instant;

use fouine::corpus::SkipReason;
use fouine::index::{BuildOptions, BuildReport, build};
use fouine::query::Query;
use fouine::search::{SearchOptions, Searcher};

/// Size of each, unless the environment says otherwise.
const USUAL_BYTES: usize = 12 << 10;

/// A file: its name, and what is in it where it is to have so many bytes.
struct Bomb(&'static str, fn(usize) -> String);

/// `unit` as often as it fits.
fn run(unit: &str, n_bytes: usize) -> String {
    unit.repeat(n_bytes / unit.len())
}

/// One after the other what `unit` makes of the numbers of a range.
fn each(numbers: Range<usize>, unit: impl Fn(usize) -> String) -> String {
    numbers.map(unit).collect()
}

/// Numbers whose squares are the size.
fn root(n_bytes: usize) -> usize {
    n_bytes.isqrt()
}

const BOMBS: &[Bomb] = &[
    Bomb("line.txt", |n| run("a", n)),
    Bomb("words.txt", |n| run("le mot ", n)),
    Bomb("lines.txt", |n| run("a\n", n)),
    Bomb("paragraphs.txt", |n| run("a\n\n", n)),
    Bomb("wrapped.txt", |n| {
        run("a b c d e f g h i j k l m n o p q r s t u\n", n)
    }),
    Bomb("sentences.txt", |n| run("- ! ", n)),
    Bomb("abbreviations.txt", |n| run("M. A. ", n)),
    Bomb("marks.txt", |n| format!("e{}", run("\u{301}", n))),
    Bomb("disordered_marks.txt", |n| {
        format!("e{}", run("\u{301}\u{323}", n))
    }),
    Bomb("ligatures.txt", |n| run("\u{fdfa}", n)),
    Bomb("figures.txt", |n| run("1 000 ", n)),
    Bomb("elisions.txt", |n| run("l'", n)),
    Bomb("apostrophes.txt", |n| run("'", n)),
    Bomb("hyphens.txt", |n| format!("l{}'a", run("\u{ad}", n))),
    Bomb("white.txt", |n| format!("a{}b", run(" ", n))),
    Bomb("breaks.txt", |n| format!("a{}b", run("\n", n))),
    Bomb("guillemets.txt", |n| run("! » « ", n)),
    Bomb("lists.md", |n| format!("{}a", run("- ", n))),
    Bomb("stars_of_lists.md", |n| format!("{}a", run("* ", n))),
    Bomb("nested_lists.md", |n| {
        each(0..root(n), |depth| format!("{}- a\n", "  ".repeat(depth)))
    }),
    Bomb("quotes.md", |n| format!("{}a", run("> ", n))),
    Bomb("lines_of_quotes.md", |n| {
        run(&format!("{}a\n", ">".repeat(1_000)), n)
    }),
    Bomb("items.md", |n| run("- a\n", n)),
    Bomb("paragraphs.md", |n| run("a\n\n", n)),
    Bomb("brackets.md", |n| run("[", n)),
    Bomb("images.md", |n| run("![", n)),
    Bomb("half_links.md", |n| run("[a](", n)),
    Bomb("links.md", |n| run("[a](b) ", n)),
    Bomb("references.md", |n| {
        each(0..n / 24, |id| format!("[r{id}]: u\n")) + &each(0..n / 24, |id| format!("[r{id}] "))
    }),
    Bomb("footnotes.md", |n| {
        each(0..n / 32, |id| format!("[^{id}]: note\n\n"))
            + &each(0..n / 32, |id| format!("mot[^{id}] "))
    }),
    Bomb("emphasis.md", |n| run("*a_ ", n)),
    Bomb("tildes.md", |n| run("~~a", n)),
    Bomb("escapes.md", |n| run("\\*", n)),
    Bomb("code.md", |n| {
        each(1..root(2 * n), |length| format!("{} ", "`".repeat(length)))
    }),
    Bomb("angles.md", |n| run("<", n)),
    Bomb("tags.md", |n| run("<a ", n)),
    Bomb("comments.md", |n| run("<!--", n)),
    Bomb("data.md", |n| format!("a {}", run("<![CDATA[", n))),
    Bomb("blocks.md", |n| format!("{}mot", run("<div>\n\n", n))),
    Bomb("entities.md", |n| run("&eacute;", n)),
    Bomb("table.md", |n| {
        format!(
            "{0}|\n{1}|\n{2}",
            run("|a", n / 3),
            run("|-", n / 3),
            run("|b\n", n / 3)
        )
    }),
    Bomb("headings.md", |n| run("# a\n\nb\n\n# c\n\nd\n\n", n)),
    Bomb("long_headings.md", |n| {
        format!(
            "x\n\n# a\n\nx\n\n## {}\n\n{}",
            run("t", n / 4),
            run("### x\na\n### y\na\n", n * 3 / 4)
        )
    }),
    Bomb("chains_of_headings.md", |n| {
        let chain = each(1..6, |level| {
            format!("{} {}\n", "#".repeat(level), "t".repeat(200))
        });
        format!("x\n\n{chain}\n{}", run("###### x\na\n###### y\na\n", n))
    }),
    Bomb("laughs.md", |n| {
        let laughs = each(1..n.min(200_000) / 32, |id| {
            let before = id - 1;
            format!("a{id}: &a{id} [{}]\n", format!("*a{before},").repeat(3))
        });
        format!("---\na0: &a0 ha\n{laughs}---\nmot")
    }),
    Bomb("yaml_lists.md", |n| {
        format!("---\na: b\n{}\n---\nmot", run("- ", n.min(200_000)))
    }),
    Bomb("yaml_maps.md", |n| {
        format!("---\na: {}\n---\nmot", run("{a: ", n.min(200_000)))
    }),
    Bomb("yaml_keys.md", |n| {
        format!("---\na: b\n{}\n---\nmot", run("? ", n.min(200_000)))
    }),
    Bomb("toml_keys.md", |n| {
        format!("+++\n{}a = 1\n+++\nmot", run("a.", n.min(200_000)))
    }),
    Bomb("toml_tables.md", |n| {
        format!("+++\n[{}a]\nb = 1\n+++\nmot", run("a.", n.min(200_000)))
    }),
    Bomb("toml_lists.md", |n| {
        format!("+++\na = {}\n+++\nmot", run("[", n.min(200_000)))
    }),
    Bomb("nested.html", |n| format!("{}mot", run("<div>", n))),
    Bomb("texts.html", |n| run("a<b>", n)),
    Bomb("tables_with_false_ends.html", |n| {
        run("<table><tr><td>a</ta><td>b", n)
    }),
    Bomb("in_japanese.html", |n| {
        format!("<meta charset=iso-2022-jp>{}\u{a0}", run("<p>a ", n))
    }),
    Bomb("paragraphs.html", |n| run("<p>a", n)),
    Bomb("long_paragraphs.html", |n| {
        run(
            &format!("<p>{}</p>\n", "mot, ".repeat(12_000)),
            n.max(70_000),
        )
    }),
    Bomb("returns.html", |n| format!("{}a", run("\r", n))),
    Bomb("entities.html", |n| run("&eacute;", n)),
    Bomb("ampersands.html", |n| run("&amp;", n)),
    Bomb("angles.html", |n| run("<", n)),
    Bomb("attributes.html", |n| {
        format!("<p{}>mot", each(0..n / 9, |id| format!(" a{id}")))
    }),
    Bomb("metas.html", |n| {
        format!("{}<p>mot", run("<meta name=author content=>", n))
    }),
    Bomb("times.html", |n| {
        format!("{}<p>mot", run("<time datetime=1>", n))
    }),
    Bomb("long_headings.html", |n| {
        format!(
            "<h1>{}</h1>{}",
            run("t", n / 4),
            run("<h2>x</h2>a<h2>y</h2>a", n * 3 / 4)
        )
    }),
    Bomb("json.html", |n| {
        let list = run("0,", n);
        format!(
            "<script type=application/ld+json>{{\"@type\":\"Article\",\"author\":[{list}0]}}</script><p>mot"
        )
    }),
    Bomb("line.jsonl", |n| {
        format!("{{\"text\":\"{}\"}}\n", run("a", n))
    }),
    Bomb("escapes.jsonl", |n| {
        format!("{{\"text\":\"{}\"}}\n", run("\\n", n) + "a")
    }),
    Bomb("codes.jsonl", |n| {
        format!("{{\"text\":\"{}\"}}\n", run("\\u00e9", n))
    }),
    Bomb("keys.jsonl", |n| {
        format!(
            "{{{}\"text\":\"mot\"}}\n",
            each(0..n / 11, |id| format!("\"{id:x}\":0,"))
        )
    }),
    Bomb("values.jsonl", |n| {
        format!("{{\"author\":[{}0],\"text\":\"mot\"}}\n", run("0,", n))
    }),
    Bomb("nested.jsonl", |n| {
        let nested = run("[", n / 2) + &run("]", n / 2);
        format!("{{\"title\":{nested},\"x\":{nested},\"text\":\"mot\"}}\n")
    }),
    Bomb("records.jsonl", |n| run("{\"text\":\"a\"}\n", n)),
];

/// With `BOMB_MB=64` each file has that size, in megabytes, less a little so as not to be over the limit, and time and
/// memory are printed.
#[test]
fn bombs() {
    let Ok(asked) = std::env::var("BOMB_MB") else {
        let report = index(BOMBS, USUAL_BYTES);
        assert!(
            report.articles > BOMBS.len() as u64,
            "{} articles",
            report.articles
        );
        return;
    };
    let megabytes: f64 = asked.parse().unwrap();
    let n_bytes = (megabytes * f64::from(1 << 20)) as usize - 2_000;
    for bomb in BOMBS {
        forget_peak();
        let started = Instant::now();
        let report = index(std::slice::from_ref(bomb), n_bytes);
        let (name, seconds) = (bomb.0, started.elapsed().as_secs_f64());
        let (megabytes, passages) = (report.bytes >> 20, report.passages);
        eprintln!(
            "{name:24} {megabytes:4} MB {passages:8} passages {seconds:6.1} s {:>12}",
            peak()
        );
    }
}

/// Indexes files beside one that is as it should be, which is found.
fn index(bombs: &[Bomb], n_bytes: usize) -> BuildReport {
    let folder = tempfile::tempdir().unwrap();
    let corpus = folder.path().join("corpus");
    fs::create_dir(&corpus).unwrap();
    for Bomb(name, content) in bombs {
        fs::write(corpus.join(name), content(n_bytes)).unwrap();
    }
    fs::write(corpus.join("usual.txt"), "Le maire de Valmorin.\n").unwrap();
    let dir = folder.path().join("index");
    let report = build(&dir, &[corpus], &BuildOptions::default(), &mut |_| {}).unwrap();
    for skipped in &report.skipped {
        assert!(!matches!(skipped.reason, SkipReason::Defect), "{skipped}");
    }
    let searcher = Searcher::open(&dir).unwrap();
    let answer = searcher.search(&Query::parse("Valmorin"), &SearchOptions::default());
    assert_eq!(answer.unwrap().hits.len(), 1);
    report
}

/// Lets the system measure the most memory from here on, where it can.
fn forget_peak() {
    let _ = fs::write("/proc/self/clear_refs", "5");
}

/// The most memory that this process had.
fn peak() -> String {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    peak.unwrap_or_default().trim().to_owned()
}

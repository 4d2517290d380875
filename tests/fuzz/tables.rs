//! Glossaries, topics, judgments and runs.

use std::collections::HashSet;
use std::fs;
use std::io::Write;

use flate2::Compression;
use flate2::write::GzEncoder;
use fouine::eval::{Metric, Qrels, Run, Topics, evaluate};
use fouine::glossary::Glossary;
use fouine::language::Language;
use fouine::random::SplitMix64;

use super::campaign::campaign;
use super::mutate::Samples;

/// What is looked up in every glossary.
const WORDS: [&str; 6] = ["maire", "adjoint", "de", "la", "house", "mayor"];

const GLOSSARY: Samples = Samples {
    whole: &[
        "# à moi\nmaire\tmayor; burgomaster\nmaire adjoint\tdeputy mayor\nhôtel de ville\ttown hall; city hall\n".as_bytes(),
        b"\xef\xbb\xbfmaison\thouse\r\n\r\nde la\tof the\r\n",
    ],
    pieces: &["\t", ";", "; ", "\n", "#", "maire", "mayor", "a\tb\n", "de la ", "\r\n"],
};

const DICTIONARY: Samples = Samples {
    whole: &[b"about\nthis\nmaison /m/ <n>\n1. house, home\nmaire\n  mayor\n"],
    pieces: &[
        "\n", "1. ", "<n>", "/m/", ", ", "; ", "(", ")", "  ", "[", "]", "{", "}", "maire\n",
        "house",
    ],
};

const TABLE: Samples = Samples {
    whole: &[
        b"query-id\tcorpus-id\tscore\nq1\ta\t1\nq1\tb\t0\nq2\ta\t2\n",
        b"q1 0 a 1\nq1 0 b 0\nq2 0 %:a%20b 2\n",
        b"q1 Q0 a 1 12.5 x\nq1 Q0 b 2 1e3 x\nq2 Q0 a 1 -inf x\n",
        b"q1\tle maire\nq2\tthe mayor\n",
        b"{\"_id\": \"q1\", \"text\": \"le maire\"}\n{\"_id\": 2, \"text\": \"the mayor\"}\n",
        b"<top>\n<num> Number: 301\n<title> le maire\n<desc> Description:\nx\n</top>\n",
    ],
    pieces: &[
        "\t",
        " ",
        "\n",
        "q1",
        "Q0",
        "0",
        "1",
        "-1",
        "9223372036854775808",
        "1e999",
        "nan",
        "inf",
        "%:",
        "%41",
        "%",
        "score",
        "<top>",
        "</top>",
        "<num>",
        "<title>",
        "Number:",
        "{",
        "\"_id\": ",
        "\"text\": ",
        "}",
        "\"",
        "[",
    ],
};

#[test]
fn glossary() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("mine.tsv");
    campaign("glossary", &GLOSSARY, 400, |bytes, _| {
        fs::write(&path, bytes).unwrap();
        if let Ok(glossary) = Glossary::read(&path) {
            look_up(&glossary);
        }
    });
}

#[test]
fn dictionary() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    campaign("dictionary", &DICTIONARY, 300, |bytes, seed| {
        let mut random = SplitMix64::new(seed);
        let mut index = String::from("00-database-info\tA\tL\nmaire\tp\tO\nmaison\tL\te\n");
        if random.below(3) == 0 {
            let digits = ["A", "p", "/", "////////", "BA", "-", ""];
            let digit = |random: &mut SplitMix64| digits[random.below(digits.len())];
            index += &format!("house\t{}\t{}\n", digit(&mut random), digit(&mut random));
        }
        fs::write(at("fra-eng.index"), index).unwrap();
        fs::write(at("fra-eng.dict"), bytes).unwrap();
        let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
        encoder.write_all(bytes).unwrap();
        let mut compressed = encoder.finish().unwrap();
        if random.below(2) == 0 {
            let damaged = random.below(compressed.len());
            compressed[damaged] ^= 1 << random.below(8);
        }
        fs::write(at("fra-eng.dict.dz"), compressed).unwrap();
        for name in ["fra-eng.dict", "fra-eng.dict.dz"] {
            if let Ok(glossary) = Glossary::read(&at(name)) {
                look_up(&glossary);
            }
        }
    });
}

/// What is found for words covers some of them, and has words itself.
fn look_up(glossary: &Glossary) {
    for language in Language::ALL {
        for found in glossary.translations(&WORDS, language) {
            assert!(found.words.start < found.words.end, "{found:?}");
            assert!(found.words.end <= WORDS.len(), "{found:?}");
            assert!(!found.equivalents.is_empty(), "{found:?}");
            let mut words = found.equivalents.iter().flatten();
            assert!(words.all(|word| !word.is_empty()), "{found:?}");
        }
    }
}

#[test]
fn evaluation() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("table");
    let usual_run = folder.path().join("run");
    fs::write(&usual_run, "q1 Q0 a 1 2 x\nq1 Q0 b 2 1 x\nq2 Q0 a 1 1 x\n").unwrap();
    let usual_run = Run::read(&usual_run).unwrap();
    campaign("evaluation", &TABLE, 600, |bytes, _| {
        fs::write(&path, bytes).unwrap();
        let n_lines = 1 + bytes.iter().filter(|&&byte| byte == b'\n').count();
        if let Ok(Topics { topics, .. }) = Topics::read(&path) {
            assert!(topics.len() <= bytes.len());
            let ids: HashSet<&str> = topics.iter().map(|topic| topic.id.as_str()).collect();
            assert_eq!(ids.len(), topics.len());
            assert!(!ids.contains(""));
        }
        let _ = Topics::read_texts(&path);
        let run = Run::read(&path);
        let Ok(qrels) = Qrels::read(&path) else {
            return;
        };
        assert!(qrels.len() <= n_lines);
        for run in [Some(&usual_run), run.as_ref().ok()].into_iter().flatten() {
            let evaluation = evaluate(&qrels, run);
            assert_eq!(evaluation.queries.len(), qrels.len());
            for metric in Metric::ALL {
                for query in &evaluation.queries {
                    let value = query.scores.of(metric);
                    assert!((0.0..=1.0 + 1e-9).contains(&value), "{metric:?}: {value}");
                }
            }
        }
    });
}

//! Queries: as they are read, and as they are answered.

use std::fs;
use std::ops::Range;

use fouine::glossary::Glossary;
use fouine::index::{BuildOptions, build};
use fouine::language::Language;
use fouine::query::Query;
use fouine::random::SplitMix64;
use fouine::search::{Answer, SearchOptions, Searcher, Sort};

use super::campaign::campaign;
use super::mutate::Samples;

const QUERIES: Samples = Samples {
    whole: &[
        "maire -dette (budget OU \"conseil municipal\"~2) date:2020".as_bytes(),
        "+maire title:(pont OR orgue) NOT lang:en 63 500".as_bytes(),
        "élect* wom?n maier~ word~2 =été =\"ces mots\" /élect(eur|rice)s?/".as_bytes(),
        "pont NEAR/3 (« la ville » OR ville*) author:roe path:a/b source:\"L'Écho\" date:2019..2020-06".as_bytes(),
        b"THE MAYOR AND THE COUNCIL SAUF budget",
    ],
    pieces: &[
        "maire", "ville ", "the mayor", "AND ", " ET ", " OR ", "OU ", " NOT ", "SAUF ", " NEAR ", " NEAR/3 ", "PRÈS/0 ",
        "(", ")", "((", "+", "-", "--", "−", "\"", "«", "»", "“", "”", "~", "~2", "~99999999999", "=", "=\"", "title:",
        "titre:(", "author:", "source:", "path:", "lang:", "lang:fr", "date:", "date:2020", "date:>=2020-03", "..", "*",
        "?", "mai*", "*re", "m?ire", "/", "/m.*/", "/(/", "/[/", "/a{9}{9}/", "|", "\\", "[", "{", ":", "'", "l'", "&&",
        "||", ",", "S.N.C.F.", "1 000", " ",
    ],
};

const ARTICLES: &[(&str, &str)] = &[
    (
        "a/pont.txt",
        "Le pont est fermé\n\nParis, 12 mai 2020 (AFP) – Le maire de la ville a dit que le conseil municipal a voté. Le pont de 63 500 pierres l'a été aussi, c'est l'été.\n",
    ),
    (
        "a/orgue.md",
        "---\ntitle: L'orgue de l'école\nauthor: Zoé Roe\nsource: L'Écho\ndate: 2019-05-04\n---\n## Le budget\n\nL’orgue d'Évry-Courcouronnes, des élus et des électrices.\n\n## La dette\n\nLa S.N.C.F. paiera la dette de l'État.\n",
    ),
    (
        "b/mayor.txt",
        "The mayor's bridge\n\nThe mayor of the town speaks of the debt, and a woman of the women's council.\n",
    ),
    (
        "b/stadt.txt",
        "Der Stadtrat hat den Haushalt für das nächste Jahr beschlossen.\n",
    ),
];

#[test]
fn query_syntax() {
    campaign("query_syntax", &QUERIES, 1_000, |bytes, _| {
        let text = String::from_utf8_lossy(bytes);
        let query = Query::parse(&text);
        assert_eq!(query.text, text);
        let written = query.group.to_string();
        let again = Query::parse(&written).group.to_string();
        // What is written is read alike, but for the white space where something was left out, and unless it is too long
        // to be read as a whole.
        let squeezed = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
        let is_same = squeezed(&again) == squeezed(&written);
        assert!(
            is_same || written.chars().count() > 5_000,
            "{written}\n{again}"
        );
    });
}

#[test]
fn search() {
    let folder = tempfile::tempdir().unwrap();
    let corpus = folder.path().join("corpus");
    for (path, text) in ARTICLES {
        let path = corpus.join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
    let dir = folder.path().join("index");
    build(&dir, &[corpus], &BuildOptions::default(), &mut |_| {}).unwrap();
    let searcher = Searcher::open(&dir).unwrap();
    campaign("search", &QUERIES, 60, |bytes, seed| {
        let query = Query::parse(&String::from_utf8_lossy(bytes));
        let options = options(&mut SplitMix64::new(seed));
        let answer = searcher.search(&query, &options).unwrap();
        look_at(&answer, &options);
    });
}

fn options(random: &mut SplitMix64) -> SearchOptions {
    let mut one_in = |n| random.below(n) == 0;
    SearchOptions {
        limit: if one_in(4) { 1 } else { 10 },
        per_article: if one_in(4) { 1 } else { 3 },
        language: one_in(5).then_some(Language::French),
        all: one_in(4),
        exact: one_in(4),
        sort: if one_in(5) { Sort::Date } else { Sort::Score },
        glossary: one_in(4).then(Glossary::bundled),
        explain: one_in(4),
        ..SearchOptions::default()
    }
}

/// What holds of every answer.
fn look_at(answer: &Answer, options: &SearchOptions) {
    let hits = &answer.hits;
    assert!(hits.len() <= options.limit && hits.len() as u64 <= answer.n_passages);
    assert!(answer.n_articles <= answer.n_passages);
    assert_eq!(answer.n_passages == 0, hits.is_empty());
    for (n_before, hit) in hits.iter().enumerate() {
        assert_eq!(hit.rank, n_before + 1);
        assert!(hit.score.is_finite());
        assert!(
            options
                .language
                .is_none_or(|language| language == hit.passage.language)
        );
        let of_article = hits
            .iter()
            .filter(|other| other.article.id == hit.article.id);
        assert!(of_article.count() <= options.per_article);
        let heading = hit.passage.place.heading.as_deref().unwrap_or_default();
        assert_highlights(&hit.article.metadata.title, &hit.title_highlights);
        assert_highlights(heading, &hit.heading_highlights);
        assert_highlights(&hit.snippet.text, &hit.snippet.highlights);
        assert!(!hit.snippet.text.contains('\n'));
    }
    if options.sort == Sort::Score {
        assert!(hits.is_sorted_by(|a, b| a.score >= b.score));
    }
}

/// Highlights lie within the text, on character boundaries, in order and apart.
#[track_caller]
fn assert_highlights(text: &str, highlights: &[Range<usize>]) {
    let mut end = 0;
    for range in highlights {
        assert!(
            end <= range.start && range.start < range.end,
            "{highlights:?}"
        );
        assert!(text.get(range.clone()).is_some(), "{range:?} of {text:?}");
        end = range.end;
    }
}

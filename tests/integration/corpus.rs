//! The bundled articles: what a newcomer searches first.

use std::fs;
use std::path::{Path, PathBuf};

use super::support::Workspace;

fn bundled(folder: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("corpus")
        .join(folder)
}

#[test]
fn there_are_as_many_in_french_as_in_english_each_of_readable_length() {
    let count = |folder: &str| {
        let mut n_articles = 0;
        for entry in fs::read_dir(bundled(folder)).unwrap() {
            let path = entry.unwrap().path();
            let text = fs::read_to_string(&path).unwrap();
            let fence = &text[..3];
            assert!(
                fence == "---" || fence == "+++",
                "{} has no front matter",
                path.display()
            );
            let (_, body) = text[3..].split_once(&format!("\n{fence}\n")).unwrap();
            let n_words = body.split_whitespace().count();
            assert!(
                (300..=900).contains(&n_words),
                "{} has {n_words} words",
                path.display()
            );
            n_articles += 1;
        }
        n_articles
    };
    let (n_french, n_english) = (count("fr"), count("en"));
    assert!(
        n_french >= 20 && n_french == n_english,
        "{n_french} French, {n_english} English"
    );
}

#[test]
fn all_have_title_date_author_source_and_are_recognized() {
    let workspace = Workspace::new();
    let corpus = bundled("").display().to_string();
    let output = workspace.run(&["index", &corpus]).succeeds();
    assert!(output.stdout.contains("other 0"), "{output:?}");
    let hits = workspace
        .search(&[
            "Valmorin Ellery Balkany Levallois Orcier Sorne",
            "-n",
            "1000",
            "--per-article",
            "1",
        ])
        .hits;
    assert!(hits.len() >= 40);
    for hit in hits {
        let article = &hit.article;
        let is_complete =
            article.date.is_some() && article.author.is_some() && article.source.is_some();
        assert!(is_complete && article.title.is_some(), "{article:?}");
    }
}

#[test]
fn questions_of_newcomers_find_their_article() {
    let workspace = Workspace::new();
    workspace
        .run(&["index", &bundled("").display().to_string()])
        .succeeds();
    for (query, file) in [
        (
            "degats des fouines sur les voitures",
            "fr/fouines-cables-quartier-gare.md",
        ),
        (
            "stone wall of the harbour breached by the storm",
            "en/north-wall-breach-ferry-berth.md",
        ),
        (
            "prix des œufs et grève à la biscuiterie",
            "fr/greve-biscuiterie-oeuvrard-freres.md",
        ),
        (
            "réouverture du pont des tanneurs",
            "fr/reouverture-pont-des-tanneurs.md",
        ),
        (
            "who are the seven candidates in Levallois",
            "en/seven-candidates-levallois-race.md",
        ),
        (
            "caméras de vidéosurveillance Messatfa",
            "fr/levallois-sept-candidats-mairie.md",
        ),
        (
            "\"to be or not to be\" nine seconds",
            "en/two-hamlets-one-question.md",
        ),
        (
            "whooping cough vaccination bus",
            "en/whooping-cough-vaccination-bus.md",
        ),
        (
            "Lemoyne nappe phreatique secheresse",
            "fr/nappe-vaudeon-secheresse-2022.md",
        ),
        (
            "faux permis de construire tannerie",
            "fr/faux-permis-tannerie-gaubert.md",
        ),
    ] {
        let best = workspace.search(&["--", query]).hits.remove(0);
        assert!(
            best.article.path.ends_with(file),
            "{query}: {}",
            best.article.path.display()
        );
    }
}

//! What is shown of a passage: whole sentences where they fit, every matched form highlighted.

use super::support::{Hit, Workspace};

/// The only hit for `query` in a text.
#[track_caller]
fn hit(text: &str, query: &str) -> Hit {
    let mut hits = Workspace::with_texts(&[text]).search(&["--", query]).hits;
    assert_eq!(hits.len(), 1, "{hits:?}");
    hits.remove(0)
}

#[test]
fn every_inflected_form_is_highlighted() {
    for (text, query, expected) in [
        (
            "Le maire et les maires : l'Élue, les élues, une élue.",
            "maire elue",
            &["maire", "maires", "Élue", "élues", "élue"][..],
        ),
        (
            "The mayor's bridges were closing; one bridge closed.",
            "bridge close",
            &["bridges", "closing", "bridge", "closed"],
        ),
        (
            "Le maire a dit : “We will not close the bridges”, puis il est parti.",
            "maires bridges",
            &["maire", "bridges"],
        ),
    ] {
        assert_eq!(hit(text, query).highlighted(), expected, "{text}");
    }
}

#[test]
fn a_decomposed_accent_is_highlighted_with_its_letter() {
    assert_eq!(
        hit("Une e\u{301}le\u{300}ve.", "élève").highlighted(),
        ["e\u{301}le\u{300}ve"]
    );
}

#[test]
fn an_elided_article_is_not_highlighted_with_its_word() {
    assert_eq!(
        hit("On rouvre l’école d'été.", "l'école ete").highlighted(),
        ["école", "été"]
    );
}

#[test]
fn a_phrase_is_one_highlight_and_its_words_elsewhere_are_none() {
    for (text, query, expected) in [
        (
            "Le conseil du conseil municipal, organe municipal.",
            "\"conseil municipal\"",
            "conseil municipal",
        ),
        (
            "The town of the town council is a council.",
            "\"town council\"",
            "town council",
        ),
        (
            "Le town du town hall, dit le hall.",
            "\"town hall\"",
            "town hall",
        ),
    ] {
        assert_eq!(hit(text, query).highlighted(), [expected], "{text}");
    }
}

#[test]
fn excluded_words_are_not_highlighted() {
    let texts = [
        "Le maire dort. Rien d'autre.",
        "Le maire parle de la dette.",
    ];
    let answer = Workspace::with_texts(&texts).search(&["--", "maire autre -dette"]);
    assert_eq!(answer.hits.len(), 1);
    assert_eq!(answer.hits[0].highlighted(), ["maire", "autre"]);
}

#[test]
fn a_cut_is_between_words_and_marked() {
    // One sentence of some 1,200 characters, in which no place is good.
    let text = format!(
        "{}le tramway jaune {}.",
        "avant encore ".repeat(45),
        "après toujours ".repeat(40)
    );
    let snippet = hit(&text, "tramway").snippet;
    assert!(
        snippet.text.starts_with("… ") && snippet.text.ends_with(" …"),
        "{}",
        snippet.text
    );
    assert!(
        snippet.text.contains("le tramway jaune"),
        "{}",
        snippet.text
    );
    assert!(snippet.text.chars().count() <= 310, "{}", snippet.text);
    let inner = snippet.text.trim_matches(['…', ' ']);
    assert!(
        text.contains(&format!(" {inner} ")),
        "cut inside a word: {inner}"
    );
}

#[test]
fn sentences_are_whole_in_both_languages() {
    for (sentence, query, filler) in [
        (
            "M. Dupont, du 3e arr., a payé 2,5 millions d'euros.",
            "millions",
            "Rien de plus à dire de cela ici. ",
        ),
        (
            "Dr. J. Smith of St. Mary's paid 2.5 million pounds.",
            "million",
            "There is nothing more to say about it. ",
        ),
        (
            "« Qui paiera ? » demande “The Times” à M. Roy.",
            "paiera",
            "Rien de plus à dire de cela ici. ",
        ),
    ] {
        let text = format!("{0}{sentence} {0}", filler.repeat(7));
        let snippet = hit(&text, query).snippet;
        assert!(snippet.text.contains(sentence), "{}", snippet.text);
        assert!(!snippet.text.contains('…'), "{}", snippet.text);
        assert!(snippet.text.chars().count() <= 300, "{}", snippet.text);
    }
}

#[test]
fn the_densest_part_is_shown() {
    let filler = "Rien de ce qui est écrit là ne répond à ce que l'on cherche. ".repeat(8);
    let text = format!("Le tramway. {filler}Le tramway longe la rivière.");
    let snippet = hit(&text, "tramway rivière").snippet;
    assert!(
        snippet.text.ends_with("Le tramway longe la rivière."),
        "{}",
        snippet.text
    );
}

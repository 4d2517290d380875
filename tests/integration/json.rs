//! The JSON lines: their shape, which later work keeps, and their offsets.

use std::fs;

use super::support::Workspace;

const ARTICLE: &str = "Le pont des Tanneurs rouvre\n\n\
    Après deux ans de travaux, le pont rouvre samedi. Les élèves couperont le ruban.\n\n\
    « Nous l'avons attendu », dit la maire. Le budget, 2,4 millions d'euros, a été tenu.\n";

#[test]
fn the_lines_have_the_promised_shape() {
    let workspace = Workspace::new().file("corpus/pont.txt", ARTICLE);
    workspace.run(&["index"]).succeeds();
    let output = workspace.run(&["search", "--json", "pont", "-budgets", "-n", "3"]);
    assert_eq!(
        output.status, 1,
        "the only passage has the excluded word: {output:?}"
    );
    let output = workspace.run(&["search", "--json", "ponts"]).succeeds();
    let lines: Vec<serde_json::Value> = output
        .stdout
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    let [query, hit, summary] = lines.as_slice() else {
        panic!("{output:?}");
    };
    assert_eq!(query["type"], "query");
    assert_eq!(query["text"], "ponts");
    assert_eq!(query["notices"], serde_json::json!([]));
    assert_eq!(
        query["read"]["lookups"]["fr"]["wanted"],
        serde_json::json!(["pont"])
    );
    assert_eq!(hit["type"], "hit");
    assert_eq!(hit["rank"], 1);
    assert!(hit["score"].is_f64());
    assert_eq!(hit["article"]["title"], "Le pont des Tanneurs rouvre");
    for absent in ["date", "author", "source"] {
        assert!(hit["article"].as_object().unwrap().contains_key(absent));
        assert!(hit["article"][absent].is_null());
    }
    for field in ["id", "lang", "ordinal", "lines", "bytes", "text"] {
        assert!(!hit["passage"][field].is_null(), "{field}");
    }
    assert_eq!(summary["type"], "summary");
    for (field, number) in [("hits", 1), ("passages", 1), ("articles", 1)] {
        assert_eq!(summary[field], number);
    }
    assert!(summary["elapsed_us"].is_u64());
}

#[test]
fn lines_say_what_they_answer() {
    let workspace = Workspace::with_texts(&["Le maire.", "La maire."]);
    let answer = workspace.search(&["maire"]);
    assert_eq!(answer.query.text, "maire");
    let ranks: Vec<usize> = answer.hits.iter().map(|hit| hit.rank).collect();
    assert_eq!(ranks, [1, 2]);
    assert!(answer.summary.elapsed_us > 0);
    assert_eq!(
        answer.hits[0].passage.id,
        format!("{}#1", answer.hits[0].article.id)
    );
}

#[test]
fn metadata_is_given_as_the_article_has_it() {
    let article = "---\ntitle: Crue\ndate: 12 mai 2020\nauthor: [Ève Roy, P. Hall]\nsource: L'Écho\n---\nL'eau monte.\n";
    let workspace = Workspace::new().file("corpus/crue.md", article);
    workspace.run(&["index"]).succeeds();
    let hit = workspace.search(&["eau"]).hits.remove(0);
    assert_eq!(hit.article.date.as_deref(), Some("2020-05-12"));
    assert_eq!(hit.article.author.as_deref(), Some("Ève Roy, P. Hall"));
    assert_eq!(hit.article.source.as_deref(), Some("L'Écho"));
    assert_eq!(hit.article.path, workspace.path("corpus/crue.md"));
}

#[test]
fn highlights_cut_out_the_matching_forms_and_whole_phrases() {
    let workspace = Workspace::new().file("corpus/pont.txt", ARTICLE);
    workspace.run(&["index"]).succeeds();
    let highlighted = |query: &str| -> Vec<String> {
        let hit = workspace.search(&["--", query]).hits.remove(0);
        hit.highlighted().into_iter().map(str::to_owned).collect()
    };
    assert_eq!(highlighted("eleve"), ["élèves"]);
    assert_eq!(highlighted("attendus d'euro"), ["attendu", "euros"]);
    assert_eq!(highlighted("\"dit la maire\""), ["dit la maire"]);
    assert_eq!(highlighted("2.4 rubans -zzz"), ["ruban", "2,4"]);
    assert_eq!(
        highlighted("\"le ponts rouvre\""),
        ["le pont rouvre"],
        "no pont elsewhere"
    );
}

#[test]
fn excluded_words_are_never_highlighted() {
    let workspace = Workspace::with_texts(&[
        "Le maire parle du budget et de la dette.",
        "Le maire parle du budget.",
    ]);
    let answer = workspace.search(&["maire", "budget", "-dette"]);
    assert_eq!(answer.hits.len(), 1);
    assert_eq!(answer.hits[0].highlighted(), ["maire", "budget"]);
}

#[test]
fn passages_of_plain_text_are_slices_of_the_file_without_gaps() {
    let paragraphs: Vec<String> = (0..12)
        .map(|n| {
            format!(
                "Paragraphe {n} : {}fin é.",
                "des mots accentués à lire, ".repeat(5 + n)
            )
        })
        .collect();
    let file = format!(
        "\u{FEFF}Titre de l'article\n\n{}\n",
        paragraphs.join("\r\n\r\n")
    );
    let workspace = Workspace::new().file("corpus/a.txt", &file);
    workspace.run(&["index"]).succeeds();
    let mut hits = workspace
        .search(&["mots", "-n", "100", "--per-article", "100"])
        .hits;
    hits.sort_by_key(|hit| hit.passage.ordinal);
    assert!(hits.len() > 3);
    let bytes = fs::read(workspace.path("corpus/a.txt")).unwrap();
    let mut end = file.find("Paragraphe 0").unwrap();
    for (n_before, hit) in hits.iter().enumerate() {
        let passage = &hit.passage;
        assert_eq!(passage.ordinal, n_before as u64 + 1);
        assert_eq!(passage.bytes[0], end);
        assert_eq!(
            &bytes[passage.bytes[0]..passage.bytes[1]],
            passage.text.as_bytes()
        );
        let line = 1 + file[..passage.bytes[0]].matches('\n').count() as u64;
        assert_eq!(passage.lines[0], line);
        end = passage.bytes[1];
    }
    assert_eq!(end, bytes.len());
}

#[test]
fn snippets_are_whole_sentences_of_about_three_hundred_characters() {
    let filler =
        "Rien de ce qui est écrit ici ne répond à la question que l'on a posée. ".repeat(8);
    let text = format!("{filler}Le tramway longe la rivière jusqu'au dépôt. {filler}");
    let workspace = Workspace::with_texts(&[&text]);
    let snippet = workspace
        .search(&["tramway rivière"])
        .hits
        .remove(0)
        .snippet;
    assert!(
        snippet
            .text
            .contains("Le tramway longe la rivière jusqu'au dépôt."),
        "{}",
        snippet.text
    );
    assert!(snippet.text.chars().count() <= 300, "{}", snippet.text);
    assert!(snippet.text.ends_with('.') && !snippet.text.starts_with('…'));
}

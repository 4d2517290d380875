//! Text, titles, dates and places out of each format and encoding.

use std::fs;

use super::support::{Hit, Workspace};

/// Indexes one file and returns the only hit for `query`.
#[track_caller]
fn only_hit(name: &str, content: impl AsRef<[u8]>, query: &str) -> (Workspace, Hit) {
    let workspace = Workspace::new().file(&format!("corpus/{name}"), content);
    workspace.run(&["index"]).succeeds();
    let mut hits = workspace.search(&["--", query]).hits;
    assert_eq!(hits.len(), 1, "{hits:?}");
    (workspace, hits.remove(0))
}

#[test]
fn a_first_line_that_reads_as_a_title_is_one() {
    let (_, hit) = only_hit(
        "x.txt",
        "Crue à Valmorin\n\nL'eau monte sur les quais.\n",
        "quais",
    );
    assert_eq!(hit.article.title.as_deref(), Some("Crue à Valmorin"));
    assert_eq!(hit.passage.text, "L'eau monte sur les quais.\n");
    assert_eq!(hit.passage.lines, [3, 3]);
}

#[test]
fn otherwise_the_file_gives_title_and_date() {
    let (_, hit) = only_hit(
        "2019-05-10-north_wall.txt",
        "The wall is broken, they say.\n",
        "wall",
    );
    assert_eq!(hit.article.title.as_deref(), Some("North wall"));
    assert_eq!(hit.article.date.as_deref(), Some("2019-05-10"));
}

#[test]
fn a_dateline_gives_the_date_and_running_text_does_not() {
    let (_, hit) = only_hit(
        "x.txt",
        "PARIS, 12 mai 2020 (AFP) - Le maire est élu.\n",
        "maire",
    );
    assert_eq!(hit.article.date.as_deref(), Some("2020-05-12"));
    let text = "Le maire, comme tous ceux qui l'ont précédé et qui furent nombreux, fut élu le 12 mai 2020.\n";
    let (_, hit) = only_hit("x.txt", text, "maire");
    assert_eq!(hit.article.date, None);
}

#[test]
fn toml_front_matter_is_read() {
    let content = "+++\ntitle = \"L'orgue\"\ndate = 2019-05-04\nauthor = \"P. Hall\"\n+++\n\nThe organ was restored.\n";
    let (_, hit) = only_hit("x.md", content, "organ");
    assert_eq!(hit.article.title.as_deref(), Some("L'orgue"));
    assert_eq!(hit.article.date.as_deref(), Some("2019-05-04"));
    assert_eq!(hit.passage.lines, [7, 7]);
}

#[test]
fn markdown_is_read_without_its_markup() {
    let content = "# Le pont\n\nLe **pont** des [Tanneurs](https://example.org/tanneurs) est *fermé*.\n\n![photo](a.jpg)\n";
    let (workspace, hit) = only_hit("x.md", content, "pont fermé");
    assert_eq!(hit.article.title.as_deref(), Some("Le pont"));
    assert_eq!(hit.passage.text.trim(), "Le pont des Tanneurs est fermé.");
    assert_eq!(hit.highlighted(), ["pont", "fermé"]);
    assert_eq!(
        workspace.found("example"),
        [""; 0],
        "addresses are not text"
    );
}

#[test]
fn passages_never_lie_across_a_heading() {
    let content = "---\ntitle: T\n---\nUn début court.\n\n## Premier\n\nTexte du premier.\n\n## Second\n\nTexte du second.\n";
    let workspace = Workspace::new().file("corpus/x.md", content);
    workspace.run(&["index"]).succeeds();
    let mut hits = workspace.search(&["texte début"]).hits;
    hits.sort_by_key(|hit| hit.passage.ordinal);
    let texts: Vec<&str> = hits.iter().map(|hit| hit.passage.text.trim()).collect();
    assert_eq!(
        texts,
        ["Un début court.", "Texte du premier.", "Texte du second."]
    );
    let lines: Vec<[u64; 2]> = hits.iter().map(|hit| hit.passage.lines).collect();
    assert_eq!(lines, [[4, 4], [8, 8], [12, 12]]);
}

#[test]
fn a_web_page_gives_its_article_and_its_metadata() {
    let sentence = "Le conseil municipal a voté mardi soir la restauration du vieux pont de pierre, après trois heures de débat. ";
    let page = format!(
        "<!DOCTYPE html><html lang=\"fr\"><head><meta charset=\"utf-8\"><title>Le pont sera restauré | L'Écho</title>\n\
         <meta property=\"og:site_name\" content=\"L'Écho\">\n\
         <script type=\"application/ld+json\">{{\"@type\":\"NewsArticle\",\"headline\":\"Le pont sera restauré\",\
         \"datePublished\":\"2021-06-18T08:00:00+02:00\",\"author\":{{\"@type\":\"Person\",\"name\":\"Ève Roy\"}}}}</script></head>\n\
         <body><nav><a href=\"/\">Accueil</a> <a href=\"/s\">Abonnement</a></nav>\n\
         <article><h1>Le pont sera restauré</h1>\n<p>{0}</p>\n<h2>Le coût</h2>\n<p>{0}Il en coûtera 2,4&nbsp;millions d&rsquo;euros.</p></article>\n\
         <footer>Mentions légales, cookies</footer></body></html>",
        sentence.repeat(4)
    );
    let (workspace, hit) = only_hit("x.html", &page, "millions d'euros");
    assert_eq!(hit.article.title.as_deref(), Some("Le pont sera restauré"));
    assert_eq!(hit.article.date.as_deref(), Some("2021-06-18"));
    assert_eq!(hit.article.author.as_deref(), Some("Ève Roy"));
    assert_eq!(hit.article.source.as_deref(), Some("L'Écho"));
    assert_eq!(hit.passage.lang, "fr");
    assert_eq!(hit.highlighted(), ["millions", "euros"]);
    let line = 1 + page[..page.find("Il en coûtera").unwrap()]
        .matches('\n')
        .count() as u64;
    assert_eq!(hit.passage.lines, [line, line]);
    let source = &page[hit.passage.bytes[0]..hit.passage.bytes[1]];
    assert!(
        source.contains("Il en coûtera 2,4&nbsp;millions"),
        "{source}"
    );
    for furniture in ["abonnement", "cookies", "accueil"] {
        assert_eq!(workspace.found(furniture), [""; 0], "{furniture}");
    }
}

#[test]
fn every_encoding_gives_the_same_text_and_its_own_bytes() {
    let text = "Élections\n\nL’été dernier, le préfet a dépensé 3 € pour un cœur.\n";
    let utf16 = |bytes: fn(u16) -> [u8; 2]| -> Vec<u8> {
        let units = std::iter::once(0xFEFF).chain(text.encode_utf16());
        units.flat_map(bytes).collect()
    };
    let legacy = |special: [u8; 3]| -> Vec<u8> {
        let [apostrophe, euro, oe] = special;
        let byte = |c: char| match c {
            '’' => apostrophe,
            '€' => euro,
            'œ' => oe,
            c => u8::try_from(u32::from(c)).unwrap(),
        };
        text.chars().map(byte).collect()
    };
    for (name, content) in [
        ("UTF-8", text.as_bytes().to_vec()),
        ("UTF-8 with mark", format!("\u{FEFF}{text}").into_bytes()),
        ("UTF-16 LE", utf16(u16::to_le_bytes)),
        ("UTF-16 BE", utf16(u16::to_be_bytes)),
        ("windows-1252", legacy([0x92, 0x80, 0x9C])),
        ("Latin-9", legacy([b'\'', 0xA4, 0xBD])),
    ] {
        let (workspace, hit) = only_hit("x.txt", &content, "prefets coeur");
        let expected = "L’été dernier, le préfet a dépensé 3 € pour un cœur.\n";
        assert_eq!(hit.passage.text.replace('\'', "’"), expected, "{name}");
        assert_eq!(hit.article.title.as_deref(), Some("Élections"), "{name}");
        assert_eq!(hit.passage.lines, [3, 3], "{name}");
        let bytes = fs::read(workspace.path("corpus/x.txt")).unwrap();
        assert_eq!(hit.passage.bytes[1], bytes.len(), "{name}");
        let n_units = bytes.len() - hit.passage.bytes[0];
        let n_chars = expected.chars().count();
        match name {
            "UTF-16 LE" | "UTF-16 BE" => assert_eq!(n_units, 2 * n_chars, "{name}"),
            "windows-1252" | "Latin-9" => assert_eq!(n_units, n_chars, "{name}"),
            _ => assert_eq!(n_units, expected.len(), "{name}"),
        }
    }
}

#[test]
fn each_passage_has_its_own_language() {
    let french = "Le maire de la ville a déclaré mardi qu'il ne se représenterait pas aux élections du printemps. ";
    let english = "We are very sorry to see him go, and we hope that the work on the bridge will be finished. ";
    let german =
        "Der Bürgermeister der Stadt hat am Dienstag erklärt, dass er nicht mehr antreten werde. ";
    let text = [french, english, german]
        .map(|sentence| sentence.repeat(4))
        .join("\n\n");
    let workspace = Workspace::new().file("corpus/x.txt", text);
    let output = workspace.run(&["index"]).succeeds();
    assert!(
        output.stdout.contains("(fr 1, en 1, other 1)"),
        "{output:?}"
    );
    assert_eq!(
        workspace.search(&["bürgermeister"]).hits[0].passage.lang,
        "other"
    );
}

//! Color, control characters, closed pipes.

use std::io::Read;
use std::process::Stdio;

use super::support::Workspace;

#[test]
fn color_is_for_terminals_and_for_those_who_ask() {
    let workspace = Workspace::with_texts(&["Le maire parle."]);
    let is_colored = |args: &[&str], variables: &[(&str, &str)]| {
        let output = workspace.run_with(&[&["search", "maire"], args].concat(), variables);
        output.succeeds().stdout.contains('\u{1b}')
    };
    assert!(!is_colored(&[], &[]), "a pipe is no terminal");
    assert!(is_colored(&["--color", "always"], &[]));
    assert!(
        is_colored(&["--color", "always"], &[("NO_COLOR", "1")]),
        "what was asked for last wins"
    );
    assert!(!is_colored(&["--color", "never"], &[]));
    assert!(!is_colored(&["--json", "--color", "always"], &[]));
}

#[test]
fn highlights_are_colored_in_place() {
    let workspace = Workspace::with_texts(&["Le maire parle."]);
    let output = workspace
        .run(&["search", "maire", "--color", "always"])
        .succeeds();
    assert!(
        output
            .stdout
            .contains("Le \u{1b}[1m\u{1b}[33mmaire\u{1b}[0m parle."),
        "{output:?}"
    );
}

#[test]
fn control_characters_of_an_article_never_reach_the_terminal() {
    let evil = "\u{1b}]0;titre\u{7}\u{9b}31m\u{202E}\u{8}";
    let record = serde_json::json!({
        "_id": format!("id{evil}"),
        "title": format!("Titre{evil}"),
        "text": format!("Le maire{evil} parle.\u{1b}[2J"),
        "author": format!("Ève{evil}"),
    });
    let workspace = Workspace::new().file(
        &format!("corpus/nom{}.jsonl", "\u{1b}[31m"),
        format!("{record}\nnot json \u{1b}[31m\n"),
    );
    let index = workspace.run(&["index"]);
    let text = workspace
        .run(&["search", "maire \u{1b}[31m \u{9b}xyzzy"])
        .succeeds();
    let json = workspace.run(&["search", "--json", "maire"]).succeeds();
    let id = workspace.search(&["maire"]).hits.remove(0).article.id;
    assert!(id.contains('\u{1b}'), "JSON gives the id as it is");
    let shown = workspace.run(&["show", &id]).succeeds();
    let unknown = workspace.run(&["show", "\u{1b}[31m"]);
    for output in [index, text, json, shown, unknown] {
        for stream in [&output.stdout, &output.stderr] {
            let is_evil = |c: char| (c.is_control() && c != '\n') || c == '\u{202E}';
            assert!(!stream.contains(is_evil), "{stream:?}");
        }
    }
}

#[test]
fn a_closed_pipe_ends_quietly() {
    let texts = vec!["Le maire parle longuement de la ville."; 3000];
    let workspace = Workspace::with_texts(&texts);
    let mut child = workspace
        .command(&["search", "maire", "-n", "3000"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut stdout = child.stdout.take().unwrap();
    stdout.read_exact(&mut [0; 10]).unwrap();
    drop(stdout);
    let output = child.wait_with_output().unwrap();
    assert_eq!(String::from_utf8_lossy(&output.stderr), "");
    assert_eq!(output.status.code(), Some(0));
}

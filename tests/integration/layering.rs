//! Which module names which: as the table in the documentation of the library says, and no other.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

fn source(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("src").join(path)
}

/// All files with code below a folder.
fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(files(&path));
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(path);
        }
    }
    found
}

/// The lines of a file that are no comments.
fn code(path: &Path) -> String {
    let text = fs::read_to_string(path).unwrap();
    let lines = text
        .lines()
        .filter(|line| !line.trim_start().starts_with("//"));
    lines.collect::<Vec<_>>().join("\n")
}

/// The modules of the library, in the order of the table, with those that each may name.
fn allowed() -> BTreeMap<String, Vec<String>> {
    let library = fs::read_to_string(source("lib.rs")).unwrap();
    let mut above: Vec<String> = Vec::new();
    let mut allowed = BTreeMap::new();
    for row in library
        .lines()
        .filter_map(|line| line.strip_prefix("//! | [`"))
    {
        let (module, rest) = row.split_once('`').unwrap();
        let named = rest.split('|').nth(2).unwrap();
        let quoted: Vec<String> = named
            .split('`')
            .skip(1)
            .step_by(2)
            .map(str::to_owned)
            .collect();
        let mut modules = quoted.clone();
        if named.contains("all above") {
            modules = above
                .iter()
                .filter(|name| !quoted.contains(name))
                .cloned()
                .collect();
        }
        allowed.insert(module.to_owned(), modules);
        above.push(module.to_owned());
    }
    allowed
}

/// The files of a module of the library, with their code.
fn sources(module: &str) -> Vec<(PathBuf, String)> {
    let folder = source(module);
    let paths = if folder.is_dir() {
        files(&folder)
    } else {
        vec![source(&format!("{module}.rs"))]
    };
    let with_code = paths.into_iter().map(|path| {
        let code = code(&path);
        (path, code)
    });
    with_code.collect()
}

#[test]
fn modules_name_only_those_that_the_table_allows() {
    let allowed = allowed();
    assert_eq!(allowed.len(), 11, "{allowed:?}");
    for (module, may_name) in &allowed {
        for (path, code) in sources(module) {
            for named in code.split("crate::").skip(1) {
                let end = named.find(|c: char| !c.is_alphanumeric() && c != '_');
                let name = &named[..end.unwrap_or(named.len())];
                let is_module = allowed.contains_key(name);
                let is_allowed = name == module || may_name.iter().any(|allowed| allowed == name);
                assert!(!is_module || is_allowed, "{} names {name}", path.display());
            }
        }
    }
}

#[test]
fn the_library_knows_nothing_of_the_command_line() {
    for module in allowed().keys() {
        for (path, code) in sources(module) {
            for outside in ["clap", "anyhow", "indicatif", "anstyle"] {
                let is_used = code.contains(&format!("{outside}::"))
                    || code.contains(&format!("use {outside}"));
                assert!(!is_used, "{} uses {outside}", path.display());
            }
        }
    }
}

//! What must be on a page, and that what it names is there.

mod walk;

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
};

use super::page::{Page, root};

#[test]
fn each_page_names_its_specification_its_code_and_how_to_see_it() {
    let list = fs::read_to_string(root().join("docs/mechanisms/README.md")).unwrap();
    let pages = Page::all();
    assert!(pages.len() > 10, "{}", pages.len());
    for Page { name, text } in &pages {
        assert!(list.contains(&format!("({name})")), "{name} is not listed");
        for part in [
            "- Specification: [",
            "- Code: `",
            "See it work",
            "- In the signals: ",
        ] {
            assert!(text.contains(part), "{name} lacks {part}");
        }
    }
}

/// Every Markdown file of the repository below a folder.
fn markdown(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).expect("a folder");
    let paths = entries.map(|entry| entry.expect("an entry").path());
    let hidden = |path: &Path| {
        let name = path.file_name().expect("a name").to_string_lossy();
        name.starts_with('.') || name == "target"
    };
    paths
        .filter(|path| !hidden(path))
        .flat_map(|path| match path.extension() {
            _ if path.is_dir() => markdown(&path),
            Some(extension) if extension == "md" => vec![path],
            _ => Vec::new(),
        })
        .collect()
}

#[test]
fn the_files_that_a_page_names_are_there() {
    let root = root();
    let folders = fs::read_dir(&root).unwrap().map(|entry| entry.unwrap());
    let folders = folders.map(|entry| entry.file_name().into_string().unwrap());
    let is_ours = |name: &String| name != "target" && root.join(name).is_dir();
    let folders: BTreeSet<_> = folders.filter(is_ours).collect();
    let mut count = 0;
    for page in markdown(&root) {
        let text = fs::read_to_string(&page).unwrap();
        for quoted in text
            .lines()
            .flat_map(|line| line.split('`').skip(1).step_by(2))
        {
            let is_path = |letter: char| letter.is_ascii_alphanumeric() || "_-./".contains(letter);
            let top = quoted.split_once('/').map(|(top, _)| top);
            if quoted.chars().all(is_path) && top.is_some_and(|top| folders.contains(top)) {
                assert!(root.join(quoted).exists(), "{}: {quoted}", page.display());
                count += 1;
            }
        }
    }
    assert!(count > 150, "{count}");
}

#[test]
fn the_tests_that_a_page_names_are_there() {
    let mut count = 0;
    for page in Page::all() {
        let commands = page.text.split('`');
        for command in commands.filter(|text| text.starts_with("cargo test")) {
            let words: Vec<_> = command.split(' ').collect();
            let after = |word| words.iter().skip_while(|it| **it != word).nth(1);
            let package = after("-p").expect("a package");
            let filter = after("--").filter(|filter| !filter.starts_with('-'));
            let crates = if is_there(package) { "" } else { "crates/" };
            let folder = match after("--test") {
                Some(test) => format!("{crates}{package}/tests/{test}"),
                None => format!("{crates}{package}/src"),
            };
            let filter = filter.map_or(String::new(), |filter| {
                format!("/{}", filter.trim_end_matches("::").replace("::", "/"))
            });
            assert!(is_there(&format!("{folder}{filter}")), "{command}");
            count += 1;
        }
    }
    assert!(count > 10, "{count}");
}

#[test]
fn the_metrics_of_the_vocabulary_are_in_the_reference() {
    let vocabulary = fs::read_to_string(root().join("vocabulary/metrics.yaml")).unwrap();
    let reference = fs::read_to_string(root().join("docs/reference.md")).unwrap();
    let names = vocabulary
        .lines()
        .filter_map(|line| line.trim().strip_prefix("metric_name: "));
    // The ledger of logs is described as that of spans.
    let names: Vec<_> = names.filter(|name| !name.contains("_log_")).collect();
    assert!(names.len() > 15, "{names:?}");
    for name in names {
        assert!(reference.contains(name), "{name}");
    }
}

/// Whether files or folders begin so.
fn is_there(start: &str) -> bool {
    let (folder, begin) = start.rsplit_once('/').unwrap_or((".", start));
    let entries = fs::read_dir(root().join(folder));
    let mut names = entries
        .into_iter()
        .flatten()
        .map(|entry| entry.expect("an entry").file_name());
    names.any(|name| name.to_string_lossy().starts_with(begin))
}

#[test]
fn the_attributes_and_metrics_that_a_page_names_are_in_the_vocabulary() {
    let read = |file| fs::read_to_string(root().join("vocabulary").join(file)).unwrap();
    let known = [read("attributes.yaml"), read("metrics.yaml")].concat();
    let known: BTreeSet<_> = known.split(|letter: char| letter.is_whitespace()).collect();
    let mut count = 0;
    for page in Page::all() {
        for quoted in page.quoted("- In the signals: ") {
            let ours = |word: &&str| {
                word.starts_with("tracewalk.")
                    || word.starts_with("grpc_")
                    || word.starts_with("circuit_")
                    || word.starts_with("registry_")
                    || word.starts_with("tls_")
            };
            let is_name = |letter: char| letter.is_alphanumeric() || "._".contains(letter);
            for name in quoted.split(|letter| !is_name(letter)).filter(ours) {
                let of_histogram = name.strip_suffix("_count").unwrap_or(name);
                let name = of_histogram.strip_suffix("_bucket").unwrap_or(of_histogram);
                assert!(known.contains(name), "{}: {name}", page.name);
                count += 1;
            }
        }
    }
    assert!(count > 15, "{count}");
}

use std::{fs, path::Path};

use pulldown_cmark::{Event, Options, Parser, Tag};
use serde_norway::Value;

use super::{
    PAGES,
    links::{Target, target},
    texts,
};

/// The links and pictures of a document.
fn links(text: &str) -> Vec<String> {
    let events = Parser::new_ext(text, Options::ENABLE_TABLES);
    events
        .filter_map(|event| match event {
            Event::Start(Tag::Link { dest_url, .. } | Tag::Image { dest_url, .. }) => {
                Some(dest_url.into_string())
            }
            _ => None,
        })
        .collect()
}

/// What is wrong with the link, if anything.
fn complaint(from: &str, link: &str) -> Option<String> {
    let repository = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    match target(from, link) {
        Target::Address(address) if address.contains("://") => None,
        Target::Address(address) => {
            let (page, anchor) = address.split_once('#').unwrap_or((&address, ""));
            let page = page.strip_prefix("/learn/").unwrap_or(from);
            let is_there = |anchor| PAGES[page].html.contains(&format!(" id=\"{anchor}\""));
            (!anchor.is_empty() && !is_there(anchor)).then(|| format!("no heading #{anchor}"))
        }
        Target::Repository(file) => {
            (!repository.join(&file).exists()).then(|| format!("no file {file}"))
        }
    }
}

#[test]
fn every_link_of_every_document_leads_somewhere() {
    let mut count = 0;
    let mut complaints = Vec::new();
    for (path, text) in texts() {
        for link in links(&text) {
            count += 1;
            let found = complaint(path, &link);
            complaints.extend(found.map(|found| format!("{path}: {link}: {found}")));
        }
    }
    assert_eq!(complaints, Vec::<String>::new());
    assert!(count > 100, "{count} links");
    assert!(complaint("docs/walkthrough.md", "#nothing").is_some());
    assert!(complaint("docs/walkthrough.md", "nothing.md").is_some());
}

#[test]
fn every_document_has_a_title_of_its_own() {
    let mut titles: Vec<_> = PAGES.values().map(|page| &page.title).collect();
    titles.sort();
    let count = titles.len();
    titles.dedup();
    assert_eq!(titles.len(), count, "{titles:?}");
    assert!(count > 35, "{count} documents");
}

/// The alerts of the rule files, each with its annotation `runbook`.
fn runbooks() -> Vec<(String, Option<String>)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../prometheus/rules");
    let files = fs::read_dir(folder).unwrap();
    let files = files.map(|file| fs::read_to_string(file.unwrap().path()).unwrap());
    let files = files.map(|text| serde_norway::from_str::<Value>(&text).unwrap());
    let list = |value: &Value| value.as_sequence().unwrap().clone();
    let groups = files.flat_map(|file| list(&file["groups"]));
    let rules = groups.flat_map(|group| list(&group["rules"]));
    let alerts = rules.filter_map(|rule| {
        let name = rule.get("alert")?.as_str()?.to_owned();
        let runbook = rule.get("annotations")?.get("runbook");
        Some((name, runbook.and_then(Value::as_str).map(str::to_owned)))
    });
    alerts.collect()
}

#[test]
fn the_runbook_of_every_alert_is_a_page_about_it() {
    let runbooks = runbooks();
    assert!(runbooks.len() > 10, "{runbooks:?}");
    for (alert, runbook) in runbooks {
        let page = runbook.and_then(|path| PAGES.get(path.as_str()));
        let page = page.unwrap_or_else(|| panic!("{alert} has no page"));
        assert!(page.html.contains(&alert), "{alert}: {}", page.title);
    }
}

//! What the walkthrough holds.

use std::fs;

use crate::pages::page::{Page, root};

#[test]
fn each_scenario_is_a_stop_of_the_walk() {
    let walk = Page::open("../walkthrough.md").text;
    for file in fs::read_dir(root().join("scenarios")).unwrap() {
        let path = file.unwrap().path();
        if path.is_dir() {
            continue; // It has those that need more than the stack.
        }
        let name = path.file_stem().unwrap().to_string_lossy();
        let command = format!("\n$ tracewalk scenario run {name}\n");
        assert!(walk.contains(&command), "{name}");
    }
}

#[test]
fn each_stop_of_the_walk_has_one_block_of_commands_and_one_question() {
    let walk = Page::open("../walkthrough.md").text;
    let chapters: Vec<_> = walk.split("\n## ").skip(1).collect();
    let mut number = 0;
    for stop in chapters
        .iter()
        .flat_map(|chapter| chapter.split("\n### ").skip(1))
    {
        number += 1;
        let title = stop.lines().next().unwrap();
        assert!(title.starts_with(&format!("{number}. ")), "{title}");
        for (part, count) in [
            ("```console\n$ tracewalk ", 1),
            ("```console", 1),
            ("\n**Trace:** ", 1),
            ("\n**Panel:** [", 1),
            ("\n**Query:** `", 1),
            ("<details><summary>", 1),
            ("?</summary>\n\n", 1),
            ("\n\n</details>", 1),
        ] {
            assert_eq!(stop.matches(part).count(), count, "{title}: {part}");
        }
    }
    let count = chapters.iter().filter(|it| it.contains("\n### ")).count();
    assert_eq!(count, 4, "chapters with stops");
    assert_eq!(number, walk.matches("\n### ").count(), "stops in chapters");
}

#[test]
fn the_panels_of_the_walk_are_on_the_dashboards() {
    let walk = Page::open("../walkthrough.md").text;
    let mut count = 0;
    for line in walk.lines().filter(|line| line.starts_with("**Panel:** [")) {
        let (name, rest) = line["**Panel:** [".len()..].split_once("](").unwrap();
        let (dashboard, panel) = name.split_once(" › ").expect(line);
        let uid = rest.strip_prefix("http://127.0.0.1:3000/d/").expect(line);
        let uid = uid.split([')', '?']).next().unwrap();
        let file = root().join(format!("grafana/dashboards/{uid}.json"));
        let text = fs::read_to_string(file).expect(line);
        for title in [dashboard, panel] {
            assert!(text.contains(&format!("\"title\": \"{title}\"")), "{line}");
        }
        count += 1;
    }
    assert!(count > 15, "{count}");
}

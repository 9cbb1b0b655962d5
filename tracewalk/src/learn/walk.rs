//! The stops, as docs/walkthrough.md has them: a heading each, the commands in blocks of a console, prose, and
//! a question with its answer folded away.

/// The page.
const WALK: &str = include_str!("../../../docs/walkthrough.md");

/// One stop.
#[derive(Debug, Default)]
pub(super) struct Stop {
    pub(super) chapter: String,
    pub(super) title: String,
    pub(super) commands: Vec<String>,
    /// Paragraphs, each one line.
    pub(super) text: Vec<String>,
    pub(super) question: String,
    pub(super) answer: Vec<String>,
}

/// All stops, in their order.
pub(super) fn stops() -> Vec<Stop> {
    read(WALK)
}

fn read(page: &str) -> Vec<Stop> {
    let (mut stops, mut chapter) = (Vec::<Stop>::new(), "");
    let (mut block, mut in_answer, mut is_stop) = (None, false, false);
    for line in page.lines() {
        if let Some(kind) = line.strip_prefix("```") {
            block = block.is_none().then_some(kind);
            // What it looks like is seen when it is run, and so is what announces it.
            if let (Some("text"), Some(stop)) = (block, stops.last_mut()) {
                stop.text.retain(|paragraph| !paragraph.is_empty());
                stop.text.pop_if(|paragraph| paragraph.ends_with(':'));
            }
            continue;
        }
        if let (None, Some(title)) = (block, line.strip_prefix("## ")) {
            (chapter, is_stop) = (title, false);
        } else if let (None, Some(title)) = (block, line.strip_prefix("### ")) {
            let (_, title) = title.split_once(". ").unwrap_or(("", title));
            is_stop = true;
            stops.push(Stop {
                chapter: chapter.to_owned(),
                title: title.to_owned(),
                ..Stop::default()
            });
        } else if let Some(stop) = stops.last_mut().filter(|_| is_stop) {
            match block {
                Some("console" | "sh") => {
                    let command = line.strip_prefix("$ ");
                    stop.commands.extend(command.map(str::to_owned));
                }
                Some(_) => {}
                None => in_answer = stop.prose(line, in_answer),
            }
        }
    }
    for stop in &mut stops {
        for text in [&mut stop.text, &mut stop.answer] {
            text.retain(|paragraph| !paragraph.is_empty());
        }
    }
    stops
}

impl Stop {
    /// Takes a line of prose; returns whether the next one is of the answer.
    fn prose(&mut self, line: &str, in_answer: bool) -> bool {
        if let Some(summary) = line.strip_prefix("<details><summary>") {
            let question = summary.strip_suffix("</summary>").unwrap_or(summary);
            self.question = plain(question);
            return true;
        }
        if line == "</details>" {
            return false;
        }
        let text = if in_answer {
            &mut self.answer
        } else {
            &mut self.text
        };
        let begins = line.is_empty() || ["**", "- ", "| "].iter().any(|it| line.starts_with(it));
        match text.last_mut() {
            Some(paragraph) if !begins && !paragraph.is_empty() => {
                paragraph.push(' ');
                paragraph.push_str(&plain(line));
            }
            _ => text.push(plain(line)),
        }
        in_answer
    }
}

/// The text without what is bold, and with the address of a link behind its words.
fn plain(line: &str) -> String {
    let (mut text, mut rest) = (String::new(), line);
    while let Some((before, words, address, after)) = link(rest) {
        text.push_str(before);
        text.push_str(words);
        if address.starts_with("http") {
            text.push_str(" (");
            text.push_str(address);
            text.push(')');
        }
        rest = after;
    }
    text.push_str(rest);
    text.replace("**", "")
}

/// The first link of a line: what is before it, its words, its address, and what comes after.
fn link(line: &str) -> Option<(&str, &str, &str, &str)> {
    let middle = line.find("](")?;
    let open = line[..middle].rfind('[')?;
    let close = middle + line[middle..].find(')')?;
    Some((
        &line[..open],
        &line[open + 1..middle],
        &line[middle + 2..close],
        &line[close + 1..],
    ))
}

#[cfg(test)]
mod tests {
    use super::{plain, read, stops};

    #[test]
    fn each_stop_of_the_page_has_its_commands_its_question_and_its_answer() {
        let stops = stops();
        let headings = super::WALK.lines().filter(|line| line.starts_with("### "));
        assert_eq!(stops.len(), headings.count());
        assert!(stops.len() > 10, "{}", stops.len());
        for stop in stops {
            let parts = [
                stop.commands.len(),
                stop.text.len(),
                stop.question.len(),
                stop.answer.len(),
            ];
            assert!(parts.iter().all(|length| *length > 0), "{stop:#?}");
            assert!(
                !stop.chapter.is_empty() && !stop.title.is_empty(),
                "{stop:#?}"
            );
            for paragraph in stop.text.iter().chain(&stop.answer) {
                let is_markup = |mark: &&&str| paragraph.contains(**mark);
                assert_eq!(
                    ["](", "**", "<details>", "```"].iter().find(is_markup),
                    None,
                    "{paragraph}"
                );
            }
        }
    }

    #[test]
    fn a_stop_is_read_with_the_lines_of_a_paragraph_as_one() {
        let page = "## First\n\n### 1. One\n\n```console\n$ a b\nshown\n$ c\n```\n\nYou see:\n\n```text\n$ no\n```\n\n\
            **Trace:** see\n[it](a.md), *now*.\n**Query:** `q`\n\n<details><summary>Why?</summary>\n\nAs\n\
            so.\n\nAnd so.\n\n</details>\n\n## End\n\nNot this.\n";
        let [stop] = &read(page)[..] else {
            panic!("one stop");
        };
        assert_eq!((&stop.chapter[..], &stop.title[..]), ("First", "One"));
        assert_eq!(stop.commands, ["a b", "c"]);
        assert_eq!(stop.text, ["Trace: see it, *now*.", "Query: `q`"]);
        assert_eq!(stop.question, "Why?");
        assert_eq!(stop.answer, ["As so.", "And so."]);
    }

    #[test]
    fn a_link_is_its_words_and_an_address_of_the_web() {
        for (line, expected) in [
            ("a [b](c.md) d", "a b d"),
            ("[b](http://c/d), [e](f)", "b (http://c/d), e"),
            ("`x[1](y)`", "`x1`"),
            ("](", "]("),
            ("[a](", "[a]("),
        ] {
            assert_eq!(plain(line), expected);
        }
    }
}

//! From Markdown to HTML.

use std::collections::BTreeMap;

use pulldown_cmark::{CowStr, Event, Options, Parser, Tag, TagEnd, html};

use super::links::{Target, target};

/// A document, ready to be put into a page.
#[derive(Debug)]
pub(super) struct Document {
    /// Its first heading.
    pub(super) title: String,
    pub(super) html: String,
}

/// The document at this path of the repository.
pub(super) fn render(path: &str, text: &str) -> Document {
    let options = Options::ENABLE_TABLES | Options::ENABLE_STRIKETHROUGH;
    let mut events: Vec<_> = Parser::new_ext(text, options).collect();
    name_headings(&mut events);
    let title = events
        .iter()
        .position(is_heading)
        .map(|start| text_of(&events[start..]));
    let mut is_source = false;
    for event in &mut events {
        lead_on(event, path, &mut is_source);
    }
    let mut html = String::new();
    html::push_html(&mut html, events.into_iter());
    // A wide table, or a line of code, scrolls by itself.
    let html = html
        .replace("<table>", "<div class=\"wide\" tabindex=\"0\"><table>")
        .replace("</table>", "</table></div>");
    Document {
        title: title.unwrap_or_else(|| path.to_owned()),
        html,
    }
}

/// Gives each heading the id that code hosts give it.
fn name_headings(events: &mut [Event<'_>]) {
    let mut seen: BTreeMap<String, usize> = BTreeMap::new();
    for start in 0..events.len() {
        if !is_heading(&events[start]) {
            continue;
        }
        let slug = slug(&text_of(&events[start..]));
        let count = seen.entry(slug.clone()).or_default();
        let name = match *count {
            0 => slug,
            count => format!("{slug}-{count}"),
        };
        *count += 1;
        if let Event::Start(Tag::Heading { id, .. }) = &mut events[start] {
            *id = Some(name.into());
        }
    }
}

fn is_heading(event: &Event<'_>) -> bool {
    matches!(event, Event::Start(Tag::Heading { .. }))
}

/// The text of the heading that begins here.
fn text_of(events: &[Event<'_>]) -> String {
    let inside = events
        .iter()
        .take_while(|event| !matches!(event, Event::End(TagEnd::Heading(_))));
    inside
        .filter_map(|event| match event {
            Event::Text(text) | Event::Code(text) => Some(text.as_ref()),
            _ => None,
        })
        .collect()
}

fn slug(heading: &str) -> String {
    let kept = heading
        .chars()
        .filter(|letter| letter.is_alphanumeric() || " -_".contains(*letter));
    kept.flat_map(char::to_lowercase)
        .map(|letter| if letter == ' ' { '-' } else { letter })
        .collect()
}

/// Points the links of the document to where they lead here. A link to a file that is not embedded
/// becomes text that names the file: `is_source` says whether it is open.
fn lead_on(event: &mut Event<'_>, path: &str, is_source: &mut bool) {
    match event {
        Event::Start(Tag::Link { dest_url, .. } | Tag::Image { dest_url, .. }) => {
            match target(path, dest_url) {
                Target::Address(address) => *dest_url = address.into(),
                Target::Repository(file) => {
                    *is_source = true;
                    let title = format!("<span class=\"source\" title=\"{}\">", escaped(&file));
                    *event = Event::InlineHtml(title.into());
                }
            }
        }
        Event::End(TagEnd::Link) if *is_source => {
            *is_source = false;
            *event = Event::InlineHtml(CowStr::Borrowed("</span>"));
        }
        // An alignment would be a style in the text, which the policy of the pages forbids.
        Event::Start(Tag::Table(alignments)) => alignments.clear(),
        _ => {}
    }
}

/// The text as HTML, also as the value of an attribute.
pub(super) fn escaped(text: &str) -> String {
    let mut html = String::new();
    html::push_html(&mut html, [Event::Text(text.into())].into_iter());
    html.replace('"', "&quot;")
}

#[cfg(test)]
mod tests {
    use super::render;

    #[test]
    fn headings_have_the_ids_that_code_hosts_give_them() {
        let text = "# `tracewalk up`, first\n\n## Try it\n\n## Try it\n";
        let document = render("docs/x.md", text);
        assert_eq!(document.title, "tracewalk up, first");
        for id in ["tracewalk-up-first", "try-it", "try-it-1"] {
            assert!(document.html.contains(&format!(" id=\"{id}\">")), "{id}");
        }
    }

    #[test]
    fn a_file_that_is_not_embedded_is_named_and_no_link() {
        let document = render(
            "docs/x.md",
            "[all of `them`](../scenarios \"t\") and [a](x\"y)",
        );
        assert!(
            document.html.contains(
                "<span class=\"source\" title=\"scenarios\">all of <code>them</code></span>"
            ),
            "{}",
            document.html
        );
        assert!(
            document.html.contains("title=\"docs/x&quot;y\""),
            "{}",
            document.html
        );
    }
}

//! Where the link of a document leads.

use super::content;

#[derive(Debug, PartialEq, Eq)]
pub(super) enum Target {
    /// A page or a picture that is embedded, by its address here, or an address elsewhere.
    Address(String),
    /// A file or folder of the repository that is not embedded.
    Repository(String),
}

/// The target of `link` in the document at the path `from`.
pub(super) fn target(from: &str, link: &str) -> Target {
    if link.starts_with('#') || link.contains("://") || link.starts_with("mailto:") {
        return Target::Address(link.to_owned());
    }
    let (path, anchor) = match link.split_once('#') {
        Some((path, anchor)) => (path, format!("#{anchor}")),
        None => (link, String::new()),
    };
    let path = resolve(from, path);
    // A folder is shown by its README, as code hosts do.
    let folder = format!("{path}/README.md");
    for embedded in [&path, &folder] {
        if content(embedded).is_some() {
            return Target::Address(format!("/learn/{embedded}{anchor}"));
        }
    }
    Target::Repository(path)
}

/// The path in the repository of what `path` is from a document at the path `from`.
fn resolve(from: &str, path: &str) -> String {
    let folder = from.rsplit_once('/').map_or("", |(folder, _)| folder);
    let mut found: Vec<&str> = Vec::new();
    for part in folder.split('/').chain(path.split('/')) {
        match part {
            "" | "." => {}
            ".." => drop(found.pop()),
            part => found.push(part),
        }
    }
    found.join("/")
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::{Target, target};

    #[rstest]
    #[case("README.md", "docs/glossary.md", "/learn/docs/glossary.md")]
    #[case("README.md", "docs/runbooks", "/learn/docs/runbooks/README.md")]
    #[case("docs/reference.md", "#ports", "#ports")]
    #[case(
        "docs/runbooks/high-latency.md",
        "../scaling.md#x",
        "/learn/docs/scaling.md#x"
    )]
    #[case("docs/glossary.md", "https://grpc.io/#a", "https://grpc.io/#a")]
    fn a_link_to_a_page_leads_there(#[case] from: &str, #[case] link: &str, #[case] to: &str) {
        assert_eq!(target(from, link), Target::Address(to.to_owned()));
    }

    #[rstest]
    #[case("docs/walkthrough.md", "../scenarios", "scenarios")]
    #[case("docs/walkthrough.md", "../../../etc/passwd", "etc/passwd")]
    fn a_link_to_another_file_is_told_apart(
        #[case] from: &str,
        #[case] link: &str,
        #[case] path: &str,
    ) {
        assert_eq!(target(from, link), Target::Repository(path.to_owned()));
    }
}

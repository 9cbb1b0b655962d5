//! The one HTML page, with our configuration in the places that the UI keeps for it.

use super::files;

/// What stands in for the UI in a build without it.
const PLACEHOLDER: &str = include_str!("placeholder.html");

/// The menu on the right of the top bar. Everything else is as the UI has it by default: the
/// pages Search, Compare, System Architecture (dependencies) and Monitor, no archive, no tracking.
const CONFIGURATION: &str = r#"{
  dependencies: { menuEnabled: true },
  menu: [{
    label: "About",
    items: [
      { label: "Jaeger UI 2.14.1 (Apache-2.0)", url: "/licenses", anchorTarget: "_blank" },
      { label: "Jaeger", url: "https://www.jaegertracing.io/", anchorTarget: "_blank" },
      { label: "Spans in the store", url: "/status", anchorTarget: "_blank" },
    ],
  }],
}"#;

/// The page, ready to send.
pub(crate) fn index() -> String {
    let Some(page) = files::content("index.html") else {
        return PLACEHOLDER.to_owned();
    };
    String::from_utf8_lossy(page).replace(
        "const JAEGER_CONFIG = DEFAULT_CONFIG;",
        &format!("const JAEGER_CONFIG = {CONFIGURATION};"),
    )
}

#[cfg(test)]
mod tests {
    use super::index;

    #[test]
    fn the_page_holds_the_configuration() {
        let page = index();
        assert!(page.contains("const JAEGER_CONFIG = {"), "{page}");
        assert!(page.contains("/licenses"));
        assert!(
            page.contains(r#"<base href="/""#),
            "links are relative to the root"
        );
    }
}

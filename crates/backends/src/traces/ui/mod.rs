//! The pages: the built Jaeger UI, its configuration and its licence.

use std::net::SocketAddr;

use axum::{
    Router,
    extract::Path,
    http::{HeaderMap, StatusCode, Uri, header},
    response::{Html, IntoResponse, Response},
    routing::get,
};

use crate::web::Host;

/// The terms of the pages, and what was changed in them.
const LICENSES: &str = concat!(
    "The pages of this server are those of Jaeger UI 2.14.1, which is licensed under the Apache\n",
    "License 2.0 (https://github.com/jaegertracing/jaeger-ui). They are served as they were built,\n",
    "except that the configuration and the version are filled in at the marked places of\n",
    "index.html, and that the bundles for legacy browsers are left out.\n\n",
    include_str!("../../../licenses/jaeger-ui.txt"),
);

/// `/static/*`, `/licenses`, and the page for every other path: the UI routes in the browser.
/// The method of a span leads to the dashboards page at `dashboards`, if there is one.
pub(crate) fn router<S>(dashboards: Option<SocketAddr>) -> Router<S>
where
    S: Clone + Send + Sync + 'static,
{
    let index = async move |uri: Uri, headers: HeaderMap| {
        let address = dashboards.map(|listener| Host::of(&uri, &headers).address(listener));
        index(address.as_deref())
    };

    Router::new()
        .route("/static/{*path}", get(file))
        .route("/licenses", get(async || LICENSES))
        .fallback(get(index))
}

fn index(dashboards: Option<&str>) -> Response {
    // The names of the files that the page loads change with the build.
    (
        [(header::CACHE_CONTROL, "no-cache")],
        Html(page(dashboards)),
    )
        .into_response()
}

async fn file(Path(path): Path<String>) -> Response {
    let Some(content) = content(&format!("static/{path}")) else {
        return StatusCode::NOT_FOUND.into_response();
    };
    let headers = [
        (header::CONTENT_TYPE, content_type(&path)),
        // Each name holds a digest of the content.
        (header::CACHE_CONTROL, "public, max-age=31536000, immutable"),
    ];
    (headers, content).into_response()
}

/// The page of a build without the UI.
const PLACEHOLDER: &str = include_str!("placeholder.html");

/// The menu on the right of the top bar, and the ways from a trace to its log lines and from a method to its
/// panels. Everything else is as the UI has it by default: the pages Search, Compare, System Architecture (dependencies) and Monitor, no archive, no tracking.
const CONFIGURATION: &str = r#"{
  dependencies: { menuEnabled: true },
  linkPatterns: [{
    type: "traces",
    url: "LOGS",
    text: "Log lines of this trace",
  }, METHODS],
  menu: [{
    label: "About",
    items: [
      { label: "Jaeger UI 2.14.1 (Apache-2.0)", url: "/licenses", anchorTarget: "_blank" },
      { label: "Jaeger", url: "https://www.jaegertracing.io/", anchorTarget: "_blank" },
      { label: "Spans in the store", url: "/status", anchorTarget: "_blank" },
    ],
  }],
}"#;

/// Where the log lines of a trace are without the dashboards page, as JSON.
const LOGS: &str = "/api/traces/#{traceID}/logs";

/// The way from the method of a span to its panels; it needs the dashboards page.
const METHODS: &str = r#"{
    type: "tags",
    key: "rpc.method",
    url: "http://DASHBOARDS/method?name=#{rpc.method}&trace=#{trace.traceID}",
    text: "Panels of this method",
  }"#;

/// The page, ready to send, with the address of the dashboards page.
fn page(dashboards: Option<&str>) -> String {
    let Some(page) = content("index.html") else {
        return PLACEHOLDER.to_owned();
    };
    let methods = dashboards.map(|address| METHODS.replace("DASHBOARDS", address));
    let logs = |address| format!("http://{address}/d/call-path?var-trace=#{{traceID}}#panel-11");
    let logs = dashboards.map_or_else(|| LOGS.to_owned(), logs);
    let configuration = CONFIGURATION
        .replace("METHODS", &methods.unwrap_or_default())
        .replace("LOGS", &logs);
    String::from_utf8_lossy(page).replace(
        "const JAEGER_CONFIG = DEFAULT_CONFIG;",
        &format!("const JAEGER_CONFIG = {configuration};"),
    )
}

/// The files of the built UI, embedded by `build.rs`: path below its folder and content. Empty if this
/// build has no UI.
static FILES: &[(&str, &[u8])] = include!(concat!(env!("OUT_DIR"), "/jaeger_ui.rs"));

fn content(path: &str) -> Option<&'static [u8]> {
    let (_, content) = FILES.iter().find(|(own, _)| *own == path)?;
    Some(content)
}

pub(crate) fn content_type(path: &str) -> &'static str {
    match path.rsplit_once('.').map_or("", |(_, extension)| extension) {
        "css" => "text/css",
        "html" => "text/html; charset=utf-8",
        "ico" => "image/x-icon",
        "js" => "text/javascript",
        "png" => "image/png",
        "svg" => "image/svg+xml",
        _ => "application/octet-stream",
    }
}

#[cfg(test)]
mod tests {
    use super::page;

    #[test]
    fn the_page_holds_the_configuration() {
        let page = page(None);
        assert!(page.contains("const JAEGER_CONFIG = {"), "{page}");
        assert!(page.contains("/licenses"));
        assert!(
            page.contains(r#"<base href="/""#),
            "links are relative to the root"
        );
        assert!(!page.contains("rpc.method"));
        assert!(page.contains(r#"url: "/api/traces/#{traceID}/logs""#));
    }

    #[test]
    fn a_trace_and_the_method_of_a_span_lead_to_the_dashboards_page() {
        let page = page(Some("demo.example:3000"));
        let url = "http://demo.example:3000/method?name=#{rpc.method}&trace=#{trace.traceID}";
        assert!(page.contains(url), "{page}");
        let url = "http://demo.example:3000/d/call-path?var-trace=#{traceID}#panel-11";
        assert!(page.contains(url), "{page}");
    }
}

//! The files of the built UI, embedded by `build.rs`.

/// Path below the UI's folder and content; empty if this build has no UI.
static FILES: &[(&str, &[u8])] = include!(concat!(env!("OUT_DIR"), "/jaeger_ui.rs"));

pub(crate) fn content(path: &str) -> Option<&'static [u8]> {
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

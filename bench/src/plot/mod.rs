//! Plots as SVG, readable on a light page and on a dark one: each brings its own background, which
//! follows the reader's preference.

mod axis;
mod bars;
mod lines;
mod number;

use std::{fs, path::Path};

use anyhow::Context as _;

#[cfg(feature = "growth")]
pub(crate) use self::number::short;
pub(crate) use self::{
    axis::Axis,
    bars::{Bar, bars},
    lines::{Line, Point, lines},
};

/// Pixels from the left to the right; a page of documents has some 800.
const WIDTH: f64 = 760.0;

const STYLE: &str = "\
text{font:13px system-ui,-apple-system,'Segoe UI',sans-serif;fill:#1f2328}\
.title{font-size:15px;font-weight:600}.quiet{fill:#59636e;font-size:12px}\
.card{fill:#fff;stroke:#d1d9e0}.grid{stroke:#e5e9ed}.axis,.spread{stroke:#59636e}\
.s0{--c:#0969da}.s1{--c:#bc4c00}.s2{--c:#1a7f37}.s3{--c:#8250df}.s4{--c:#bf3989}.s5{--c:#59636e}\
.bar{fill:var(--c);fill-opacity:.75}.line{fill:none;stroke:var(--c);stroke-width:2}\
.dot{fill:var(--c)}.whisker{stroke:var(--c);stroke-opacity:.6}.name{fill:var(--c);font-weight:600}\
@media(prefers-color-scheme:dark){\
text{fill:#f0f6fc}.quiet{fill:#9198a1}.card{fill:#0d1117;stroke:#3d444d}.grid{stroke:#262c36}\
.axis,.spread{stroke:#b7bdc8}\
.s0{--c:#4493f8}.s1{--c:#f0883e}.s2{--c:#3fb950}.s3{--c:#ab7df8}.s4{--c:#db61a2}.s5{--c:#9198a1}}";

/// A whole picture around `content`.
fn picture(title: &str, height: f64, content: &str) -> String {
    let title = escape(title);
    let (width, height) = (WIDTH, height.round());
    let (inner_width, inner_height) = (width - 1.0, height - 1.0);
    format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width}\" height=\"{height}\" \
         viewBox=\"0 0 {width} {height}\" role=\"img\">\n<title>{title}</title>\n\
         <style>{STYLE}</style>\n\
         <rect class=\"card\" x=\".5\" y=\".5\" width=\"{inner_width}\" height=\"{inner_height}\" rx=\"6\"/>\n\
         <text class=\"title\" x=\"20\" y=\"29\">{title}</text>\n{content}</svg>\n"
    )
}

/// One line of text; `anchor` is `start`, `middle` or `end`.
fn text(class: &str, anchor: &str, (x, y): (f64, f64), words: &str) -> String {
    let words = escape(words);
    format!(
        "<text class=\"{class}\" text-anchor=\"{anchor}\" x=\"{x:.1}\" y=\"{y:.1}\">{words}</text>\n"
    )
}

fn stroke(class: &str, (x1, y1): (f64, f64), (x2, y2): (f64, f64)) -> String {
    format!(
        "<line class=\"{class}\" x1=\"{x1:.1}\" y1=\"{y1:.1}\" x2=\"{x2:.1}\" y2=\"{y2:.1}\"/>\n"
    )
}

fn escape(words: &str) -> String {
    words.replace('&', "&amp;").replace('<', "&lt;")
}

/// Writes a plot to `NAME.svg` in a folder, which is made where it is missing.
///
/// # Errors
///
/// When it cannot be written.
pub(crate) fn write(folder: &Path, name: &str, plot: &str) -> anyhow::Result<()> {
    let file = folder.join(name).with_extension("svg");
    fs::create_dir_all(folder)
        .and_then(|()| fs::write(&file, plot))
        .with_context(|| format!("cannot write {}", file.display()))
}

//! The files of the page, compiled in.

/// The one page; what it shows depends on its address.
pub(super) const PAGE: &str = include_str!("assets/index.html");

macro_rules! files {
    ($($path:literal)*) => {
        &[$(($path, include_str!(concat!("assets/", $path)))),*]
    };
}

/// Path below `/assets` and content.
static FILES: &[(&str, &str)] = files![
    "alerts.js"
    "api.js"
    "bar.js"
    "color.js"
    "complete.js"
    "crosshair.js"
    "dashboard.js"
    "dom.js"
    "exemplars.js"
    "format.js"
    "icon.svg"
    "legend.js"
    "links.js"
    "main.js"
    "markdown.js"
    "menu.js"
    "panel.js"
    "panels/alert_list.js"
    "panels/dashboard_list.js"
    "panels/heatmap.js"
    "panels/logs.js"
    "panels/node_graph.js"
    "panels/stat.js"
    "panels/state_timeline.js"
    "panels/table.js"
    "panels/text.js"
    "panels/timeseries.js"
    "panels/traces.js"
    "plot.js"
    "query.js"
    "query_page.js"
    "range.js"
    "reason.js"
    "scale.js"
    "scenarios.js"
    "selection.js"
    "settings.js"
    "style/charts.css"
    "style/learn.css"
    "style/page.css"
    "style/panels.css"
    "style/theme.css"
    "tooltip.js"
    "variables.js"
    "zoom.js"
];

pub(super) fn content(path: &str) -> Option<&'static str> {
    let (_, content) = FILES.iter().find(|(own, _)| *own == path)?;
    Some(content)
}

#[cfg(test)]
mod tests {
    use std::{collections::BTreeSet, fs, path::Path};

    use super::FILES;

    #[test]
    fn every_file_of_the_folder_is_compiled_in() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/web/assets");
        let mut there = BTreeSet::new();
        for below in ["", "panels/", "style/"] {
            for entry in fs::read_dir(root.join(below)).unwrap() {
                let entry = entry.unwrap();
                if entry.file_type().unwrap().is_file() {
                    there.insert(format!("{below}{}", entry.file_name().to_str().unwrap()));
                }
            }
        }
        there.retain(|name| name.strip_suffix(".html").is_none());
        let here: BTreeSet<_> = FILES.iter().map(|(path, _)| (*path).to_owned()).collect();
        assert_eq!(here, there);
    }
}

use std::collections::BTreeMap;

use serde_json::Value;

/// The values of a dashboard's variables, as for a reader who has just opened the dashboard.
#[derive(Debug)]
pub(super) struct Variables {
    values: BTreeMap<String, String>,
}

impl Variables {
    /// Grafana's own variables, and those of the dashboard, with all values where none is selected.
    pub(super) fn of(dashboard: &Value) -> Self {
        let intervals = [
            ("__rate_interval", "1m"),
            ("__interval", "15s"),
            ("__range", "15m"),
        ];
        let own = intervals.map(|(name, value)| (name.to_owned(), value.to_owned()));
        let listed = dashboard["templating"]["list"]
            .as_array()
            .into_iter()
            .flatten();
        let listed = listed.filter_map(|variable| {
            let name = variable["name"].as_str()?.to_owned();
            Some((name, selected(variable)))
        });
        Self {
            values: listed.chain(own).collect(),
        }
    }

    /// Fills in `$name`, `${name}` and `${name:format}`; what is no variable stays.
    pub(super) fn fill(&self, text: &str) -> String {
        let mut pieces = text.split('$');
        let mut filled = pieces.next().unwrap_or_default().to_owned();
        for piece in pieces {
            let (value, rest) = self.lookup(piece).unwrap_or(("$", piece));
            filled.push_str(value);
            filled.push_str(rest);
        }
        filled
    }

    /// The value of the variable that a piece starts with, and what follows it.
    fn lookup<'a>(&self, piece: &'a str) -> Option<(&str, &'a str)> {
        let (name, rest) = if let Some(braced) = piece.strip_prefix('{') {
            braced.split_once('}')?
        } else {
            let is_part = |letter: char| letter.is_ascii_alphanumeric() || letter == '_';
            let end = piece.find(|letter| !is_part(letter));
            piece.split_at(end.unwrap_or(piece.len()))
        };
        let name = name.split_once(':').map_or(name, |(name, _format)| name);
        Some((self.values.get(name)?, rest))
    }
}

/// The first value of a variable of the dashboard: one value, or the pattern for all.
fn selected(variable: &Value) -> String {
    let value = &variable["current"]["value"];
    let value = value.get(0).unwrap_or(value).as_str();
    match value {
        Some(value) if value != "$__all" => value.to_owned(),
        _ => variable["allValue"].as_str().unwrap_or(".+").to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::Variables;

    #[test]
    fn variables_are_filled_in_however_they_are_written() {
        let variables = Variables::of(&json!({ "templating": { "list": [
            { "name": "service_name", "current": { "value": ["$__all"] }, "allValue": ".*" },
            { "name": "method", "current": { "value": ["$__all"] } },
            { "name": "code", "current": { "value": "OK" } },
        ] } }));
        for (text, filled) in [
            ("rate(a[$__rate_interval])", "rate(a[1m])"),
            ("a{b=~\"$service_name\"}", "a{b=~\".*\"}"),
            ("${method}s ${code:regex}", ".+s OK"),
            ("$code$code", "OKOK"),
            ("$unknown ${unknown} $ ${", "$unknown ${unknown} $ ${"),
            ("", ""),
        ] {
            assert_eq!(variables.fill(text), filled, "{text}");
        }
    }
}

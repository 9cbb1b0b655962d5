use tracing::level_filters::LevelFilter;
use tracing_subscriber::filter::Targets;

use crate::env::Variables;

/// INFO and above, and what `RUST_LOG` names with a lower level, as `debug` of `shop` in
/// `RUST_LOG=info,shop=debug`.
///
/// `RUST_LOG` removes no span: a quiet log would cut traces into pieces. Nor does its general level
/// add spans: `RUST_LOG=debug` would put each frame of HTTP/2 into the traces.
pub(crate) fn levels(variables: &Variables) -> Targets {
    let named = variables.get(&["RUST_LOG"]).into_iter().flat_map(|filter| {
        let directives = filter.entries().map(str::to_owned).collect::<Vec<_>>();
        // Directives with fields of spans do not parse: they are more than a level of a target.
        directives
            .into_iter()
            .filter_map(|directive| directive.parse::<Targets>().ok())
    });
    let lower = named
        .flatten()
        .filter(|(_, level)| *level > LevelFilter::INFO);
    Targets::new()
        .with_default(LevelFilter::INFO)
        .with_targets(lower)
}

#[cfg(test)]
mod tests {
    use tracing::Level;

    use super::*;

    #[test]
    fn rust_log_adds_spans_by_their_target_and_takes_none_away() {
        let cases = [
            ("", "shop", Level::INFO, true),
            ("", "h2::client", Level::INFO, true),
            ("", "shop", Level::DEBUG, false),
            ("error,shop=off", "shop", Level::INFO, true),
            ("shop=debug", "shop::cart", Level::DEBUG, true),
            (
                "info,tower_http=trace",
                "tower_http::trace",
                Level::TRACE,
                true,
            ),
            ("trace", "h2", Level::DEBUG, false),
            ("[work{id=7}]=trace,shop=debug", "shop", Level::DEBUG, true),
        ];
        for (filter, target, level, exported) in cases {
            let levels = levels(&Variables::of(&[("RUST_LOG", filter)]));
            let enabled = levels.would_enable(target, &level);
            assert_eq!(enabled, exported, "{filter}: {target} at {level}");
        }
    }
}

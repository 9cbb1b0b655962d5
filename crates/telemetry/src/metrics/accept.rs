/// How a page of metrics is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Format {
    /// Prometheus text 0.0.4: no exemplars, read by everything.
    Text,
    /// OpenMetrics 1.0.0 text.
    OpenMetrics,
}

impl Format {
    /// The format that the `Accept` header of a scrape prefers.
    ///
    /// OpenMetrics only for those who name it: a browser or curl, which take anything, get the
    /// plain text. Who accepts neither gets plain text too, as from Prometheus' own exporters.
    /// Spec: [RFC 9110, 12.5.1](https://www.rfc-editor.org/rfc/rfc9110#section-12.5.1).
    pub(super) fn negotiate(accept: Option<&str>) -> Self {
        let ranges: Vec<MediaRange<'_>> = accept
            .unwrap_or_default()
            .split(',')
            .filter_map(MediaRange::parse)
            .collect();
        let openmetrics = quality(&ranges, is_openmetrics);
        let named = ranges.iter().any(is_openmetrics);
        if named && openmetrics > 0.0 && openmetrics >= quality(&ranges, is_text) {
            Self::OpenMetrics
        } else {
            Self::Text
        }
    }
}

/// One entry of the header: `text/plain;version=0.0.4;q=0.5`.
struct MediaRange<'a> {
    kind: &'a str,
    version: Option<&'a str>,
    quality: f32,
}

impl<'a> MediaRange<'a> {
    /// `None` for an entry whose quality is not a number from 0 to 1.
    fn parse(entry: &'a str) -> Option<Self> {
        let mut parts = entry.split(';').map(str::trim);
        let mut range = Self {
            kind: parts.next()?,
            version: None,
            quality: 1.0,
        };
        for (name, value) in parts.filter_map(|part| part.split_once('=')) {
            let value = value.trim().trim_matches('"');
            if name.trim().eq_ignore_ascii_case("q") {
                range.quality = parse_quality(value)?;
            } else if name.trim().eq_ignore_ascii_case("version") {
                range.version = Some(value);
            }
        }
        Some(range)
    }

    fn is(&self, kind: &str, version: &str) -> bool {
        self.kind.eq_ignore_ascii_case(kind) && self.version.is_none_or(|asked| asked == version)
    }
}

fn parse_quality(value: &str) -> Option<f32> {
    value
        .parse()
        .ok()
        .filter(|quality| (0.0..=1.0).contains(quality))
}

fn is_openmetrics(range: &MediaRange<'_>) -> bool {
    range.is("application/openmetrics-text", "1.0.0")
}

fn is_text(range: &MediaRange<'_>) -> bool {
    range.is("text/plain", "0.0.4") || range.is("text/*", "0.0.4")
}

/// The quality of a format: of the entries that name it, or else of `*/*`.
fn quality(ranges: &[MediaRange<'_>], named: impl Fn(&MediaRange<'_>) -> bool) -> f32 {
    let best = |matches: &dyn Fn(&MediaRange<'_>) -> bool| {
        ranges
            .iter()
            .filter(|range| matches(range))
            .map(|range| range.quality)
            .reduce(f32::max)
    };
    best(&named)
        .or_else(|| best(&|range| range.kind == "*/*"))
        .unwrap_or(0.0)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use rstest::rstest;

    use super::Format::{self, OpenMetrics, Text};

    #[rstest]
    #[case::absent(None, Text)]
    #[case::empty(Some(""), Text)]
    #[case::curl(Some("*/*"), Text)]
    #[case::named(Some("application/openmetrics-text"), OpenMetrics)]
    #[case::upper_case(Some("Application/OpenMetrics-Text; Q=0.4"), OpenMetrics)]
    #[case::quoted(Some(r#"application/openmetrics-text; version="1.0.0""#), OpenMetrics)]
    #[case::other_version(Some("application/openmetrics-text;version=2.0.0"), Text)]
    #[case::refused(Some("application/openmetrics-text;q=0, */*"), Text)]
    #[case::text_preferred(Some("application/openmetrics-text;q=0.4,text/plain;q=0.5"), Text)]
    #[case::tie(Some("text/plain,application/openmetrics-text"), OpenMetrics)]
    #[case::bad_quality(Some("application/openmetrics-text;q=2"), Text)]
    #[case::no_number(Some("application/openmetrics-text;q=NaN"), Text)]
    #[case::prometheus_2(
        Some(
            "application/openmetrics-text;version=1.0.0,application/openmetrics-text;version=0.0.1;\
             q=0.75,text/plain;version=0.0.4;q=0.5,*/*;q=0.1"
        ),
        OpenMetrics
    )]
    #[case::prometheus_3_with_protobuf(
        Some(
            "application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;\
             encoding=delimited;q=0.6,application/openmetrics-text;version=1.0.0;\
             escaping=allow-utf-8;q=0.5,text/plain;version=0.0.4;q=0.2,*/*;q=0.1"
        ),
        OpenMetrics
    )]
    fn a_scraper_gets_what_it_prefers(#[case] accept: Option<&str>, #[case] expected: Format) {
        assert_eq!(Format::negotiate(accept), expected);
    }

    proptest! {
        #[test]
        fn any_header_gets_a_page(accept in ".{0,200}") {
            Format::negotiate(Some(&accept));
        }

        #[test]
        fn the_higher_quality_wins(openmetrics in 1_u16..=1000, text in 1_u16..=1000) {
            let accept = format!(
                "text/plain;q={}, application/openmetrics-text;q={}",
                f32::from(text) / 1000.0,
                f32::from(openmetrics) / 1000.0,
            );
            let expected = if openmetrics >= text { OpenMetrics } else { Text };
            prop_assert_eq!(Format::negotiate(Some(&accept)), expected);
        }

        #[test]
        fn the_order_of_entries_does_not_matter(
            mut entries in proptest::collection::vec(
                "(application/openmetrics-text|text/plain|\\*/\\*)(;q=0\\.[0-9])?", 0..5,
            ),
        ) {
            let forwards = Format::negotiate(Some(&entries.join(",")));
            entries.reverse();
            prop_assert_eq!(forwards, Format::negotiate(Some(&entries.join(","))));
        }
    }
}

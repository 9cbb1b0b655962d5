/// How a page of metrics is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Format {
    /// Prometheus text 0.0.4: no exemplars, read by everything.
    Text,
    /// OpenMetrics 1.0.0 text.
    OpenMetrics,
    /// Messages of `io.prometheus.client`, each with its length before it.
    Protobuf,
}

impl Format {
    /// The format that the `Accept` header of a scrape prefers.
    ///
    /// OpenMetrics only if the header names it: a browser or curl, which accept anything, get the
    /// plain text. Protobuf, which people cannot read, only if the header prefers it to both.
    /// A header that accepts none gets plain text too, as from Prometheus' own exporters.
    /// Spec: [RFC 9110, 12.5.1](https://www.rfc-editor.org/rfc/rfc9110#section-12.5.1).
    pub(super) fn negotiate(accept: Option<&str>) -> Self {
        let ranges: Vec<MediaRange<'_>> = accept
            .unwrap_or_default()
            .split(',')
            .filter_map(MediaRange::parse)
            .collect();
        let protobuf = quality(&ranges, is_protobuf).unwrap_or(0.0);
        let openmetrics = quality(&ranges, is_openmetrics).unwrap_or(0.0);
        let text = quality(&ranges, is_text)
            .or_else(|| quality(&ranges, |range| range.kind == "*/*"))
            .unwrap_or(0.0);
        if protobuf > openmetrics.max(text) {
            Self::Protobuf
        } else if openmetrics > 0.0 && openmetrics >= text {
            Self::OpenMetrics
        } else {
            Self::Text
        }
    }
}

/// One entry of the header: `text/plain;version=0.0.4;q=0.5`.
struct MediaRange<'a> {
    kind: &'a str,
    parameters: Vec<(&'a str, &'a str)>,
    quality: f32,
}

impl<'a> MediaRange<'a> {
    /// `None` for an entry whose quality is not a number from 0 to 1.
    fn parse(entry: &'a str) -> Option<Self> {
        let mut parts = entry.split(';').map(str::trim);
        let mut range = Self {
            kind: parts.next()?,
            parameters: Vec::new(),
            quality: 1.0,
        };
        for (name, value) in parts.filter_map(|part| part.split_once('=')) {
            let (name, value) = (name.trim(), value.trim().trim_matches('"'));
            if name.eq_ignore_ascii_case("q") {
                range.quality = parse_quality(value)?;
            } else {
                range.parameters.push((name, value));
            }
        }
        Some(range)
    }

    fn is(&self, kind: &str) -> bool {
        self.kind.eq_ignore_ascii_case(kind)
    }

    /// The value of a parameter; the last one, where its name is there twice.
    fn parameter(&self, asked: &str) -> Option<&str> {
        let mut parameters = self.parameters.iter().rev();
        parameters
            .find(|(name, _)| name.eq_ignore_ascii_case(asked))
            .map(|(_, value)| *value)
    }
}

fn parse_quality(value: &str) -> Option<f32> {
    value
        .parse()
        .ok()
        .filter(|quality| (0.0..=1.0).contains(quality))
}

fn is_openmetrics(range: &MediaRange<'_>) -> bool {
    let version = range.parameter("version");
    range.is("application/openmetrics-text") && version.is_none_or(|asked| asked == "1.0.0")
}

fn is_text(range: &MediaRange<'_>) -> bool {
    let version = range.parameter("version");
    (range.is("text/plain") || range.is("text/*")) && version.is_none_or(|asked| asked == "0.0.4")
}

/// Whether a range is our protobuf page: no other message, and no message written as text.
fn is_protobuf(range: &MediaRange<'_>) -> bool {
    range.is("application/vnd.google.protobuf")
        && range.parameter("proto") == Some("io.prometheus.client.MetricFamily")
        && range.parameter("encoding") == Some("delimited")
}

/// The highest quality of the entries that name a format.
fn quality(ranges: &[MediaRange<'_>], is_named: impl Fn(&MediaRange<'_>) -> bool) -> Option<f32> {
    let named = ranges.iter().filter(|range| is_named(range));
    named.map(|range| range.quality).reduce(f32::max)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use rstest::rstest;

    use super::Format::{self, OpenMetrics, Protobuf, Text};

    const DELIMITED: &str = "application/vnd.google.protobuf;\
        proto=io.prometheus.client.MetricFamily;encoding=delimited";

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
        Protobuf
    )]
    fn a_scraper_gets_what_it_prefers(#[case] accept: Option<&str>, #[case] expected: Format) {
        assert_eq!(Format::negotiate(accept), expected);
    }

    #[rstest]
    #[case::named("", "", Protobuf)]
    #[case::spaces("", " ; q = 0.1", Protobuf)]
    #[case::preferred("", ";q=0.6, */*;q=0.5", Protobuf)]
    #[case::tie_with_all("", ", */*", Text)]
    #[case::tie_with_text("text/plain, ", "", Text)]
    #[case::tie_with_openmetrics("application/openmetrics-text, ", "", OpenMetrics)]
    #[case::refused("", ";q=0", Text)]
    #[case::bad_quality("", ";q=high", Text)]
    #[case::text_after_all("", ";encoding=text", Text)]
    fn protobuf_is_for_those_who_like_it_most(
        #[case] before: &str,
        #[case] after: &str,
        #[case] expected: Format,
    ) {
        let accept = format!("{before}{DELIMITED}{after}");
        assert_eq!(Format::negotiate(Some(&accept)), expected, "{accept}");
    }

    #[rstest]
    #[case::any_message("application/vnd.google.protobuf")]
    #[case::any_encoding("application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily")]
    #[case::other_message("application/vnd.google.protobuf;proto=a.B;encoding=delimited")]
    #[case::as_text(
        "application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=text"
    )]
    #[case::as_compact_text(
        "application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;\
         encoding=compact-text"
    )]
    #[case::any_application("application/*")]
    #[case::not_ascii("application/vnd.google.protobuf;proto=\u{e9};encoding=delimited")]
    #[case::only_separators(";=;,=,;;q=;")]
    fn what_is_nearly_protobuf_gets_text(#[case] accept: &str) {
        assert_eq!(Format::negotiate(Some(accept)), Text);
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
                "(application/openmetrics-text|text/plain|\\*/\\*|application/vnd\\.google\\.protobuf;\
                 proto=io\\.prometheus\\.client\\.MetricFamily;encoding=delimited)(;q=0\\.[0-9])?",
                0..6,
            ),
        ) {
            let forwards = Format::negotiate(Some(&entries.join(",")));
            entries.reverse();
            prop_assert_eq!(forwards, Format::negotiate(Some(&entries.join(","))));
        }
    }
}

//! The words and signs of a row.

use console::{measure_text_width, truncate_str};

use super::{
    jaeger::{Span, plain_text},
    row::{MAX_DRAWN_DEPTH, Row},
};
use crate::output::Printable;

/// The lines that lead from the parent to the row; each level takes two columns, or one where there is
/// little space.
pub(super) fn branch(row: &Row, narrow: bool) -> String {
    if row.depth > MAX_DRAWN_DEPTH {
        return format!("⋯ level {} ", row.depth);
    }
    let Some((last, ancestors)) = row.last.split_last() else {
        return if row.orphan { "┄ " } else { "" }.to_owned();
    };
    // The first one stands below a root, which has no line of its own to go on.
    let through = ancestors.iter().map(|last| if *last { "  " } else { "│ " });
    let end = if *last { "└ " } else { "├ " };
    let columns = if narrow { 1 } else { 2 };
    let levels = through.chain([end]);
    levels
        .flat_map(|level| level.chars().take(columns))
        .collect()
}

/// What a span is beside its service, in the words of a scenario: `server GetUser`, `attempt GetUser`,
/// `client SELECT users`.
pub(super) fn name(span: &Span) -> String {
    let attempt = span.operation.strip_prefix("Attempt ").and_then(method);
    let (kind, name) = match attempt {
        Some(method) => ("attempt", method),
        None => (
            span.kind.as_str(),
            method(&span.operation).unwrap_or(&span.operation),
        ),
    };
    Printable(format!("{kind} {name}").trim_start()).to_string()
}

/// The method of an RPC, without its service: that stands beside it anyway.
fn method(operation: &str) -> Option<&str> {
    let (service, method) = operation.split_once('/')?;
    let is_rpc = !service.is_empty() && !method.is_empty();
    (is_rpc && !operation.contains(char::is_whitespace)).then_some(method)
}

/// The gRPC status, with a mark if the span failed, and one if its caller asked for a fault there.
pub(super) fn status(row: &Row) -> String {
    let status = shorten(&Printable(&row.span.status).to_string(), 19);
    let status = match (row.span.failed, status.is_empty()) {
        (true, true) => "✗ error".to_owned(),
        (true, false) => format!("✗ {status}"),
        (false, _) => status,
    };
    match fault(row) {
        Some(_) => format!("{status} ↯").trim_start().to_owned(),
        None => status,
    }
}

/// What the caller asked to go wrong there.
pub(super) fn fault(row: &Row) -> Option<String> {
    let fault = row.span.attributes.get(proto::NAMES.fault)?;
    Some(Printable(plain_text(fault)).to_string())
}

/// A duration with three significant digits: `830 µs`, `9.13 ms`, `1.25 s`, `2m 5s`.
pub(crate) fn duration(micros: u64) -> String {
    #[allow(clippy::cast_precision_loss, reason = "three digits are shown")]
    let (seconds, millis) = (micros as f64 / 1e6, micros as f64 / 1e3);
    let digits = |number: f64, unit: &str| match number {
        number if number < 9.995 => format!("{number:.2} {unit}"),
        number if number < 99.95 => format!("{number:.1} {unit}"),
        number => format!("{number:.0} {unit}"),
    };
    match micros {
        0..1_000 => format!("{micros} µs"),
        1_000..1_000_000 => digits(millis, "ms"),
        1_000_000..120_000_000 => digits(seconds, "s"),
        _ => format!("{}m {}s", micros / 60_000_000, micros / 1_000_000 % 60),
    }
}

/// At most `width` columns, the last one an ellipsis if something is missing.
pub(super) fn shorten(text: &str, width: usize) -> String {
    let tail = if width > 0 { "…" } else { "" };
    truncate_str(text, width, tail).into_owned()
}

/// How many columns of a terminal a text takes: some letters take two, and some none.
pub(super) fn length(text: &str) -> usize {
    measure_text_width(text)
}

#[cfg(test)]
mod tests {
    use super::{duration, name, shorten};
    use crate::trace::Span;

    #[test]
    fn durations_have_three_digits_and_a_unit() {
        for (micros, text) in [
            (0, "0 µs"),
            (999, "999 µs"),
            (1_000, "1.00 ms"),
            (9_996, "10.0 ms"),
            (99_960, "100 ms"),
            (999_999, "1000 ms"),
            (1_250_000, "1.25 s"),
            (125_000_000, "2m 5s"),
        ] {
            assert_eq!(duration(micros), text);
        }
    }

    #[test]
    fn a_span_is_named_by_its_kind_and_its_method() {
        for (kind, operation, expected) in [
            (
                "server",
                "tracewalk.user.v1.UserService/GetUser",
                "server GetUser",
            ),
            (
                "internal",
                "Attempt a.b.UserService/GetUser",
                "attempt GetUser",
            ),
            (
                "internal",
                "Attempt to log in",
                "internal Attempt to log in",
            ),
            ("client", "Greeter/SayHello", "client SayHello"),
            ("", "GET /v1.0/users", "GET /v1.0/users"),
            ("client", "SELECT users.id", "client SELECT users.id"),
            ("", "a.b/", "a.b/"),
            ("", "/b", "/b"),
            ("", "", ""),
        ] {
            let span = Span {
                kind: kind.to_owned(),
                operation: operation.to_owned(),
                ..Span::default()
            };
            assert_eq!(name(&span), expected);
        }
    }

    #[test]
    fn what_does_not_fit_ends_with_an_ellipsis() {
        assert_eq!(shorten("profile", 7), "profile");
        assert_eq!(shorten("profile", 4), "pro…");
        assert_eq!(shorten("profile", 0), "");
    }
}

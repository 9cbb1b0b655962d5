//! The words and signs of a row.

use console::{measure_text_width, truncate_str};

use super::{
    jaeger::plain_text,
    tree::{MAX_DRAWN_DEPTH, Row},
};
use crate::output::Printable;

/// The lines that lead from the parent to the row.
pub(super) fn branch(row: &Row) -> String {
    if row.depth > MAX_DRAWN_DEPTH {
        return format!("⋯ level {} ", row.depth);
    }
    let Some((last, ancestors)) = row.last.split_last() else {
        return if row.orphan { "┄ " } else { "" }.to_owned();
    };
    // The first one stands below a root, which has no line of its own to go on.
    let through = ancestors.iter().map(|last| if *last { "  " } else { "│ " });
    let end = if *last { "└ " } else { "├ " };
    through.chain([end]).collect()
}

/// The operation without the package of an RPC: `UserService/GetUser`. The service stands beside it
/// anyway, and the name of the method is what a reader looks for.
pub(super) fn short_name(operation: &str) -> String {
    let (prefix, name) = match operation.strip_prefix("Attempt ") {
        Some(method) => ("Attempt ", method),
        None => ("", operation),
    };
    format!("{prefix}{}", Printable(without_package(name)))
}

/// The name of a method without its service, `GetUser`, for a line that names several spans; other
/// operations as they are.
pub(super) fn method(operation: &str) -> String {
    let name = short_name(operation);
    let (attempt, rpc) = match name.strip_prefix("Attempt ") {
        Some(rpc) => ("Attempt ", rpc),
        None => ("", name.as_str()),
    };
    match rpc.split_once('/') {
        Some((service, method)) if !service.contains(char::is_whitespace) => {
            format!("{attempt}{method}")
        }
        _ => name,
    }
}

fn without_package(operation: &str) -> &str {
    let Some((service, method)) = operation.split_once('/') else {
        return operation;
    };
    let is_rpc = !method.is_empty() && !operation.contains(char::is_whitespace);
    match service.rfind('.') {
        Some(dot) if is_rpc => &operation[dot + 1..],
        _ => operation,
    }
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
    use super::{duration, method, short_name, shorten};

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
    fn the_package_of_an_rpc_is_left_out() {
        for (operation, name) in [
            (
                "tracewalk.user.v1.UserService/GetUser",
                "UserService/GetUser",
            ),
            (
                "Attempt tracewalk.user.v1.UserService/GetUser",
                "Attempt UserService/GetUser",
            ),
            ("Greeter/SayHello", "Greeter/SayHello"),
            ("GET /v1.0/users", "GET /v1.0/users"),
            ("SELECT users.id", "SELECT users.id"),
            ("a.b/", "a.b/"),
            ("", ""),
        ] {
            assert_eq!(short_name(operation), name);
        }
    }

    #[test]
    fn a_method_is_named_without_its_service() {
        for (operation, name) in [
            ("tracewalk.user.v1.UserService/GetUser", "GetUser"),
            (
                "Attempt tracewalk.user.v1.UserService/GetUser",
                "Attempt GetUser",
            ),
            ("GET /v1.0/users", "GET /v1.0/users"),
            ("SELECT users", "SELECT users"),
        ] {
            assert_eq!(method(operation), name);
        }
    }

    #[test]
    fn what_does_not_fit_ends_with_an_ellipsis() {
        assert_eq!(shorten("profile", 7), "profile");
        assert_eq!(shorten("profile", 4), "pro…");
        assert_eq!(shorten("profile", 0), "");
    }
}

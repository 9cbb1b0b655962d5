//! Lines as `tracing` and telemetry write them together.

use std::io::{self, Write};
use std::sync::{Arc, Mutex};

use opentelemetry::trace::{TraceContextExt, Tracer};
use serde_json::Value;

use super::LogFormat;
use crate::{Options, Telemetry, current_trace_id};

/// What was written, line by line.
#[derive(Clone, Debug, Default)]
struct Written(Arc<Mutex<Vec<u8>>>);

impl Write for Written {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().expect("no writer panics").write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Written {
    fn text(&self) -> String {
        String::from_utf8(self.0.lock().expect("no writer panics").clone()).expect("UTF-8")
    }
}

fn telemetry(format: LogFormat, filter: &'static str) -> (Telemetry, Written) {
    let written = Written::default();
    let writer = written.clone();
    let telemetry = Options::new("user")
        .log_format(format)
        .log_writer(move || writer.clone())
        .variables(move |name| match name {
            "RUST_LOG" => Some(filter.to_owned()),
            "OTEL_TRACES_EXPORTER" => Some("none".to_owned()),
            _ => None,
        })
        .start()
        .expect("the variables are understood");
    (telemetry, written)
}

/// Logs through a telemetry of its own, and returns the lines.
fn lines(format: LogFormat, log: impl FnOnce(&Telemetry)) -> Vec<String> {
    let (telemetry, written) = telemetry(format, "info");
    tracing::dispatcher::with_default(&telemetry.subscriber(), || log(&telemetry));
    written.text().lines().map(ToOwned::to_owned).collect()
}

fn json(log: impl FnOnce(&Telemetry)) -> Vec<Value> {
    let lines = lines(LogFormat::Json, log);
    lines
        .iter()
        .map(|line| serde_json::from_str(line).expect("one object a line"))
        .collect()
}

#[test]
fn line_is_one_object_with_the_event_and_its_origin() {
    let lines = json(|_| {
        tracing::warn!(target: "user::directory", user_id = "7", tries = 3, late = true, "slow");
    });
    let line = &lines[0];
    assert_eq!(line["level"], "WARN");
    assert_eq!(line["target"], "user::directory");
    assert_eq!(
        (&line["service"], &line["message"]),
        (&"user".into(), &"slow".into())
    );
    assert_eq!((&line["user_id"], &line["tries"]), (&"7".into(), &3.into()));
    assert_eq!(line["late"], true);
    assert_eq!(
        line["timestamp"].as_str().expect("text").len(),
        "2026-11-22T08:15:42.123456Z".len()
    );
    assert!(line.get("trace_id").is_none(), "there is no trace: {line}");
}

#[test]
fn line_finds_the_trace_of_a_span_of_either_kind() {
    let mut ids = Vec::new();
    let lines = json(|telemetry| {
        let span = telemetry.tracer().start("GetUser");
        let cx = opentelemetry::Context::current_with_span(span);
        ids.push(cx.span().span_context().span_id().to_string());
        let trace_id = cx.span().span_context().trace_id().to_string();
        let _active = cx.attach();
        assert_eq!(current_trace_id(), Some(trace_id.clone()));
        ids.push(trace_id);
        tracing::info!("inside of the RPC");
        tracing::info_span!("look up").in_scope(|| tracing::info!("inside of a span"));
    });
    assert_eq!(lines[0]["span_id"], ids[0].as_str());
    assert_eq!(lines[0]["trace_id"], ids[1].as_str());
    assert_eq!(lines[1]["trace_id"], ids[1].as_str());
    assert_ne!(lines[1]["span_id"], ids[0].as_str(), "a span of its own");
    assert_eq!(current_trace_id(), None);
}

#[test]
fn line_has_the_fields_of_the_spans_around_it_and_the_innermost_counts() {
    let lines = json(|_| {
        let call = tracing::info_span!("call", user_id = 7, kind = "outer", token = "canary");
        let _call = call.enter();
        let step = tracing::info_span!("step", kind = "inner", tries = tracing::field::Empty);
        step.record("tries", 2);
        step.record("tries", 3);
        step.in_scope(|| tracing::info!(service = "mine", "packed"));
        tracing::info!(user_id = 8, "done");
    });
    assert_eq!(lines[0]["user_id"], 7);
    assert_eq!(lines[0]["kind"], "inner");
    assert_eq!(lines[0]["tries"], 3);
    assert_eq!(lines[1]["user_id"], 8);
    assert_eq!(lines[1]["kind"], "outer");
    assert!(
        lines.iter().all(|line| line["token"] != "canary"),
        "{lines:?}"
    );
}

#[test]
fn nobody_forges_a_line_or_a_field() {
    let attack = "x\n{\"level\":\"ERROR\"}\r\u{2028}\u{1b}[2J";
    for format in [LogFormat::Json, LogFormat::Pretty] {
        let lines = lines(format, |_| {
            tracing::info!(name = attack, debug = ?attack, "{attack}");
        });
        assert_eq!(lines.len(), 1, "{lines:?}");
        assert!(
            !lines[0].contains("\u{1b}[2J") && !lines[0].contains('\u{2028}'),
            "{lines:?}"
        );
    }
    let lines = json(|_| tracing::info!(service = "gateway", trace_id = "0", "mine"));
    assert_eq!(
        (&lines[0]["service"], &lines[0]["field.service"]),
        (&"user".into(), &"gateway".into())
    );
    assert_eq!(lines[0]["field.trace_id"], "0");
}

#[test]
fn secrets_are_in_no_line() {
    let lines = lines(LogFormat::Json, |_| {
        tracing::info!(
            authorization = "canary",
            user_email = "canary",
            "no canary@example.org"
        );
        tracing::error!(error = %"bad header: Bearer canary", password = ?Some("canary"), "failed");
    });
    assert!(
        lines.iter().all(|line| !line.contains("canary")),
        "{lines:?}"
    );
    assert_eq!(lines.len(), 2);
}

#[test]
fn filter_takes_log_lines_away_and_no_spans() {
    let (telemetry, written) = telemetry(LogFormat::Json, "error");
    tracing::dispatcher::with_default(&telemetry.subscriber(), || {
        tracing::info_span!("work").in_scope(|| {
            tracing::info!("not written");
            assert!(current_trace_id().is_some());
        });
    });
    assert_eq!(written.text(), "");
}

#[test]
fn infinity_is_text_because_json_has_no_such_number() {
    let lines = json(|_| tracing::info!(ratio = f64::INFINITY, share = 0.5, "numbers"));
    assert_eq!(
        (&lines[0]["ratio"], &lines[0]["share"]),
        (&"inf".into(), &0.5.into())
    );
}

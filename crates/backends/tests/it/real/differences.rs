//! Where an answer of the query API may be another than Jaeger's, and why.

use serde_json::{Value as Json, json};

/// Questions with another answer, by a part of them, and why.
const QUESTIONS: &[(&str, &str)] = &[
    (
        "/api/traces?operation=",
        "a search without a service asks all",
    ),
    (
        "start=1&end=2",
        "one trace of another time is not found; Jaeger's memory does not look at the time",
    ),
    (
        "spanKind=unspecified",
        "spans without a kind are listed under this word",
    ),
    ("spanKind=SERVER", "the kind is read in capitals too"),
    ("spanKind=none", "a kind that does not exist is refused"),
    (
        "lookback=-1",
        "a negative lookback is the caller's mistake, not ours",
    ),
    (
        "limit=-1",
        "a negative limit is the caller's mistake, not ours",
    ),
    ("limit=0", "a limit out of range is the nearest in it"),
    (
        "limit=99999999999",
        "a limit out of range is the nearest in it",
    ),
    ("start=-1", "there are no spans before 1970"),
    ("minDuration=1d", "days are read, too"),
    ("minDuration=-1s", "no duration is negative"),
    (
        "minDuration=%201s",
        "blanks around a duration do not matter",
    ),
    ("traceID=&", "an empty parameter counts as absent"),
    (
        "service=gateway&service=user",
        "one service is asked for, so the second is refused",
    ),
    ("%3A404%7D", "numbers in tags are read as texts"),
    ("%3Atrue%7D", "booleans in tags are read as texts"),
    ("%3Anull%7D", "null is no text"),
    (
        "tags=%7B%22span%2Ekind",
        "what is shown as a tag is found as a tag",
    ),
    (
        "tags=%7B%22otel%2Escope",
        "what is shown as a tag is found as a tag",
    ),
    (
        "tags=%7B%22w3c%2Etracestate",
        "what is shown as a tag is found as a tag",
    ),
    ("tags=%7B%22event", "an event is found by its name"),
    ("tag=event", "an event is found by its name"),
    (
        "tags=%7B%22error",
        "what is shown as a tag is found as a tag",
    ),
    ("tag=%3A", "a tag without a name is refused"),
    (
        "tag=yes%3Afalse&tags=",
        "of two demands for one tag both hold, not the last",
    ),
    (
        "?start_time=2030",
        "one trace of another time is not found; Jaeger's memory does not look at the time",
    ),
    (
        "/api/v3/traces?query.service_name=user&",
        "without a number of traces it is a hundred, as in later versions of Jaeger",
    ),
    (
        "num_traces=0",
        "a number of traces out of range is the nearest in it",
    ),
    (
        "duration_min=2s&query.duration_max=1s",
        "a range that ends before it begins is refused, as by `/api/traces`",
    ),
    (
        "start_time_max=2020",
        "a range that ends before it begins is refused, as by `/api/traces`",
    ),
];

/// Whole questions with another answer, and why.
const EXACT: &[(&str, &str)] = &[
    ("/api/traces/0", "an id of zeros is no id"),
    ("/api/v3/traces/0", "an id of zeros is no id"),
    ("/api/traces?", "a search without a service asks all"),
    (
        "/api/traces?service=",
        "a search without a service asks all",
    ),
    (
        "/api/traces?traceID=",
        "an empty parameter counts as absent",
    ),
];

/// Why the answer to a question may be another one.
pub(crate) fn of_question(question: &str) -> Option<&'static str> {
    let exact = EXACT.iter().find(|(whole, _)| question == *whole);
    let part = QUESTIONS.iter().find(|(part, _)| question.contains(part));
    exact.or(part).map(|(_, reason)| *reason)
}

/// An answer without the parts that may differ:
///
/// - the order of lists, and the names `p1`, `p2`… of processes
/// - `total`, which Jaeger does not count for traces and arrows, and `code` beside a missing trace
/// - calls within a service: they are no calls between services, so the graph leaves them out
/// - warnings, which Jaeger also gives for a parent that is not there and for spans without duration
/// - in OTLP JSON, the fields that the store does not keep
/// - the end of a span without duration, a nanosecond later in Jaeger
/// - ids of 64 bits, which Jaeger does not fill up
/// - the description of a status that is no error, which OpenTelemetry says is to be ignored
/// - the name of a service that has none
/// - the new id of a server's span that shares the id of its client: it is random in Jaeger
pub(crate) fn normal(mut answer: Json) -> Json {
    if !answer["result"].is_null() {
        answer = spans_of(answer["result"].take());
    }
    if let Some(fields) = answer.as_object_mut() {
        fields.remove("total");
    }
    // A missing list counts as an empty one.
    if answer["data"].is_null() {
        answer["data"] = json!([]);
    }
    if let Some(items) = answer["data"].as_array_mut() {
        items.retain(|item| item["parent"].is_null() || item["parent"] != item["child"]);
    }
    for trace in answer["data"].as_array_mut().into_iter().flatten() {
        if trace["spans"].is_array() {
            resolve_processes(trace);
        }
    }
    clean(&mut answer);
    answer
}

/// The spans of OTLP JSON, each with its resource and its scope: how they are grouped may differ.
fn spans_of(mut traces: Json) -> Json {
    let mut found = Vec::new();
    let take = |list: &mut Json| match list.take() {
        Json::Array(items) => items,
        _ => Vec::new(),
    };
    for mut of_resource in take(&mut traces["resourceSpans"]) {
        for mut of_scope in take(&mut of_resource["scopeSpans"]) {
            for mut span in take(&mut of_scope["spans"]) {
                forget(&mut span);
                let (resource, scope) = (&of_resource["resource"], &of_scope["scope"]);
                found.push(json!({ "resource": resource, "scope": scope, "span": span }));
            }
        }
    }
    json!({ "data": found })
}

/// Leaves out of a span what the store does not keep, warnings, and the time that Jaeger adds.
fn forget(span: &mut Json) {
    let Some(fields) = span.as_object_mut() else {
        return;
    };
    let is_warning = |attribute: &Json| attribute["key"] == "@jaeger@warnings";
    if let Some(Json::Array(attributes)) = fields.get_mut("attributes") {
        attributes.retain(|attribute| !is_warning(attribute));
    }
    fields.retain(|_, value| *value != json!([]));
    let links = span.get_mut("links").and_then(Json::as_array_mut);
    for link in links.into_iter().flatten().filter_map(Json::as_object_mut) {
        link.retain(|name, _| matches!(name.as_str(), "traceId" | "spanId"));
    }
    let nanos = |name| span[name].as_str()?.parse::<u64>().ok();
    if nanos("endTimeUnixNano") == nanos("startTimeUnixNano").map(|start| start + 1) {
        span["endTimeUnixNano"] = span["startTimeUnixNano"].clone();
    }
    if span["status"]["code"] == 1 {
        span["status"] = json!({ "code": 1 });
    }
    if is_shared(&span["traceId"]) {
        name_new_ids(span);
    }
}

/// Whether it is the trace whose client and server share an id.
fn is_shared(id: &Json) -> bool {
    id.as_str().is_some_and(|id| id.ends_with("41"))
}

/// Puts the process of each span in the place of its name, and one word in that of new ids.
fn resolve_processes(trace: &mut Json) {
    if is_shared(&trace["traceID"]) {
        name_new_ids(&mut trace["spans"]);
    }
    let processes = trace["processes"].take();
    for span in trace["spans"].as_array_mut().into_iter().flatten() {
        let name = span["processID"].as_str().unwrap_or_default();
        span["processID"] = processes[name].clone();
    }
}

fn clean(json: &mut Json) {
    match json {
        Json::Array(items) => {
            items.retain(|it| it["key"] != "otel.status_description" || it["value"] != "ignored");
            items.iter_mut().for_each(clean);
            items.sort_by_key(Json::to_string);
        }
        Json::Object(fields) => {
            fields.remove("warnings");
            if fields.contains_key("msg") {
                fields.remove("code");
            }
            if let Some(id) = fields.get_mut("traceID") {
                *id = json!(format!("{:0>32}", id.as_str().unwrap_or_default()));
            }
            fields.values_mut().for_each(clean);
        }
        // `3` and `3.0` are one number.
        Json::Number(number) => *json = json!(number.as_f64()),
        Json::String(name) if name == "missing-service-name" => *json = json!("unknown_service"),
        _ => {}
    }
}

/// The spans of the trace whose client and server share an id are 5 and 6.
fn name_new_ids(json: &mut Json) {
    match json {
        Json::Array(items) => items.iter_mut().for_each(name_new_ids),
        Json::Object(fields) => {
            for name in ["spanID", "spanId", "parentSpanId"] {
                if let Some(Json::String(id)) = fields.get_mut(name)
                    && !matches!(id.trim_start_matches('0'), "5" | "6")
                {
                    "new".clone_into(id);
                }
            }
            fields.values_mut().for_each(name_new_ids);
        }
        _ => {}
    }
}

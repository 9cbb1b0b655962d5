//! An answer of the query API without the parts that may differ from Jaeger's.

use serde_json::{Value as Json, json};

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

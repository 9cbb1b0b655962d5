//! Jaeger's JSON, as much of it as a waterfall needs.

use std::collections::{BTreeMap, HashMap};

use serde::{Deserialize, Serialize};
use serde_json::Value;

/// A trace of the query API.
#[derive(Debug)]
pub(super) struct Trace {
    pub(super) id: String,
    pub(super) spans: Vec<Span>,
    /// What the store says of the trace as a whole: that spans are missing.
    pub(super) warnings: Vec<String>,
}

/// One span, with what the waterfall says of it.
#[derive(Clone, Debug, Default, Serialize)]
pub(crate) struct Span {
    #[serde(rename = "span_id")]
    pub(crate) id: String,
    /// The spans that may be drawn as its parent: first the parent, then links.
    #[serde(skip)]
    pub(crate) references: Vec<String>,
    /// The spans of other traces that it links to.
    pub(crate) links: Vec<Link>,
    pub(crate) service: String,
    pub(crate) operation: String,
    pub(crate) kind: String,
    /// Microseconds since 1970.
    #[serde(rename = "start_us")]
    pub(crate) start: u64,
    /// Microseconds.
    #[serde(rename = "duration_us")]
    pub(crate) duration: u64,
    pub(crate) failed: bool,
    /// The gRPC status, as `NOT_FOUND`; empty for what is no RPC.
    pub(crate) status: String,
    /// Why it failed, in the words of the service; often empty.
    pub(crate) message: String,
    /// All attributes of the span; only the JSON output has them.
    pub(crate) attributes: BTreeMap<String, Value>,
    /// The names of its events, in the order of time.
    pub(crate) events: Vec<String>,
}

/// A span of another trace.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(crate) struct Link {
    pub(crate) trace_id: String,
    pub(crate) span_id: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct RawTrace {
    #[serde(rename = "traceID")]
    id: String,
    spans: Vec<RawSpan>,
    processes: HashMap<String, RawProcess>,
    #[serde(default)]
    warnings: Option<Vec<String>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct RawSpan {
    #[serde(rename = "spanID")]
    id: String,
    operation_name: String,
    #[serde(default)]
    references: Vec<RawReference>,
    start_time: u64,
    duration: u64,
    #[serde(default)]
    tags: Vec<RawTag>,
    /// The events of the span, by Jaeger's name.
    #[serde(default)]
    logs: Vec<RawLog>,
    #[serde(rename = "processID")]
    process: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct RawReference {
    ref_type: String,
    #[serde(rename = "traceID")]
    trace_id: String,
    #[serde(rename = "spanID")]
    span_id: String,
}

#[derive(Deserialize)]
struct RawTag {
    key: String,
    value: Value,
}

#[derive(Deserialize)]
struct RawLog {
    #[serde(default)]
    fields: Vec<RawTag>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct RawProcess {
    service_name: String,
}

impl Trace {
    /// The earliest start of a span, in microseconds since 1970.
    pub(super) fn begin(&self) -> u64 {
        let starts = self.spans.iter().map(|span| span.start);
        starts.min().unwrap_or_default()
    }

    /// Reads one element of the API's `data`.
    pub(super) fn read(data: Value) -> Result<Self, serde_json::Error> {
        let raw: RawTrace = serde_json::from_value(data)?;
        let span = |span: RawSpan| {
            let process = raw.processes.get(&span.process);
            let service = process.map_or("", |process| process.service_name.as_str());
            span.read(&raw.id, service)
        };
        let spans = raw.spans.into_iter().map(span).collect();
        Ok(Self {
            id: raw.id,
            spans,
            warnings: raw.warnings.unwrap_or_default(),
        })
    }
}

impl RawSpan {
    fn read(self, trace_id: &str, service: &str) -> Span {
        let tag = |key: &str| {
            let found = self.tags.iter().find(|tag| tag.key == key);
            found.map_or(String::new(), |tag| plain_text(&tag.value))
        };
        Span {
            service: service.to_owned(),
            kind: tag("span.kind"),
            failed: tag("error") == "true" || tag("otel.status_code") == "ERROR",
            status: tag("rpc.response.status_code"),
            message: tag("otel.status_description"),
            operation: self.operation_name,
            links: links(&self.references, trace_id),
            references: parents_first(self.references, trace_id),
            id: self.id,
            start: self.start_time,
            duration: self.duration,
            events: self.logs.iter().filter_map(RawLog::name).collect(),
            attributes: self
                .tags
                .into_iter()
                .map(|tag| (tag.key, tag.value))
                .collect(),
        }
    }
}

impl RawLog {
    fn name(&self) -> Option<String> {
        let name = self.fields.iter().find(|field| field.key == "event")?;
        Some(plain_text(&name.value))
    }
}

fn links(references: &[RawReference], trace_id: &str) -> Vec<Link> {
    let others = references.iter().filter(|it| it.trace_id != trace_id);
    let link = |reference: &RawReference| Link {
        trace_id: reference.trace_id.clone(),
        span_id: reference.span_id.clone(),
    };
    others.map(link).collect()
}

fn parents_first(mut references: Vec<RawReference>, trace_id: &str) -> Vec<String> {
    references.retain(|reference| reference.trace_id == trace_id);
    references.sort_by_key(|reference| reference.ref_type != "CHILD_OF");
    let ids = references.into_iter().map(|reference| reference.span_id);
    ids.collect()
}

pub(crate) fn plain_text(value: &Value) -> String {
    value
        .as_str()
        .map_or_else(|| value.to_string(), str::to_owned)
}

use std::collections::{BTreeSet, HashMap};

use serde_json::Value;

use super::{finding::Finding, site::Site};

/// Jaeger's query API, or the same API of the embedded store.
#[derive(Debug)]
pub(super) struct Jaeger {
    pub(super) site: Site,
}

/// Who called whom in one trace.
#[derive(Debug)]
pub(super) struct Trace {
    spans: Vec<Span>,
}

#[derive(Debug)]
struct Span {
    id: String,
    service: String,
    /// `None` for a root.
    parent: Option<String>,
}

impl Jaeger {
    pub(super) fn new(site: Site) -> Self {
        Self { site }
    }

    /// The trace as far as it has arrived; `None` when nothing of it has.
    pub(super) async fn trace(&self, id: &str) -> Result<Option<Trace>, Finding> {
        let path = format!("/api/traces/{id}");
        let answer = self.site.get(&path, &[]).await;
        let answer = answer.map_err(|error| self.site.unreachable(&error))?;
        let body = answer.json().unwrap_or_default();
        if body["data"][0].is_object() {
            return Ok(Some(Trace::read(&body["data"][0])));
        }
        // Jaeger has the code in the body too, and not all versions have it as the status.
        let is_unknown = answer.status == 404 || body["errors"][0]["code"] == 404;
        if is_unknown && body.is_object() {
            Ok(None)
        } else {
            Err(self.site.unexpected(&path, &answer))
        }
    }

    /// Whether one of these traces is known.
    pub(super) async fn knows_any(&self, ids: &[String]) -> Result<bool, Finding> {
        for id in ids {
            if self.trace(id).await?.is_some() {
                return Ok(true);
            }
        }
        Ok(false)
    }
}

impl Trace {
    fn read(data: &Value) -> Self {
        let spans = data["spans"].as_array().into_iter().flatten();
        let read = |span: &Value| {
            let process = span["processID"].as_str()?;
            Some(Span {
                id: span["spanID"].as_str()?.to_owned(),
                service: data["processes"][process]["serviceName"]
                    .as_str()?
                    .to_owned(),
                parent: parent(span),
            })
        };
        Self {
            spans: spans.filter_map(read).collect(),
        }
    }

    pub(super) fn len(&self) -> usize {
        self.spans.len()
    }

    /// The services that took part.
    pub(super) fn services(&self) -> BTreeSet<&str> {
        self.spans
            .iter()
            .map(|span| span.service.as_str())
            .collect()
    }

    /// The services with spans whose parent is not there.
    pub(super) fn orphaned(&self) -> BTreeSet<&str> {
        let by_id = self.by_id();
        let is_orphan = |span: &&Span| {
            let parent = span.parent.as_deref();
            parent.is_some_and(|parent| !by_id.contains_key(parent))
        };
        let orphans = self.spans.iter().filter(is_orphan);
        orphans.map(|span| span.service.as_str()).collect()
    }

    /// The services of the root spans: a whole trace has one.
    pub(super) fn roots(&self) -> Vec<&str> {
        let roots = self.spans.iter().filter(|span| span.parent.is_none());
        roots.map(|span| span.service.as_str()).collect()
    }

    /// Whether a span of the one service hangs directly below one of the other.
    pub(super) fn has_edge(&self, above: &str, below: &str) -> bool {
        let by_id = self.by_id();
        self.spans.iter().any(|span| {
            let parent = span.parent.as_deref().and_then(|parent| by_id.get(parent));
            span.service == below && parent.is_some_and(|parent| parent.service == above)
        })
    }

    fn by_id(&self) -> HashMap<&str, &Span> {
        self.spans
            .iter()
            .map(|span| (span.id.as_str(), span))
            .collect()
    }
}

fn parent(span: &Value) -> Option<String> {
    let mut references = span["references"].as_array()?.iter();
    let parent =
        references.find(|it| it["refType"] == "CHILD_OF" && it["traceID"] == span["traceID"]);
    Some(parent?["spanID"].as_str()?.to_owned())
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::Trace;

    fn trace(spans: &[(&str, &str, Option<&str>)]) -> Trace {
        let span = |(id, service, parent): &(&str, &str, Option<&str>)| {
            let parent = parent
                .map(|parent| json!({ "refType": "CHILD_OF", "traceID": "1", "spanID": parent }));
            let references: Vec<_> = parent.into_iter().collect();
            json!({ "traceID": "1", "spanID": id, "processID": service, "references": references })
        };
        let name = |service: &str| json!({ "serviceName": service });
        Trace::read(&json!({
            "spans": spans.iter().map(span).collect::<Vec<Value>>(),
            "processes": { "gateway": name("gateway"), "user": name("user") },
        }))
    }

    #[test]
    fn a_whole_trace_has_one_root_and_no_orphan() {
        let trace = trace(&[("a", "gateway", None), ("b", "user", Some("a"))]);
        assert_eq!(trace.len(), 2);
        assert_eq!(trace.roots(), ["gateway"]);
        assert!(trace.orphaned().is_empty());
        assert!(trace.has_edge("gateway", "user") && !trace.has_edge("user", "gateway"));
    }

    #[test]
    fn a_span_whose_parent_is_missing_is_an_orphan_and_no_root() {
        let trace = trace(&[("a", "gateway", None), ("b", "user", Some("gone"))]);
        assert_eq!(trace.orphaned().into_iter().collect::<Vec<_>>(), ["user"]);
        assert_eq!(trace.roots(), ["gateway"]);
        assert!(!trace.has_edge("gateway", "user"));
    }
}

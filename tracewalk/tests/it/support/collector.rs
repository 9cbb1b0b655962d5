use std::{
    collections::BTreeMap,
    sync::{Mutex, PoisonError},
};

use super::{Span, Trace, until};

/// An OTLP collector, and the spans that it has received as the tests look at them.
#[derive(Debug)]
pub(crate) struct Collector {
    pub(crate) endpoint: String,
    inner: test_support::collector::Collector,
    /// The spans of so many requests.
    spans: Mutex<(usize, Vec<Span>)>,
}

impl Collector {
    pub(crate) fn start() -> Self {
        let collector = test_support::collector::Collector::running();
        Self {
            endpoint: collector.endpoint(),
            inner: collector,
            spans: Mutex::default(),
        }
    }

    /// Each export as text, with every word in it, of spans and of log records.
    pub(crate) fn exports(&self) -> Vec<String> {
        let (traces, logs) = (self.inner.traces(0), self.inner.logs());
        let traces = traces.iter().map(|it| format!("{it:?}"));
        traces
            .chain(logs.iter().map(|it| format!("{it:?}")))
            .collect()
    }

    /// Everything that has arrived.
    pub(crate) fn spans(&self) -> Vec<Span> {
        let mut seen = self.spans.lock().unwrap_or_else(PoisonError::into_inner);
        let new = self.inner.traces(seen.0);
        seen.0 += new.len();
        let resources = new.into_iter().flat_map(|it| it.resource_spans);
        seen.1.extend(resources.flat_map(Span::all_of));
        seen.1.clone()
    }

    /// All traces of calls that have arrived, by trace id. What is done for an event, later, is in
    /// traces of its own, which are left out.
    pub(crate) fn traces(&self) -> BTreeMap<String, Trace> {
        let mut traces = BTreeMap::<String, Vec<Span>>::new();
        for span in self.spans() {
            traces.entry(span.trace_id.clone()).or_default().push(span);
        }
        traces
            .into_iter()
            .map(|(id, spans)| (id, Trace::new(spans)))
            .filter(|(_, trace)| !is_of_events(trace))
            .collect()
    }

    /// The trace of a call, once it has as many spans as are expected, or more.
    pub(crate) async fn trace(&self, trace_id: &str, spans: usize) -> Trace {
        until(
            &format!(
                "{spans} spans of trace {trace_id}; there are {:?}",
                self.spans()
            ),
            async || {
                self.traces()
                    .remove(trace_id)
                    .filter(|trace| trace.spans().len() >= spans)
            },
        )
        .await
    }
}

/// Whether it is what the relay or the consumer of events does, and no call.
fn is_of_events(trace: &Trace) -> bool {
    let names = ["send user-events", "process user-events"];
    let roots = trace.roots();
    roots.iter().any(|root| names.contains(&root.name.as_str()))
}

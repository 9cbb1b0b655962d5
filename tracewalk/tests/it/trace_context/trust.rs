use super::chain::{Arrived, Chain, Listener, PARENT_ID, TRACE_ID, fill};
use crate::support::{Span, until};

/// A call of somebody who has a trace, wants no spans, and sends a tag along.
async fn call(chain: &mut Chain, listener: Listener, flags: &str) -> Arrived {
    let parent = format!("00-{TRACE_ID}-{PARENT_ID}-{flags}");
    let headers = [
        ("traceparent", parent.as_str()),
        ("tracestate", "vendor=value"),
        ("baggage", "tenant=ada"),
    ];
    chain.send(listener, &headers).await
}

/// The first span of the trace that arrived.
async fn root(chain: &Chain, arrived: &Arrived) -> Span {
    until("the span of the gateway", async || {
        let trace = chain.demo.collector.traces().remove(&arrived.trace_id)?;
        trace.of("gateway", "SERVER").next().cloned()
    })
    .await
}

#[tokio::test]
async fn trust_continues_the_trace_of_a_caller() {
    let mut chain = Chain::start(&[("TRACEWALK_TRACE_CONTEXT", "trust")]).await;
    for listener in Listener::BOTH {
        let arrived = call(&mut chain, listener, "01").await;
        assert!(arrived.continues());
        assert_eq!(arrived.list, "vendor=value");
        let root = root(&chain, &arrived).await;
        assert_eq!(
            (root.parent.as_str(), &root.links[..]),
            (PARENT_ID, &[][..])
        );
    }
}

#[tokio::test]
async fn restart_begins_a_trace_that_knows_nothing_of_the_callers() {
    let variables = [
        ("TRACEWALK_TRACE_CONTEXT", "restart"),
        ("TRACEWALK_BAGGAGE", "tenant"),
    ];
    let mut chain = Chain::start(&variables).await;
    for listener in Listener::BOTH {
        // Neither can a caller say that its calls are not sampled.
        for flags in ["00", "01"] {
            let arrived = call(&mut chain, listener, flags).await;
            assert!(!arrived.continues());
            assert_eq!((arrived.flags.as_str(), arrived.list.as_str()), ("03", ""));
            // Baggage has a list of allowed keys of its own.
            assert_eq!(arrived.baggage, ["tenant=ada"]);
            let root = root(&chain, &arrived).await;
            assert_eq!((root.parent.as_str(), &root.links[..]), ("", &[][..]));
        }
    }
}

#[tokio::test]
async fn link_begins_a_trace_whose_first_span_links_to_the_callers() {
    let mut chain = Chain::start(&[("TRACEWALK_TRACE_CONTEXT", "link")]).await;
    for listener in Listener::BOTH {
        let arrived = call(&mut chain, listener, "00").await;
        assert!(!arrived.continues());
        assert_eq!((arrived.flags.as_str(), arrived.list.as_str()), ("03", ""));
        let linked = root(&chain, &arrived).await;
        assert_eq!(linked.parent, "");
        assert_eq!(linked.links, [(TRACE_ID.to_owned(), PARENT_ID.to_owned())]);

        // A caller without a context is linked to nothing.
        let arrived = chain
            .send(listener, &[("traceparent", &fill("00-{t}-{p}-1"))])
            .await;
        assert!(root(&chain, &arrived).await.links.is_empty());
    }
}

//! Telemetry makes no telemetry: an idle stack is silent.

use crate::support::{Demo, get};

/// Of one call through three services: the calls served, the calls out with their attempts, and two
/// queries.
const SPANS_OF_A_CALL: usize = 9;

#[tokio::test]
async fn an_idle_stack_makes_no_spans_however_much_it_logs() {
    let mut demo = Demo::start_with(&[("RUST_LOG", "trace")]).await;
    // One call, so that spans are exported: the exporter's own calls would be the next ones.
    let call = demo.caller().await.get("1").await;
    demo.collector.trace(&call.trace_id, SPANS_OF_A_CALL).await;

    // What a container platform and a Prometheus ask all day.
    for service in demo.services() {
        let admin = service.address("admin").await;
        let grpc = service.address("grpc").await.to_string();
        for page in ["metrics", "healthz", "readyz"] {
            assert_eq!(get(&format!("http://{admin}/{page}")).await.status, 200);
        }
        let health = crate::support::run(&["health", &grpc]).await;
        assert!(health.status.success(), "{health:?}");
    }
    assert_eq!(demo.stop().await, [Some(0); 3]);
    assert_eq!(
        demo.collector.spans().len(),
        SPANS_OF_A_CALL,
        "{:#?}",
        demo.collector.traces()
    );
}

//! A collector whose store is slow.

use super::{
    jaeger::{Jaeger, ROOMY},
    sink::Sink,
};
use crate::support::{Demo, Ledger, until};

/// The store holds each request, so the collector's queue fills, then that of the services; when it is
/// quick again, it gets what was queued and nothing else.
#[tokio::test]
async fn spans_that_a_slow_store_has_no_room_for_are_counted_and_the_others_arrive() {
    let sink = Sink::start().await;
    let slow = format!(
        "otlphttp: {{endpoint: 'http://{}', compression: none, timeout: 10m, \
         sending_queue: {{num_consumers: 1, queue_size: 2}}}}",
        sink.address
    );
    let jaeger = Jaeger::start_over(&slow, ROOMY, 1.0).await;
    let mut demo = Demo::start_with(&[
        ("OTEL_EXPORTER_OTLP_ENDPOINT", &jaeger.otlp),
        ("OTEL_BSP_MAX_QUEUE_SIZE", "64"),
        ("OTEL_BSP_SCHEDULE_DELAY", "100"),
    ])
    .await;
    let caller = demo.caller().await;
    until(
        "each service has more spans than there is room for",
        async || {
            let mut caller = caller.clone();
            assert_eq!(caller.get("1").await.code, tonic::Code::Ok);
            let mut all_have_lost = true;
            for service in demo.services() {
                all_have_lost &= Ledger::of(service).await.lost() > 0;
            }
            all_have_lost.then_some(())
        },
    )
    .await;
    sink.open();
    until("what the collector took is in the store", async || {
        let (mut queued, mut exported) = (0, 0);
        for service in demo.services() {
            let ledger = Ledger::of(service).await;
            queued += ledger.queued;
            exported += ledger.exported;
        }
        (queued == 0 && exported == sink.spans()).then_some(())
    })
    .await;
    assert_eq!(demo.stop().await, [Some(0); 3]);
}

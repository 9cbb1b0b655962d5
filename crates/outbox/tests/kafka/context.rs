//! What travels with an event.

use opentelemetry::{Value, trace::SpanKind};
use opentelemetry_sdk::trace::SpanData;
use test_support::kafka::Kafka;

use crate::support::{Side, only, record, until};
use crate::topic::{Topic, attribute, span_name, until_handled};

#[tokio::test(flavor = "multi_thread")]
async fn an_event_crosses_a_topic_with_its_context_in_headers_that_other_clients_read() {
    let mut topic = Topic::of(Kafka::shared());
    let (user, profile) = (Side::new("sqlite").await, Side::new("sqlite").await);
    let sink = topic.sink();
    let outbox = topic.relay(&user, sink).await;
    topic.consume(&profile).await;
    record(&user, &outbox, &["linked"]).await;
    until_handled(&profile, 1).await;
    until("it is gone", async || {
        user.metric("outbox_published_events_total") == "1"
    })
    .await;
    for partition in 0..3 {
        let lag = format!("inbox_partition_lag_records{{partition=\"{partition}\"}}");
        until("all is read", async || profile.metric(&lag) == "0").await;
    }
    topic.tasks.shutdown().await;

    let (of_user, of_profile) = (user.finish().await, profile.finish().await);
    let [create, send] = ["create", "send"].map(|it| only(&of_user, &span_name(&topic, it)));
    let [receive, process] =
        ["receive", "process"].map(|it| only(&of_profile, &span_name(&topic, it)));
    assert_eq!(create.span_kind, SpanKind::Producer);
    assert_eq!(process.span_kind, SpanKind::Consumer);
    for span in [create, send, receive, process] {
        assert_conventions(&topic, span);
    }
    for span in [send, receive, process] {
        assert_linked(span, create);
    }
    let partition = attribute(process, "messaging.destination.partition.id");
    let of_batch = attribute(receive, "messaging.destination.partition.id");
    assert_eq!(of_batch, partition);
    let offset = attribute(process, "messaging.kafka.offset");
    assert_eq!(offset, Some(Value::I64(0)));
    let partition = partition.expect("a partition").to_string();
    assert_console_consumer_reads(&topic, create, &partition);
}

/// Asserts that Kafka's own consumer prints the only event of a topic with its headers.
fn assert_console_consumer_reads(topic: &Topic, create: &SpanData, partition: &str) {
    let words = "--from-beginning --max-messages 1 --timeout-ms 60000 \
                 --formatter-property print.headers=true --formatter-property print.key=true \
                 --formatter-property print.partition=true --formatter-property print.offset=true";
    let words: Vec<_> = words.split_whitespace().collect();
    let printed = topic.run("consumer.ConsoleConsumer", &words, "");
    let id = attribute(create, "messaging.message.id").expect("an id");
    let (trace, span) = (
        create.span_context.trace_id(),
        create.span_context.span_id(),
    );
    for part in [
        format!("Partition:{partition}\tOffset:0\t"),
        "content-type:application/cloudevents+json".to_owned(),
        format!("traceparent:00-{trace}-{span}-"),
        format!("ce_id:{id}"),
        format!("\tlinked\t{{\"specversion\":\"1.0\",\"id\":\"{id}\",\"source\":\"/shop\""),
        "\"type\":\"order.made\",\"subject\":\"linked\"".to_owned(),
    ] {
        assert!(printed.contains(&part), "no {part} in {printed}");
    }
}

/// Asserts what each span of a message has.
fn assert_conventions(topic: &Topic, span: &SpanData) {
    let system = attribute(span, "messaging.system");
    assert_eq!(system, Some("kafka".into()), "{}", span.name);
    let name = attribute(span, "messaging.destination.name");
    assert_eq!(name, Some(topic.name().to_owned().into()), "{}", span.name);
}

/// Asserts that a span has one link, to another span.
fn assert_linked(span: &SpanData, to: &SpanData) {
    let links: Vec<_> = span.links.iter().map(|link| &link.span_context).collect();
    let [link] = links.as_slice() else {
        panic!("{links:?}")
    };
    assert_eq!(link.span_id(), to.span_context.span_id());
    assert_eq!(link.trace_id(), to.span_context.trace_id());
}

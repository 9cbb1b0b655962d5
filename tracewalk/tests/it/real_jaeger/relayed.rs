//! With the compose file's configuration: what Jaeger passes on, and what it counts.

use std::collections::BTreeMap;

use opentelemetry_proto::tonic::{common::v1::any_value::Value, resource::v1::Resource};
use serde_json::Value as Json;
use test_support::compose::Compose;

use super::sink::Sink;
use crate::support::{Demo, get, until};

#[tokio::test]
async fn the_compose_files_jaeger_relays_log_records_and_feeds_the_monitor_page() {
    let sink = Sink::start().await;
    let compose = Compose::start(&sink.address);
    let otlp = format!("http://{}", compose.otlp);
    let demo = Demo::start_with(&[
        ("OTEL_EXPORTER_OTLP_ENDPOINT", &otlp),
        ("OTEL_LOGS_EXPORTER", "otlp"),
    ])
    .await;
    let mut caller = demo.caller().await;
    let seen = caller.get("1").await;
    let logged = until("a log record of each service", async || {
        let logged = instances_that_logged(&sink, &seen.trace_id);
        (logged.len() == 3).then_some(logged)
    })
    .await;
    let path = format!("http://{}/api/traces/{}", compose.query, seen.trace_id);
    let traced = until("the whole trace", async || {
        let answer = get(&path).await;
        let traced = instances_of(&answer.json()["data"][0]["processes"]);
        (traced.len() == 3).then_some(traced)
    })
    .await;
    assert_eq!(logged, traced, "who logs is who traces");

    for metric in ["calls", "latencies"] {
        let url = format!(
            "http://{}/api/metrics/{metric}?service=gateway&service=user&service=profile\
             &quantile=0.95&lookback=10000&step=1000&ratePer=60000",
            compose.query
        );
        until(metric, async || {
            let mut caller = caller.clone();
            caller.get("1").await;
            let services = services_with_a_value(&get(&url).await.json());
            (services == ["gateway", "profile", "user"]).then_some(())
        })
        .await;
    }
}

/// The services that logged something during a trace, and their instances.
fn instances_that_logged(sink: &Sink, trace_id: &str) -> BTreeMap<String, String> {
    let trace_id = u128::from_str_radix(trace_id, 16).expect("a trace id");
    let is_of_trace = |id: &[u8]| id == trace_id.to_be_bytes();
    let logs = sink.logs().into_iter();
    let logs = logs.filter(|of| {
        let mut records = of.scope_logs.iter().flat_map(|of| &of.log_records);
        records.any(|record| is_of_trace(&record.trace_id))
    });
    let resources = logs.filter_map(|of| of.resource);
    let text = |resource: &Resource, key: &str| {
        let mut attributes = resource.attributes.iter();
        let found = attributes.find(|it| it.key == key)?.value.clone()?.value?;
        match found {
            Value::StringValue(text) => Some(text),
            _ => None,
        }
    };
    let pairs = resources.filter_map(|it| {
        Some((
            text(&it, "service.name")?,
            text(&it, "service.instance.id")?,
        ))
    });
    pairs.collect()
}

/// The services of a trace, and their instances.
fn instances_of(processes: &Json) -> BTreeMap<String, String> {
    let processes = processes.as_object().into_iter().flatten();
    let pair = |process: &Json| {
        let mut tags = process["tags"].as_array()?.iter();
        let tag = tags.find(|tag| tag["key"] == "service.instance.id")?;
        let name = process["serviceName"].as_str()?.to_owned();
        Some((name, tag["value"].as_str()?.to_owned()))
    };
    processes.filter_map(|(_, process)| pair(process)).collect()
}

/// The services whose last value is above zero, sorted.
fn services_with_a_value(family: &Json) -> Vec<String> {
    let series = family["metrics"].as_array().into_iter().flatten();
    let named = series.filter_map(|series| {
        let last = series["metricPoints"].as_array()?.last()?;
        let value = last["gaugeValue"]["doubleValue"].as_f64()?;
        let name = series["labels"][0]["value"].as_str()?;
        (value > 0.0).then(|| name.to_owned())
    });
    let mut named: Vec<_> = named.collect();
    named.sort();
    named
}

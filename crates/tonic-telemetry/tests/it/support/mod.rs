//! What the tests of the RPC layers share: a fixture that sees each span and each sample.

#![allow(
    dead_code,
    unreachable_pub,
    reason = "each test file compiles this module for itself and uses its own part of it"
)]

pub mod echo;
pub mod scrape;
pub mod script;

use std::{collections::BTreeMap, time::Duration};

use opentelemetry::trace::{SpanKind, TracerProvider as _};
use opentelemetry_sdk::trace::{
    InMemorySpanExporter, Sampler, SdkTracer, SdkTracerProvider, ShouldSample, SpanData,
};
use prometheus::proto::{Metric, MetricFamily};
use prost::Message as _;
use prost_types::{
    FileDescriptorProto, FileDescriptorSet, MethodDescriptorProto, ServiceDescriptorProto,
};
use test_support::DEADLINE;
use tonic_telemetry::{
    Methods, Peer, TraceClientLayer, TraceServerLayer, conventions, metrics::Registry,
};

pub const SERVER_DURATION: &str = "grpc_rpc_duration_seconds";
pub const CLIENT_DURATION: &str = "grpc_client_rpc_duration_seconds";
pub const ATTEMPT_DURATION: &str = "grpc_client_attempt_duration_seconds";

/// A tracer whose spans a test can look at, a registry, and the methods of `test.v1.Echo`.
pub struct Fixture {
    pub exporter: InMemorySpanExporter,
    pub provider: SdkTracerProvider,
    pub registry: Registry,
    pub methods: Methods,
}

impl Fixture {
    pub fn new() -> Self {
        Self::sampling(Sampler::ParentBased(Box::new(Sampler::AlwaysOn)))
    }

    pub fn sampling(sampler: impl ShouldSample + 'static) -> Self {
        let exporter = InMemorySpanExporter::default();
        let provider = SdkTracerProvider::builder()
            .with_simple_exporter(exporter.clone())
            .with_sampler(sampler)
            .build();
        let methods = Methods::from_descriptor_sets(&[
            &descriptor_set(),
            tonic_health::pb::FILE_DESCRIPTOR_SET,
        ])
        .expect("the descriptors are well-formed");
        Self {
            exporter,
            provider,
            registry: Registry::new(),
            methods,
        }
    }

    /// As [`new`](Self::new), without descriptor sets.
    pub fn learning() -> Self {
        Self {
            methods: Methods::default(),
            ..Self::new()
        }
    }

    pub fn tracer(&self) -> SdkTracer {
        self.provider
            .tracer_with_scope(conventions::instrumentation_scope())
    }

    pub fn server_layer(&self) -> TraceServerLayer {
        TraceServerLayer::new(self.tracer(), &self.registry, &self.methods)
    }

    pub fn client_layer(&self) -> TraceClientLayer {
        let peer = Peer::new("echo", "echo.test", 50052);
        TraceClientLayer::new(self.tracer(), &self.registry, &self.methods, peer)
    }

    /// The ended spans, in the order of their ends.
    pub fn spans(&self) -> Vec<SpanData> {
        self.exporter
            .get_finished_spans()
            .expect("the exporter lives as long as the fixture")
    }

    /// The spans of one kind, as soon as there are as many.
    pub async fn wait_for(&self, kind: SpanKind, number: usize) -> Vec<SpanData> {
        let some = async {
            loop {
                let mut spans = self.spans();
                spans.retain(|span| span.span_kind == kind);
                if spans.len() >= number {
                    return spans;
                }
                tokio::time::sleep(Duration::from_millis(2)).await;
            }
        };
        tokio::time::timeout(DEADLINE, some)
            .await
            .expect("the spans end in time")
    }

    /// The only span there is.
    pub fn only_span(&self) -> SpanData {
        let mut spans = self.spans();
        assert_eq!(spans.len(), 1, "one span: {spans:#?}");
        spans.remove(0)
    }

    pub fn family(&self, name: &str) -> Option<MetricFamily> {
        let mut families = self.registry.prometheus().gather().into_iter();
        families.find(|family| family.name() == name)
    }

    pub fn series(&self, name: &str) -> Vec<Metric> {
        let family = self.family(name);
        family.map_or_else(Vec::new, |family| family.get_metric().to_vec())
    }

    /// The samples of a histogram by status code, without the series that are still at zero:
    /// their number and their sum in seconds.
    pub fn samples(&self, name: &str) -> BTreeMap<String, (u64, f64)> {
        let mut samples = BTreeMap::new();
        for metric in self.series(name) {
            let histogram = metric.get_histogram();
            if histogram.get_sample_count() > 0 {
                let (count, sum) = samples.entry(label(&metric, "code")).or_insert((0, 0.0));
                *count += histogram.get_sample_count();
                *sum += histogram.get_sample_sum();
            }
        }
        samples
    }

    /// The value of the counter of a method of `test.v1.Echo`.
    pub fn count(&self, name: &str, method: &str) -> f64 {
        let of_method = |metric: &&Metric| label(metric, "method") == method;
        let series = self.series(name);
        let metric = series.iter().find(of_method).expect("the series exists");
        metric.get_counter().get_value()
    }
}

/// The value of a label, empty if it is missing.
pub fn label(metric: &Metric, name: &str) -> String {
    let labels = metric.get_label().iter();
    let mut values = labels.filter(|label| label.name() == name);
    values
        .next()
        .map_or_else(String::new, |label| label.value().to_owned())
}

/// The value of a span attribute as text, empty if it is missing.
pub fn attribute(span: &SpanData, key: &str) -> String {
    let mut attributes = span.attributes.iter();
    attributes
        .find(|attribute| attribute.key.as_str() == key)
        .map_or_else(String::new, |attribute| attribute.value.to_string())
}

/// The contract of the service under test: a method of each kind.
fn descriptor_set() -> Vec<u8> {
    let method = |name: &str, client_streaming, server_streaming| MethodDescriptorProto {
        name: Some(name.to_owned()),
        client_streaming: Some(client_streaming),
        server_streaming: Some(server_streaming),
        ..Default::default()
    };
    let service = ServiceDescriptorProto {
        name: Some("Echo".to_owned()),
        method: vec![
            method("Say", false, false),
            method("Watch", false, true),
            method("Upload", true, false),
            method("Chat", true, true),
        ],
        ..Default::default()
    };
    let file = FileDescriptorProto {
        package: Some("test.v1".to_owned()),
        service: vec![service],
        ..Default::default()
    };
    FileDescriptorSet { file: vec![file] }.encode_to_vec()
}

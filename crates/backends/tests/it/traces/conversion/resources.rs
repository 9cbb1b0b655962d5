//! Resources are processes.

use super::{shown, tag};
use crate::support::spans::{service, span, text};
use opentelemetry_proto::tonic::{resource::v1::Resource, trace::v1::ResourceSpans};

/// A resource with these attributes, and one span.
fn from(attributes: &[(&str, &str)], id: u64) -> ResourceSpans {
    let attributes = attributes
        .iter()
        .map(|(key, value)| text(key, value))
        .collect();
    ResourceSpans {
        resource: Some(Resource {
            attributes,
            ..Resource::default()
        }),
        ..service("unused", vec![span(1, id)])
    }
}

#[tokio::test]
async fn there_is_one_process_for_each_distinct_resource() {
    let trace = shown(vec![
        from(&[("service.name", "user"), ("host.name", "a")], 1),
        from(&[("service.name", "user"), ("host.name", "b")], 2),
        from(&[("service.name", "user"), ("host.name", "a")], 3),
        from(&[("service.name", "profile"), ("host.name", "a")], 4),
    ])
    .await;
    let processes = trace["processes"].as_object().unwrap();
    assert_eq!(
        processes.len(),
        3,
        "no service.instance.id is needed to tell them apart"
    );
    for span in trace["spans"].as_array().unwrap() {
        let process = &processes[span["processID"].as_str().unwrap()];
        let is_profile = span["spanID"] == format!("{:016x}", 4);
        let expected = if is_profile { "profile" } else { "user" };
        assert_eq!(process["serviceName"], expected);
        assert!(tag(&process["tags"], "host.name").is_some());
        assert_eq!(tag(&process["tags"], "service.name"), None);
    }
}

#[tokio::test]
async fn a_resource_without_a_name_is_an_unknown_service() {
    for attributes in [&[][..], &[("service.name", "")]] {
        let trace = shown(vec![from(attributes, 1)]).await;
        assert_eq!(trace["processes"]["p1"]["serviceName"], "unknown_service");
    }
}

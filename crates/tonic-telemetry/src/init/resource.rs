use opentelemetry::KeyValue;
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::resource::TelemetryResourceDetector;
use percent_encoding::percent_decode_str;

use super::InitError;
use crate::env::{Variable, Variables};

/// What the program knows about itself; the environment may say otherwise.
#[derive(Clone, Debug)]
pub(super) struct Identity {
    pub(super) service: String,
    pub(super) namespace: Option<String>,
    pub(super) version: Option<String>,
    pub(super) instance_id: String,
}

/// Describes this process, for every span and log record.
///
/// `OTEL_RESOURCE_ATTRIBUTES` overrides the program, and `OTEL_SERVICE_NAME` overrides both. Where
/// one pair is malformed, all are ignored.
/// Spec: [Resource SDK](https://opentelemetry.io/docs/specs/otel/resource/sdk/).
pub(super) fn describe(identity: &Identity, variables: &Variables) -> Resource {
    let attributes = variables.read(&["OTEL_RESOURCE_ATTRIBUTES"], attributes);
    let resource = Resource::builder_empty()
        .with_detector(Box::new(TelemetryResourceDetector))
        .with_attributes([
            KeyValue::new("service.name", identity.service.clone()),
            KeyValue::new("service.instance.id", identity.instance_id.clone()),
        ])
        .with_attributes(named("service.version", identity.version.as_ref()))
        .with_attributes(named("service.namespace", identity.namespace.as_ref()))
        .with_attributes(attributes.unwrap_or_default());
    match variables.get(&["OTEL_SERVICE_NAME"]) {
        Some(name) => resource.with_service_name(name.value).build(),
        None => resource.build(),
    }
}

fn named(key: &'static str, value: Option<&String>) -> Option<KeyValue> {
    value.map(|value| KeyValue::new(key, value.clone()))
}

fn attributes(variable: &Variable) -> Result<Vec<KeyValue>, InitError> {
    let expected = "key=value pairs with commas between them";
    let pairs = variable.entries().map(attribute).collect::<Option<_>>();
    pairs.ok_or_else(|| variable.refuse(expected))
}

fn attribute(pair: &str) -> Option<KeyValue> {
    let (key, value) = pair.split_once('=')?;
    let key = percent_decode_str(key.trim())
        .decode_utf8()
        .ok()?
        .into_owned();
    let value = percent_decode_str(value.trim())
        .decode_utf8()
        .ok()?
        .into_owned();
    (!key.is_empty()).then(|| KeyValue::new(key, value))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn identity() -> Identity {
        Identity {
            service: "user".to_owned(),
            namespace: Some("shop".to_owned()),
            version: None,
            instance_id: String::new(),
        }
    }

    fn value(variables: &[(&str, &str)], key: &'static str) -> String {
        let resource = describe(&identity(), &Variables::of(variables));
        resource
            .get(&key.into())
            .map(|value| value.to_string())
            .unwrap_or_default()
    }

    #[test]
    fn environment_overrides_the_program() {
        let attributes = (
            "OTEL_RESOURCE_ATTRIBUTES",
            "service.name=a, region = eu%2C1 ,",
        );
        assert_eq!(value(&[], "service.name"), "user");
        assert_eq!(value(&[], "telemetry.sdk.language"), "rust");
        assert_eq!(value(&[attributes], "service.name"), "a");
        assert_eq!(value(&[attributes], "region"), "eu,1");
        assert_eq!(
            value(&[attributes, ("OTEL_SERVICE_NAME", "b")], "service.name"),
            "b"
        );
        assert_eq!(value(&[attributes], "service.namespace"), "shop");
        assert_eq!(value(&[], "service.version"), "", "it is not this crate's");
    }

    #[test]
    fn attributes_that_are_no_pairs_are_warned_of_and_ignored() {
        for wrong in ["region", "=eu", "region=%ff"] {
            let value = format!("service.name=a,{wrong}");
            let variables = Variables::of(&[("OTEL_RESOURCE_ATTRIBUTES", &value)]);
            let resource = describe(&identity(), &variables);
            let name = resource.get(&"service.name".into());
            assert_eq!(name, Some("user".into()), "{wrong}");
            let warnings = variables.take_warnings().join("\n");
            assert!(warnings.contains(wrong), "{warnings}");
        }
    }
}

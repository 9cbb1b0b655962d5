use std::time::Duration;

use opentelemetry_sdk::trace::{Sampler, ShouldSample};
use tonic::transport::Endpoint;

use super::RemoteSampler;
use super::poll::Question;
use crate::{
    InitError,
    env::{Variable, Variables},
};

const DEFAULT: &str = "parentbased_always_on";

const NAMES: [&str; 8] = [
    DEFAULT,
    "parentbased_always_off",
    "parentbased_traceidratio",
    "parentbased_jaeger_remote",
    "always_on",
    "always_off",
    "traceidratio",
    "jaeger_remote",
];

const EXPECTED: &str = "always_on, always_off, traceidratio or jaeger_remote, alone or after \
                        parentbased_";

/// Reads `OTEL_TRACES_SAMPLER` and `OTEL_TRACES_SAMPLER_ARG`; by default every trace is sampled
/// unless its caller decided otherwise.
///
/// The SDK reads them too, but only in lower case and without the sampler of Jaeger.
///
/// # Errors
///
/// [`InitError::Thread`] where the thread that asks a sampling server cannot be started.
pub(crate) fn choose(
    service: &str,
    variables: &Variables,
) -> Result<Box<dyn ShouldSample>, InitError> {
    let chosen = variables.read(&["OTEL_TRACES_SAMPLER"], |variable| {
        variable.one_of(&NAMES, EXPECTED)
    });
    let name = chosen.map_or(DEFAULT, |position| NAMES[position]);
    let root = name.strip_prefix("parentbased_");
    let argument = ["OTEL_TRACES_SAMPLER_ARG"];
    let sampler: Box<dyn ShouldSample> = match root.unwrap_or(name) {
        "always_off" => Box::new(Sampler::AlwaysOff),
        "traceidratio" => {
            let ratio = variables.read(&argument, Variable::ratio);
            Box::new(Sampler::TraceIdRatioBased(ratio.unwrap_or(1.0)))
        }
        "jaeger_remote" => {
            let asked = variables.read(&argument, |it| question(service, Some(it)));
            let question = asked.map_or_else(|| question(service, None), Ok)?;
            Box::new(RemoteSampler::start(question).map_err(InitError::Thread)?)
        }
        _ => Box::new(Sampler::AlwaysOn),
    };
    Ok(if root.is_some() {
        parent_based(sampler)
    } else {
        sampler
    })
}

fn parent_based(root: Box<dyn ShouldSample>) -> Box<dyn ShouldSample> {
    Box::new(Sampler::ParentBased(root))
}

/// Reads `endpoint=http://host:port,pollingIntervalMs=5000,initialSamplingRate=0.25`.
///
/// Spec: [sampler argument][spec]. By default it asks the gRPC port of a Jaeger on this machine
/// once a minute, and samples a thousandth until it has an answer.
///
/// [spec]: https://opentelemetry.io/docs/specs/otel/configuration/sdk-environment-variables/
fn question(service: &str, argument: Option<&Variable>) -> Result<Question, InitError> {
    let mut question = Question {
        endpoint: Endpoint::from_static("http://127.0.0.1:5779"),
        service: service.to_owned(),
        interval: Duration::from_secs(60),
        initial_ratio: 0.001,
    };
    let expected = "endpoint=URL, pollingIntervalMs=NUMBER and initialSamplingRate=NUMBER";
    let Some(argument) = argument else {
        return Ok(question);
    };
    let refuse = || argument.refuse(expected);
    for pair in argument.entries() {
        let (name, value) = pair.split_once('=').ok_or_else(refuse)?;
        let part = Variable {
            name: argument.name.clone(),
            value: value.trim().to_owned(),
        };
        match name.trim() {
            "endpoint" => {
                question.endpoint = Endpoint::from_shared(part.value).map_err(|_| refuse())?;
                question.endpoint.uri().scheme().ok_or_else(refuse)?;
            }
            // Without a pause, the server would be asked in a busy loop.
            "pollingIntervalMs" if part.milliseconds()?.is_zero() => return Err(refuse()),
            "pollingIntervalMs" => question.interval = part.milliseconds()?,
            "initialSamplingRate" => question.initial_ratio = part.ratio()?,
            _ => return Err(refuse()),
        }
    }
    Ok(question)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_sampler_of_the_specification_is_known_by_its_name() {
        let cases = [
            (None, None, "ParentBased(AlwaysOn)"),
            (Some("always_on"), None, "AlwaysOn"),
            (Some("ALWAYS_OFF"), None, "AlwaysOff"),
            (
                Some("traceidratio"),
                Some("0.25"),
                "TraceIdRatioBased(0.25)",
            ),
            (Some("traceidratio"), None, "TraceIdRatioBased(1.0)"),
            (
                Some("parentbased_always_off"),
                None,
                "ParentBased(AlwaysOff)",
            ),
            (
                Some("parentbased_traceidratio"),
                Some("0"),
                "ParentBased(TraceIdRatioBased(0.0))",
            ),
        ];
        for (name, argument, expected) in cases {
            let pairs = [
                ("OTEL_TRACES_SAMPLER", name.unwrap_or_default()),
                ("OTEL_TRACES_SAMPLER_ARG", argument.unwrap_or_default()),
            ];
            let sampler = choose("user", &Variables::of(&pairs)).unwrap();
            assert_eq!(format!("{sampler:?}"), expected);
        }
    }

    #[test]
    fn server_is_asked_as_the_argument_says() {
        let argument = "endpoint=http://jaeger:1 , pollingIntervalMs=250,initialSamplingRate=0.5";
        let argument = Variable {
            name: "A".to_owned(),
            value: argument.to_owned(),
        };
        let read = question("user", Some(&argument)).unwrap();
        assert_eq!(read.endpoint.uri(), "http://jaeger:1/");
        assert_eq!(
            (read.interval, read.service.as_str()),
            (Duration::from_millis(250), "user")
        );
        assert!((read.initial_ratio - 0.5).abs() < f64::EPSILON);
        assert_eq!(
            question("user", None).unwrap().interval,
            Duration::from_secs(60)
        );
    }

    #[test]
    fn value_that_is_not_understood_is_warned_of_and_ignored() {
        let cases = [
            ("sometimes", "", "ParentBased(AlwaysOn)"),
            ("parentbased_", "", "ParentBased(AlwaysOn)"),
            ("xray", "", "ParentBased(AlwaysOn)"),
            ("traceidratio", "2", "TraceIdRatioBased(1.0)"),
            ("traceidratio", "NaN", "TraceIdRatioBased(1.0)"),
            ("jaeger_remote", "http://jaeger:1", "Ratio(0.001)"),
            ("jaeger_remote", "endpoint=no url", "Ratio(0.001)"),
            ("jaeger_remote", "endpoint=jaeger:1", "Ratio(0.001)"),
            ("jaeger_remote", "initialSamplingRate=7", "Ratio(0.001)"),
            ("jaeger_remote", "pollingIntervalMs=0", "Ratio(0.001)"),
        ];
        for (name, argument, expected) in cases {
            let variables = Variables::of(&[
                ("OTEL_TRACES_SAMPLER", name),
                ("OTEL_TRACES_SAMPLER_ARG", argument),
            ]);
            let sampler = format!("{:?}", choose("user", &variables).expect(name));
            assert!(sampler.contains(expected), "{name} {argument}: {sampler}");
            let warnings = variables.take_warnings();
            assert_eq!(warnings.len(), 1, "{name} {argument}: {warnings:?}");
        }
    }
}

use std::time::Duration;

use opentelemetry_sdk::trace::{Sampler, ShouldSample};
use tonic::transport::Endpoint;

use super::RemoteSampler;
use super::poll::Question;
use crate::init::{InitError, Variable, Variables};

const NAMES: &str = "always_on, always_off, traceidratio or jaeger_remote, alone or after \
                     parentbased_";

/// Reads `OTEL_TRACES_SAMPLER` and `OTEL_TRACES_SAMPLER_ARG`; by default every trace is sampled
/// that a caller did not decide otherwise about.
///
/// The SDK reads them too, and silently samples everything where it does not understand them.
///
/// # Errors
///
/// [`InitError::Variable`] where a name or an argument is not understood.
pub(crate) fn choose(
    service: &str,
    variables: &Variables,
) -> Result<Box<dyn ShouldSample>, InitError> {
    let Some(variable) = variables.get(&["OTEL_TRACES_SAMPLER"]) else {
        return Ok(parent_based(Box::new(Sampler::AlwaysOn)));
    };
    let argument = variables.get(&["OTEL_TRACES_SAMPLER_ARG"]);
    let root = variable.value.strip_prefix("parentbased_");
    let sampler: Box<dyn ShouldSample> = match root.unwrap_or(&variable.value) {
        "always_on" => Box::new(Sampler::AlwaysOn),
        "always_off" => Box::new(Sampler::AlwaysOff),
        "traceidratio" => {
            let ratio = argument.as_ref().map_or(Ok(1.0), Variable::ratio)?;
            Box::new(Sampler::TraceIdRatioBased(ratio))
        }
        "jaeger_remote" => {
            let question = question(service, argument.as_ref())?;
            Box::new(RemoteSampler::start(question).map_err(InitError::Thread)?)
        }
        _ => return Err(variable.refuse(NAMES)),
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
    let mut endpoint = Endpoint::from_static("http://127.0.0.1:5779");
    let mut interval = Duration::from_mins(1);
    let mut initial_ratio = 0.001;
    let expected = "endpoint=URL, pollingIntervalMs=NUMBER and initialSamplingRate=NUMBER";
    if let Some(argument) = argument {
        let refuse = || argument.refuse(expected);
        for pair in argument
            .value
            .split(',')
            .map(str::trim)
            .filter(|pair| !pair.is_empty())
        {
            let (name, value) = pair.split_once('=').ok_or_else(refuse)?;
            let part = Variable {
                name: argument.name.clone(),
                value: value.trim().to_owned(),
            };
            match name.trim() {
                "endpoint" => {
                    endpoint = Endpoint::from_shared(part.value).map_err(|_| refuse())?;
                }
                // Asked without a pause, a server would do nothing else.
                "pollingIntervalMs" if part.milliseconds()?.is_zero() => return Err(refuse()),
                "pollingIntervalMs" => interval = part.milliseconds()?,
                "initialSamplingRate" => initial_ratio = part.ratio()?,
                _ => return Err(refuse()),
            }
        }
    }
    Ok(Question {
        endpoint,
        service: service.to_owned(),
        interval,
        initial_ratio,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_sampler_of_the_specification_is_known_by_its_name() {
        let cases = [
            (None, None, "ParentBased(AlwaysOn)"),
            (Some("always_on"), None, "AlwaysOn"),
            (Some("always_off"), None, "AlwaysOff"),
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
            Duration::from_mins(1)
        );
    }

    #[test]
    fn sampler_that_is_not_understood_is_an_error() {
        let cases = [
            ("sometimes", ""),
            ("parentbased_", ""),
            ("traceidratio", "2"),
            ("traceidratio", "NaN"),
            ("jaeger_remote", "http://jaeger:1"),
            ("jaeger_remote", "endpoint=no url"),
            ("jaeger_remote", "initialSamplingRate=7"),
            ("jaeger_remote", "pollingIntervalMs=0"),
        ];
        for (name, argument) in cases {
            let pairs = [
                ("OTEL_TRACES_SAMPLER", name),
                ("OTEL_TRACES_SAMPLER_ARG", argument),
            ];
            assert!(
                choose("user", &Variables::of(&pairs)).is_err(),
                "{name} {argument}"
            );
        }
    }
}

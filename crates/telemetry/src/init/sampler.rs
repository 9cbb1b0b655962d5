use opentelemetry_sdk::trace::Sampler;

use super::{InitError, Variables};

const NAMES: &str = "always_on, always_off, traceidratio, parentbased_always_on, \
                     parentbased_always_off or parentbased_traceidratio";

/// Reads `OTEL_TRACES_SAMPLER` and `OTEL_TRACES_SAMPLER_ARG`; by default every trace is sampled
/// that a caller did not decide otherwise about.
///
/// The SDK reads them too, and silently samples everything where it does not understand them.
///
/// # Errors
///
/// [`InitError::Variable`] where the name is unknown, or a ratio is not between 0 and 1.
pub(super) fn choose(variables: &Variables) -> Result<Sampler, InitError> {
    let parent_based = |root| Sampler::ParentBased(Box::new(root));
    let ratio = || {
        let argument = variables.get(&["OTEL_TRACES_SAMPLER_ARG"]);
        argument
            .map_or(Ok(1.0), |it| it.ratio())
            .map(Sampler::TraceIdRatioBased)
    };
    let Some(sampler) = variables.get(&["OTEL_TRACES_SAMPLER"]) else {
        return Ok(parent_based(Sampler::AlwaysOn));
    };
    match sampler.value.as_str() {
        "always_on" => Ok(Sampler::AlwaysOn),
        "always_off" => Ok(Sampler::AlwaysOff),
        "traceidratio" => ratio(),
        "parentbased_always_on" => Ok(parent_based(Sampler::AlwaysOn)),
        "parentbased_always_off" => Ok(parent_based(Sampler::AlwaysOff)),
        "parentbased_traceidratio" => ratio().map(parent_based),
        _ => Err(sampler.refuse(NAMES)),
    }
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
            let sampler = choose(&Variables::of(&pairs)).unwrap();
            assert_eq!(format!("{sampler:?}"), expected);
        }
    }

    #[test]
    fn sampler_that_is_not_understood_is_an_error() {
        for (name, argument) in [
            ("sometimes", ""),
            ("traceidratio", "2"),
            ("traceidratio", "NaN"),
        ] {
            let pairs = [
                ("OTEL_TRACES_SAMPLER", name),
                ("OTEL_TRACES_SAMPLER_ARG", argument),
            ];
            assert!(choose(&Variables::of(&pairs)).is_err(), "{name} {argument}");
        }
    }
}

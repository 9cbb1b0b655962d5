use std::time::Duration;

use anyhow::{anyhow, bail, ensure};
use clap::Args;
use grpc_wire::Methods;
use tokio::time::timeout;
use tonic::{
    Code, Request,
    metadata::{Ascii, MetadataValue},
    transport::Channel,
};
use tonic_health::pb::{HealthCheckRequest, health_client::HealthClient};
use tonic_resilience::server::layers::inject_fault::{Fault, Faults, Kind};

use super::code_name;

/// The services that can do something wrong.
const SERVICES: [&str; 3] = ["gateway", "user", "profile"];

/// The most bytes of baggage. Longer baggage may be dropped as a whole, and the call would succeed.
/// Spec: [W3C Baggage][w3c].
///
/// [w3c]: https://www.w3.org/TR/baggage/#limits
const LONGEST: usize = 8192;

/// What is to go wrong.
#[derive(Args, Clone, Debug, Default)]
pub(crate) struct FaultArgs {
    /// What is to go wrong in a service, or in one method of it: `profile:delay=800ms`,
    /// `user/GetUser:error=UNAVAILABLE`, `fail_first=2`, `error_rate=0.5`, `hang`, `panic` or
    /// `drop_context`. Repeat it for more than one.
    #[arg(long = "fault", global = true, value_name = "FAULT", value_parser = parse_fault)]
    faults: Vec<Fault>,
    #[arg(skip)]
    hidden: bool,
}

impl FaultArgs {
    /// Asks for these faults.
    pub(crate) fn new(faults: Vec<Fault>) -> Self {
        Self {
            faults,
            hidden: false,
        }
    }

    /// Asks that neither spans nor logs name the faults.
    pub(crate) fn hidden(mut self) -> Self {
        self.hidden = true;
        self
    }

    /// The baggage that asks for the faults; `None` when there are none.
    ///
    /// # Errors
    /// When the gateway takes no faults: the call would succeed as if the services had survived the
    /// fault. When the gateway does not answer within `max_wait`.
    pub(crate) async fn baggage(
        self,
        gateway: &Channel,
        max_wait: Duration,
    ) -> anyhow::Result<Option<MetadataValue<Ascii>>> {
        if self.faults.is_empty() {
            return Ok(None);
        }
        let taken = timeout(max_wait, are_taken(gateway)).await;
        let taken = taken.map_err(|_| anyhow!("no answer of the gateway in {max_wait:?}"))?;
        if !taken? {
            bail!("the gateway takes no faults (--fault): start the services with --faults");
        }
        let faults: Faults = self.faults.into_iter().collect();
        let faults = if self.hidden { faults.hidden() } else { faults };
        baggage(&faults).map(Some)
    }
}

/// Whether the gateway takes faults: it is asked to fail a health check, which leaves no trace.
async fn are_taken(gateway: &Channel) -> anyhow::Result<bool> {
    let probe = Fault {
        service: "gateway".to_owned(),
        method: Some("Check".to_owned()),
        kind: Kind::Error(Code::Aborted),
    };
    let mut request = Request::new(HealthCheckRequest::default());
    let metadata = request.metadata_mut();
    metadata.insert("baggage", baggage(&[probe].into_iter().collect())?);
    match HealthClient::new(gateway.clone()).check(request).await {
        Ok(_) => Ok(false),
        Err(status) if status.code() == Code::Aborted => Ok(true),
        Err(status) => {
            let (code, why) = (code_name(status.code()), status.message());
            bail!("the gateway does not say whether it takes faults (--fault): {code}: {why}")
        }
    }
}

fn baggage(faults: &Faults) -> anyhow::Result<MetadataValue<Ascii>> {
    // Names of services and methods, numbers and `/:=&.` need no encoding.
    let baggage = format!("{}={faults}", proto::NAMES.fault);
    let length = baggage.len();
    ensure!(
        length <= LONGEST,
        "too many faults (--fault): they take {length} bytes, and a call carries {LONGEST}"
    );
    Ok(baggage.parse()?)
}

/// Reads a fault in a service of this stack: in any other service it would do nothing.
pub(crate) fn parse_fault(text: &str) -> Result<Fault, String> {
    let fault: Fault = text.parse().map_err(|error| format!("{error}"))?;
    if !SERVICES.contains(&fault.service.as_str()) {
        let expected = SERVICES.join(", ");
        return Err(format!(
            "there is no `{}`: expected one of {expected}",
            fault.service
        ));
    }
    if let Some(method) = &fault.method {
        let methods = methods(&fault.service);
        if !methods.contains(method) {
            let expected = methods.join(", ");
            return Err(format!(
                "there is no `{method}`: expected one of {expected}"
            ));
        }
    }
    Ok(fault)
}

/// The methods of a service, without its name, and what else it does that faults may be for.
fn methods(service: &str) -> Vec<String> {
    let methods = Methods::from_descriptor_sets(&[proto::FILE_DESCRIPTOR_SET])
        .expect("what the code generation wrote");
    let package = format!("tracewalk.{service}.v1.");
    let full_names = methods.iter().map(|method| method.full_name);
    let names = full_names.filter(|name| name.starts_with(&package));
    let names = names.filter_map(|name| Some(name.split_once('/')?.1.to_owned()));
    let work = (service == "profile").then(|| proto::PROCESS_EVENT.to_owned());
    names.chain(work).collect()
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::{Faults, baggage, parse_fault};

    #[rstest]
    #[case(
        "profil:hang",
        "there is no `profil`: expected one of gateway, user, profile"
    )]
    #[case(
        "profile/GetUser:hang",
        "there is no `GetUser`: expected one of GetProfile"
    )]
    #[case(
        "profile:hung",
        "`profile:hung` is not a valid fault: expected delay=TIME"
    )]
    #[case("profile:hang&user:hang", "is not a valid fault")]
    fn fault_that_would_do_nothing_is_refused(#[case] text: &str, #[case] why: &str) {
        let error = parse_fault(text).unwrap_err();
        assert!(error.contains(why), "{error}");
    }

    #[test]
    fn more_faults_than_a_call_can_carry_are_refused() {
        let fault = parse_fault("user:error=ABORTED").unwrap();
        let many = |count| vec![fault.clone(); count].into_iter().collect();
        assert!(baggage(&many(400)).is_ok());
        let error = baggage(&many(500)).unwrap_err().to_string();
        assert!(error.contains("they take 9515 bytes"), "{error}");
    }

    #[test]
    fn faults_travel_in_one_entry() {
        let faults = ["profile/GetProfile:delay=1500ms", "user:error_rate=0.5"];
        let faults = faults.map(|text| parse_fault(text).unwrap());
        let expected = "tracewalk.fault=profile/GetProfile:delay=1s500ms&user:error_rate=0.5";
        let faults: Faults = faults.into_iter().collect();
        assert_eq!(baggage(&faults).unwrap(), expected);
    }
}

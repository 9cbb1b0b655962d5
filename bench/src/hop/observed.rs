//! Both stacks of `tonic-stack`, with telemetry.

use std::{net::SocketAddr, time::Duration};

use proto::user::v1::{
    FILE_DESCRIPTOR_SET,
    user_service_client::UserServiceClient,
    user_service_server::{SERVICE_NAME, UserServiceServer},
};
use tokio::net::TcpListener;
use tonic_resilience::source::Source;
use tonic_stack::{
    captured::Captured,
    client::{Channel, NextHop},
    faults::Faults,
    host::{Contract, HostConfig, ServiceHost},
    server::Limits,
    tls::Certificates,
};
use tonic_telemetry::{LogFormat, Options, Telemetry};

use super::{Handler, Hop, MAX_CALLS, RATE, Role};

/// The method that is called.
pub(super) const IDEMPOTENT: &str = "tracewalk.user.v1.UserService/GetUser";

/// Longest time to export the last spans.
const FLUSH: Duration = Duration::from_secs(10);

/// Serves the hop, then exports its last spans.
pub(super) async fn serve(
    hop: Hop,
    listener: TcpListener,
    stop: impl Future<Output = ()>,
) -> anyhow::Result<()> {
    let (variant, timeless, collector) = (hop.variant, hop.timeless, hop.collector.clone());
    let telemetry = Options::new(hop.role.name())
        .log_format(LogFormat::Json)
        .variables(move |name| match name {
            "OTEL_BSP_SCHEDULE_DELAY" if timeless => Some("3600000".to_owned()),
            name => variant.variable(name, &collector),
        })
        .init()?;
    open(hop, &telemetry)?.serve(listener, stop).await?;
    telemetry.shutdown(FLUSH).await?;
    Ok(())
}

fn open(hop: Hop, telemetry: &Telemetry) -> anyhow::Result<ServiceHost> {
    let contract = Contract {
        name: hop.role.name(),
        service: SERVICE_NAME,
        descriptor_set: FILE_DESCRIPTOR_SET,
        imports: proto::FILE_DESCRIPTOR_SET,
        names: &proto::NAMES,
    };
    let config = HostConfig {
        certificates: Certificates {
            tls: hop.certificates.map_or(Source::Off, Source::Path),
        },
        limits: limits(),
        faults: Faults::default(),
        captured: Captured::default(),
    };
    let host = ServiceHost::open(contract, &config, telemetry)?;
    let next = hop.next_role.zip(hop.next);
    let next = next.map(|(role, address)| connect(&host, role, address, telemetry));
    let handler = Handler::new(next.transpose()?.map(UserServiceClient::new));
    let host = host.handlers(|routes| routes.add_service(UserServiceServer::new(handler)));
    Ok(match hop.role.callers() {
        Some(callers) => host.behind(callers),
        None => host.layers(|layers| {
            let layers = layers.announce_trace_id().limit_rate(RATE);
            Ok(layers.share(&config.limits, 50))
        })?,
    })
}

/// The way to the next hop.
fn connect(
    host: &ServiceHost,
    role: Role,
    address: SocketAddr,
    telemetry: &Telemetry,
) -> anyhow::Result<Channel> {
    let target = format!("static:///{address}").parse()?;
    let next = NextHop {
        timeout: Duration::from_secs(5),
        idempotent: &[IDEMPOTENT],
        ..host.next_hop(role.name(), FILE_DESCRIPTOR_SET, &target)
    };
    Ok(next.connect(telemetry)?)
}

/// What each hop allows at most.
pub(crate) fn limits() -> Limits {
    Limits {
        max_deadline: Duration::from_mins(1),
        max_stream: Duration::from_mins(1),
        max_calls: MAX_CALLS,
        stream_share: 50,
        grace: Duration::from_secs(10),
    }
}

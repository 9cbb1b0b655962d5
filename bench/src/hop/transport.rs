//! All layers of `tonic-resilience`, in the order in which `tonic-stack` has them.

use std::time::Duration;

use grpc_wire::Methods;
use prometheus::Registry;
use proto::user::v1::{
    FILE_DESCRIPTOR_SET, user_service_client::UserServiceClient,
    user_service_server::UserServiceServer,
};
use tokio::net::TcpListener;
use tonic::service::Routes;
use tonic_resilience::{
    client::{
        balance::Balance,
        layers::{
            CircuitBreakerLayer, PropagateDeadlineLayer, RetryLayer, ValidateResponseLayer,
            circuit_breaker::{BreakerMetrics, Settings},
            retry::{RetryMetrics, RetryPolicy},
        },
        target::Target,
    },
    server::{
        Server,
        health::Health,
        layers::{
            AccessLogLayer, AuthenticateLayer, AuthorizePeerLayer, CallerLimitLayer,
            CatchPanicLayer, ConcurrencyLimitLayer, EnforceDeadlineLayer, InjectFaultLayer,
            RateLimitLayer, ValidateProtocolLayer, validate_protocol::ProtocolMetrics,
        },
    },
    stack::Stack,
};
use tower::{ServiceBuilder, util::option_layer};

use super::{Handler, Hop, MAX_CALLS, RATE, observed::IDEMPOTENT};

/// Serves the hop without telemetry.
pub(super) async fn serve(
    hop: &Hop,
    listener: TcpListener,
    stop: impl Future<Output = ()>,
) -> anyhow::Result<()> {
    let methods = Methods::from_descriptor_sets(&[FILE_DESCRIPTOR_SET])?;
    let next = hop.next.map(|next| format!("static:///{next}").parse());
    let next = next.transpose()?.map(|next| client(&next, &methods));
    let handler = Handler::new(next.transpose()?.map(UserServiceClient::new));
    let (health, _) = Health::new(&[]);
    let streams = u32::try_from(MAX_CALLS)?;
    let stack = server(
        Routes::new(UserServiceServer::new(handler)),
        &methods,
        hop.role.callers().is_none(),
    )?;
    Server::default()
        .max_concurrent_streams(streams)
        .max_pending_resets(MAX_CALLS)
        .serve(listener, stack, health, stop)
        .await?;
    Ok(())
}

/// The way to the next hop.
fn client(next: &Target, methods: &Methods) -> anyhow::Result<impl Stack + Sync + use<>> {
    let registry = Registry::new();
    let policy = RetryPolicy::default().idempotent(IDEMPOTENT);
    let breakers = BreakerMetrics::new(&registry)?;
    Ok(ServiceBuilder::new()
        .layer(
            PropagateDeadlineLayer::new(Duration::from_secs(5)).without_timeout(methods.streams()),
        )
        .layer(RetryLayer::new(
            "next",
            policy,
            &RetryMetrics::new(&registry)?,
        ))
        .layer(
            CircuitBreakerLayer::new("next", Settings::default(), &breakers)
                .streams(methods.streams()),
        )
        .layer(ValidateResponseLayer)
        .service(Balance::default().max_calls(MAX_CALLS).connect(next)))
}

/// The handlers within their layers; the first hop has limits for each of its callers.
fn server(
    handlers: Routes,
    methods: &Methods,
    first: bool,
) -> anyhow::Result<impl Stack + Sync + use<>> {
    let minute = Duration::from_mins(1);
    let half = MAX_CALLS / 2;
    let invalid = ProtocolMetrics::new(&Registry::new())?;
    let share = || CallerLimitLayer::new(half, half / 2).streams(methods.streams());
    Ok(ServiceBuilder::new()
        .layer(AccessLogLayer::new(
            methods.iter().map(|method| method.full_name),
        ))
        .layer(ValidateProtocolLayer::new(methods).count_in(&invalid))
        .layer(EnforceDeadlineLayer::new(minute).streams(minute, methods.streams()))
        .layer(ConcurrencyLimitLayer::new(MAX_CALLS).streams(half, methods.streams()))
        .layer(option_layer(None::<AuthorizePeerLayer>))
        .layer(option_layer(None::<AuthenticateLayer>))
        .layer(option_layer(first.then(|| RateLimitLayer::new(RATE, RATE))))
        .layer(option_layer(first.then(share)))
        .layer(CatchPanicLayer)
        .layer(option_layer(None::<InjectFaultLayer>))
        .service(handlers))
}

#[cfg(test)]
mod tests {
    use std::any;

    use tonic_stack::{client::Channel, server::Layers};
    use tonic_telemetry::{LogFormat, Options};

    use super::*;
    use crate::hop::observed::limits;

    /// The layers in the name of a type, from the outside in, without those of telemetry.
    fn order<T>(_: &T) -> Vec<&'static str> {
        let name = any::type_name::<T>();
        let paths = name.split(|letter: char| !letter.is_alphanumeric() && !"_:".contains(letter));
        let paths = paths.filter(|path| path.starts_with("tonic_resilience::"));
        let mut layers: Vec<_> = paths
            .filter_map(|path| Some(path.rsplit_once("::")?.1))
            .collect();
        // The layers inside an optional layer come twice: with it and without it.
        let mut seen = std::collections::BTreeSet::new();
        layers.retain(|layer| seen.insert(*layer));
        layers
    }

    #[tokio::test]
    async fn its_layers_are_those_of_tonic_stack() -> anyhow::Result<()> {
        let methods = Methods::default();
        let next = "static:///127.0.0.1:1".parse()?;
        let stack: Option<Channel> = None;
        assert_eq!(order(&Some(client(&next, &methods)?)), order(&stack));

        let telemetry = Options::new("user").log_format(LogFormat::Off);
        let telemetry = telemetry.variables(|_| None).start()?;
        let stack =
            Layers::new(&[], &proto::NAMES, &limits(), &telemetry)?.around(Routes::default());
        assert_eq!(
            order(&server(Routes::default(), &methods, true)?),
            order(&stack)
        );
        Ok(())
    }
}

use std::process::ExitCode;

use super::{Running, Service, bind, left, ready};
use ::gateway::{Config, Gateway};

/// Serves callers from outside the stack, by gRPC and by HTTP/JSON, until it is told to stop.
pub(crate) async fn gateway(service: Service<Config>) -> anyhow::Result<ExitCode> {
    let Service { config, process } = service;
    let stop = process.stop()?;
    let listener = bind(config.listen, "--listen").await?;
    let http = bind(config.http_listen, "--http-listen").await?;
    let admin = bind(config.admin_listen, "--admin-listen").await?;
    let telemetry = process.telemetry("gateway", config.host.faults.baggage(&proto::NAMES))?;
    let gateway = Gateway::open(&config, &telemetry)?;
    let (grpc, http_address) = (listener.local_addr()?, http.local_addr()?);
    let registry = config.registry.open(&telemetry);
    let registration = registry.register("gateway", grpc, gateway.health().ready())?;
    ready!(%grpc, http = %http_address, admin = %admin.local_addr()?);
    let running = Running::start(stop.clone(), telemetry, admin, gateway.health());
    running
        .serve(Box::pin(gateway.serve(
            listener,
            http,
            left(stop, registration),
        )))
        .await
}

use std::process::ExitCode;

use super::{Running, Service, bind, left, ready};
use ::profile::Config;

/// Serves what users say of themselves, until it is told to stop.
pub(crate) async fn profile(service: Service<Config>) -> anyhow::Result<ExitCode> {
    let Service { config, process } = service;
    let stop = process.stop()?;
    let listener = bind(config.listen, "--listen").await?;
    let admin = bind(config.admin_listen, "--admin-listen").await?;
    let telemetry = process.telemetry("profile", config.host.faults.baggage(&proto::NAMES))?;
    let profile = ::profile::open(&config, &telemetry).await?;
    let address = listener.local_addr()?;
    let registry = config.registry.open(&telemetry);
    let registration = registry.register("profile", address, profile.health().ready())?;
    ready!(grpc = %address, admin = %admin.local_addr()?);
    let running = Running::start(stop.clone(), telemetry, admin, profile.health());
    running
        .serve(Box::pin(profile.serve(listener, left(stop, registration))))
        .await
}

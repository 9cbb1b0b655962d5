use std::process::ExitCode;

use super::{Running, Service, bind, left, ready};
use ::user::Config;

/// Serves who the users are, until it is told to stop.
pub(crate) async fn user(service: Service<Config>) -> anyhow::Result<ExitCode> {
    let Service { config, process } = service;
    let stop = process.stop()?;
    let listener = bind(config.listen, "--listen").await?;
    let admin = bind(config.admin_listen, "--admin-listen").await?;
    let telemetry = process.telemetry("user", config.host.faults.baggage(&proto::NAMES))?;
    let user = ::user::open(&config, &telemetry).await?;
    let address = listener.local_addr()?;
    let registry = config.registry.open(&telemetry);
    let registration = registry.register("user", address, user.health().ready())?;
    ready!(grpc = %address, admin = %admin.local_addr()?);
    let running = Running::start(stop.clone(), telemetry, admin, user.health());
    running
        .serve(Box::pin(user.serve(listener, left(stop, registration))))
        .await
}

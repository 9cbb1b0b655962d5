use std::{
    convert::Infallible,
    future::pending,
    pin::pin,
    time::{Duration, Instant},
};

use anyhow::anyhow;

use super::{
    banner::Banner,
    chain::Chain,
    config::Up,
    control::Control,
    drain::Drain,
    first_trace,
    identity::Identity,
    ports,
    progress::Progress,
    stage::{Stage, let_run},
    status,
    traffic::Traffic,
};
use crate::{embedded::Backends, output};

/// How long the first trace may take to become visible before the banner comes without waiting.
const FIRST_TRACE: Duration = Duration::from_secs(5);

/// Everything that runs.
#[derive(Debug)]
pub(super) struct Stack {
    up: Up,
    identity: Identity,
    backends: Backends,
    chain: Chain,
    control: Control,
    traffic: Traffic,
}

impl Stack {
    /// Starts the parts, makes the first call, and says where everything is.
    ///
    /// # Errors
    /// When an address is taken, a service does not serve, or the first call fails. What has been
    /// started then ends.
    pub(super) async fn start(up: &Up) -> anyhow::Result<Self> {
        let begin = Instant::now();
        let ports = ports::claim(up)?;
        let identity = Identity::prepare(up)?;
        let progress = Progress::start(up.json);
        let mut backends = Backends::start(ports, &up.embedded)?;
        backends.load_rules_of_the_chain()?;
        progress.done("backends", begin.elapsed())?;
        let chain = Chain::start(up, &identity, backends.otlp, &progress).await?;
        chain.show(up, &mut backends);
        let gateway = chain.gateway.ready.grpc;
        let first = first_trace::make(gateway).await?;
        progress.done("first call served", first.served - begin)?;
        match first.complete(backends.ui, FIRST_TRACE).await {
            Some(after) => progress.done("its trace stored", after)?,
            None if !first.is_sampled => output::note("no call was sampled (OTEL_TRACES_SAMPLER)"),
            None => output::note("the first trace is not stored yet"),
        }
        progress.finish();
        let control = Control::open(&up.data_dir, gateway.port());
        let banner = Banner::new(&chain, &backends, &identity, &first);
        if up.json {
            output::json(&banner.to_json())?;
        } else {
            output::line(banner)?;
        }
        let traffic = Traffic::start(gateway, identity.bearer()?, up.load).await?;
        Ok(Self {
            up: up.clone(),
            identity,
            backends,
            chain,
            control,
            traffic,
        })
    }

    /// Prints the state of the stack until a part of it fails; returns which part, and why.
    pub(super) async fn watch(&mut self) -> anyhow::Error {
        let Self {
            up,
            identity,
            backends,
            chain,
            control,
            traffic,
        } = self;
        let (store, metrics) = (backends.store.clone(), backends.metrics.clone());
        let mut status = pin!(async {
            if !up.json {
                // Ends when standard output is closed: the stack goes on silently.
                let _ = status::report(&traffic.counts, &store, &metrics).await;
            }
            pending::<Infallible>().await
        });
        let mut renewals = pin!(identity.keep());
        loop {
            let asked = tokio::select! {
                report = chain.died() => return anyhow!(report),
                failure = backends.failed() => return failure,
                () = &mut renewals => unreachable!("what ends is renewed for ever"),
                never = &mut status => match never {},
                asked = control.next() => asked,
            };
            let mut stage = Stage {
                up,
                identity,
                backends,
                chain,
            };
            if let Err(failure) = stage.answer(asked, control).await {
                return failure;
            }
        }
    }

    /// Stops everything in the order in which nothing is lost: callers first, then the chain from
    /// its head, then those who receive its last spans. Says whether every part ended well.
    pub(super) async fn drain(mut self) -> anyhow::Result<bool> {
        let mut drain = Drain::begin(self.up.json)?;
        let_run(&mut self.chain, &self.backends);
        self.traffic.stop(self.up.grace).await;
        for service in self.chain.into_drain_order() {
            drain.service(service, self.up.grace).await?;
        }
        drain.end(self.backends).await
    }
}

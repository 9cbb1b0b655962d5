//! One chain, called in one way.

use std::time::Duration;

use anyhow::Context as _;

use crate::{
    chain::{Chain, Run},
    collector::Collector,
    drive::{self, Traffic},
    report::Measurement,
    variant::Variant,
};

/// What is measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Case {
    pub(crate) variant: Variant,
    /// How many processes a call goes through.
    pub(crate) hops: usize,
    pub(crate) traffic: Traffic,
}

impl Case {
    /// One run of `time` after a second of warm-up, with processes of its own.
    ///
    /// # Errors
    ///
    /// When a process or a call fails.
    pub(crate) async fn measure(self, time: Duration) -> anyhow::Result<Measurement> {
        let measured = self.run(time).await;
        measured.with_context(|| format!("{self:?} failed"))
    }

    async fn run(self, time: Duration) -> anyhow::Result<Measurement> {
        let Self {
            variant,
            hops,
            traffic,
        } = self;
        let collector = Collector::start().await?;
        let chain = Chain::start(variant, hops, Run::Natively, collector.endpoint()).await?;
        let warm_up = drive::run(chain.first(), traffic, Duration::from_secs(1)).await?;
        let before = chain.cpu()?;
        let answers = drive::run(chain.first(), traffic, time).await?;
        let cpu = chain.cpu()?.saturating_sub(before);
        let resident_kib = chain.resident_kib()?;
        drop(chain.stop().await?);
        let calls = warm_up.calls() + answers.calls();
        Ok(Measurement::new(
            variant,
            traffic.load,
            &answers,
            cpu,
            resident_kib,
            (collector.spans(), variant.spans_of(calls, hops)),
        ))
    }
}

use std::{
    io,
    time::{Duration, Instant},
};

use super::{ledger::Ledger, service::Service};
use crate::{embedded::Backends, output};

/// Ends a stack, part by part, and prints how far it is.
#[derive(Debug)]
pub(super) struct Drain {
    begin: Instant,
    quiet: bool,
    /// `None` as soon as the ledger of one service is missing: a sum of the others would mislead.
    ledger: Option<Ledger>,
    well: bool,
}

impl Drain {
    /// Says that the end begins.
    pub(super) fn begin(quiet: bool) -> io::Result<Self> {
        let ledger = Some(Ledger::default());
        let drain = Self {
            begin: Instant::now(),
            quiet,
            ledger,
            well: true,
        };
        drain.say("\nstopping: the traffic, then gateway, user and profile; again to kill")?;
        Ok(drain)
    }

    /// Ends one service. A failure is printed and remembered, and the others are still drained.
    pub(super) async fn service(
        &mut self,
        mut service: Service,
        grace: Duration,
    ) -> io::Result<()> {
        let begin = Instant::now();
        let ended = service.end(grace).await;
        self.ledger = self
            .ledger
            .zip(service.ledger())
            .map(|(sum, ledger)| sum.plus(ledger));
        if let Err(error) = ended {
            output::mistake(&error);
            self.well = false;
            return Ok(());
        }
        let took = humantime::format_duration(round(begin.elapsed()));
        self.say(&format!("  {:<8} drained in {took}", service.name))
    }

    /// Ends the backends and says where the spans have gone; returns whether all ended well.
    pub(super) async fn end(self, backends: Backends) -> anyhow::Result<bool> {
        let stats = backends.store.stats();
        backends.stop().await;
        if let Some(ledger) = self.ledger {
            let arrived = stats.spans as u64 + stats.evicted_spans + stats.rejected_spans;
            self.say(&format!("spans: {ledger}; {arrived} arrived"))?;
        }
        if stats.refused_requests.total() > 0 {
            self.say(&stats.refused_requests.to_string())?;
        }
        self.say(&format!(
            "stopped in {}",
            humantime::format_duration(round(self.begin.elapsed()))
        ))?;
        Ok(self.well)
    }

    fn say(&self, text: &str) -> io::Result<()> {
        if self.quiet {
            Ok(())
        } else {
            output::line(text)
        }
    }
}

/// To whole milliseconds: finer is noise.
pub(super) fn round(took: Duration) -> Duration {
    Duration::from_millis(u64::try_from(took.as_millis()).unwrap_or(u64::MAX))
}

//! The callers.

mod caller;

use std::{
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
    time::Duration,
};

use hdrhistogram::Histogram;
use tokio::{
    task::JoinSet,
    time::{Instant, interval},
};

use self::caller::Caller;
use crate::load::Load;

/// What the callers saw.
#[derive(Clone)]
pub(crate) struct Answers {
    latencies: Histogram<u64>,
    time: Duration,
}

impl Answers {
    pub(crate) fn calls(&self) -> u64 {
        self.latencies.len()
    }

    pub(crate) fn time(&self) -> Duration {
        self.time
    }

    /// Microseconds from a call to its answer, which this share of the calls did not exceed.
    pub(crate) fn quantile(&self, share: f64) -> u64 {
        self.latencies.value_at_quantile(share)
    }
}

/// What the callers do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Traffic {
    pub(crate) load: Load,
    /// Over how many connections the calls are spread, at least one.
    pub(crate) connections: usize,
    /// The messages of a stream that each call asks for; `None` for unary calls.
    pub(crate) messages: Option<u32>,
}

impl From<Load> for Traffic {
    /// Unary calls over one connection.
    fn from(load: Load) -> Self {
        Self {
            load,
            connections: 1,
            messages: None,
        }
    }
}

/// Makes calls for `time`.
///
/// # Errors
///
/// The first call that fails ends the run: a number with failures in it would mean nothing.
pub(crate) async fn run(
    address: &str,
    traffic: Traffic,
    time: Duration,
) -> anyhow::Result<Answers> {
    let mut caller = Caller::connect(address, traffic.connections).await?;
    caller.messages = traffic.messages;
    caller.until_answered(0).await?;
    let begin = Instant::now();
    match traffic.load {
        Load::InFlight(callers) => closed_loop(&caller, callers, begin + time).await?,
        Load::PerSecond(calls) => open_loop(&caller, calls, begin + time).await?,
    }
    let latencies = caller.latencies.lock().expect("no caller panics");
    Ok(Answers {
        latencies: latencies.clone(),
        time: begin.elapsed(),
    })
}

/// Makes so many calls, `in_flight` at any time. One that fails is repeated: a process that is slow,
/// as under valgrind, looks unhealthy now and then.
///
/// # Errors
///
/// When no call succeeds for a while.
pub(crate) async fn calls(address: &str, in_flight: u32, calls: u32) -> anyhow::Result<()> {
    let caller = Caller::connect(address, 1).await?;
    let begun = Arc::new(AtomicU32::new(0));
    let mut running = JoinSet::new();
    for _ in 0..in_flight {
        let (mut caller, begun) = (caller.clone(), Arc::clone(&begun));
        running.spawn(async move {
            loop {
                let number = begun.fetch_add(1, Ordering::Relaxed);
                if number >= calls {
                    return Ok(());
                }
                caller.until_answered(number).await?;
            }
        });
    }
    all(running).await
}

async fn closed_loop(caller: &Caller, callers: usize, end: Instant) -> anyhow::Result<()> {
    let mut running = JoinSet::new();
    for number in 0..u32::try_from(callers)? {
        let mut caller = caller.clone();
        running.spawn(async move {
            for call in 0.. {
                if Instant::now() >= end {
                    break;
                }
                caller.call(number * 31 + call).await?;
            }
            Ok(())
        });
    }
    all(running).await
}

async fn open_loop(caller: &Caller, per_second: u32, end: Instant) -> anyhow::Result<()> {
    let mut running = JoinSet::new();
    let mut ticks = interval(Duration::from_secs(1) / per_second);
    for number in 0.. {
        if ticks.tick().await >= end {
            break;
        }
        let mut caller = caller.clone();
        running.spawn(async move { caller.call(number).await });
    }
    all(running).await
}

async fn all(mut running: JoinSet<anyhow::Result<()>>) -> anyhow::Result<()> {
    while let Some(ended) = running.join_next().await {
        ended??;
    }
    Ok(())
}

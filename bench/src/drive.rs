//! The callers.

use std::{
    sync::{
        Arc, Mutex,
        atomic::{AtomicU32, Ordering},
    },
    time::Duration,
};

use anyhow::Context as _;
use hdrhistogram::Histogram;
use proto::user::v1::{GetUserRequest, user_service_client::UserServiceClient};
use tokio::{
    task::JoinSet,
    time::{Instant, interval, sleep},
};
use tonic::transport::{Channel, Endpoint};

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

/// Makes calls for `time`.
///
/// # Errors
///
/// The first call that fails ends the run: a number with failures in it would mean nothing.
pub(crate) async fn run(address: &str, load: Load, time: Duration) -> anyhow::Result<Answers> {
    let mut caller = Caller::connect(address).await?;
    caller.until_answered(0).await?;
    let begin = Instant::now();
    match load {
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
    let caller = Caller::connect(address).await?;
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

#[derive(Clone)]
struct Caller {
    client: UserServiceClient<Channel>,
    latencies: Arc<Mutex<Histogram<u64>>>,
}

impl Caller {
    async fn connect(address: &str) -> anyhow::Result<Self> {
        let channel = Endpoint::from_shared(format!("http://{address}"))?
            .tcp_nodelay(true)
            .connect()
            .await
            .context("cannot connect to the first hop")?;
        Ok(Self {
            client: UserServiceClient::new(channel),
            latencies: Arc::new(Mutex::new(Histogram::new(3)?)),
        })
    }

    async fn until_answered(&mut self, number: u32) -> anyhow::Result<()> {
        let end = Instant::now() + Duration::from_secs(30);
        loop {
            let answered = self.call(number).await;
            if answered.is_ok() || Instant::now() > end {
                return answered;
            }
            sleep(Duration::from_millis(100)).await;
        }
    }

    async fn call(&mut self, number: u32) -> anyhow::Result<()> {
        let user_id = (number % 1000 + 1).to_string();
        let begin = Instant::now();
        let answer = self.client.get_user(GetUserRequest { user_id }).await;
        let micros = begin.elapsed().as_micros();
        answer.context("a call failed")?;
        let mut latencies = self.latencies.lock().expect("no caller panics");
        latencies.record(u64::try_from(micros).unwrap_or(u64::MAX))?;
        Ok(())
    }
}

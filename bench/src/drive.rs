//! The callers.

use std::{
    fmt::{self, Display, Formatter},
    str::FromStr,
    sync::{Arc, Mutex},
    time::Duration,
};

use anyhow::Context as _;
use hdrhistogram::Histogram;
use proto::user::v1::{GetUserRequest, user_service_client::UserServiceClient};
use serde::{Serialize, Serializer};
use tokio::{
    task::JoinSet,
    time::{Instant, interval},
};
use tonic::transport::{Channel, Endpoint};

/// How calls come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Load {
    /// A closed loop: each of so many callers sends its next call when the last one is answered.
    InFlight(usize),
    /// An open loop: so many calls a second, whether the others are answered or not.
    PerSecond(u32),
}

impl FromStr for Load {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let load = match text.strip_suffix("rps") {
            Some(number) => number.parse().ok().map(Self::PerSecond),
            None => text.parse().ok().map(Self::InFlight),
        };
        match load {
            None | Some(Self::PerSecond(0) | Self::InFlight(0)) => {
                Err("expected calls in flight, as `64`, or calls a second, as `2000rps`")
            }
            Some(load) => Ok(load),
        }
    }
}

impl Display for Load {
    fn fmt(&self, formatter: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Self::InFlight(calls) => formatter.pad(&calls.to_string()),
            Self::PerSecond(calls) => formatter.pad(&format!("{calls}rps")),
        }
    }
}

impl Serialize for Load {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

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
    let channel = Endpoint::from_shared(format!("http://{address}"))?
        .tcp_nodelay(true)
        .connect()
        .await
        .context("cannot connect to the first hop")?;
    let caller = Caller {
        client: UserServiceClient::new(channel),
        latencies: Arc::new(Mutex::new(Histogram::new(3)?)),
    };
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

async fn closed_loop(caller: &Caller, callers: usize, end: Instant) -> anyhow::Result<()> {
    let mut running = JoinSet::new();
    for number in 0..callers {
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
    async fn call(&mut self, number: usize) -> anyhow::Result<()> {
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

//! Makes the calls of a scenario.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use anyhow::bail;
use rand::{SeedableRng as _, rngs::StdRng};
use tokio::{
    sync::watch,
    task::JoinSet,
    time::{Instant, timeout},
};
use tonic::{Code, transport::Channel};

use super::{
    unknown, watched,
    workload::{CallKind, Calls},
};
use crate::{
    client::{Caller, code_name},
    load::{CallGenerator, Kind, Seen},
};

/// How long past the deadline an answer may take: the server ends the call first.
pub(super) const MARGIN: Duration = Duration::from_secs(2);

/// How often a call is made that ends without an answer, and so without a trace id.
///
/// The timer of the caller ends 10 ms after that of the server; on a busy machine it may be first.
const TRIES: u32 = 25;

/// The time after which a call is not made again.
const TRYING: Duration = Duration::from_secs(15);

/// How the calls ended.
#[derive(Debug, Default)]
pub(super) struct Ended {
    pub(super) codes: BTreeMap<String, u32>,
    /// The trace of the last call; none when there was no call.
    pub(super) last: Seen,
    /// All calls.
    pub(super) calls: Vec<Made>,
}

/// A call that has ended.
#[derive(Debug)]
pub(super) struct Made {
    /// As its caller saw it.
    pub(super) latency: Duration,
    pub(super) trace_id: String,
}

/// Makes calls of one kind over one connection.
struct Player {
    channel: Channel,
    calls: Calls,
    /// The last call, whose trace is looked at.
    last: Requests,
    others: Requests,
}

/// How calls are made.
struct Requests {
    caller: Caller,
    generator: CallGenerator,
}

/// Makes all calls, the last of them as the caller `last`, and waits for their ends.
///
/// # Errors
/// When a call ends without an answer each time that it is made: the gateway is gone, and the other
/// calls would take as long.
pub(super) async fn make(
    channel: Channel,
    caller: &Caller,
    last: &Caller,
    calls: &Calls,
) -> anyhow::Result<Ended> {
    make_counted(channel, caller, last, calls, watch::Sender::new(0)).await
}

/// As [`make`], and says how many calls have ended.
///
/// # Errors
/// As [`make`].
pub(super) async fn make_counted(
    channel: Channel,
    caller: &Caller,
    last: &Caller,
    calls: &Calls,
    count: watch::Sender<u32>,
) -> anyhow::Result<Ended> {
    let player = Arc::new(Player {
        last: Requests::new(&channel, last, calls),
        others: Requests::new(&channel, caller, calls),
        channel,
        calls: calls.clone(),
    });
    let mut ended = Ended::default();
    let mut numbers = 1..=calls.count;
    let mut running = JoinSet::new();
    loop {
        for number in numbers.by_ref().take(calls.parallel - running.len()) {
            let player = Arc::clone(&player);
            running.spawn(async move {
                let begin = Instant::now();
                (number, player.call(number).await, begin.elapsed())
            });
        }
        let Some(finished) = running.join_next().await else {
            return Ok(ended);
        };
        let (number, (code, seen), latency) = finished?;
        let code = code_name(code);
        let Some(trace_id) = seen.trace_id.clone() else {
            let all = calls.count;
            bail!("call {number} of {all} ended as {code}, without an answer of the gateway");
        };
        ended.calls.push(Made { latency, trace_id });
        *ended.codes.entry(code.to_owned()).or_default() += 1;
        count.send_modify(|count| *count += 1);
        let is_last = match &calls.spans_of {
            Some(wanted) => wanted == code,
            None => number == calls.count,
        };
        if is_last {
            ended.last = seen;
        }
    }
}

impl Requests {
    fn new(channel: &Channel, caller: &Caller, calls: &Calls) -> Self {
        let max_wait = calls.deadline.saturating_add(MARGIN);
        let caller = caller.clone().deadline(calls.deadline);
        Self {
            generator: CallGenerator::new(vec![channel.clone()], caller.clone(), max_wait)
                .user(calls.user.clone())
                .users(calls.users)
                .idempotency_key(calls.idempotency_key),
            caller,
        }
    }
}

impl Player {
    async fn call(&self, number: u32) -> (Code, Seen) {
        // Any of them may be the last that ends with a code.
        let requests = if number == self.calls.count || self.calls.spans_of.is_some() {
            &self.last
        } else {
            &self.others
        };
        let mut random = StdRng::seed_from_u64(u64::from(number));
        let begin = Instant::now();
        let mut ended = (Code::Unknown, Seen::default());
        for _ in 0..TRIES {
            ended = match self.calls.kind {
                CallKind::Unknown => {
                    let calling = unknown::call(&self.channel, &requests.caller, number);
                    let max_wait = self.calls.deadline.saturating_add(MARGIN);
                    let in_time = timeout(max_wait, calling).await;
                    in_time.unwrap_or((Code::DeadlineExceeded, Seen::default()))
                }
                CallKind::Known(Kind::Watch) => {
                    watched::call(&self.channel, &requests.caller, &self.calls).await
                }
                CallKind::Known(kind) => {
                    let call = requests.generator.draw(kind, &mut random);
                    let outcome = call.perform(std::time::Instant::now()).await;
                    (outcome.code, outcome.seen)
                }
            };
            if ended.1.trace_id.is_some() || begin.elapsed() > TRYING {
                break;
            }
        }
        ended
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use tokio::{net::TcpListener, time::Instant};
    use tonic::transport::Endpoint;

    use super::{CallKind, Caller, Calls, Kind, MARGIN, TRYING, make};
    use crate::scenario::file::Scenario;

    #[tokio::test(start_paused = true)]
    async fn a_gateway_that_says_no_more_is_tried_as_long_as_one_call_may_take() {
        let silent = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = format!("http://{}", silent.local_addr().unwrap());
        let channel = Endpoint::try_from(address).unwrap().connect_lazy();
        let text = "title = 't'\nlesson = 'l'\ncall = 'get'\ncodes = { OK = 500 }\ncount = 500";
        let calls = Scenario::read("mine", "mine.toml", text).unwrap().calls;
        let caller = Caller::default();
        for kind in [Kind::Get, Kind::Watch] {
            let calls = Calls {
                kind: CallKind::Known(kind),
                deadline: Duration::from_secs(1),
                ..calls.clone()
            };
            let begin = Instant::now();
            let ended = make(channel.clone(), &caller, &caller, &calls).await;
            let error = ended.unwrap_err().to_string();
            assert!(error.starts_with("call 1 of 500 ended as "), "{error}");
            let one_try = calls.deadline + 2 * MARGIN;
            assert!(begin.elapsed() <= TRYING + one_try, "{:?}", begin.elapsed());
        }
    }
}

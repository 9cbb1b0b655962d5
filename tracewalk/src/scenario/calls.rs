//! Makes the calls of a scenario.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use anyhow::bail;
use tokio::{sync::watch, task::JoinSet, time::Instant};
use tonic::transport::Channel;

use super::{
    player::{Player, Requests},
    workload::Calls,
};
use crate::{
    client::{Caller, code_name},
    load::Seen,
};

/// How long past the deadline an answer may take: the server ends the call first.
pub(super) const MARGIN: Duration = Duration::from_secs(2);

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

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use tokio::{net::TcpListener, time::Instant};
    use tonic::transport::Endpoint;

    use super::{Caller, Calls, MARGIN, make};
    use crate::{
        load::Kind,
        scenario::{file::Scenario, player::TRYING, workload::CallKind},
    };

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

//! Plays one scenario on the stack that it needs.

use std::path::Path;

use tokio::sync::watch;

use super::{
    arrival,
    calls::{self, Ended},
    codes::Codes,
    environment::Environment,
    file::Scenario,
    judge::{self, Verdict},
    look::{After, Played},
    progress::Progress,
    scraped,
    settle::settle,
    share,
    stage::Stage,
    workload::{CallKind, Calls},
};
use crate::{client::Uri, load::Kind};

/// Plays a scenario, once the stack is healthy.
///
/// # Errors
/// When the stack takes no faults, is not healthy, cannot be changed, stops answering, or its metrics cannot
/// be read.
pub(super) async fn play(
    scenario: &Scenario,
    environment: &Environment,
    prometheus: &Uri,
    data_dir: &Path,
) -> anyhow::Result<Played> {
    let progress = Progress::start(environment.target.json);
    progress.says("until the stack is well");
    settle(environment, &environment.plain_caller()).await?;
    progress.says("until the stack runs as this needs it");
    let mut stage = Stage::open(scenario, environment, data_dir).await?;
    let played = play_on(&mut stage, scenario, prometheus, progress).await;
    let closed = stage.close().await;
    let played = played?;
    closed.map(|()| played)
}

/// Plays it on the stack that it needs.
async fn play_on(
    stage: &mut Stage,
    scenario: &Scenario,
    prometheus: &Uri,
    progress: Progress,
) -> anyhow::Result<Played> {
    let environment = &stage.environment.clone();
    let series = scenario.metrics.iter().map(|it| &it.series);
    let series = series.chain(scenario.exemplars.iter().map(|it| &it.series));
    let services: Vec<_> = series.map(|it| it.service.as_str()).collect();
    let plain = environment.plain_caller();
    // Calls enough to tell that it is well would be too many for a limit.
    if scenario.needs_launcher() && scenario.setup.rate_limit.is_none() {
        settle(environment, &plain).await?;
    }
    let before = environment.pages(&services).await?;
    let without_fault = without_fault(&scenario.calls);
    let calls = share::of_last_hour(&scenario.calls, prometheus).await?;
    progress.says("for the ends of the calls");
    let (ended, others, processes) =
        make_calls(stage, scenario, (&calls, &without_fault), prometheus).await?;
    if scenario.calls.wait_for_recovery {
        progress.says("until the stack is well again");
        settle(environment, &plain).await?;
    }
    let codes = codes(scenario, &ended, &others);
    let samplers = scenario.samplers.iter();
    let samplers = samplers.map(|line| line.judge(&ended.calls, &others.calls));
    let samplers = samplers.collect();
    if !scenario.calls.sampled {
        arrival::of_a_later_call(environment, &plain, &without_fault).await?;
    }
    let after = After {
        progress,
        scenario,
        environment,
        processes,
        prometheus,
        services,
        before,
        last: ended.last,
    };
    after.look(codes, samplers).await
}

/// Makes all calls, and does to processes what is to be done meanwhile; how they ended, and what was seen.
async fn make_calls(
    stage: &mut Stage,
    scenario: &Scenario,
    (calls, without_fault): (&Calls, &Calls),
    prometheus: &Uri,
) -> anyhow::Result<(Ended, Ended, Vec<Verdict>)> {
    let channel = stage.environment.channel.clone();
    let plain = stage.environment.plain_caller();
    let caller = stage.environment.caller(&scenario.calls).await?;
    // The call that a person may look at later.
    let last = caller.clone().debug();
    let (count, counted) = watch::channel(0);
    let (first, later) = scenario.first_and_later();
    let mut processes = stage.act(first, counted.clone()).await?;
    let (ended, others, done) = tokio::try_join!(
        calls::make_counted(channel.clone(), &caller, &last, calls, count),
        calls::make(channel, &plain, &plain, without_fault),
        stage.act(later, counted),
    )?;
    processes.extend(done);
    if scenario.changes_services() {
        scraped::once(prometheus).await;
    }
    stage.restore().await?;
    Ok((ended, others, processes))
}

/// How the calls with a fault and those without have ended.
fn codes(scenario: &Scenario, ended: &Ended, others: &Ended) -> Vec<Verdict> {
    let mut codes = vec![judge::codes(&scenario.codes, &ended.codes)];
    if scenario.calls.without_fault > 0 {
        let all_well = Codes::all_ok(scenario.calls.without_fault);
        let mut verdict = judge::codes(&all_well, &others.codes);
        verdict.expectation.push_str(" without a fault");
        codes.push(verdict);
    }
    codes
}

/// The calls without a fault that are made at the same time.
fn without_fault(calls: &Calls) -> Calls {
    Calls {
        kind: CallKind::Known(Kind::Get),
        user: None,
        faults: Vec::new(),
        baggage: None,
        sampled: true,
        count: calls.without_fault,
        parallel: 4,
        ..calls.clone()
    }
}

//! Whether what was sent is in the trace store.

use std::time::{Duration, Instant};

use anyhow::ensure;
use tokio::time::sleep;

use super::{calls, environment::Environment, workload::Calls};
use crate::{client::Caller, trace};

/// How long spans may be on their way.
pub(super) const MAX_WAIT: Duration = Duration::from_secs(15);

/// How long one look waits for a trace to be whole.
pub(super) const WHOLE: Duration = Duration::from_secs(2);

/// The pause between two looks.
pub(super) const PAUSE: Duration = Duration::from_millis(200);

/// Makes a further call, and waits until all its spans are in the store: those of the calls before
/// would be there, too. If it does not arrive, the trace that must not be there proves nothing.
///
/// # Errors
/// When the trace does not arrive.
pub(super) async fn of_a_later_call(
    environment: &Environment,
    plain: &Caller,
    without_fault: &Calls,
) -> anyhow::Result<()> {
    let one = Calls {
        count: 1,
        ..without_fault.clone()
    };
    let ended = calls::make(environment.channel.clone(), plain, plain, &one).await?;
    let id = ended.last.trace_id.unwrap_or_default();
    let begin = Instant::now();
    loop {
        let tree = trace::read(&environment.target.ui, &id, MAX_WAIT).await?;
        let has_all = |services: [&str; 3]| {
            let has = |service| tree.rows().iter().any(|row| row.span.service == service);
            services.into_iter().all(has)
        };
        if has_all(["gateway", "user", "profile"]) {
            return Ok(());
        }
        ensure!(
            begin.elapsed() < MAX_WAIT,
            "the trace {id} is not whole after {MAX_WAIT:?}"
        );
        sleep(PAUSE).await;
    }
}

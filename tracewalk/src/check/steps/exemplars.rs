use std::time::{Duration, SystemTime, UNIX_EPOCH};

use crate::check::{
    chain::CHAIN,
    evidence::Evidence,
    finding::{Finding, Verdict},
    instances::{self, Scrape},
    prometheus::Exemplar,
    stack::Stack,
};

/// The format with exemplars: Prometheus asks for it too.
const OPENMETRICS: &str = "application/openmetrics-text;version=1.0.0";

/// The histogram whose exemplars lead to traces.
pub(super) const HISTOGRAM: &str = "grpc_rpc_duration_seconds_bucket";

/// The greatest age of an exemplar: an older one may be of a call before something broke.
pub(super) const RECENT: Duration = Duration::from_mins(1);

/// How many traces of a service are looked up before the step does not hold.
const TRIES: usize = 8;

/// Takes the trace ids of the exemplars of each service, and looks the traces up in Jaeger.
pub(in crate::check) async fn check(stack: &Stack, evidence: &Evidence) -> Verdict {
    let scrapes = instances::scrape(stack, OPENMETRICS).await?;
    let mut count = 0;
    for link in CHAIN {
        let of_service = scrapes.iter().filter(|it| it.service == link.service);
        let found = of_service.flat_map(|Scrape { page, .. }| page.exemplars(HISTOGRAM));
        let found = found.filter_map(Exemplar::on_page);
        let found: Vec<_> = found.collect();
        count += found.len();
        // The trace of the call has been seen: no need to ask for it again.
        if found
            .iter()
            .any(|exemplar| exemplar.trace_id == evidence.trace_id)
        {
            continue;
        }
        let expected = format!(
            "/metrics of {} names traces beside its counts",
            link.service
        );
        resolve(stack, link.service, &expected, found).await?;
    }
    Ok(format!("{count} on the pages, and Jaeger has their traces"))
}

/// Whether Jaeger has one of the newest of these traces.
pub(super) async fn resolve(
    stack: &Stack,
    part: &str,
    expected: &str,
    mut exemplars: Vec<Exemplar>,
) -> Result<(), Finding> {
    let count = exemplars.len();
    let now = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default();
    exemplars.retain(|exemplar| exemplar.at >= (now.saturating_sub(RECENT)).as_secs_f64());
    exemplars.sort_by(|one, other| other.at.total_cmp(&one.at));
    let ids = exemplars
        .into_iter()
        .take(TRIES)
        .map(|exemplar| exemplar.trace_id);
    let ids: Vec<_> = ids.collect();
    if stack.jaeger.knows_any(&ids).await? {
        return Ok(());
    }
    let finding = match ids.first() {
        None => Finding::new(
            part,
            expected,
            format!("none of the last minute, and {count} older ones"),
            "only sampled calls leave one: OTEL_TRACES_SAMPLER",
        ),
        Some(id) => {
            let found = format!(
                "Jaeger does not know the trace {id}, nor {} others",
                ids.len() - 1
            );
            Finding::new(
                "jaeger",
                expected,
                found,
                "it keeps too few traces, or loses spans: see its log",
            )
        }
    };
    Err(finding.may_come())
}

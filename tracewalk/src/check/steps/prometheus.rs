use crate::{
    check::{
        chain::{CHAIN, Link},
        evidence::Evidence,
        finding::{Finding, Verdict, list},
        instances,
        prometheus::Target,
        stack::Stack,
    },
    embedded::SCRAPE_JOB,
};

/// Asks Prometheus whether it reads every service, and whether the call has reached it.
pub(in crate::check) async fn check(stack: &Stack, evidence: &Evidence) -> Verdict {
    let mut targets = stack.prometheus.targets().await?;
    targets.retain(|target| target.label("job") == SCRAPE_JOB);
    for link in CHAIN {
        check_targets(link.service, &targets)?;
    }
    for link in CHAIN {
        check_count(stack, evidence, link).await?;
    }
    let seconds = evidence.made.elapsed().as_secs_f64();
    Ok(format!(
        "{} targets are up, and have shown the call, {seconds:.1} s old",
        targets.len()
    ))
}

fn check_targets(service: &str, targets: &[Target]) -> Result<(), Finding> {
    let expected = format!("Prometheus reads {service} in the job {SCRAPE_JOB}");
    let mut of_service = targets
        .iter()
        .filter(|it| it.label("service_name") == service);
    let Some(first) = of_service.next() else {
        let names = targets.iter().map(|target| target.label("service_name"));
        let found = format!("it reads {}", list(names));
        let advice = "look at scrape_configs in prometheus/prometheus.yml";
        return Err(Finding::new("prometheus", expected, found, advice).may_come());
    };
    let Some(bad) = [first]
        .into_iter()
        .chain(of_service)
        .find(|it| it.health != "up")
    else {
        return Ok(());
    };
    let found = format!("{} is {}: {}", bad.scrape_url, bad.health, bad.last_error);
    let advice =
        "is that its admin address (prometheus/prometheus.yml), and can Prometheus reach it?";
    Err(Finding::new(service, expected, found, advice).may_come())
}

/// A count above the one before the call can only come from a scrape after it.
async fn check_count(stack: &Stack, evidence: &Evidence, link: Link) -> Result<(), Finding> {
    let Link {
        service,
        rpc,
        method,
    } = link;
    let before = instances::answered(&link, &evidence.before);
    let query = format!(
        "sum(grpc_rpc_duration_seconds_count{{job=\"{SCRAPE_JOB}\", service_name=\"{service}\", \
         service=\"{rpc}\", method=\"{method}\", code=\"OK\"}})"
    );
    let stored = stack.prometheus.values(&query).await?;
    let stored = stored.first().copied().unwrap_or_default();
    if stored > before {
        return Ok(());
    }
    let expected = format!("{query} is more than {before}, what it was before the call");
    let advice = "is it this stack that it scrapes (prometheus/prometheus.yml), and how often?";
    Err(Finding::new("prometheus", expected, stored.to_string(), advice).may_come())
}

use super::exemplars::{HISTOGRAM, RECENT, resolve};
use crate::check::{
    chain::CHAIN,
    finding::{Finding, Verdict},
    stack::Stack,
};

/// Asks Prometheus for its exemplars, and looks their traces up in Jaeger.
pub(in crate::check) async fn check(stack: &Stack) -> Verdict {
    let mut found = stack.prometheus.exemplars(HISTOGRAM, RECENT).await?;
    let count: usize = found.values().map(Vec::len).sum();
    for link in CHAIN {
        let expected = format!(
            "Prometheus keeps exemplars of {}, of the last minute",
            link.service
        );
        let exemplars = found.remove(link.service).unwrap_or_default();
        if exemplars.is_empty() {
            let advice = "start Prometheus with --enable-feature=exemplar-storage";
            return Err(Finding::new("prometheus", expected, "none", advice).may_come());
        }
        resolve(stack, link.service, &expected, exemplars).await?;
    }
    Ok(format!("{count} are kept, and Jaeger has their traces"))
}

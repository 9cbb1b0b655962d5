use crate::check::{
    chain::CHAIN,
    evidence::Evidence,
    finding::{Finding, Verdict, list},
    jaeger::Trace,
    stack::Stack,
};

/// Looks the call up in Jaeger: spans of all services, each below its caller's, none without its
/// parent.
pub(in crate::check) async fn check(stack: &Stack, evidence: &Evidence) -> Verdict {
    let id = &evidence.trace_id;
    let trace = stack.jaeger.trace(id).await?;
    let trace = trace.ok_or_else(|| nothing(id, &stack.jaeger.site.to_string()))?;
    let present = trace.services();
    let missing = CHAIN.iter().map(|link| link.service);
    let missing: Vec<_> = missing
        .filter(|service| !present.contains(service))
        .collect();
    if let Some(first) = missing.first() {
        let advice = format!(
            "does {first} export (its OTEL_* variables, its log), and does it read `traceparent`?"
        );
        return Err(finding(
            id,
            first,
            format!("no span of {}", list(&missing)),
            advice,
        ));
    }
    if let Some(first) = trace.orphaned().first() {
        let found = format!("spans of {first} whose parent is not there");
        return Err(finding(
            id,
            first,
            found,
            "who called it loses spans: see its log".to_owned(),
        ));
    }
    check_shape(id, &trace)?;
    let order = CHAIN.map(|link| link.service).join(" → ");
    Ok(format!("{} spans, {order}, no orphan", trace.len()))
}

/// Whether the calls were made in the order of the chain.
fn check_shape(id: &str, trace: &Trace) -> Result<(), Finding> {
    let roots = trace.roots();
    if roots != [CHAIN[0].service] {
        let found = format!("it begins at {}", list(&roots));
        let advice = "a service begins a trace of its own: does it read `traceparent`?";
        return Err(finding(
            id,
            roots.last().unwrap_or(&"gateway"),
            found,
            advice.to_owned(),
        ));
    }
    for pair in CHAIN.windows(2) {
        let (above, below) = (pair[0].service, pair[1].service);
        if !trace.has_edge(above, below) {
            let found = format!("no span of {below} below one of {above}");
            let advice = format!("does {above} send `traceparent`, and {below} read it?");
            return Err(finding(id, below, found, advice));
        }
    }
    Ok(())
}

fn nothing(id: &str, jaeger: &str) -> Finding {
    let advice = "do the services export to it (OTEL_EXPORTER_OTLP_ENDPOINT, their log), and does \
                  it take spans (port 4317)?";
    let found = format!("nothing of it at {jaeger}");
    finding(id, "jaeger", found, advice.to_owned())
}

fn finding(id: &str, part: &str, found: String, advice: String) -> Finding {
    let expected =
        format!("the trace {id} has spans of gateway, user and profile, one below the other");
    // Each service exports at its own time, so the missing spans may still come.
    Finding::new(part, expected, found, advice).may_come()
}

use crate::check::{
    chain::CHAIN,
    evidence::{Evidence, TEXT},
    finding::{Finding, Verdict},
    instances,
    stack::Stack,
};

/// Compares what each service counted before the call with what it has counted after it.
pub(in crate::check) async fn check(stack: &Stack, evidence: &Evidence) -> Verdict {
    let after = instances::scrape(stack, TEXT).await?;
    let mut moved = Vec::new();
    for link in CHAIN {
        let more =
            instances::answered(&link, &after) - instances::answered(&link, &evidence.before);
        if more < 1.0 {
            let expected = format!(
                "grpc_rpc_duration_seconds counts {} at {}",
                link.method, link.service
            );
            let advice = "is it the process that was called? --gateway-admin, --user-admin and \
                          --profile-admin say where each is";
            let found = "the count of OK answers did not grow";
            // A call is counted when its answer is written; the caller may ask before that.
            return Err(Finding::new(link.service, expected, found, advice).may_come());
        }
        moved.push(format!("{} {} +{more}", link.service, link.method));
    }
    Ok(moved.join(", "))
}

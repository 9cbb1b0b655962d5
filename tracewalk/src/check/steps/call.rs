use crate::check::{evidence::Evidence, finding::Verdict, walk::Walk};

/// Makes the call that all later steps look for.
pub(in crate::check) async fn check(walk: &mut Walk) -> Verdict {
    let evidence = Evidence::gather(&walk.stack).await?;
    let Evidence { trace_id, took, .. } = &evidence;
    let fact = format!("GetUser is answered after {took:.1?}, trace {trace_id}");
    walk.remember(evidence);
    Ok(fact)
}

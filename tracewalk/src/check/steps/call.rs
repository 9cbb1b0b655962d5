use crate::check::{evidence::Evidence, finding::Verdict, stack::Stack};

/// Makes the call that all later steps look for.
pub(in crate::check) async fn check(stack: &Stack, call: &mut Option<Evidence>) -> Verdict {
    let evidence = Evidence::gather(stack).await?;
    let Evidence { trace_id, took, .. } = &evidence;
    let fact = format!("GetUser is answered after {took:.1?}, trace {trace_id}");
    *call = Some(evidence);
    Ok(fact)
}

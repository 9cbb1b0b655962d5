use std::sync::{
    Arc,
    atomic::{AtomicI64, Ordering},
};

use opentelemetry::{Context, KeyValue};

use crate::conventions::RPC_ATTEMPT;

/// The attempts of one call so far; it travels in the context of the call, not in the request:
/// whoever retries may build each request anew.
#[derive(Debug, Default)]
struct Attempts(Arc<AtomicI64>);

/// The context, with nothing attempted in it.
pub(super) fn count_attempts(context: &Context) -> Context {
    context.with_value(Attempts::default())
}

/// The number of an attempt that starts in this context; `None` outside of an observed call.
pub(super) fn attempt_number(context: &Context) -> Option<KeyValue> {
    let Attempts(attempts) = context.get()?;
    let number = attempts.fetch_add(1, Ordering::Relaxed) + 1;
    Some(KeyValue::new(RPC_ATTEMPT, number))
}

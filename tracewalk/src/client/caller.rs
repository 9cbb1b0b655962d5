use std::{
    num::{NonZeroU64, NonZeroU128},
    time::Duration,
};

use tonic::{
    Request, Status,
    metadata::{Ascii, MetadataValue},
    service::Interceptor,
};

use super::Bearer;

/// The metadata of each call: the token, the faults that it asks for, and the deadline.
#[derive(Clone, Debug, Default)]
pub(crate) struct Caller {
    bearer: Bearer,
    baggage: Option<MetadataValue<Ascii>>,
    deadline: Option<Duration>,
    is_debug: bool,
    is_unsampled: bool,
}

/// The debug id of the calls that a person makes, by which `tracewalk trace last` finds them.
pub(crate) const DEBUG_ID: &str = "tracewalk";

impl Caller {
    /// Calls with this token, and this baggage.
    pub(crate) fn new(bearer: Bearer, baggage: Option<MetadataValue<Ascii>>) -> Self {
        Self {
            bearer,
            baggage,
            deadline: None,
            is_debug: false,
            is_unsampled: false,
        }
    }

    /// Asks the trace store to keep the traces of these calls: a person may look at them.
    pub(crate) fn debug(mut self) -> Self {
        self.is_debug = true;
        self
    }

    /// Begins a trace with each call, and says that it is not sampled.
    pub(crate) fn unsampled(mut self) -> Self {
        self.is_unsampled = true;
        self
    }

    /// Says on each call how long it waits for the answer.
    pub(crate) fn deadline(mut self, deadline: Duration) -> Self {
        self.deadline = Some(deadline);
        self
    }
}

impl From<Bearer> for Caller {
    fn from(bearer: Bearer) -> Self {
        Self::new(bearer, None)
    }
}

impl Interceptor for Caller {
    fn call(&mut self, mut request: Request<()>) -> Result<Request<()>, Status> {
        if let Some(baggage) = &self.baggage {
            request.metadata_mut().insert("baggage", baggage.clone());
        }
        if self.is_debug {
            let id = MetadataValue::from_static(DEBUG_ID);
            request.metadata_mut().insert(gateway::DEBUG_ID, id);
        }
        if self.is_unsampled {
            let (trace, span): (NonZeroU128, NonZeroU64) = rand::random();
            let context = format!("00-{trace:032x}-{span:016x}-00");
            let context = context.parse().expect("digits and dashes are ASCII");
            request.metadata_mut().insert("traceparent", context);
        }
        if let Some(deadline) = self.deadline {
            set_timeout(&mut request, deadline);
        }
        self.bearer.call(request)
    }
}

/// The longest time that `grpc-timeout` can carry; tonic panics beyond.
const LONGEST: Duration = Duration::from_hours(99_999_999);

/// Says in a request how long its caller waits.
pub(crate) fn set_timeout<T>(request: &mut Request<T>, timeout: Duration) {
    request.set_timeout(timeout.min(LONGEST));
}

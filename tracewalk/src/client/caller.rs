use tonic::{
    Request, Status,
    metadata::{Ascii, MetadataValue},
    service::Interceptor,
};

use super::Bearer;

/// What each call carries: who calls, and what it asks to go wrong.
#[derive(Clone, Debug, Default)]
pub(crate) struct Caller {
    bearer: Bearer,
    baggage: Option<MetadataValue<Ascii>>,
}

impl Caller {
    /// Calls with this token, and this baggage.
    pub(crate) fn new(bearer: Bearer, baggage: Option<MetadataValue<Ascii>>) -> Self {
        Self { bearer, baggage }
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
        self.bearer.call(request)
    }
}

use std::{collections::HashMap, time::Duration};

use http::Request;
use tonic::Code;

use crate::names::{Names, with_names};

/// Which calls are retried, how often, and how long to wait before each retry.
///
/// By default: 3 attempts, for `UNAVAILABLE` alone, with waits of 50 ms, 100 ms… up to 1 s. No
/// method is retried until it is listed.
#[derive(Clone, Debug)]
pub struct RetryPolicy {
    methods: HashMap<String, Idempotent>,
    pub(super) codes: Vec<Code>,
    pub(super) max_attempts: u32,
    pub(super) initial_backoff: Duration,
    pub(super) max_backoff: Duration,
    pub(super) max_request_bytes: usize,
    pub(super) names: &'static Names,
}

/// When a method is safe to run twice.
#[derive(Clone, Copy, Debug)]
enum Idempotent {
    Always,
    /// When the request has an idempotency key.
    WithKey,
}

/// The metadata with the caller's name for a request. Source: [Idempotency-Key draft][draft].
///
/// [draft]: https://datatracker.ietf.org/doc/draft-ietf-httpapi-idempotency-key-header/
const IDEMPOTENCY_KEY: &str = "idempotency-key";

/// Most attempts that can be set: gRFC A6 allows no more.
const MOST_ATTEMPTS: u32 = 5;

impl Default for RetryPolicy {
    fn default() -> Self {
        Self {
            methods: HashMap::new(),
            codes: vec![Code::Unavailable],
            max_attempts: 3,
            initial_backoff: Duration::from_millis(50),
            max_backoff: Duration::from_secs(1),
            max_request_bytes: 64 * 1024,
            names: Default::default(),
        }
    }
}

impl RetryPolicy {
    with_names!(names);

    /// Lists a method, such as `tracewalk.user.v1.UserService/GetUser`.
    ///
    /// It must be safe to run twice, and its request must not be a stream: the request is kept
    /// whole before the first attempt.
    #[must_use]
    pub fn idempotent(mut self, method: &str) -> Self {
        self.methods
            .insert(format!("/{method}"), Idempotent::Always);
        self
    }

    /// Lists a method that is safe to run twice when the request has the metadata `idempotency-key`:
    /// its server then answers a repetition as it answered the first request. A request without
    /// the key is not retried, nor is one with several.
    #[must_use]
    pub fn idempotent_with_key(mut self, method: &str) -> Self {
        self.methods
            .insert(format!("/{method}"), Idempotent::WithKey);
        self
    }

    /// Whether this request may be sent again.
    pub(super) fn allows<B>(&self, request: &Request<B>) -> bool {
        match self.methods.get(request.uri().path()) {
            None => false,
            Some(Idempotent::Always) => true,
            Some(Idempotent::WithKey) => {
                let keys = request.headers().get_all(IDEMPOTENCY_KEY);
                keys.iter().count() == 1
            }
        }
    }

    /// The paths of the listed methods.
    pub(super) fn paths(&self) -> impl Iterator<Item = &str> {
        self.methods.keys().map(String::as_str)
    }

    /// The codes after which another attempt may help.
    #[must_use]
    pub fn codes(mut self, codes: impl IntoIterator<Item = Code>) -> Self {
        self.codes = codes.into_iter().collect();
        self
    }

    /// Most attempts of a call, with the first; from 1 to 5.
    #[must_use]
    pub fn max_attempts(mut self, attempts: u32) -> Self {
        self.max_attempts = attempts.clamp(1, MOST_ATTEMPTS);
        self
    }

    /// The wait before the first retry, and the longest wait; it doubles with each retry.
    #[must_use]
    pub fn backoff(mut self, initial: Duration, max: Duration) -> Self {
        self.initial_backoff = initial;
        self.max_backoff = max;
        self
    }
}

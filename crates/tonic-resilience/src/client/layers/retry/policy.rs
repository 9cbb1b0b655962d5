use std::{collections::HashSet, time::Duration};

use tonic::Code;

use crate::names::{Names, with_names};

/// Which calls are retried, how often, and how long to wait before each retry.
///
/// By default: 3 attempts, for `UNAVAILABLE` alone, with waits of 50 ms, 100 ms… up to 1 s. No
/// method is retried until it is listed.
#[derive(Clone, Debug)]
pub struct RetryPolicy {
    pub(super) methods: HashSet<String>,
    pub(super) codes: Vec<Code>,
    pub(super) max_attempts: u32,
    pub(super) initial_backoff: Duration,
    pub(super) max_backoff: Duration,
    pub(super) max_request_bytes: usize,
    pub(super) names: &'static Names,
}

/// Most attempts that can be set: gRFC A6 allows no more.
const MOST_ATTEMPTS: u32 = 5;

impl Default for RetryPolicy {
    fn default() -> Self {
        Self {
            methods: HashSet::new(),
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
        self.methods.insert(format!("/{method}"));
        self
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

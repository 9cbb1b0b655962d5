use std::{
    sync::{Arc, OnceLock},
    time::SystemTime,
};

use opentelemetry::trace::SpanContext;
use tonic::Code;

use super::{ExemplarHistogram, ExemplarHistogramVec};
use grpc_wire::{CODES, Method, code_name};

/// How long the calls of one method take, by status code.
///
/// Each series is looked up once, when its code is first seen: labels cost more than the sample.
#[derive(Debug)]
pub(crate) struct Durations {
    family: ExemplarHistogramVec,
    method: Method,
    target: Option<Arc<str>>,
    by_code: [OnceLock<ExemplarHistogram>; CODES.len()],
}

impl Durations {
    /// The series of one method, with the label `target` for a client.
    ///
    /// The code that calls usually end with starts at zero, so that a query over the rate of
    /// errors has its denominator, and sees the first call too.
    pub(super) fn new(
        family: &ExemplarHistogramVec,
        method: &Method,
        target: Option<Arc<str>>,
    ) -> Self {
        let durations = Self {
            family: family.clone(),
            method: *method,
            target,
            by_code: Default::default(),
        };
        durations.series(if method.is_registered() {
            Code::Ok
        } else {
            Code::Unimplemented
        });
        durations
    }

    /// Records one call that took this long and ended then.
    pub(crate) fn observe(&self, code: Code, seconds: f64, span: &SpanContext, at: SystemTime) {
        self.series(code).observe(seconds, span, at);
    }

    fn series(&self, code: Code) -> &ExemplarHistogram {
        self.by_code[code as usize].get_or_init(|| {
            let labels = [self.method.service, self.method.name, code_name(code)];
            match &self.target {
                None => self.family.series(&labels),
                Some(target) => self.family.series(&[&labels[..], &[target]].concat()),
            }
        })
    }
}

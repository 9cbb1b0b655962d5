use std::{sync::OnceLock, time::SystemTime};

use opentelemetry::trace::SpanContext;
use tonic::Code;

use super::{
    ExemplarHistogram, ExemplarHistogramVec,
    names::{Scheme, Subject},
};
use grpc_wire::CODES;

/// How long the calls of one method take, by status code.
///
/// Each series is looked up once, when its code is first seen: labels cost more than the sample.
#[derive(Debug)]
pub(crate) struct Durations {
    families: Vec<NamedFamily>,
    subject: Subject,
    by_code: [OnceLock<Box<[ExemplarHistogram]>>; CODES.len()],
}

/// A family, and the scheme of its labels.
#[derive(Clone, Debug)]
pub(super) struct NamedFamily {
    pub(super) scheme: Scheme,
    pub(super) histogram: ExemplarHistogramVec,
}

impl Durations {
    /// The series of one method, in each of the families.
    ///
    /// The code that calls usually end with starts at zero, so that a query over the rate of
    /// errors has its denominator, and sees the first call too.
    pub(super) fn new(families: &[NamedFamily], subject: Subject) -> Self {
        let usual = if subject.method.is_registered() {
            Code::Ok
        } else {
            Code::Unimplemented
        };
        let durations = Self {
            families: families.to_vec(),
            subject,
            by_code: Default::default(),
        };
        durations.series(usual);
        durations
    }

    /// Records one call that took this long and ended then.
    pub(crate) fn observe(&self, code: Code, seconds: f64, span: &SpanContext, at: SystemTime) {
        for series in self.series(code) {
            series.observe(seconds, span, at);
        }
    }

    fn series(&self, code: Code) -> &[ExemplarHistogram] {
        self.by_code[code as usize].get_or_init(|| {
            let series = self.families.iter().map(|family| {
                let values = family.scheme.values(&self.subject, code);
                family.histogram.series(&values)
            });
            series.collect()
        })
    }
}

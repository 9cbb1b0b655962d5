//! Reads a page of metrics: [OpenMetrics 1.0][openmetrics], or Prometheus' [text format 0.0.4][text].
//!
//! [`lines`] reads one line after the other and borrows from the page; [`Page`] keeps the samples of
//! a page, to ask for their sums and their exemplars.
//!
//! [openmetrics]: https://prometheus.io/docs/specs/om/open_metrics_spec/
//! [text]: https://prometheus.io/docs/instrumenting/exposition_formats/

mod labels;
mod line;
mod page;
mod sample;

pub use labels::{Label, read_labels};
pub use line::{Line, ParseError, lines};
pub use page::Page;
pub use sample::{Exemplar, Sample};

#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;

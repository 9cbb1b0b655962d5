use super::admission::Admission;
use crate::{
    metrics::{rules::Rules, scrape::Scraper, tsdb::Tsdb},
    traces::TraceStore,
};

/// What the handlers read.
#[derive(Clone, Debug)]
pub(crate) struct Api {
    pub(crate) tsdb: Tsdb,
    pub(crate) scraper: Scraper,
    pub(crate) rules: Rules,
    pub(crate) admission: Admission,
    /// The store whose counts `/metrics` shows too.
    pub(crate) traces: Option<TraceStore>,
}

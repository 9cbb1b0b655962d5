//! What was scraped and recorded: bounded, in memory, gone when the process ends.
//!
//! ```text
//!   Tsdb ─┬─ samples:   SampleStore ── Labels ──► Series ──► Chunk, Chunk, Chunk
//!         ├─ exemplars: the calls that samples name
//!         └─ metadata:  type, help and unit of each metric
//! ```

mod budget;
mod chunk;
mod exemplars;
mod labels;
mod limits;
mod matcher;
mod metadata;
mod re2;
mod sample;
mod series;
mod store;
mod varint;

pub(crate) use budget::{Budget, BudgetError};
pub(crate) use exemplars::{CAPACITY as EXEMPLAR_CAPACITY, Exemplar, Exemplars};
pub(crate) use labels::{Labels, NAME, is_label_name};
pub use limits::SampleLimits;
pub(crate) use matcher::{MAX_PATTERNS, Matcher};
pub(crate) use metadata::{Metadata, MetricMetadata};
pub(crate) use re2::Pattern;
pub(crate) use sample::{Sample, SeriesSamples};
pub(crate) use store::SampleStore;

/// The store that the scraper and the rules write and that queries read. Clones share it.
#[derive(Clone, Debug)]
pub(crate) struct Tsdb {
    pub(crate) samples: SampleStore,
    pub(crate) exemplars: Exemplars,
    pub(crate) metadata: Metadata,
}

impl Tsdb {
    pub(crate) fn new(limits: SampleLimits) -> Self {
        Self {
            samples: SampleStore::new(limits),
            exemplars: Exemplars::default(),
            metadata: Metadata::default(),
        }
    }
}

//! Functions of numbers and samples: nothing here depends on queries, series or steps.

pub(super) mod calendar;
pub(super) mod each;
pub(super) mod histogram;
pub(super) mod over_time;
pub(super) mod rate;
pub(super) mod sum;
mod window;

pub(super) use window::Window;

//! The steps, one file each: what is looked at, and what it means when it is not there.

pub(super) mod call;
pub(super) mod dashboards;
pub(super) mod exemplars;
pub(super) mod gateway;
pub(super) mod grafana;
pub(super) mod histograms;
pub(super) mod logs;
pub(super) mod panels;
pub(super) mod prometheus;
pub(super) mod rules;
pub(super) mod services;
pub(super) mod spans;
pub(super) mod stored_exemplars;
pub(super) mod trace;

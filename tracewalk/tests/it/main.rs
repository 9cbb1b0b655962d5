//! Tests of the whole stack: real processes, real sockets, and judges that nobody here wrote. Each module
//! is a subject: `cargo test -p tracewalk --test it -- survival::retries`.

mod support;

mod check;
mod collector_faults;
mod commands;
mod control;
mod drain;
mod errors;
mod exemplars;
mod faults;
mod foreign_context;
mod hostile;
mod identity;
mod learn;
mod ledgers_agree;
mod logs;
mod metrics;
mod mystery;
mod no_secrets;
mod one_trace_per_call;
mod pages;
mod quiet;
mod scenarios;
mod survival;
mod terminal;
mod trace_context;
mod trace_retention;
mod up;
mod view;
mod vocabulary;
mod where_traces_are;

// Beside other programs, which must be installed.
#[cfg(feature = "external")]
mod colours;
#[cfg(feature = "external")]
mod dashboards;
#[cfg(feature = "external")]
mod foreign_client;
#[cfg(feature = "external")]
mod judges;
#[cfg(feature = "external")]
mod native_histograms;
#[cfg(feature = "external")]
mod real_jaeger;

use std::time::Duration;

use clap::Args;

/// What a server allows at most.
#[derive(Args, Clone, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Longest time of a unary call, whatever its caller allows, as `250ms` or `60s`.
    #[arg(
        long,
        env = "TRACEWALK_MAX_DEADLINE",
        value_name = "TIME",
        default_value = "60s",
        value_parser = humantime::parse_duration
    )]
    pub max_deadline: Duration,
    /// Longest time of a streaming call, as `10m` or `1h`.
    #[arg(
        long,
        env = "TRACEWALK_MAX_STREAM",
        value_name = "TIME",
        default_value = "1h",
        value_parser = humantime::parse_duration
    )]
    pub max_stream: Duration,
    /// Most calls at a time; one more is refused. A stream counts until its last message.
    #[arg(
        long,
        env = "TRACEWALK_MAX_CALLS",
        value_name = "CALLS",
        default_value_t = 1024
    )]
    pub max_calls: usize,
    /// Longest wait for calls in flight at the end, as `250ms` or `10s`.
    #[arg(
        long,
        env = "TRACEWALK_GRACE",
        value_name = "TIME",
        default_value = "10s",
        value_parser = humantime::parse_duration
    )]
    pub grace: Duration,
}

use std::time::Duration;

use tonic_resilience::server::Server;

/// What a server allows at most.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "clap", derive(clap::Args))]
pub struct Limits {
    /// Longest time of a unary call, whatever its caller allows, as `250ms` or `60s`.
    #[cfg_attr(feature = "clap", arg(
        long,
        value_name = "TIME",
        default_value = "60s",
        value_parser = humantime::parse_duration
    ))]
    pub max_deadline: Duration,
    /// Longest time of a streaming call, as `10m` or `1h`.
    #[cfg_attr(feature = "clap", arg(
        long,
        value_name = "TIME",
        default_value = "1h",
        value_parser = humantime::parse_duration
    ))]
    pub max_stream: Duration,
    /// Most calls at a time; one more is refused. A stream counts until its last message.
    #[cfg_attr(
        feature = "clap",
        arg(long, value_name = "CALLS", default_value_t = 1024)
    )]
    pub max_calls: usize,
    /// How many percent of these calls may be streams.
    #[cfg_attr(feature = "clap", arg(
        long,
        value_name = "PERCENT",
        default_value_t = 50,
        value_parser = clap::value_parser!(u8).range(1..=100)
    ))]
    pub stream_share: u8,
    /// Longest wait for calls in flight at the end, as `250ms` or `10s`.
    #[cfg_attr(feature = "clap", arg(
        long,
        value_name = "TIME",
        default_value = "10s",
        value_parser = humantime::parse_duration
    ))]
    pub grace: Duration,
}

impl Default for Limits {
    /// 60 s a unary call, an hour a stream, 1,024 calls at a time, half of which may be streams, and
    /// 10 s for the drain: also the defaults of the options.
    fn default() -> Self {
        Self {
            max_deadline: Duration::from_secs(60),
            max_stream: Duration::from_secs(60 * 60),
            max_calls: 1024,
            stream_share: 50,
            grace: Duration::from_secs(10),
        }
    }
}

/// Streams of a connection beyond the limit of calls: for probes, which are not counted, and for
/// calls that are refused at once instead of waiting.
const SPARE_STREAMS: usize = 100;

impl Limits {
    /// A server with these limits: whatever is admitted may come over a single connection.
    #[must_use]
    pub fn server(&self) -> Server {
        let streams = self.max_calls.saturating_add(SPARE_STREAMS);
        Server::default()
            .grace(self.grace)
            .max_concurrent_streams(u32::try_from(streams).unwrap_or(u32::MAX))
    }

    /// A server behind another service, whose connections carry the calls of many callers: it is no
    /// attack when they all cancel at once.
    #[must_use]
    pub fn inner_server(&self) -> Server {
        self.server().max_pending_resets(self.max_calls)
    }

    /// Most streams at a time.
    #[must_use]
    pub fn max_streams(&self) -> usize {
        percent(self.max_calls, self.stream_share)
    }
}

/// `share` percent of `whole`, rounded up.
pub(super) fn percent(whole: usize, share: u8) -> usize {
    // A part never exceeds the whole, which is a `usize`.
    let part = (whole as u128 * u128::from(share)).div_ceil(100);
    usize::try_from(part).unwrap_or(whole)
}

#[cfg(all(test, feature = "clap"))]
#[test]
fn the_options_have_the_defaults_of_the_limits() {
    #[derive(clap::Parser)]
    struct Cli {
        #[command(flatten)]
        limits: Limits,
    }
    let Cli { limits } = clap::Parser::parse_from(["server"]);
    assert_eq!(limits, Limits::default());
}

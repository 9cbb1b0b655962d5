use std::{path::PathBuf, time::Duration};

use clap::Args;

use super::parts::Part;
use crate::client::{Admin, Target, Uri, parse_url};

/// Where the parts of the stack are, which of them are not there, and how long to wait.
///
/// The services are asked where Prometheus reads them, unless a flag says where they are; of a name
/// with several addresses, as that of a scaled service, each address is asked.
#[derive(Args, Debug)]
pub(crate) struct Check {
    #[command(flatten)]
    pub(super) target: Target,
    #[command(flatten)]
    pub(super) admin: Admin,
    /// Address of Prometheus, or of the same API of `tracewalk up` [default: 127.0.0.1:9090].
    #[arg(long, env = "TRACEWALK_PROMETHEUS", value_name = "URL", value_parser = parse_url)]
    pub(super) prometheus: Option<Uri>,
    /// Address of Grafana [default: 127.0.0.1:3000; not needed beside `tracewalk up`].
    #[arg(long, env = "TRACEWALK_GRAFANA", value_name = "URL", value_parser = parse_url)]
    pub(super) grafana: Option<Uri>,
    /// Address of the dashboards of `tracewalk up`, which draws them without Grafana
    /// [default: 127.0.0.1:3000].
    #[arg(long, env = "TRACEWALK_DASHBOARDS_PAGE", value_name = "URL", value_parser = parse_url)]
    pub(super) dashboards_page: Option<Uri>,
    /// Address of Loki [default: through Grafana].
    #[arg(long, env = "TRACEWALK_LOKI", value_name = "URL", value_parser = parse_url)]
    pub(super) loki: Option<Uri>,
    /// Folder of the dashboards whose panels are asked [default: those in this program].
    #[arg(long, env = "TRACEWALK_DASHBOARDS", value_name = "FOLDER")]
    pub(super) dashboards: Option<PathBuf>,
    /// Parts that are not there on purpose; their steps are left out.
    #[arg(
        long,
        env = "TRACEWALK_WITHOUT",
        value_name = "PARTS",
        value_delimiter = ','
    )]
    pub(super) without: Vec<Part>,
    /// The stack of `tracewalk up`: the same as `--without grafana,loki`.
    #[arg(long)]
    pub(super) native: bool,
    /// How long a step that does not hold is tried again, as `60s`; what is on its way, such as a
    /// span or a scrape, is waited for in any case.
    #[arg(
        long,
        env = "TRACEWALK_CHECK_WAIT",
        default_value = "0s",
        value_name = "TIME",
        value_parser = humantime::parse_duration
    )]
    pub(super) wait: Duration,
    /// The longest that what is on its way is waited for, as `5s`; by default as long as it takes to
    /// be exported, scraped and computed, from 10 s for a span to 30 s for a panel.
    #[arg(
        long,
        env = "TRACEWALK_CHECK_PATIENCE",
        value_name = "TIME",
        value_parser = humantime::parse_duration
    )]
    pub(super) patience: Option<Duration>,
}

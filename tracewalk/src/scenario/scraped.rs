//! Waits for a scrape: a process that is replaced takes along what it counted since the last one.

use std::time::{Duration, SystemTime};

use tokio::time::{sleep, timeout};

use super::{arrival::PAUSE, queries};
use crate::client::Uri;

/// Two scrapes of a Prometheus that scrapes every 5 s, as with Docker.
const MAX_WAIT: Duration = Duration::from_secs(10);

/// Waits until each service was scraped after this moment. Where Prometheus does not say, nothing is waited for: what
/// is expected of it is judged later.
pub(super) async fn once(prometheus: &Uri) {
    let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH);
    let now = now.unwrap_or_default().as_secs_f64();
    let query = format!(r#"min(timestamp(up{{job="grpc-services"}})) > {now}"#);
    let scraped = async {
        while queries::ask(prometheus, &query)
            .await
            .is_ok_and(|it| it.is_empty())
        {
            sleep(PAUSE).await;
        }
    };
    // Too late is too late: the calls have been made, and the learner waits.
    timeout(MAX_WAIT, scraped).await.ok();
}

use std::time::Duration;

use anyhow::Context as _;
use clap::Args;
use proto::gateway::v1::WatchUserRequest;
use serde_json::{Value, json};

use super::{
    session::{Session, within},
    view::UserView,
};

/// Whom to follow, and how often.
#[derive(Args, Debug)]
pub(super) struct Watch {
    /// The id of the user; "1" to "1000" exist from the start.
    #[arg(value_name = "ID")]
    user_id: String,
    /// How many updates to ask for, 1 to 1000.
    #[arg(long, default_value_t = 3)]
    updates: u32,
    /// The time between two updates, 10ms to 60s.
    #[arg(long, default_value = "200ms", value_name = "TIME", value_parser = humantime::parse_duration)]
    interval: Duration,
}

impl Watch {
    pub(super) async fn call(self, session: &mut Session) -> anyhow::Result<Value> {
        let expected = self.interval.saturating_mul(self.updates);
        let message = WatchUserRequest {
            user_id: self.user_id,
            updates: self.updates,
            interval: Some(self.interval.try_into().context("--interval is too long")?),
        };
        within(session.target.timeout.saturating_add(expected), async {
            let request = session.request(message, expected);
            let response = session.gateway.watch_user(request).await?;
            let mut stream = session.open_answer(response);
            let mut updates = Vec::new();
            while let Some(update) = stream.message().await? {
                let user = update.user.map(UserView::from);
                let summary = user.as_ref().map_or_else(String::new, UserView::summary);
                session.say(format_args!("update {:<4} {summary}", update.sequence))?;
                updates.push(json!({ "sequence": update.sequence, "user": user }));
            }
            Ok(json!({ "updates": updates }))
        })
        .await
    }
}

use std::time::Duration;

use clap::Args;
use proto::gateway::v1::GetUserRequest;
use serde_json::{Value, json};

use super::{
    session::{Session, within},
    view::UserView,
};

/// Whom to read.
#[derive(Args, Debug)]
pub(super) struct Get {
    /// The id of the user; "1" to "1000" exist from the start.
    #[arg(value_name = "ID")]
    user_id: String,
}

impl Get {
    pub(super) async fn call(self, session: &mut Session) -> anyhow::Result<Value> {
        let message = GetUserRequest {
            user_id: self.user_id,
        };
        within(session.target.timeout, async {
            let request = session.request(message, Duration::ZERO);
            let response = session.gateway.get_user(request).await?;
            let answer = session.open_answer(response);
            let user = answer.user.map(UserView::from);
            if let Some(user) = &user {
                session.say(user)?;
            }
            if answer.degraded {
                session.say("degraded  the profile could not be read")?;
            }
            Ok(json!({ "user": user, "degraded": answer.degraded }))
        })
        .await
    }
}

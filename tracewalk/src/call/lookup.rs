use std::time::Duration;

use clap::Args;
use proto::gateway::v1::{LookupUsersRequest, lookup_users_response};
use serde_json::{Value, json};

use super::{
    session::{Session, within},
    view::UserView,
};
use crate::output::{Printable, cell};

/// Whom to look up.
#[derive(Args, Debug)]
pub(super) struct Lookup {
    /// The ids, in the order of the questions; "1" to "1000" exist from the start.
    #[arg(value_name = "ID", required = true)]
    user_ids: Vec<String>,
}

impl Lookup {
    pub(super) async fn call(self, session: &mut Session) -> anyhow::Result<Value> {
        let questions = self
            .user_ids
            .into_iter()
            .map(|user_id| LookupUsersRequest { user_id });
        let questions: Vec<_> = questions.collect();
        within(session.target.timeout, async {
            let request = session.request(tokio_stream::iter(questions), Duration::ZERO);
            let response = session.gateway.lookup_users(request).await?;
            let mut stream = session.open_answer(response);
            let mut answers = Vec::new();
            while let Some(answer) = stream.message().await? {
                answers.push(match answer.result {
                    Some(lookup_users_response::Result::User(user)) => {
                        let user = UserView::from(user);
                        session.say(user.summary())?;
                        json!({ "user_id": answer.user_id, "user": user })
                    }
                    Some(lookup_users_response::Result::Error(error)) => {
                        let (reason, message) = (error.reason, error.message);
                        let said = (Printable(&reason), Printable(&message));
                        let id = cell(&answer.user_id, 6);
                        session.say(format_args!("{id} {}: {}", said.0, said.1))?;
                        let error = json!({ "reason": reason, "message": message });
                        json!({ "user_id": answer.user_id, "error": error })
                    }
                    None => json!({ "user_id": answer.user_id }),
                });
            }
            Ok(json!({ "answers": answers }))
        })
        .await
    }
}

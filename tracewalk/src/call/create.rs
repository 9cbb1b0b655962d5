use std::time::Duration;

use anyhow::Context as _;
use clap::Args;
use proto::{gateway::v1::CreateUserRequest, user::v1::NewUser};
use serde_json::{Value, json};
use uuid::Uuid;

use super::{
    session::{Session, within},
    view::UserView,
};

/// The user to make.
#[derive(Args, Debug)]
pub(super) struct Create {
    /// 1 to 100 characters.
    #[arg(long, default_value = "Grace Hopper")]
    name: String,
    /// One user each; default: one that nobody has, made up for this call.
    #[arg(long)]
    email: Option<String>,
    /// Free text for the profile, up to 500 characters.
    #[arg(long, default_value = "Made by `tracewalk call create`.")]
    bio: String,
    /// Where the user lives, up to 80 characters.
    #[arg(long, default_value = "Arlington")]
    city: String,
    /// Makes the call safe to repeat: the same key gets the first answer; default: a random key.
    #[arg(long)]
    idempotency_key: Option<String>,
}

impl Create {
    pub(super) async fn call(self, session: &mut Session) -> anyhow::Result<Value> {
        let key = self
            .idempotency_key
            .unwrap_or_else(|| Uuid::new_v4().to_string());
        let email = self
            .email
            .unwrap_or_else(|| format!("{}@example.com", Uuid::new_v4()));
        let user = NewUser {
            name: self.name,
            email,
            bio: self.bio,
            city: self.city,
        };
        let mut request = session.request(CreateUserRequest { user: Some(user) }, Duration::ZERO);
        let value = key
            .parse()
            .ok()
            .with_context(|| format!("the key {key:?} is not made of visible ASCII characters"))?;
        request.metadata_mut().insert("idempotency-key", value);
        within(session.target.timeout, async {
            let response = session.gateway.create_user(request).await?;
            let answer = session.open_answer(response);
            let user = answer.user.map(UserView::from);
            if let Some(user) = &user {
                session.say(user)?;
            }
            session.say(format_args!("key       {key}"))?;
            if answer.replayed {
                session.say("replayed  the key was seen before: this is the first answer again")?;
            }
            let replayed = answer.replayed;
            Ok(json!({ "user": user, "replayed": replayed, "idempotency_key": key }))
        })
        .await
    }
}

use std::{io::Read as _, path::PathBuf, time::Duration};

use anyhow::Context as _;
use clap::Args;
use proto::{gateway::v1::ImportUsersRequest, user::v1::NewUser};
use serde::{Deserialize, de::Error as _};
use serde_json::{Value, json};

use super::session::{Session, within};
use crate::output::Printable;

/// The users to make.
#[derive(Args, Debug)]
pub(super) struct Import {
    /// One JSON object a line: {"name": …, "email": …, "bio": …, "city": …}; the last two may be
    /// left out. `-` reads standard input.
    #[arg(value_name = "FILE")]
    file: PathBuf,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Line {
    name: String,
    email: String,
    #[serde(default)]
    bio: String,
    #[serde(default)]
    city: String,
}

impl Import {
    pub(super) async fn call(self, session: &mut Session) -> anyhow::Result<Value> {
        // All lines are read before the first is sent: a mistake in the file makes no users.
        let users = self.read()?;
        within(session.target.timeout, async {
            let request = session.request(tokio_stream::iter(users), Duration::ZERO);
            let response = session.gateway.import_users(request).await?;
            let answer = session.open_answer(response);
            session.say(format_args!("imported  {}", answer.imported))?;
            session.say(format_args!(
                "skipped   {} (e-mail address known)",
                answer.skipped
            ))?;
            session.say(format_args!("rejected  {}", answer.rejected))?;
            for rejection in &answer.rejections {
                session.say(format_args!(
                    "  item {}: {}",
                    rejection.index,
                    Printable(&rejection.reason)
                ))?;
            }
            Ok(json!({
                "imported": answer.imported,
                "skipped": answer.skipped,
                "rejected": answer.rejected,
                "rejections": answer.rejections.iter().map(|rejection| {
                    json!({ "index": rejection.index, "reason": rejection.reason })
                }).collect::<Vec<_>>(),
            }))
        })
        .await
    }

    fn read(&self) -> anyhow::Result<Vec<ImportUsersRequest>> {
        let path = self.file.display();
        let mut text = String::new();
        if self.file.as_os_str() == "-" {
            std::io::stdin()
                .read_to_string(&mut text)
                .context("cannot read standard input")?;
        } else {
            text = std::fs::read_to_string(&self.file)
                .with_context(|| format!("cannot read {path}"))?;
        }
        let lines = text
            .lines()
            .enumerate()
            .filter(|(_, line)| !line.trim().is_empty());
        lines
            .map(|(index, line)| parse(line).with_context(|| format!("{path}, line {}", index + 1)))
            .collect()
    }
}

fn parse(line: &str) -> serde_json::Result<ImportUsersRequest> {
    if !line.trim_start().starts_with('{') {
        // serde would accept a list of the fields, too.
        return Err(serde_json::Error::custom("expected a JSON object"));
    }
    let Line {
        name,
        email,
        bio,
        city,
    } = serde_json::from_str(line)?;
    Ok(ImportUsersRequest {
        user: Some(NewUser {
            name,
            email,
            bio,
            city,
        }),
    })
}

#[cfg(test)]
mod tests {
    use super::parse;

    #[test]
    fn a_line_needs_a_name_and_an_address_and_nothing_unknown() {
        assert!(parse(r#"{"name": "Ada", "email": "ada@example.com"}"#).is_ok());
        for (line, reason) in [
            (r#"{"name": "Ada"}"#, "no address"),
            (
                r#"{"name": "Ada", "email": "a@b", "mail": "x"}"#,
                "unknown field",
            ),
            ("Ada;ada@example.com", "not JSON"),
            (r#"["Ada", "ada@example.com", "", ""]"#, "a list"),
        ] {
            assert!(parse(line).is_err(), "{reason}");
        }
    }
}

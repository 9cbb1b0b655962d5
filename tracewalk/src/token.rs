//! `tracewalk token`: a signed token that says who calls, for development.

use std::{
    path::PathBuf,
    process::ExitCode,
    time::{Duration, SystemTime},
};

use anyhow::Context as _;
use clap::Args;
use dev_identity::TokenFolder;
use serde_json::json;

use crate::output;

/// The scope that writes need.
pub(crate) const WRITE: &str = "users:write";

/// The default issuer of tokens.
pub(crate) const ISSUER: &str = "tracewalk";

/// The default audience of tokens.
pub(crate) const AUDIENCE: &str = "gateway";

/// Who calls, what it may do, and who says so.
///
/// Prints the token and nothing else on standard output. The folder then holds `signing.key`, for
/// its owner alone, and `keys.json`, by which the gateway verifies the token
/// (`tracewalk gateway --auth FOLDER`).
#[derive(Args, Debug)]
pub(crate) struct Token {
    /// Folder of the keys; made when it is not there.
    #[arg(value_name = "FOLDER", default_value = "auth")]
    folder: PathBuf,
    /// Who calls (`sub`): what spans and logs show.
    #[arg(long, value_name = "NAME", default_value = "developer")]
    subject: String,
    /// What it may do, with commas between: `users:write` is for `create` and `import`; empty is
    /// nothing but to read.
    #[arg(
        long,
        value_name = "SCOPES",
        default_value = WRITE,
        value_delimiter = ','
    )]
    scope: Vec<String>,
    /// How long it is good for, as `10m` or `8h`.
    #[arg(
        long,
        value_name = "TIME",
        default_value = "1h",
        value_parser = humantime::parse_duration
    )]
    valid_for: Duration,
    /// Who says so (`iss`).
    #[arg(long, value_name = "NAME", default_value = ISSUER)]
    issuer: String,
    /// To whom it is said (`aud`).
    #[arg(long, value_name = "NAME", default_value = AUDIENCE)]
    audience: String,
    /// Signs with a new key from now on. Tokens by the old one stay good until `keys.json` loses
    /// its key.
    #[arg(long)]
    new_key: bool,
    /// Prints the token with what it says, as one line of JSON.
    #[arg(long)]
    json: bool,
}

/// Prints the token.
pub(crate) fn run(token: &Token) -> anyhow::Result<ExitCode> {
    let open = if token.new_key {
        TokenFolder::replace_key
    } else {
        TokenFolder::open
    };
    let folder = open(&token.folder)
        .with_context(|| format!("cannot sign in {}", token.folder.display()))?;
    let scopes: Vec<_> = token.scope.iter().map(String::as_str).collect();
    let signed = folder.key().issue(
        &token.issuer,
        &token.audience,
        &token.subject,
        &scopes,
        token.valid_for,
    )?;
    if folder.is_new() {
        let keys = folder.keys();
        output::note(format_args!(
            "note: a new key signs; {} publishes it",
            keys.display()
        ));
    }
    if token.json {
        let ends = SystemTime::now() + token.valid_for;
        output::json(&json!({
            "token": signed,
            "key": folder.key().id(),
            "subject": token.subject,
            "scopes": token.scope,
            "expires": humantime::format_rfc3339_seconds(ends).to_string(),
        }))?;
    } else {
        output::line(signed)?;
    }
    Ok(ExitCode::SUCCESS)
}

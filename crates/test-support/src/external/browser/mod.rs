//! A headless Chromium: opens pages, waits for what must appear, and records every error.

mod page;

use std::{path::Path, process::Stdio};

use serde_json::json;
use tempfile::TempDir;
use tokio::{
    io::{AsyncBufReadExt as _, BufReader},
    process::{Child, Command},
    time::timeout,
};

use super::devtools::DevTools;
use crate::DEADLINE;
pub use page::Page;

/// The names under which systems install it.
const PROGRAMS: [&str; 3] = ["chromium", "chromium-browser", "google-chrome"];

/// A browser with an empty profile; it ends when this is dropped.
#[derive(Debug)]
pub struct Browser {
    tools: DevTools,
    _process: Child,
    _profile: TempDir,
}

impl Browser {
    /// Starts Chromium, or panics with what to install.
    pub async fn launch() -> Self {
        let profile = TempDir::new().expect("there is room for a profile");
        let mut process = PROGRAMS
            .iter()
            .find_map(|program| command(program, profile.path()).spawn().ok())
            .unwrap_or_else(|| panic!("this test needs one of {PROGRAMS:?} on PATH"));
        let stderr = process.stderr.take().expect("stderr is piped");
        let mut lines = BufReader::new(stderr).lines();
        let find_url = async {
            while let Ok(Some(line)) = lines.next_line().await {
                if let Some(url) = line.strip_prefix("DevTools listening on ") {
                    return url.to_owned();
                }
            }
            panic!("the browser ended before it listened");
        };
        let url = timeout(DEADLINE, find_url)
            .await
            .expect("the browser starts");
        // A full pipe would stop the browser.
        tokio::spawn(async move { while let Ok(Some(_)) = lines.next_line().await {} });
        Self {
            tools: DevTools::connect(&url).await,
            _process: process,
            _profile: profile,
        }
    }

    /// Opens a URL in a tab of its own.
    pub async fn open(&self, url: &str) -> Page {
        let target = json!({ "url": "about:blank" });
        let target = self
            .tools
            .command(None, "Target.createTarget", target)
            .await;
        let attach = json!({ "targetId": target["targetId"], "flatten": true });
        let attached = self
            .tools
            .command(None, "Target.attachToTarget", attach)
            .await;
        let page = Page {
            tools: self.tools.clone(),
            session: attached["sessionId"]
                .as_str()
                .expect("a session has an id")
                .to_owned(),
        };
        for domain in ["Page", "Runtime", "Network", "Log"] {
            page.command(&format!("{domain}.enable"), json!({})).await;
        }
        page.command("Page.navigate", json!({ "url": url })).await;
        page
    }
}

fn command(program: &str, profile: &Path) -> Command {
    let mut command = Command::new(program);
    command
        .args([
            "--headless",
            "--no-sandbox",
            "--disable-gpu",
            "--disable-quic",
        ])
        .args([
            "--no-first-run",
            "--disable-background-networking",
            "--disable-sync",
        ])
        .args([
            "--disable-component-update",
            "--remote-debugging-port=0",
            "--window-size=1400,900",
        ])
        .arg(format!("--user-data-dir={}", profile.display()))
        .arg("about:blank")
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .kill_on_drop(true);
    command
}

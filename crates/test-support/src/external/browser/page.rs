//! A tab: what it shows, what it is asked, and its errors.

use std::{path::Path, time::Duration};

use base64::prelude::{BASE64_STANDARD, Engine as _};
use serde_json::{Value as Json, json};
use tokio::time::{Instant, sleep};

use crate::{DEADLINE, external::devtools::DevTools};

/// The error code of a command for a page that was left in the meantime.
const LEFT: i64 = -32000;

/// One tab.
#[derive(Debug)]
pub struct Page {
    pub(super) tools: DevTools,
    pub(super) session: String,
}

impl Page {
    /// Waits until the JavaScript expression is true on the page.
    pub async fn wait_until(&self, expression: &str) {
        let deadline = Instant::now() + DEADLINE;
        while self.evaluate(&format!("Boolean({expression})")).await != Json::Bool(true) {
            assert!(
                Instant::now() < deadline,
                "never true: {expression}\npage: {}\ncomplaints: {:?}",
                self.text().await,
                self.complaints(""),
            );
            sleep(Duration::from_millis(50)).await;
        }
    }

    /// Waits until the page shows the text.
    pub async fn wait_for_text(&self, text: &str) {
        self.wait_until(&format!(
            "document.body?.innerText.includes({})",
            json!(text)
        ))
        .await;
    }

    /// The text that a reader sees.
    pub async fn text(&self) -> String {
        let text = self.evaluate("document.body?.innerText ?? ''").await;
        text.as_str().unwrap_or_default().to_owned()
    }

    /// Waits until there is such an element, and clicks on it.
    pub async fn click(&self, selector: &str) {
        let find = format!("document.querySelector({})", json!(selector));
        self.wait_until(&find).await;
        self.evaluate(&format!("{find}.click()")).await;
    }

    /// Blocks the requests that match one of the patterns.
    pub async fn block(&self, patterns: &[&str]) {
        self.command("Network.setBlockedURLs", json!({ "urls": patterns }))
            .await;
    }

    /// Sets the window's size in pixels, and whether the page should be dark.
    pub async fn appear(&self, width: u32, height: u32, dark: bool) {
        let size =
            json!({ "width": width, "height": height, "deviceScaleFactor": 1, "mobile": false });
        self.command("Emulation.setDeviceMetricsOverride", size)
            .await;
        let scheme = if dark { "dark" } else { "light" };
        let media = json!({ "features": [{ "name": "prefers-color-scheme", "value": scheme }] });
        self.command("Emulation.setEmulatedMedia", media).await;
    }

    /// The value of the JavaScript expression, or of its promise; null while the page is left or
    /// reloaded.
    pub async fn evaluate(&self, expression: &str) -> Json {
        let parameters =
            json!({ "expression": expression, "returnByValue": true, "awaitPromise": true });
        let session = Some(self.session.as_str());
        let tools = &self.tools;
        match tools
            .try_command(session, "Runtime.evaluate", parameters)
            .await
        {
            Ok(mut result) => result["result"]["value"].take(),
            Err(error) if error["code"] == LEFT => Json::Null,
            Err(error) => panic!("{expression}: {error}"),
        }
    }

    /// How many nodes of documents are kept in memory, those that no document shows included.
    pub async fn nodes(&self) -> u64 {
        self.command("HeapProfiler.collectGarbage", json!({})).await;
        let counters = self.command("Memory.getDOMCounters", json!({})).await;
        counters["nodes"].as_u64().expect("a number of nodes")
    }

    /// Writes what the page looks like as a PNG file.
    pub async fn screenshot(&self, file: &Path) {
        let shot = self
            .command("Page.captureScreenshot", json!({ "format": "png" }))
            .await;
        let data = shot["data"].as_str().expect("a screenshot has data");
        let png = BASE64_STANDARD
            .decode(data)
            .expect("a screenshot is Base64");
        std::fs::write(file, png).expect("the file can be written");
    }

    /// Errors on the console, answers of 400 and more, and requests to other places than `home`.
    pub fn complaints(&self, home: &str) -> Vec<String> {
        let events = self.tools.events(&self.session);
        events
            .iter()
            .filter_map(|event| complaint(event, home))
            .collect()
    }

    pub(super) async fn command(&self, method: &str, parameters: Json) -> Json {
        self.tools
            .command(Some(&self.session), method, parameters)
            .await
    }
}

fn complaint(event: &Json, home: &str) -> Option<String> {
    let parameters = &event["params"];
    match event["method"].as_str()? {
        "Runtime.exceptionThrown" => Some(parameters["exceptionDetails"].to_string()),
        "Runtime.consoleAPICalled" if parameters["type"] == "error" => {
            Some(parameters["args"].to_string())
        }
        "Log.entryAdded" if parameters["entry"]["level"] == "error" => {
            Some(parameters["entry"].to_string())
        }
        "Network.responseReceived" if parameters["response"]["status"].as_u64()? >= 400 => {
            Some(format!(
                "{} {}",
                parameters["response"]["status"], parameters["response"]["url"]
            ))
        }
        "Network.requestWillBeSent" => {
            let url = parameters["request"]["url"].as_str()?;
            let is_local = ["data:", "blob:"]
                .iter()
                .any(|scheme| url.starts_with(scheme));
            (!is_local && !url.starts_with(home)).then(|| format!("a foreign request: {url}"))
        }
        _ => None,
    }
}

use clap::ValueEnum;

use super::{Check, site::Site};

/// A part of the stack that may be left out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum Part {
    /// Steps 8 to 10, and the panels.
    Prometheus,
    /// Step 11; the panels' queries are asked all the same.
    Grafana,
    /// Step 12: the page that draws the dashboards without Grafana.
    Dashboards,
    /// The panels with log lines.
    Loki,
}

/// Which parts are not there on purpose, each with the reason.
#[derive(Debug, Default)]
pub(super) struct LeftOut {
    reasons: Vec<(Part, String)>,
    /// Traces and logs are in the store of `tracewalk up`.
    is_embedded: bool,
}

impl LeftOut {
    /// The parts that flags leave out, and those that only the other kind of stack has.
    ///
    /// A part of the Docker stack counts as missing on purpose only when all of this holds: no flag
    /// gives its address, it is not at its default address, and the traces are in the store of
    /// `tracewalk up`, which the Docker stack does not have. So a part of the Docker stack that is
    /// down is never excused.
    pub(super) async fn find(check: &Check, jaeger: &Site, grafana: &Site) -> Self {
        let mut this = Self::default();
        for part in [
            Part::Prometheus,
            Part::Grafana,
            Part::Dashboards,
            Part::Loki,
        ] {
            if check.without.contains(&part) {
                this.add(part, "--without leaves it out".to_owned());
            } else if check.native && matches!(part, Part::Grafana | Part::Loki) {
                this.add(
                    part,
                    "--native: it belongs to `docker compose up`".to_owned(),
                );
            }
        }
        this.is_embedded = check.native || is_embedded(jaeger).await;
        if check.native {
            return this;
        }
        let is_embedded = this.is_embedded;
        if check.dashboards_page.is_none() && (!is_embedded || check.grafana.is_some()) {
            let reason = "it belongs to `tracewalk up`, and Grafana draws the panels";
            this.add(Part::Dashboards, reason.to_owned());
        }
        if is_embedded && check.grafana.is_none() && is_absent(grafana).await {
            this.add(Part::Grafana, native(grafana));
            if check.loki.is_none() {
                this.add(Part::Loki, native(grafana));
            }
        }
        this
    }

    /// Whether logs are kept beside the traces, without Loki.
    pub(super) fn has_store(&self) -> bool {
        self.is_embedded
    }

    /// Why the part is left out; `None` when it has to be there.
    pub(super) fn reason(&self, part: Part) -> Option<&str> {
        let mut reasons = self.reasons.iter();
        let (_, reason) = reasons.find(|(left_out, _)| *left_out == part)?;
        Some(reason)
    }

    fn add(&mut self, part: Part, reason: String) {
        if self.reason(part).is_none() {
            self.reasons.push((part, reason));
        }
    }
}

fn native(site: &Site) -> String {
    format!(
        "not at {site}: this is `tracewalk up`, and {} belongs to `docker compose up`",
        site.part
    )
}

/// Whether nobody listens there, or only the dashboards page of `tracewalk up`.
async fn is_absent(grafana: &Site) -> bool {
    match grafana.get("/dashboards", &[]).await {
        Ok(answer) => answer
            .json()
            .is_some_and(|page| page["dashboards"].is_array()),
        Err(error) => error.nobody,
    }
}

/// Whether the traces are in the store of `tracewalk up`: Jaeger has no such status page.
pub(super) async fn is_embedded(jaeger: &Site) -> bool {
    let answer = jaeger.get("/status", &[]).await.ok();
    let status = answer.and_then(|answer| answer.json());
    status.is_some_and(|status| status["evicted_spans"].is_u64())
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use tokio::{
        io::{AsyncReadExt as _, AsyncWriteExt as _},
        net::TcpListener,
    };

    use super::{Site, is_absent};
    use crate::client::parse_url;

    /// Whether Grafana is absent where this is answered.
    async fn is_absent_at(body: &'static str) -> bool {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = parse_url(&listener.local_addr().unwrap().to_string()).unwrap();
        tokio::spawn(async move {
            let (mut stream, _) = listener.accept().await.unwrap();
            // The shortest request is longer.
            stream.read_exact(&mut [0; 16]).await.unwrap();
            let head = format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n", body.len());
            stream
                .write_all(&[head.as_bytes(), body.as_bytes()].concat())
                .await
        });
        is_absent(&Site::new(
            "grafana",
            "--grafana",
            &url,
            Duration::from_secs(10),
        ))
        .await
    }

    #[tokio::test]
    async fn the_page_of_the_dashboards_is_no_grafana() {
        assert!(is_absent_at(r#"{"site":{},"dashboards":[]}"#).await);
        assert!(!is_absent_at("<!DOCTYPE html>").await);
    }
}

use clap::ValueEnum;

use super::{Check, site::Site};

/// A part of the stack that may be left out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum Part {
    /// Hops 8 to 10, and the panels.
    Prometheus,
    /// Hop 11; the panels' queries are asked all the same.
    Grafana,
    /// The panels with log lines.
    Loki,
}

/// Which parts are not there on purpose, each with the reason.
#[derive(Debug, Default)]
pub(super) struct LeftOut {
    reasons: Vec<(Part, String)>,
}

impl LeftOut {
    /// What the flags say, and what the stack of `tracewalk up` does not have.
    ///
    /// A part counts as missing on purpose only when all of this is so: nobody said where it is,
    /// nobody listens where it usually is, and the traces are in the store of `tracewalk up`,
    /// which a stack of containers does not have. An unplugged part of that is so never excused.
    pub(super) async fn find(check: &Check, jaeger: &Site, grafana: &Site) -> Self {
        let mut this = Self::default();
        for part in [Part::Prometheus, Part::Grafana, Part::Loki] {
            if check.without.contains(&part) {
                this.add(part, "--without leaves it out".to_owned());
            } else if check.native && part != Part::Prometheus {
                this.add(
                    part,
                    "--native: it belongs to `docker compose up`".to_owned(),
                );
            }
        }
        let is_settled = [Part::Grafana, Part::Loki].map(|part| this.reason(part).is_some());
        if is_settled == [true; 2] || !is_embedded(jaeger).await {
            return this;
        }
        if check.grafana.is_none() && is_absent(grafana).await {
            this.add(Part::Grafana, native(grafana));
            if check.loki.is_none() {
                this.add(Part::Loki, native(grafana));
            }
        }
        this
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
        "nobody at {site}: this is `tracewalk up`, and {} belongs to `docker compose up`",
        site.part
    )
}

async fn is_absent(site: &Site) -> bool {
    site.get("/", &[])
        .await
        .is_err_and(|silence| silence.nobody)
}

/// Whether the traces are in the store of `tracewalk up`: it says how full it is, Jaeger does not.
pub(super) async fn is_embedded(jaeger: &Site) -> bool {
    let answer = jaeger.get("/status", &[]).await.ok();
    let status = answer.and_then(|answer| answer.json());
    status.is_some_and(|status| status["evicted_spans"].is_u64())
}

use tokio::{net::TcpListener, sync::watch};

use super::{ServeError, Telemetry};
use crate::{
    admin,
    env::{Variable, Variables},
    metrics::Registry,
};

/// Where the page of metrics is while [`Telemetry::serve`](crate::Telemetry::serve) runs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct PageAddress {
    host: String,
    port: u16,
}

impl PageAddress {
    /// Those of the specification that say where.
    pub(super) const VARIABLES: [&str; 2] = [
        "OTEL_EXPORTER_PROMETHEUS_HOST",
        "OTEL_EXPORTER_PROMETHEUS_PORT",
    ];

    /// By default 127.0.0.1:9464; `None` where `OTEL_METRICS_EXPORTER` is `none`.
    ///
    /// Spec: [Prometheus exporter][spec]. Its default is `localhost`, which may be IPv6 alone for who
    /// listens, and IPv4 for who scrapes.
    ///
    /// [spec]: https://opentelemetry.io/docs/specs/otel/configuration/sdk-environment-variables/#prometheus-exporter
    pub(super) fn read(variables: &Variables) -> Option<Self> {
        let words = ["none", "prometheus"];
        let expected = "prometheus or none: metrics are scraped";
        let exporters = variables.list("OTEL_METRICS_EXPORTER", &words, expected);
        let [host, port] = Self::VARIABLES;
        let host = variables.get(&[host]);
        let port = variables.read(&[port], Variable::port);
        let is_on = exporters.is_none_or(|exporters| exporters.contains(&1));
        is_on.then(|| Self {
            host: host.map_or("127.0.0.1".to_owned(), |host| host.value),
            port: port.unwrap_or(9464),
        })
    }

    async fn listen(&self) -> Result<TcpListener, ServeError> {
        let listener = TcpListener::bind((self.host.as_str(), self.port)).await;
        listener.map_err(|source| ServeError::Page {
            host: self.host.clone(),
            port: self.port,
            source,
        })
    }
}

impl Telemetry {
    /// Opens the page, where there is to be one, until the sender is dropped. What it sends is whether the
    /// service is ready.
    pub(super) async fn open_page(&self) -> Result<Option<watch::Sender<bool>>, ServeError> {
        let Some(address) = &self.page else {
            return Ok(None);
        };
        let listener = address.listen().await?;
        if let Ok(address) = listener.local_addr() {
            tracing::info!(%address, "metrics are served at /metrics");
        }
        Ok(Some(show(listener, &self.metrics)))
    }
}

fn show(listener: TcpListener, metrics: &Registry) -> watch::Sender<bool> {
    let (ready, readiness) = watch::channel(true);
    let mut open = readiness.clone();
    let closed = async move { while open.changed().await.is_ok() {} };
    tokio::spawn(admin::serve(listener, metrics.clone(), readiness, closed));
    ready
}

#[cfg(test)]
mod tests {
    use std::{net::SocketAddr, time::Duration};

    use rstest::rstest;
    use tokio::{
        io::{AsyncReadExt as _, AsyncWriteExt as _},
        net::TcpStream,
    };

    use super::*;

    #[rstest]
    #[case::default("", "", ("127.0.0.1", 9464), 0)]
    #[case::set("0.0.0.0", "9465", ("0.0.0.0", 9465), 0)]
    #[case::no_number("", "http", ("127.0.0.1", 9464), 1)]
    #[case::too_large("", "65536", ("127.0.0.1", 9464), 1)]
    fn variables_say_where_the_page_is(
        #[case] host: &str,
        #[case] port: &str,
        #[case] expected: (&str, u16),
        #[case] warnings: usize,
    ) {
        let [host_name, port_name] = PageAddress::VARIABLES;
        let variables = Variables::of(&[(host_name, host), (port_name, port)]);
        let read = PageAddress::read(&variables).expect("a page by default");
        assert_eq!((read.host.as_str(), read.port), expected);
        assert_eq!(variables.take_warnings().len(), warnings);
    }

    #[rstest]
    #[case::none("none", false, 0)]
    #[case::prometheus("Prometheus", true, 0)]
    #[case::both("none,prometheus", true, 0)]
    #[case::another("otlp", true, 1)]
    fn exporter_none_is_no_page(
        #[case] exporter: &str,
        #[case] is_open: bool,
        #[case] warnings: usize,
    ) {
        let variables = Variables::of(&[("OTEL_METRICS_EXPORTER", exporter)]);
        assert_eq!(PageAddress::read(&variables).is_some(), is_open);
        assert_eq!(variables.take_warnings().len(), warnings);
    }

    async fn get(address: SocketAddr, path: &str) -> std::io::Result<String> {
        let mut stream = TcpStream::connect(address).await?;
        let request = format!("GET {path} HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n");
        stream.write_all(request.as_bytes()).await?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await?;
        Ok(answer)
    }

    #[tokio::test]
    async fn page_is_ready_until_the_service_stops_and_closes_with_it() {
        let any = PageAddress {
            host: "127.0.0.1".to_owned(),
            port: 0,
        };
        let listener = any.listen().await.expect("a free port");
        let address = listener.local_addr().expect("it listens");
        let taken = PageAddress {
            port: address.port(),
            ..any
        };
        let error = taken.listen().await.expect_err("it is in use").to_string();
        assert!(
            error.contains(&address.to_string()) && error.contains("_PORT"),
            "{error}"
        );

        let ready = show(listener, &Registry::new());
        let page = get(address, "/metrics").await.expect("it answers");
        assert!(page.starts_with("HTTP/1.1 200"), "{page}");
        let page = get(address, "/readyz").await.expect("it answers");
        assert!(
            page.ends_with("ready\n") && page.contains(" 200 "),
            "{page}"
        );
        ready.send_replace(false);
        let page = get(address, "/readyz").await.expect("it answers");
        assert!(page.contains(" 503 "), "{page}");
        drop(ready);
        let closed = async { while get(address, "/readyz").await.is_ok() {} };
        let closed = tokio::time::timeout(Duration::from_secs(10), closed).await;
        closed.expect("it closes");
    }
}

use std::fmt;
use std::io;
use std::sync::Arc;
use std::time::Duration;

use grpc_wire::Methods;
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::trace::{SpanData, SpanExporter};
use tracing_subscriber::filter::Targets;
use tracing_subscriber::fmt::MakeWriter;
use tracing_subscriber::fmt::writer::BoxMakeWriter;
use tracing_subscriber::util::SubscriberInitExt as _;

use super::resource::Identity;
use super::{InitError, Telemetry};
use crate::env::Variables;
use crate::export::{Answer, SdkExporter};
use crate::logs::LogFormat;
use crate::metrics::RpcMetricNames;
use crate::queue::{ExportThread, Items, Queue, RetryPolicy};

/// How telemetry is started. The defaults are enough for a service; a test sets more.
///
/// ```no_run
/// # async fn example() -> Result<(), Box<dyn std::error::Error>> {
/// let telemetry = tonic_telemetry::Options::new("user").version(env!("CARGO_PKG_VERSION")).init()?;
/// // … serve …
/// let ledger = telemetry.shutdown(std::time::Duration::from_secs(5)).await?;
/// # Ok(())
/// # }
/// ```
pub struct Options {
    pub(super) identity: Identity,
    pub(super) log_format: LogFormat,
    pub(super) writer: BoxMakeWriter,
    pub(super) exporter: Option<StartExporter>,
    pub(super) baggage: Vec<String>,
    pub(super) span_levels: Option<Targets>,
    pub(super) metric_names: Option<RpcMetricNames>,
    pub(super) variables: Variables,
    pub(super) methods: Methods,
    pub(super) metrics_page: bool,
    pub(super) grace: Duration,
}

/// Starts the thread of an exporter of the program.
pub(super) type StartExporter =
    Box<dyn FnOnce(Arc<Queue<Items<SpanData>>>, &Resource) -> io::Result<ExportThread> + Send>;

impl Options {
    /// The defaults for a service, whose name is `service.name` of every span.
    #[must_use]
    pub fn new(service: impl Into<String>) -> Self {
        Self {
            identity: Identity {
                service: service.into(),
                namespace: None,
                version: None,
                instance_id: random_uuid(),
            },
            log_format: LogFormat::Auto,
            writer: BoxMakeWriter::new(io::stdout),
            exporter: None,
            baggage: Vec::new(),
            span_levels: None,
            metric_names: None,
            variables: Variables::of_process(),
            methods: Methods::default(),
            metrics_page: true,
            grace: Duration::from_secs(10),
        }
    }

    /// The version of the service: `service.version` of every span and `version` of `build_info`, by default absent.
    /// Pass `env!("CARGO_PKG_VERSION")`, which is the version of the package whose code has this line.
    #[must_use]
    pub fn version(mut self, version: impl Into<String>) -> Self {
        self.identity.version = Some(version.into());
        self
    }

    /// The group that the service belongs to: `service.namespace` of every span, by default absent.
    #[must_use]
    pub fn namespace(mut self, namespace: impl Into<String>) -> Self {
        self.identity.namespace = Some(namespace.into());
        self
    }

    /// The id of this process, `service.instance.id` of every span: by default a random UUID.
    #[must_use]
    pub fn instance_id(mut self, instance_id: impl Into<String>) -> Self {
        self.identity.instance_id = instance_id.into();
        self
    }

    /// The methods that [`Telemetry::server`] serves and clients of [`Telemetry::channel`] call; others are `_OTHER`.
    ///
    /// By default there are none, and each side [learns](crate::TraceServerLayer::new) its own. With them, each has its
    /// series from the start, at zero and with the kind of its calls.
    ///
    /// ```
    /// use tonic_telemetry::{Methods, Options};
    ///
    /// let methods = Methods::from_descriptor_sets(&[tonic_health::pb::FILE_DESCRIPTOR_SET])?;
    /// let options = Options::new("user").methods(methods);
    /// # Ok::<_, tonic_telemetry::DescriptorError>(())
    /// ```
    #[must_use]
    pub fn methods(mut self, methods: Methods) -> Self {
        self.methods = methods;
        self
    }

    /// How long [`Telemetry::serve`] waits for the calls in flight at SIGTERM or Ctrl-C, and [`run`](Self::run) for the
    /// program, by default 10 s.
    #[must_use]
    pub fn grace(mut self, grace: Duration) -> Self {
        self.grace = grace;
        self
    }

    /// [`Telemetry::serve`] opens no page of metrics: the program has one [of its own](crate::admin).
    #[must_use]
    pub fn without_metrics_page(mut self) -> Self {
        self.metrics_page = false;
        self
    }

    /// How log lines are written: by default as text on a terminal, else as JSON.
    #[must_use]
    pub fn log_format(mut self, format: LogFormat) -> Self {
        self.log_format = format;
        self
    }

    /// Where log lines are written, by default standard output.
    #[must_use]
    pub fn log_writer(
        mut self,
        writer: impl for<'a> MakeWriter<'a> + Send + Sync + 'static,
    ) -> Self {
        self.writer = BoxMakeWriter::new(writer);
        self
    }

    /// Where spans go, instead of the collector that `OTEL_EXPORTER_OTLP_*` names.
    ///
    /// The exporter runs on a thread of its own, inside a runtime. Spans that it fails to export
    /// are counted and not sent again.
    #[must_use]
    pub fn span_exporter(mut self, mut exporter: impl SpanExporter + 'static) -> Self {
        self.exporter = Some(Box::new(move |queue, resource| {
            exporter.set_resource(resource);
            let retry = RetryPolicy::with_timeout(Duration::from_secs(10));
            let answer = Answer::default();
            let make = move || SdkExporter { exporter, answer };
            let endpoint = "the exporter of the program".to_owned();
            ExportThread::start("span-export", queue, retry, endpoint, make)
        }));
        self
    }

    /// Lets baggage of these keys through, from the callers and to the callees; by default none.
    #[must_use]
    pub fn baggage<K: Into<String>>(mut self, keys: impl IntoIterator<Item = K>) -> Self {
        self.baggage = keys.into_iter().map(Into::into).collect();
        self
    }

    /// Which spans of `tracing` are exported, by target and level. By default INFO and above, and
    /// what `RUST_LOG` names with a lower level: `RUST_LOG=info,shop=debug`.
    ///
    /// ```
    /// # use tonic_telemetry::Options;
    /// use tracing::level_filters::LevelFilter;
    /// use tracing_subscriber::filter::Targets;
    ///
    /// let levels = Targets::new()
    ///     .with_default(LevelFilter::INFO)
    ///     .with_target("chatty", LevelFilter::WARN);
    /// let options = Options::new("user").span_levels(levels);
    /// ```
    #[must_use]
    pub fn span_levels(mut self, levels: Targets) -> Self {
        self.span_levels = Some(levels);
        self
    }

    /// Under which names the durations of calls are on the page of metrics. By default our own, or those
    /// that `OTEL_SEMCONV_STABILITY_OPT_IN` asks for (`rpc`, `rpc/dup`).
    ///
    /// ```
    /// # use tonic_telemetry::{Options, metrics::RpcMetricNames};
    /// let options = Options::new("user").metric_names(RpcMetricNames::Grpc);
    /// ```
    #[must_use]
    pub fn metric_names(mut self, names: RpcMetricNames) -> Self {
        self.metric_names = Some(names);
        self
    }

    /// Reads `OTEL_*` and `RUST_LOG` through this function, instead of from the environment.
    #[must_use]
    pub fn variables(
        mut self,
        read: impl Fn(&str) -> Option<String> + Send + Sync + 'static,
    ) -> Self {
        self.variables = Variables::through(read);
        self
    }

    /// Starts telemetry, and makes it the subscriber of `tracing` and the tracer provider and the
    /// propagator of OpenTelemetry for the whole process. Needs no runtime.
    ///
    /// # Errors
    ///
    /// [`InitError`] where a variable is not understood, no thread can be started, or the process
    /// has a subscriber already: use [`start`](Self::start) then.
    pub fn init(self) -> Result<Telemetry, InitError> {
        let telemetry = self.start()?;
        let installed = telemetry.subscriber().try_init();
        installed.map_err(InitError::Subscriber)?;
        telemetry.set_globals();
        Ok(telemetry)
    }

    /// Starts telemetry for a program with a subscriber of its own, and installs nothing.
    ///
    /// ```
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// use tonic_telemetry::Options;
    /// use tracing_subscriber::{layer::SubscriberExt as _, util::SubscriberInitExt as _};
    ///
    /// let telemetry = Options::new("user").start()?;
    /// tracing_subscriber::registry()
    ///     .with(telemetry.span_layer())
    ///     .with(telemetry.log_layer()) // or one of your own
    ///     .try_init()?;
    /// telemetry.set_globals();
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// [`InitError`] where a variable is not understood, or no thread can be started.
    pub fn start(self) -> Result<Telemetry, InitError> {
        Telemetry::start(self)
    }
}

impl fmt::Debug for Options {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Options")
            .field("identity", &self.identity)
            .finish_non_exhaustive()
    }
}

/// A random UUID, version 4. Spec: [RFC 9562, 5.4](https://www.rfc-editor.org/rfc/rfc9562#section-5.4).
fn random_uuid() -> String {
    let random = rand::random::<u128>() & !(0xf << 76 | 0b11 << 62);
    let hex = format!("{:032x}", random | 4 << 76 | 0b10 << 62);
    let parts = [
        &hex[..8],
        &hex[8..12],
        &hex[12..16],
        &hex[16..20],
        &hex[20..],
    ];
    parts.join("-")
}

#[cfg(test)]
#[test]
fn an_id_of_a_process_is_a_uuid_of_version_4() {
    let id = random_uuid();
    let lengths: Vec<_> = id.split('-').map(str::len).collect();
    assert_eq!(lengths, [8, 4, 4, 4, 12], "{id}");
    assert!(
        id[14..].starts_with('4') && "89ab".contains(&id[19..20]),
        "{id}"
    );
    assert_ne!(id, random_uuid());
}

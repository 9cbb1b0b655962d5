use clap::Parser;
use etcd_registry::{Registration, Registry, RegistryConfig};
use test_support::{etcd::Etcd, until};
use tokio::sync::watch;
use tonic_resilience::{client::target::Authority, errors::with_causes};
use tonic_stack::client::Servers;
use tonic_telemetry::{LogFormat, Telemetry};

#[derive(Debug, Parser)]
struct Cli {
    #[command(flatten)]
    registry: RegistryConfig,
}

/// A process that registers, or that calls others.
#[derive(Debug)]
pub(crate) struct Side {
    telemetry: Telemetry,
    registry: Registry,
}

impl Side {
    /// With this address of etcd, and flags.
    pub(crate) fn of(etcd: &str, flags: &[&str]) -> Self {
        let own = ["side", "--etcd", etcd, "--lease=1s"];
        let config = Cli::parse_from(own.iter().chain(flags)).registry;
        let telemetry = tonic_telemetry::Options::new("side")
            .log_format(LogFormat::Off)
            .start()
            .expect("telemetry starts");
        let registry = config.open(&telemetry);
        Self {
            telemetry,
            registry,
        }
    }

    pub(crate) fn at(etcd: &Etcd) -> Self {
        Self::of(&etcd.address, &[])
    }

    /// The list of a target.
    pub(crate) fn watch(&self, target: &str) -> List {
        self.try_watch(target).expect("it is watched")
    }

    /// The list of a target, or what is wrong.
    pub(crate) fn try_watch(&self, target: &str) -> Result<List, String> {
        let target = target.parse().expect("a target");
        match self.registry.servers(&target) {
            Ok(Servers::Followed { members, .. }) => Ok(List(members)),
            Ok(Servers::Target(target)) => panic!("{target} is not watched"),
            Err(error) => Err(with_causes(&error)),
        }
    }

    pub(crate) fn registry(&self) -> &Registry {
        &self.registry
    }

    /// Registers a server that is ready as long as the sender lives and says so.
    pub(crate) fn register(&self, listen: &str) -> (Registration, watch::Sender<bool>) {
        let (ready, is_ready) = watch::channel(true);
        let listen = listen.parse().expect("an address");
        let registration = self.registry.register("user", listen, is_ready);
        (
            registration.expect("it registers").expect("--register"),
            ready,
        )
    }

    /// The value of a series, as `registry_registered`.
    pub(crate) fn metric(&self, series: &str) -> Option<u64> {
        let (_, page) = self.telemetry.metrics().encode(None);
        let page = String::from_utf8(page).expect("UTF-8");
        let value = |line: &str| Some(line.strip_prefix(series)?.strip_prefix(' ')?.to_owned());
        page.lines()
            .find_map(value)
            .map(|it| it.parse().expect("a number"))
    }

    pub(crate) async fn has(&self, series: &str, value: u64) {
        until(&format!("{series} {value}"), async || {
            (self.metric(series) == Some(value)).then_some(())
        })
        .await;
    }
}

/// A server of the name `user` that registers with these flags at the etcd.
pub(crate) fn server(etcd: &Etcd, flags: &[&str]) -> Side {
    Side::of(
        &etcd.address,
        &[&["--register", "etcd:///"], flags].concat(),
    )
}

/// The servers of a target as a caller sees them.
#[derive(Clone, Debug)]
pub(crate) struct List(watch::Receiver<Option<Vec<Authority>>>);

impl List {
    /// As it is now; `None` before it is known.
    pub(crate) fn now(&self) -> Option<Vec<String>> {
        let list = self.0.borrow();
        Some(list.as_ref()?.iter().map(Authority::to_string).collect())
    }

    /// For whether it changes.
    pub(crate) fn changes(&self) -> watch::Receiver<Option<Vec<Authority>>> {
        let mut changes = self.0.clone();
        changes.mark_unchanged();
        changes
    }

    /// Waits until it is this list.
    pub(crate) async fn is(&self, list: &[&str]) {
        let what = format!("{list:?}, last {:?}", self.now());
        until(&what, async || (self.now()? == list).then_some(())).await;
    }
}

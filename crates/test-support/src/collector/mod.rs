//! An OTLP collector inside the test, on a runtime of its own, that misbehaves on demand.

mod arrived;
mod service;

use std::{
    net::{SocketAddr, TcpListener},
    sync::{Arc, Mutex, MutexGuard},
    time::{Duration, Instant},
};

use opentelemetry_proto::tonic::collector::{
    logs::v1::ExportLogsServiceRequest, trace::v1::ExportTraceServiceRequest,
};
use tokio::{io::AsyncWriteExt as _, runtime::Runtime};
use tonic::Status;

use crate::{ClosedPort, DEADLINE};

/// What a collector does with a request.
#[derive(Clone, Debug, Default)]
pub enum Behaviour {
    /// Takes all of it.
    #[default]
    Accept,
    /// Takes all but this many items.
    Reject(i64),
    /// Takes all of it after a while.
    Slow(Duration),
    /// Never answers.
    Hang,
    /// Answers with this status, so many times; then accepts.
    Fail(Status, usize),
}

/// What a collector has received, those items among them that it rejected.
#[derive(Debug, Default)]
struct Received {
    behaviour: Behaviour,
    requests: usize,
    traces: Vec<ExportTraceServiceRequest>,
    logs: Vec<ExportLogsServiceRequest>,
}

/// A collector that can be killed and started again at the same address.
#[derive(Debug)]
pub struct Collector {
    address: SocketAddr,
    received: Arc<Mutex<Received>>,
    state: State,
}

#[derive(Debug)]
enum State {
    Absent(#[expect(dead_code, reason = "it keeps the port")] ClosedPort),
    /// The system takes connections, and nobody reads them: what a stopped process does.
    Unread(#[expect(dead_code, reason = "it keeps the port")] TcpListener),
    Running(Runtime),
    Killed,
}

impl Collector {
    /// A collector that accepts.
    pub fn running() -> Self {
        let (listener, mut collector) = Self::bound();
        collector.serve(listener);
        collector
    }

    /// One that has an address, where nobody listens yet.
    pub fn absent() -> Self {
        let port = ClosedPort::new();
        let address = port.address.parse().expect("it is an address");
        Self::new(address, State::Absent(port))
    }

    /// One that takes connections, and reads nothing of them.
    pub fn unread() -> Self {
        let (listener, mut collector) = Self::bound();
        collector.state = State::Unread(listener);
        collector
    }

    /// One whose answers are no HTTP.
    pub fn garbage() -> Self {
        let (listener, mut collector) = Self::bound();
        collector.run(async move {
            let listener = into_tokio(listener);
            while let Ok((mut stream, _)) = listener.accept().await {
                // The other side hangs up in the middle of it.
                drop(stream.write_all(&[0x5a; 1 << 12]).await);
            }
        });
        collector
    }

    fn bound() -> (TcpListener, Self) {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let address = listener
            .local_addr()
            .expect("a bound listener has an address");
        (listener, Self::new(address, State::Killed))
    }

    fn new(address: SocketAddr, state: State) -> Self {
        let received = Arc::default();
        Self {
            address,
            received,
            state,
        }
    }

    /// Listens at the address, as before or for the first time.
    pub fn start(&mut self) {
        self.state = State::Killed;
        let begin = Instant::now();
        // A runtime that was shut down closes its socket when its thread gets to it.
        let listener = loop {
            match TcpListener::bind(self.address) {
                Ok(listener) => break listener,
                Err(error) => assert!(begin.elapsed() < DEADLINE, "{error}"),
            }
            std::thread::yield_now();
        };
        self.serve(listener);
    }

    /// Ends it as a `SIGKILL` would: every connection breaks.
    pub fn kill(&mut self) {
        if let State::Running(runtime) = std::mem::replace(&mut self.state, State::Killed) {
            runtime.shutdown_background();
        }
    }

    /// Sets what the collector does from now on.
    pub fn behave(&self, behaviour: Behaviour) {
        self.lock().behaviour = behaviour;
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// For `OTEL_EXPORTER_OTLP_ENDPOINT`.
    pub fn endpoint(&self) -> String {
        format!("http://{}", self.address)
    }

    fn serve(&mut self, listener: TcpListener) {
        self.run(service::serve(listener, Arc::clone(&self.received)));
    }

    fn run(&mut self, work: impl Future<Output = ()> + Send + 'static) {
        let mut builder = tokio::runtime::Builder::new_multi_thread();
        let runtime = builder.worker_threads(1).enable_all().build();
        let runtime = runtime.expect("a runtime");
        runtime.spawn(work);
        self.state = State::Running(runtime);
    }

    fn lock(&self) -> MutexGuard<'_, Received> {
        self.received.lock().expect("nothing panics with this lock")
    }
}

impl Drop for Collector {
    fn drop(&mut self) {
        self.kill();
    }
}

fn into_tokio(listener: TcpListener) -> tokio::net::TcpListener {
    listener.set_nonblocking(true).expect("a socket");
    tokio::net::TcpListener::from_std(listener).expect("a socket")
}

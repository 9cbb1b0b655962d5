//! A real Kafka: `scripts/real-backends.sh kafka` copies its jars, and `java` runs them.

mod random;

use std::{
    fs::{self, File},
    net::TcpStream,
    process::{Child, Command, Stdio},
    sync::{
        Arc, Mutex, PoisonError, Weak,
        atomic::{AtomicU32, Ordering::Relaxed},
    },
    thread::sleep,
    time::{Duration, Instant},
};

use tempfile::TempDir;

use self::random::{fixed_port, random_uuid};
use super::program::path;
use crate::DEADLINE;

/// For programs that run for seconds: little memory, one thread that collects, a fast start.
const JVM: [&str; 4] = [
    "-Xmx256m",
    "-XX:+UseSerialGC",
    "-XX:TieredStopAtLevel=1",
    "-Xshare:auto",
];

/// A broker of its own, which is its own controller, and its log in a temporary folder; killed when
/// it is dropped.
#[derive(Debug)]
pub struct Kafka {
    folder: TempDir,
    port: u16,
    broker: Mutex<Option<Child>>,
    topics: AtomicU32,
}

/// The broker that the running tests of this process share.
static SHARED: Mutex<Weak<Kafka>> = Mutex::new(Weak::new());

impl Kafka {
    /// The broker of the tests that run at this moment; the first starts it, the last stops it.
    pub fn shared() -> Arc<Self> {
        let mut shared = SHARED.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(running) = shared.upgrade() {
            return running;
        }
        let started = Arc::new(Self::start());
        *shared = Arc::downgrade(&started);
        started
    }

    /// Formats a folder and starts the broker. Takes some seconds, and blocks meanwhile.
    pub fn start() -> Self {
        let folder = tempfile::Builder::new().prefix("kafka-").tempdir();
        let kafka = Self {
            folder: folder.expect("a folder"),
            port: fixed_port(),
            broker: Mutex::new(None),
            topics: AtomicU32::new(0),
        };
        fs::write(kafka.settings(), kafka.properties(fixed_port())).expect("a file");
        let settings = kafka.settings();
        let cluster = random_uuid();
        kafka.run(
            "kafka.tools.StorageTool",
            &["format", "--standalone", "-t", &cluster, "-c", &settings],
            "",
        );
        kafka.resume();
        kafka
    }

    /// `HOST:PORT`, the same after each start.
    pub fn address(&self) -> String {
        format!("127.0.0.1:{}", self.port)
    }

    /// The URL of a topic that is not there yet.
    pub fn new_topic(&self) -> String {
        let number = self.topics.fetch_add(1, Relaxed);
        format!("kafka://{}/user-events-{number}", self.address())
    }

    /// Kills the broker; its log stays.
    pub fn kill(&self) {
        let mut broker = self.broker.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(mut broker) = broker.take() {
            broker.kill().expect("a child can be killed");
            broker.wait().expect("a child can be waited for");
        }
    }

    /// Starts the broker again, and waits until it listens.
    #[allow(
        clippy::disallowed_methods,
        reason = "between two looks at a condition with a deadline"
    )]
    pub fn resume(&self) {
        let said = File::create(self.folder.path().join("said")).expect("a file");
        let mut command = java("kafka.Kafka");
        let command = command
            .arg(self.settings())
            .stdin(Stdio::null())
            .stdout(said.try_clone().expect("a file"))
            .stderr(said);
        let mut broker = command.spawn().expect("java starts");
        let begin = Instant::now();
        while TcpStream::connect(self.address()).is_err() {
            let ended = broker.try_wait().expect("a child can be asked");
            let late = begin.elapsed() > DEADLINE;
            assert!(
                ended.is_none() && !late,
                "no broker: {ended:?} {}",
                self.said()
            );
            sleep(Duration::from_millis(20));
        }
        *self.broker.lock().unwrap_or_else(PoisonError::into_inner) = Some(broker);
    }

    /// Runs one of Kafka's own programs to its end, with these arguments and this input; what it
    /// printed.
    pub fn run(&self, class: &str, arguments: &[&str], input: &str) -> String {
        let given = self.folder.path().join(format!("input-{}", random_uuid()));
        fs::write(&given, input).expect("a file");
        let mut command = java(class);
        let command = command
            .args(arguments)
            .stdin(File::open(given).expect("a file"));
        let output = command.output().expect("java starts");
        let printed = String::from_utf8_lossy(&output.stdout).into_owned();
        let errors = String::from_utf8_lossy(&output.stderr);
        assert!(
            output.status.success(),
            "{class} {arguments:?}: {printed}{errors}"
        );
        printed
    }

    fn settings(&self) -> String {
        let path = self.folder.path().join("server.properties");
        path.to_str().expect("a path in UTF-8").to_owned()
    }

    fn said(&self) -> String {
        fs::read_to_string(self.folder.path().join("said")).unwrap_or_default()
    }

    /// A broker that was killed is let in again after the session of its last life: in less than the
    /// 9 s that are the default.
    fn properties(&self, controller: u16) -> String {
        let address = self.address();
        let folder = self.folder.path().join("data");
        format!(
            "process.roles=broker,controller\n\
             node.id=1\n\
             controller.quorum.bootstrap.servers=127.0.0.1:{controller}\n\
             controller.listener.names=CONTROLLER\n\
             listener.security.protocol.map=CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT\n\
             listeners=PLAINTEXT://{address},CONTROLLER://127.0.0.1:{controller}\n\
             advertised.listeners=PLAINTEXT://{address}\n\
             log.dirs={}\n\
             auto.create.topics.enable=false\n\
             broker.session.timeout.ms=3000\n\
             broker.heartbeat.interval.ms=500\n\
             offsets.topic.num.partitions=1\n\
             offsets.topic.replication.factor=1\n",
            folder.display(),
        )
    }
}

impl Drop for Kafka {
    fn drop(&mut self) {
        self.kill();
    }
}

/// A program of Kafka's jars.
fn java(class: &str) -> Command {
    let jars = path("kafka").join("*");
    let mut command = Command::new("java");
    command.args(JVM).arg("-cp").arg(jars).arg(class);
    command
}

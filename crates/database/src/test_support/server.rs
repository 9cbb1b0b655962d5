//! A server in a temporary folder, stopped when it is dropped.

use std::{
    net::{Ipv4Addr, TcpListener},
    sync::{
        Arc, Mutex, PoisonError, Weak,
        atomic::{AtomicU32, Ordering},
    },
};

use sqlx::{AnyConnection, AssertSqlSafe, Connection as _, Executor as _};
use tempfile::TempDir;

use super::{
    binaries::{Binaries, run},
    error::ServerError,
};
use crate::DatabaseUrl;

/// How often another free port is tried: another process can take a port before the server does.
const ATTEMPTS: u32 = 5;

/// A PostgreSQL server of its own: a free port, a temporary folder, no password.
#[derive(Debug)]
pub struct PostgresServer {
    binaries: Binaries,
    folder: TempDir,
    port: u16,
    databases: AtomicU32,
}

/// The server that the running tests of this process share.
static SHARED: Mutex<Weak<PostgresServer>> = Mutex::new(Weak::new());

impl PostgresServer {
    /// The server of the tests that run at this moment; the first starts it, the last stops it.
    ///
    /// # Errors
    /// As [`PostgresServer::start`].
    pub fn shared() -> Result<Arc<Self>, ServerError> {
        let mut shared = SHARED.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(running) = shared.upgrade() {
            return Ok(running);
        }
        let started = Arc::new(Self::start()?);
        *shared = Arc::downgrade(&started);
        Ok(started)
    }

    /// Makes a cluster and starts it. Takes a second or two, and blocks meanwhile.
    ///
    /// # Errors
    /// [`ServerError::NotInstalled`] without PostgreSQL; the others carry what its programs say.
    pub fn start() -> Result<Self, ServerError> {
        let binaries = Binaries::find()?;
        let folder = tempfile::Builder::new()
            .prefix("postgres-")
            .tempdir()
            .map_err(|source| ServerError::Io {
                program: "mkdir".to_owned(),
                source,
            })?;
        Binaries::lend(folder.path())?;
        let mut initdb = binaries.command("initdb", folder.path());
        run(initdb.args([
            "-D",
            "data",
            "-U",
            "tracewalk",
            "-A",
            "trust",
            "--no-sync",
            "-E",
            "UTF8",
        ]))?;
        let mut server = Self {
            binaries,
            folder,
            port: 0,
            databases: AtomicU32::new(0),
        };
        for attempt in 1.. {
            server.port = free_port()?;
            match server.resume() {
                Err(ServerError::Failed { .. }) if attempt < ATTEMPTS => {}
                started => return started.map(|()| server),
            }
        }
        unreachable!("the last attempt returns")
    }

    /// Starts the server again after [`PostgresServer::pause`], at the same port.
    ///
    /// # Errors
    /// [`ServerError::Failed`] with what the server says.
    pub fn resume(&self) -> Result<(), ServerError> {
        // `-F`: no disk flushes, which test data does not need.
        let options = format!(
            "-F -c listen_addresses=127.0.0.1 -c port={} -c unix_socket_directories={}",
            self.port,
            self.folder.path().display(),
        );
        let mut command = self.binaries.command("pg_ctl", self.folder.path());
        run(command.args(["-D", "data", "-l", "log", "-w", "-o", &options, "start"]))
    }

    /// Stops the server at once, as a crash would; the data stays.
    ///
    /// # Errors
    /// [`ServerError::Failed`] when it did not run.
    pub fn pause(&self) -> Result<(), ServerError> {
        let mut command = self.binaries.command("pg_ctl", self.folder.path());
        run(command.args(["-D", "data", "-w", "-m", "immediate", "stop"]))
    }

    /// Creates an empty database, and answers its URL.
    ///
    /// # Errors
    /// [`ServerError::Create`] with what the server says.
    pub async fn create_database(&self) -> Result<DatabaseUrl, ServerError> {
        sqlx::any::install_default_drivers();
        let name = format!("test_{}", self.databases.fetch_add(1, Ordering::Relaxed));
        let mut connection = AnyConnection::connect(&self.url("postgres")).await?;
        // The name has no text of a caller, so it is safe.
        connection
            .execute(AssertSqlSafe(format!("CREATE DATABASE {name}")))
            .await?;
        connection.close().await?;
        Ok(DatabaseUrl(self.url(&name)))
    }

    fn url(&self, database: &str) -> String {
        format!("postgres://tracewalk@127.0.0.1:{}/{database}", self.port)
    }
}

impl Drop for PostgresServer {
    fn drop(&mut self) {
        // It may be paused; then there is nothing to stop.
        let _stopped = self.pause();
    }
}

fn free_port() -> Result<u16, ServerError> {
    TcpListener::bind((Ipv4Addr::LOCALHOST, 0))
        .and_then(|listener| listener.local_addr())
        .map(|address| address.port())
        .map_err(|source| ServerError::Io {
            program: "bind".to_owned(),
            source,
        })
}

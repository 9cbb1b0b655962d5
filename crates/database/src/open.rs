//! Opening a database, and the pool behind it.

use std::{
    path::Path,
    sync::{Arc, atomic::AtomicBool},
    time::{Duration, Instant},
};

use sqlx::{AnyConnection, AnyPool, Connection as _, Executor as _, any::AnyPoolOptions};
use tokio::time::{sleep, timeout};
use tonic_telemetry::{
    Telemetry,
    database::{DatabaseSpans, System},
};

use crate::{DatabaseUrl, OpenError, QueryError, address::Address};

/// How long opening may take.
const MAX_WAIT: Duration = Duration::from_secs(5);
/// How long a query waits for a free connection before the database counts as unavailable.
const ACQUIRE_TIMEOUT: Duration = Duration::from_secs(5);
/// Enough to keep two cores busy; SQLite takes a thread for each.
const CONNECTIONS: u32 = 8;

/// An open database: a small pool of connections. Clones share it.
#[derive(Clone, Debug)]
pub struct Database {
    /// The URL without its password.
    pub(crate) name: String,
    pub(crate) pool: AnyPool,
    pub(crate) system: System,
    pub(crate) spans: DatabaseSpans,
    /// What the last probe of [`Database::watch`] found.
    pub(crate) down: Arc<AtomicBool>,
}

impl Database {
    /// Opens `sqlite:PATH` or `postgres://USER:PASSWORD@HOST:PORT/NAME`.
    ///
    /// The file of SQLite and its folder are created when they are missing. The first connection
    /// is made here, so a wrong URL fails at once and not at the first query.
    ///
    /// # Errors
    /// [`OpenError`] says which part of the URL is wrong, or what the database answered.
    pub async fn open(url: &DatabaseUrl, telemetry: &Telemetry) -> Result<Self, OpenError> {
        sqlx::any::install_default_drivers();
        let address = Address::parse(url.as_str())?;
        if address.system == System::Sqlite {
            create_folder(Path::new(&address.namespace)).await?;
        }
        timeout(MAX_WAIT, connect_first(&address))
            .await
            .map_err(|_elapsed| OpenError::Silent { url: url.clone() })?
            .map_err(|source| OpenError::Connect {
                url: url.clone(),
                source,
            })?;
        Ok(Self {
            name: url.to_string(),
            pool: pool(&address),
            system: address.system,
            spans: spans(address, telemetry),
            down: Arc::default(),
        })
    }

    /// Which database it is: for the few statements that differ, such as those that lock rows.
    #[must_use]
    pub fn system(&self) -> System {
        self.system
    }
}

/// Makes one connection, and the settings that must be made before there are others.
async fn connect_first(address: &Address) -> sqlx::Result<()> {
    let mut connection = AnyConnection::connect_with(&address.options).await?;
    if address.system == System::Sqlite {
        write_ahead(&mut connection).await?;
    }
    connection.close().await
}

async fn create_folder(file: &Path) -> Result<(), OpenError> {
    let Some(folder) = file
        .parent()
        .filter(|folder| !folder.as_os_str().is_empty())
    else {
        return Ok(());
    };
    tokio::fs::create_dir_all(folder)
        .await
        .map_err(|source| OpenError::Folder {
            folder: folder.to_owned(),
            source,
        })
}

/// Switches SQLite to write-ahead logging: readers can then read while one process writes. The
/// file keeps this mode.
///
/// The switch needs exclusive access to the file and does not wait for it. It is tried again,
/// because two processes may create the same file at once.
/// Spec: <https://www.sqlite.org/wal.html#activating_and_configuring_wal_mode>
async fn write_ahead(connection: &mut AnyConnection) -> sqlx::Result<()> {
    let deadline = Instant::now() + MAX_WAIT;
    loop {
        match connection
            .execute("PRAGMA journal_mode = WAL")
            .await
            .map_err(QueryError::from)
        {
            Ok(_) => return Ok(()),
            Err(QueryError::Unavailable(_)) if Instant::now() < deadline => {
                sleep(Duration::from_millis(10)).await;
            }
            Err(QueryError::Unavailable(error) | QueryError::Refused(error)) => return Err(error),
        }
    }
}

fn pool(address: &Address) -> AnyPool {
    let options = AnyPoolOptions::new()
        .max_connections(CONNECTIONS)
        .acquire_timeout(ACQUIRE_TIMEOUT)
        // A server may have gone since the last query; a file has not.
        .test_before_acquire(address.system == System::Postgresql);
    let options = match address.system {
        System::Postgresql => options,
        System::Sqlite => options.after_connect(|connection, _| {
            Box::pin(async move {
                // With WAL this loses nothing when the process dies, and saves a disk flush a write.
                connection
                    .execute("PRAGMA synchronous = NORMAL")
                    .await
                    .map(drop)
            })
        }),
    };
    options.connect_lazy_with(address.options.clone())
}

fn spans(address: Address, telemetry: &Telemetry) -> DatabaseSpans {
    let spans =
        DatabaseSpans::new(telemetry.tracer().clone(), address.system).namespace(address.namespace);
    match address.server {
        Some((host, port)) => spans.server(host, port),
        None => spans,
    }
}

use std::{io, sync::Arc};

use tempfile::TempDir;

use super::{PostgresServer, ServerError};
use crate::DatabaseUrl;

/// An empty database of one test, gone when it is dropped.
#[derive(Debug)]
pub struct TestDatabase {
    url: DatabaseUrl,
    keeper: Keeper,
}

/// What must live as long as the database.
#[derive(Debug)]
enum Keeper {
    Folder {
        /// Removed when it is dropped.
        _folder: TempDir,
    },
    Server(Arc<PostgresServer>),
}

impl TestDatabase {
    /// One of this kind: `postgres` or `sqlite`.
    ///
    /// # Errors
    /// [`ServerError`] says why there is none.
    ///
    /// # Panics
    /// Outside of a Tokio runtime.
    pub async fn of(kind: &str) -> Result<Self, ServerError> {
        match kind {
            "postgres" => Self::postgres().await,
            _ => Self::sqlite(),
        }
    }

    /// A file of SQLite that does not exist yet, in a folder that does not exist yet.
    ///
    /// # Errors
    /// [`ServerError::Io`] when there is no temporary folder to be had.
    pub fn sqlite() -> Result<Self, ServerError> {
        let failed = |source: io::Error| ServerError::Io {
            program: "mkdir".to_owned(),
            source,
        };
        let folder = tempfile::tempdir().map_err(failed)?;
        let path = folder.path().join("data/test.db");
        let url = DatabaseUrl(format!("sqlite:{}", path.display()));
        Ok(Self {
            url,
            keeper: Keeper::Folder { _folder: folder },
        })
    }

    /// A database of the server that the running tests share.
    ///
    /// # Errors
    /// [`ServerError`] says why there is no server.
    ///
    /// # Panics
    /// Outside of a Tokio runtime.
    pub async fn postgres() -> Result<Self, ServerError> {
        Self::of_server(PostgresServer::shared).await
    }

    /// A database of a server of its own, which the test may stop and start.
    ///
    /// # Errors
    /// [`ServerError`] says why there is no server.
    ///
    /// # Panics
    /// Outside of a Tokio runtime.
    pub async fn postgres_alone() -> Result<Self, ServerError> {
        Self::of_server(|| PostgresServer::start().map(Arc::new)).await
    }

    async fn of_server(
        find: impl FnOnce() -> Result<Arc<PostgresServer>, ServerError> + Send + 'static,
    ) -> Result<Self, ServerError> {
        let server = tokio::task::spawn_blocking(find).await;
        let server = server.expect("starting a server does not panic")?;
        let url = server.create_database().await?;
        let keeper = Keeper::Server(server);
        Ok(Self { url, keeper })
    }

    /// Where it is.
    #[must_use]
    pub fn url(&self) -> &DatabaseUrl {
        &self.url
    }

    /// The server, if it has one: it can be stopped and started.
    #[must_use]
    pub fn server(&self) -> Option<&PostgresServer> {
        match &self.keeper {
            Keeper::Server(server) => Some(server),
            Keeper::Folder { .. } => None,
        }
    }
}

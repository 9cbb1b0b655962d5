//! What can go wrong, sorted by what the caller can do about it.

use std::{borrow::Cow, io, path::PathBuf};

use sqlx::error::DatabaseError;

use crate::DatabaseUrl;

/// Why a database could not be opened.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum OpenError {
    /// The URL names neither SQLite nor PostgreSQL.
    #[error("expected a database URL such as sqlite:data/user.db or postgres://user@host/name")]
    UnknownScheme,
    /// The URL has the right scheme and is malformed behind it.
    #[error("malformed database URL: {reason}")]
    MalformedUrl {
        /// What the parser says.
        reason: String,
    },
    /// A file of SQLite is named by a plain path.
    #[error("expected the path of a file after sqlite:, without parameters, found {path:?}")]
    NotAFile {
        /// What came instead.
        path: String,
    },
    /// The folder of the file is missing and cannot be made.
    #[error("cannot create the folder {}", folder.display())]
    Folder {
        /// The folder.
        folder: PathBuf,
        /// What the file system says.
        source: io::Error,
    },
    /// The database did not answer in time.
    #[error("{url} does not answer")]
    Silent {
        /// Which database.
        url: DatabaseUrl,
    },
    /// The database refused the connection, or is not there.
    #[error("cannot open {url}")]
    Connect {
        /// Which database.
        url: DatabaseUrl,
        /// What the driver says.
        source: sqlx::Error,
    },
    /// The tables could not be made or filled.
    #[error("cannot set up the tables")]
    SetUp(#[from] QueryError),
}

/// Why a query has no answer.
///
/// Meant for the log: the text of the source may name tables and values, so it never goes to a
/// caller.
#[derive(Debug, thiserror::Error)]
pub enum QueryError {
    /// The database is down, full, starting, locked or too busy: waiting may help.
    #[error("the database is unavailable")]
    Unavailable(#[source] sqlx::Error),
    /// The database answered with an error that waiting does not cure.
    #[error("the database refused the query")]
    Refused(#[source] sqlx::Error),
}

impl QueryError {
    /// The query was not sent, because the last probe found the database down.
    pub(crate) fn known_down() -> Self {
        let found = io::Error::new(io::ErrorKind::NotConnected, "the last probe found it down");
        Self::Unavailable(sqlx::Error::Io(found))
    }

    fn source(&self) -> &sqlx::Error {
        let (Self::Unavailable(source) | Self::Refused(source)) = self;
        source
    }
}

/// What the span of a failed query says.
impl tonic_telemetry::database::QueryError for QueryError {
    fn error_type(&self) -> Cow<'static, str> {
        match (self.status_code(), self) {
            (Some(code), _) => Cow::Owned(code.into_owned()),
            (None, Self::Unavailable(_)) => Cow::Borrowed("unavailable"),
            (None, Self::Refused(_)) => Cow::Borrowed("refused"),
        }
    }

    /// Such as `23505` (PostgreSQL) or `2067` (SQLite).
    fn status_code(&self) -> Option<Cow<'_, str>> {
        self.source()
            .as_database_error()
            .and_then(DatabaseError::code)
    }
}

impl From<sqlx::Error> for QueryError {
    fn from(error: sqlx::Error) -> Self {
        let waiting_helps = match &error {
            sqlx::Error::Io(_)
            | sqlx::Error::Tls(_)
            | sqlx::Error::Protocol(_)
            | sqlx::Error::PoolTimedOut
            | sqlx::Error::PoolClosed
            | sqlx::Error::WorkerCrashed
            | sqlx::Error::BeginFailed => true,
            sqlx::Error::Database(answer) => is_passing(answer.as_ref()),
            _ => false,
        };
        if waiting_helps {
            Self::Unavailable(error)
        } else {
            Self::Refused(error)
        }
    }
}

/// Whether a code stands for a temporary state.
///
/// SQLite: primary [result codes](https://www.sqlite.org/rescode.html), the low byte of the
/// extended ones. PostgreSQL: [classes](https://www.postgresql.org/docs/current/errcodes-appendix.html),
/// the first two characters.
fn is_passing(answer: &dyn DatabaseError) -> bool {
    let code = answer.code().unwrap_or_default();
    if answer
        .try_downcast_ref::<sqlx::sqlite::SqliteError>()
        .is_some()
    {
        // BUSY, LOCKED, IOERR, FULL, CANTOPEN.
        return code
            .parse::<u32>()
            .is_ok_and(|code| [5, 6, 10, 13, 14].contains(&(code & 0xff)));
    }
    // Connection exception, transaction rollback (deadlock), insufficient resources, operator
    // intervention (shutdown, starting up), system error.
    ["08", "40", "53", "57", "58"]
        .iter()
        .any(|class| code.starts_with(class))
}

//! What a database URL says: which system, which database, where.

use sqlx::any::AnyConnectOptions;

use crate::OpenError;

/// The two systems that are spoken here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum System {
    Sqlite,
    Postgres,
}

impl System {
    /// The value of `db.system.name`.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Sqlite => "sqlite",
            Self::Postgres => "postgresql",
        }
    }
}

/// A database URL, taken apart.
#[derive(Clone, Debug)]
pub(crate) struct Address {
    pub(crate) system: System,
    /// What the driver connects with.
    pub(crate) options: AnyConnectOptions,
    /// The file of SQLite, the database of PostgreSQL: the value of `db.namespace`.
    pub(crate) namespace: String,
    /// The host of PostgreSQL.
    pub(crate) host: Option<String>,
    /// The port of PostgreSQL.
    pub(crate) port: Option<u16>,
}

impl Address {
    /// Reads `sqlite:PATH` or `postgres://USER@HOST:PORT/NAME`.
    pub(crate) fn parse(url: &str) -> Result<Self, OpenError> {
        if let Some(path) = url.strip_prefix("sqlite:") {
            Self::sqlite(path.strip_prefix("//").unwrap_or(path))
        } else if url.starts_with("postgres://") || url.starts_with("postgresql://") {
            Self::postgres(url)
        } else {
            Err(OpenError::UnknownScheme)
        }
    }

    /// The file is created when it is missing, so a first start needs no preparation.
    fn sqlite(path: &str) -> Result<Self, OpenError> {
        if path.is_empty() || path.starts_with(':') || path.contains(['?', '#', '%']) {
            return Err(OpenError::NotAFile {
                path: path.to_owned(),
            });
        }
        Ok(Self {
            system: System::Sqlite,
            options: parse_options(&format!("sqlite:{path}?mode=rwc"))?,
            namespace: path.to_owned(),
            host: None,
            port: None,
        })
    }

    fn postgres(url: &str) -> Result<Self, OpenError> {
        let options = parse_options(url)?;
        let parsed = &options.database_url;
        Ok(Self {
            system: System::Postgres,
            namespace: parsed.path().trim_start_matches('/').to_owned(),
            host: parsed.host_str().map(str::to_owned),
            port: Some(parsed.port().unwrap_or(5432)),
            options,
        })
    }
}

fn parse_options(url: &str) -> Result<AnyConnectOptions, OpenError> {
    url.parse()
        .map_err(|source| OpenError::MalformedUrl { source })
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case("sqlite:data/user.db", "data/user.db")]
    #[case("sqlite:///tmp/user.db", "/tmp/user.db")]
    #[case("sqlite:/tmp/with space.db", "/tmp/with space.db")]
    fn a_file_is_named_by_its_path(#[case] url: &str, #[case] namespace: &str) {
        let address = Address::parse(url).unwrap();
        assert_eq!(address.system, System::Sqlite);
        assert_eq!(address.namespace, namespace);
        assert_eq!(address.host, None);
    }

    #[rstest]
    #[case(
        "postgres://tracewalk:secret@db.example:6543/users",
        "db.example",
        6543
    )]
    #[case("postgresql://db.example/users", "db.example", 5432)]
    fn a_server_is_named_by_host_and_port(
        #[case] url: &str,
        #[case] host: &str,
        #[case] port: u16,
    ) {
        let address = Address::parse(url).unwrap();
        assert_eq!(address.system, System::Postgres);
        assert_eq!(address.namespace, "users");
        assert_eq!(address.host.as_deref(), Some(host));
        assert_eq!(address.port, Some(port));
    }

    #[rstest]
    #[case("", "nothing at all")]
    #[case("mysql://host/name", "a system that is not spoken")]
    #[case("sqlite:", "no file")]
    #[case(
        "sqlite::memory:",
        "a database that each connection would see as its own"
    )]
    #[case("sqlite:data.db?mode=ro", "parameters are this crate's")]
    #[case("postgres://host:port/name", "a port that is no number")]
    #[case("data/user.db", "a path without a scheme")]
    fn a_url_that_cannot_be_served_is_refused(#[case] url: &str, #[case] reason: &str) {
        assert!(
            Address::parse(url).is_err(),
            "{url:?} must be refused: {reason}"
        );
    }
}

//! What a database URL says: which system, which database, where.

use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use sqlx::any::AnyConnectOptions;
use tonic_telemetry::database::System;

use crate::OpenError;

/// A database URL, taken apart.
#[derive(Clone, Debug)]
pub(crate) struct Address {
    pub(crate) system: System,
    /// What the driver connects with.
    pub(crate) options: AnyConnectOptions,
    /// The file of SQLite, the database of PostgreSQL: the value of `db.namespace`.
    pub(crate) namespace: String,
    /// Host and port of PostgreSQL.
    pub(crate) server: Option<(String, u16)>,
}

impl Address {
    /// Reads `sqlite:PATH` or `postgres://USER@HOST:PORT/NAME`.
    pub(crate) fn parse(url: &str) -> Result<Self, OpenError> {
        if let Some(path) = url.strip_prefix("sqlite:") {
            // `sqlite://PATH` means the same, as in other libraries: a third slash begins the path.
            Self::sqlite(path.strip_prefix("//").unwrap_or(path))
        } else if url.starts_with("postgres://") || url.starts_with("postgresql://") {
            Self::postgres(url)
        } else {
            Err(OpenError::UnknownScheme)
        }
    }

    /// The file is created when it is missing, so a first start needs no preparation.
    ///
    /// The path is one of the file system and no part of a URL: `%`, `#` and `?` are ordinary
    /// characters. Only a path that seems to end with parameters is refused, since its author
    /// meant them as parameters.
    fn sqlite(path: &str) -> Result<Self, OpenError> {
        let parameters = path.rsplit_once('?').is_some_and(|(_, last)| {
            let known = ["mode=", "cache=", "immutable=", "vfs="];
            known.iter().any(|name| last.starts_with(name))
        });
        if path.is_empty() || path == ":memory:" || parameters {
            return Err(OpenError::NotAFile {
                path: path.to_owned(),
            });
        }
        // SQLite has meanings of its own for names that begin like this.
        let is_special = path.starts_with(':') || path.starts_with("file:");
        let file = if is_special { "./" } else { "" }.to_owned() + path;
        // Encoded slashes too: the URL is then opaque, and nothing in it is normalized.
        let file = utf8_percent_encode(&file, NON_ALPHANUMERIC);
        Ok(Self {
            system: System::Sqlite,
            options: parse_options(&format!("sqlite:{file}?mode=rwc"))?,
            namespace: path.to_owned(),
            server: None,
        })
    }

    fn postgres(url: &str) -> Result<Self, OpenError> {
        let options = parse_options(url)?;
        let parsed = &options.database_url;
        Ok(Self {
            system: System::Postgresql,
            namespace: parsed.path().trim_start_matches('/').to_owned(),
            server: parsed
                .host_str()
                .map(|host| (host.to_owned(), parsed.port().unwrap_or(5432))),
            options,
        })
    }
}

fn parse_options(url: &str) -> Result<AnyConnectOptions, OpenError> {
    url.parse().map_err(|error| match error {
        sqlx::Error::Configuration(reason) => OpenError::MalformedUrl {
            reason: reason.to_string(),
        },
        other => OpenError::MalformedUrl {
            reason: other.to_string(),
        },
    })
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case("sqlite:data/user.db", "data/user.db")]
    #[case("sqlite:///tmp/user.db", "/tmp/user.db")]
    #[case("sqlite:/tmp/with space.db", "/tmp/with space.db")]
    #[case("sqlite://data/user.db", "data/user.db")]
    #[case("sqlite:////data/user.db", "//data/user.db")]
    #[case("sqlite:/tmp/100%/a#b?c.db", "/tmp/100%/a#b?c.db")]
    #[case("sqlite:a%20b.db", "a%20b.db")]
    #[case("sqlite::odd.db", ":odd.db")]
    fn a_file_is_named_by_its_path(#[case] url: &str, #[case] namespace: &str) {
        let address = Address::parse(url).unwrap();
        assert_eq!(address.system, System::Sqlite);
        assert_eq!(address.namespace, namespace);
        assert_eq!(address.server, None);
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
        assert_eq!(address.system, System::Postgresql);
        assert_eq!(address.namespace, "users");
        assert_eq!(address.server, Some((host.to_owned(), port)));
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

use std::{fmt, str::FromStr};

use crate::{OpenError, address::Address};

/// Keeps everything in the memory of the process.
const MEMORY: &str = "memory:";

/// Where a service keeps its rows: `sqlite:PATH`, `postgres://USER@HOST/NAME` or `memory:`.
///
/// Prints itself without the password.
#[derive(Clone, PartialEq, Eq)]
pub struct DatabaseUrl(pub(crate) String);

impl DatabaseUrl {
    /// Whether the service is to do without a database, as benchmarks want it.
    #[must_use]
    pub fn is_memory(&self) -> bool {
        self.0 == MEMORY
    }

    /// With the password, so not for logs.
    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for DatabaseUrl {
    type Err = OpenError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if text != MEMORY {
            Address::parse(text)?;
        }
        Ok(Self(text.to_owned()))
    }
}

impl fmt::Display for DatabaseUrl {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Ok(address) = Address::parse(&self.0) else {
            return formatter.write_str(&self.0);
        };
        match address.server {
            Some((host, port)) => {
                write!(formatter, "postgres://{host}:{port}/{}", address.namespace)
            }
            // Two slashes at the start of a path would be taken for those of `sqlite://`.
            None if address.namespace.starts_with("//") => {
                write!(formatter, "sqlite://{}", address.namespace)
            }
            None => write!(formatter, "sqlite:{}", address.namespace),
        }
    }
}

impl fmt::Debug for DatabaseUrl {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "DatabaseUrl({self})")
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case("sqlite:data/user.db", "sqlite:data/user.db")]
    #[case(
        "postgres://tracewalk:secret@db.example/users",
        "postgres://db.example:5432/users"
    )]
    #[case("sqlite:////data/user.db", "sqlite:////data/user.db")]
    #[case("memory:", "memory:")]
    fn it_prints_no_password(#[case] text: &str, #[case] printed: &str) {
        let url: DatabaseUrl = text.parse().unwrap();
        assert_eq!(url.to_string(), printed);
        assert_eq!(format!("{url:?}"), format!("DatabaseUrl({printed})"));
    }
}

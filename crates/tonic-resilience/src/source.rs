//! A setting that is `off`, or the path of what is read: `--tls off`, `--tls certs`.

use std::{
    convert::Infallible,
    fmt::{self, Display, Formatter},
    path::{Path, PathBuf},
    str::FromStr,
};

/// `off`, or the path of a file or folder; one that is called `off` is written `./off`.
///
/// ```
/// # use tonic_resilience::source::Source;
/// assert_eq!("off".parse(), Ok(Source::Off));
/// assert_eq!("certs".parse(), Ok(Source::Path("certs".into())));
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Source {
    /// Nothing is read, and the mechanism is not there.
    #[default]
    Off,
    /// It is read from here.
    Path(PathBuf),
}

impl Source {
    /// The path; `None` when it is off.
    #[must_use]
    pub fn path(&self) -> Option<&Path> {
        match self {
            Self::Off => None,
            Self::Path(path) => Some(path),
        }
    }
}

impl FromStr for Source {
    type Err = Infallible;

    fn from_str(text: &str) -> Result<Self, Infallible> {
        Ok(match text {
            "off" => Self::Off,
            path => Self::Path(path.into()),
        })
    }
}

impl Display for Source {
    fn fmt(&self, formatter: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Self::Off => formatter.write_str("off"),
            Self::Path(path) => path.display().fmt(formatter),
        }
    }
}

use std::{
    fmt::{self, Display, Formatter},
    str::FromStr,
};

use tonic_resilience::client::target::{Authority, ParseTargetError};

/// `etcd://HOST:PORT,HOST:PORT/NAME`: the members of an etcd cluster, and a name in it.
///
/// Without members, as `etcd:///NAME`, those of `--etcd` are asked.
///
/// ```
/// # use etcd_registry::EtcdUrl;
/// let url: EtcdUrl = "etcd://10.0.0.1:2379,10.0.0.2:2379/user".parse().unwrap();
/// assert_eq!((url.members.len(), url.name.as_deref()), (2, Some("user")));
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EtcdUrl {
    /// The members; empty for those of `--etcd`.
    pub members: Vec<Authority>,
    /// The name of a service; `None` where none is given.
    pub name: Option<String>,
}

/// Why a text is not an [`EtcdUrl`].
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ParseUrlError {
    /// Another scheme, or none.
    #[error("{0:?} does not begin with etcd://: expected etcd://HOST:PORT/NAME or etcd:///NAME")]
    Scheme(String),
    /// A member is not `host:port`.
    #[error(transparent)]
    Member(#[from] ParseTargetError),
    /// A weight, which members do not have.
    #[error("{0}: etcd's members have no weight")]
    Weight(Authority),
    /// The name of a service has letters that it may not have.
    #[error(
        "{0:?} is not a name: expected letters, digits, '-', '_' and '.', in parts between single '/'"
    )]
    Name(String),
}

pub(crate) const SCHEME: &str = "etcd://";

impl FromStr for EtcdUrl {
    type Err = ParseUrlError;

    fn from_str(text: &str) -> Result<Self, ParseUrlError> {
        let rest = text
            .strip_prefix(SCHEME)
            .ok_or_else(|| ParseUrlError::Scheme(text.to_owned()))?;
        let (members, name) = rest.split_once('/').unwrap_or((rest, ""));
        Ok(Self {
            members: parse_members(members)?,
            name: parse_name(name)?,
        })
    }
}

fn parse_members(list: &str) -> Result<Vec<Authority>, ParseUrlError> {
    if list.is_empty() {
        return Ok(Vec::new());
    }
    list.split(',').map(parse_member).collect()
}

/// One member of a cluster, `HOST:PORT`.
pub(crate) fn parse_member(text: &str) -> Result<Authority, ParseUrlError> {
    let member: Authority = text.parse()?;
    if member.weight() == 1 {
        Ok(member)
    } else {
        Err(ParseUrlError::Weight(member))
    }
}

fn parse_name(name: &str) -> Result<Option<String>, ParseUrlError> {
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.');
    let is_part = |part: &str| !part.is_empty() && part.bytes().all(allowed);
    match name {
        "" => Ok(None),
        name if name.split('/').all(is_part) => Ok(Some(name.to_owned())),
        name => Err(ParseUrlError::Name(name.to_owned())),
    }
}

impl Display for EtcdUrl {
    fn fmt(&self, formatter: &mut Formatter<'_>) -> fmt::Result {
        let members: Vec<String> = self.members.iter().map(Authority::address).collect();
        let name = self.name.as_deref().unwrap_or_default();
        write!(formatter, "{SCHEME}{}/{name}", members.join(","))
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case("etcd:///user", 0, Some("user"))]
    #[case("etcd://a:2379/user", 1, Some("user"))]
    #[case("etcd://a:1,[::1]:2/shop/v2/user", 2, Some("shop/v2/user"))]
    #[case("etcd://a:2379/", 1, None)]
    #[case("etcd:///", 0, None)]
    fn what_is_parsed_prints_the_same(
        #[case] text: &str,
        #[case] members: usize,
        #[case] name: Option<&str>,
    ) {
        let url: EtcdUrl = text.parse().expect("a url");
        assert_eq!((url.members.len(), url.name.as_deref()), (members, name));
        assert_eq!(url.to_string(), text);
    }

    #[rstest]
    #[case("127.0.0.1:2379", "does not begin with etcd://")]
    #[case("http://127.0.0.1:2379", "does not begin with etcd://")]
    #[case("etcd://a/user", "the port is missing")]
    #[case("etcd://a:1,/user", "the port is missing")]
    #[case("etcd://a:1;weight=2/user", "no weight")]
    #[case("etcd:////user", "is not a name")]
    #[case("etcd:///user/", "is not a name")]
    #[case("etcd:///a b", "is not a name")]
    fn what_is_wrong_is_said(#[case] text: &str, #[case] reason: &str) {
        let error = text.parse::<EtcdUrl>().expect_err("no url").to_string();
        assert!(error.contains(reason), "{error}");
    }
}

//! Who calls: found by the identity layers, read by limits, logs and handlers.

use std::{
    fmt,
    hash::{BuildHasher, RandomState},
    net::IpAddr,
    sync::{Arc, LazyLock},
};

use http::Request;
use tonic::transport::server::TcpConnectInfo;

/// The caller of a call, in the extensions of its request.
///
/// A handler reads it with `request.extensions().get::<Principal>()`.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Principal {
    name: Arc<str>,
    scopes: Arc<[String]>,
}

impl Principal {
    /// A caller with the scopes that it was granted.
    #[must_use]
    pub fn new(name: &str, scopes: impl IntoIterator<Item = String>) -> Self {
        Self {
            name: name.into(),
            scopes: scopes.into_iter().collect(),
        }
    }

    /// The subject of its token, or the service name in its certificate.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The same without a copy, for tables of callers.
    pub(crate) fn shared_name(&self) -> Arc<str> {
        Arc::clone(&self.name)
    }

    /// How spans and logs name it: a short name as it is, anything else as a pseudonym.
    ///
    /// A token may name its owner by an e-mail address, a telephone number or a key of a directory,
    /// and a trace is for everybody who may look at traces. A name of 1 to 32 lower-case letters,
    /// digits, `-` and `_`, that begins with a letter and has four digits at most, is none of these.
    /// The pseudonym is the same for all calls of a caller to one process, and means nothing to
    /// another: it is a hash with a key that only this process has.
    #[must_use]
    pub fn label(&self) -> String {
        static KEY: LazyLock<RandomState> = LazyLock::new(RandomState::new);
        if is_short_name(&self.name) {
            self.name.to_string()
        } else {
            format!("caller-{:016x}", KEY.hash_one(&self.name))
        }
    }

    /// Whether it was granted `scope`.
    #[must_use]
    pub fn has_scope(&self, scope: &str) -> bool {
        self.scopes.iter().any(|granted| granted == scope)
    }
}

/// Its [label](Principal::label).
impl fmt::Display for Principal {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.label())
    }
}

/// Without its name.
impl fmt::Debug for Principal {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Principal")
            .field("label", &self.label())
            .finish_non_exhaustive()
    }
}

fn is_short_name(name: &str) -> bool {
    let allowed =
        |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"-_".contains(&byte);
    let digits = name.bytes().filter(u8::is_ascii_digit).count();
    name.starts_with(|first: char| first.is_ascii_lowercase())
        && name.len() <= 32
        && digits <= 4
        && name.bytes().all(allowed)
}

/// Whose calls are counted together.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Caller {
    /// By name alone: another token of the same subject, with fewer scopes, is no new caller.
    Known(Arc<str>),
    Address(IpAddr),
    /// Calls without a connection, from this very process.
    Local,
}

impl Caller {
    /// The principal that the identity layers found, or else the address of the connection.
    pub(crate) fn of<B>(request: &Request<B>) -> Self {
        let extensions = request.extensions();
        if let Some(principal) = extensions.get::<Principal>() {
            return Self::Known(principal.shared_name());
        }
        extensions
            .get::<TcpConnectInfo>()
            .and_then(TcpConnectInfo::remote_addr)
            .map_or(Self::Local, |address| Self::at(address.ip()))
    }

    /// The caller at an address: for IPv6 its network of 64 bits, as one caller has all of it.
    pub(crate) fn at(address: IpAddr) -> Self {
        Self::Address(match address.to_canonical() {
            IpAddr::V6(address) => IpAddr::V6((address.to_bits() >> 64 << 64).into()),
            address @ IpAddr::V4(_) => address,
        })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::Principal;

    fn label(name: &str) -> String {
        Principal::new(name, []).label()
    }

    #[test]
    fn a_short_name_is_its_own_label() {
        for name in ["ada", "batch-7", "ci_runner", "gateway"] {
            assert_eq!(label(name), name);
        }
    }

    #[test]
    fn any_other_name_has_a_pseudonym_that_is_its_own() {
        let names = [
            "ada@example.org",
            "4915112345678",
            "Ada Lovelace",
            "",
            "a\u{1b}",
            "eyJh.eyJz.c2ln",
        ];
        for name in names {
            let pseudonym = label(name);
            assert_eq!(pseudonym.len(), "caller-".len() + 16, "{name}");
            assert_eq!(pseudonym, label(name));
            assert_ne!(pseudonym, label(&format!("{name}x")));
            let shown = format!("{0} {0:?}", Principal::new(name, []));
            assert!(name.is_empty() || !shown.contains(name), "{shown}");
        }
    }

    proptest! {
        #[test]
        fn no_label_holds_an_address_or_a_long_number(name in "[a-z0-9@._-]{0,40}") {
            let label = label(&name);
            prop_assert!(label.len() <= 32 && !label.contains(['@', '.']));
        }
    }
}

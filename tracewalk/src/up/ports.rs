use crate::embedded::{Ports, open};

use super::config::Up;

/// Tries every address before anything starts: the listeners of the embedded backends stay open,
/// and those of the children are known to be free.
///
/// # Errors
/// For the first address that cannot be had, with its flag.
pub(super) fn claim(up: &Up) -> anyhow::Result<Ports> {
    let listen = &up.listen;
    // All ports are held until the last is tried, so that two flags with one address fail here.
    let _children = [
        open("--gateway-listen", listen.gateway)?,
        open("--http-listen", listen.http)?,
        open("--user-listen", listen.user)?,
        open("--profile-listen", listen.profile)?,
        open("--gateway-admin-listen", listen.gateway_admin)?,
        open("--user-admin-listen", listen.user_admin)?,
        open("--profile-admin-listen", listen.profile_admin)?,
    ];
    Ports::claim(&up.embedded.listen)
}

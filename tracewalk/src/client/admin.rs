use clap::Args;

use super::{Uri, parse_url};

/// Where the services say how they do. A service may have several processes.
#[derive(Args, Clone, Debug)]
pub(crate) struct Admin {
    /// Admin addresses of the gateway, as `host:port,host:port` [default: 127.0.0.1:9101].
    #[arg(
        id = "gateway_admin",
        long = "gateway-admin",
        env = "TRACEWALK_GATEWAY_ADMIN",
        value_name = "URLS",
        value_delimiter = ',',
        value_parser = parse_url
    )]
    gateway: Vec<Uri>,
    /// Admin addresses of the user service [default: 127.0.0.1:9102].
    #[arg(
        id = "user_admin",
        long = "user-admin",
        env = "TRACEWALK_USER_ADMIN",
        value_name = "URLS",
        value_delimiter = ',',
        value_parser = parse_url
    )]
    user: Vec<Uri>,
    /// Admin addresses of the profile service [default: 127.0.0.1:9103].
    #[arg(
        id = "profile_admin",
        long = "profile-admin",
        env = "TRACEWALK_PROFILE_ADMIN",
        value_name = "URLS",
        value_delimiter = ',',
        value_parser = parse_url
    )]
    profile: Vec<Uri>,
}

/// The admin addresses of one service.
#[derive(Clone, Debug)]
pub(crate) struct AdminOf {
    pub(crate) service: &'static str,
    /// The flag that gives the addresses.
    pub(crate) flag: &'static str,
    pub(crate) urls: Vec<Uri>,
    /// Whether the flag was given; if not, the addresses are the default ones.
    pub(crate) is_given: bool,
}

impl Admin {
    /// With these addresses of the profile service.
    pub(crate) fn with_profile(self, profile: Vec<Uri>) -> Self {
        Self { profile, ..self }
    }

    /// Each service, in the order of a call.
    pub(crate) fn services(&self) -> [AdminOf; 3] {
        [
            ("gateway", "--gateway-admin", &self.gateway, 9101),
            ("user", "--user-admin", &self.user, 9102),
            ("profile", "--profile-admin", &self.profile, 9103),
        ]
        .map(|(service, flag, given, port)| {
            let usual = || parse_url(&format!("127.0.0.1:{port}")).expect("an address");
            let is_given = !given.is_empty();
            AdminOf {
                service,
                flag,
                urls: if is_given {
                    given.clone()
                } else {
                    vec![usual()]
                },
                is_given,
            }
        })
    }
}

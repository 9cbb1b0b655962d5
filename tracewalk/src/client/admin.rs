use clap::Args;

use super::{Uri, parse_url};

/// Where the services say how they do. A service may have several processes.
#[derive(Args, Clone, Debug)]
pub(crate) struct Admin {
    /// Admin addresses of the gateway, as `host:port,host:port`.
    #[arg(
        id = "gateway_admin",
        long = "gateway-admin",
        env = "TRACEWALK_GATEWAY_ADMIN",
        default_value = "127.0.0.1:9101",
        value_name = "URLS",
        value_delimiter = ',',
        value_parser = parse_url
    )]
    gateway: Vec<Uri>,
    /// Admin addresses of the user service.
    #[arg(
        id = "user_admin",
        long = "user-admin",
        env = "TRACEWALK_USER_ADMIN",
        default_value = "127.0.0.1:9102",
        value_name = "URLS",
        value_delimiter = ',',
        value_parser = parse_url
    )]
    user: Vec<Uri>,
    /// Admin addresses of the profile service.
    #[arg(
        id = "profile_admin",
        long = "profile-admin",
        env = "TRACEWALK_PROFILE_ADMIN",
        default_value = "127.0.0.1:9103",
        value_name = "URLS",
        value_delimiter = ',',
        value_parser = parse_url
    )]
    profile: Vec<Uri>,
}

impl Admin {
    /// Each service, the flag that says where it is, and where that is.
    pub(crate) fn services(&self) -> [(&'static str, &'static str, &[Uri]); 3] {
        [
            ("gateway", "--gateway-admin", &self.gateway),
            ("user", "--user-admin", &self.user),
            ("profile", "--profile-admin", &self.profile),
        ]
    }
}

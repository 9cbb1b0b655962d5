use proto::{
    gateway::v1::gateway_service_server::SERVICE_NAME as GATEWAY,
    profile::v1::profile_service_server::SERVICE_NAME as PROFILE,
    user::v1::user_service_server::SERVICE_NAME as USER,
};

/// The services in the order of a call, with the method that `GetUser` calls at each.
pub(super) const CHAIN: [Link; 3] = [
    Link {
        service: "gateway",
        rpc: GATEWAY,
        method: "GetUser",
    },
    Link {
        service: "user",
        rpc: USER,
        method: "GetUser",
    },
    Link {
        service: "profile",
        rpc: PROFILE,
        method: "GetProfile",
    },
];

/// A service of the chain, and the method that our call has there.
#[derive(Clone, Copy, Debug)]
pub(super) struct Link {
    pub(super) service: &'static str,
    pub(super) rpc: &'static str,
    pub(super) method: &'static str,
}

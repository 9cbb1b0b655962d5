use hickory_resolver::{
    net::{DnsError, NetError},
    proto::{ProtoError, op::ResponseCode},
};

/// Why a lookup at a DNS server found no server.
#[derive(Debug, thiserror::Error)]
pub(super) enum AskError {
    /// The name is not valid in the DNS.
    #[error("not a valid DNS name: {0}")]
    Name(#[from] ProtoError),
    /// NXDOMAIN, or no record of this type.
    #[error("the DNS server answers: {0}")]
    NoRecord(ResponseCode),
    /// Another response code, as SERVFAIL.
    #[error("the DNS server fails: {0}")]
    Failed(ResponseCode),
    /// No response that could be read.
    #[error("no answer of the DNS server: {0}")]
    NoAnswer(NetError),
    /// There are SRV records, and no address for any of them.
    #[error("no SRV record names a server with a port and an address")]
    NoServer,
}

impl From<NetError> for AskError {
    fn from(error: NetError) -> Self {
        match error {
            NetError::Dns(DnsError::NoRecordsFound(none)) => Self::NoRecord(none.response_code),
            NetError::Dns(DnsError::ResponseCode(code)) => Self::Failed(code),
            error => Self::NoAnswer(error),
        }
    }
}

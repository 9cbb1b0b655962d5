use hickory_resolver::{
    net::{DnsError, NetError},
    proto::{ProtoError, op::ResponseCode},
};

/// Why a DNS server named no server.
#[derive(Debug, thiserror::Error)]
pub(super) enum AskError {
    /// The question is no name that the DNS can have.
    #[error("not a name that the DNS can have: {0}")]
    Name(#[from] ProtoError),
    /// It answers that there is no such name, or no record of this type.
    #[error("the DNS server answers: {0}")]
    NoRecord(ResponseCode),
    /// It answers with another error, as SERVFAIL.
    #[error("the DNS server fails: {0}")]
    Failed(ResponseCode),
    /// No answer that could be read.
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

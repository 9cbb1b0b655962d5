use std::{path::PathBuf, time::Duration};

/// Why etcd did not do what it was asked for.
#[derive(Debug, thiserror::Error)]
pub(crate) enum EtcdError {
    #[error("cannot connect")]
    Connect(#[from] tonic::transport::Error),
    #[error("{}: {}", .0.code(), .0.message())]
    Status(Box<tonic::Status>),
    #[error("no answer within {0:?}")]
    NoAnswer(Duration),
    #[error(transparent)]
    Tls(#[from] TlsFileError),
    #[error("the token has letters that a header may not have")]
    Token,
    #[error("the stream has ended")]
    Ended,
    #[error("the lease has ended")]
    LeaseEnded,
    #[error("the watch was compacted, up to revision {0}")]
    Compacted(i64),
    #[error("the watch was cancelled: {0}")]
    Cancelled(String),
    #[error("cannot find the address of this machine (--advertise)")]
    Advertise(#[source] std::io::Error),
}

/// A file of the certificates cannot be read.
#[derive(Debug, thiserror::Error)]
#[error("cannot read {} ({flag})", path.display())]
pub(crate) struct TlsFileError {
    pub(crate) flag: &'static str,
    pub(crate) path: PathBuf,
    #[source]
    pub(crate) error: std::io::Error,
}

impl From<tonic::Status> for EtcdError {
    fn from(status: tonic::Status) -> Self {
        Self::Status(Box::new(status))
    }
}

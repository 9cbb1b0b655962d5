//! The servers of a name, as etcd has them.

use std::collections::BTreeMap;

use tokio::sync::mpsc;
use tokio_stream::wrappers::ReceiverStream;
use tonic::Streaming;
use tonic_resilience::client::target::Authority;

use crate::{
    api::{
        Event, KeyValue, RangeRequest, WatchCreateRequest, WatchRequest, WatchResponse,
        watch_request::RequestUnion,
    },
    client::Client,
    entry,
    error::EtcdError,
};

/// The keys of a name with their servers, and the revision at which they are so.
pub(crate) async fn read(
    client: &Client,
    name: &str,
) -> Result<(BTreeMap<Vec<u8>, Authority>, i64), EtcdError> {
    let (key, range_end) = entry::range(name);
    let answer = client.kv().range(RangeRequest { key, range_end }).await?;
    let answer = answer.into_inner();
    let revision = answer.header.map_or(0, |header| header.revision);
    let servers = answer.kvs.into_iter().filter_map(server).collect();
    Ok((servers, revision))
}

/// Changes from a revision on; the watch ends when the sender of its request is dropped.
pub(crate) async fn watch(
    client: &Client,
    name: &str,
    start_revision: i64,
) -> Result<(Streaming<WatchResponse>, mpsc::Sender<WatchRequest>), EtcdError> {
    let (key, range_end) = entry::range(name);
    let create = RequestUnion::CreateRequest(WatchCreateRequest {
        key,
        range_end,
        start_revision,
    });
    let create = WatchRequest {
        request_union: Some(create),
    };
    let (requests, queued) = mpsc::channel(1);
    let sent = requests.send(create).await;
    sent.map_err(|_| EtcdError::Ended)?;
    let queued = ReceiverStream::new(queued);
    Ok((client.watch().watch(queued).await?.into_inner(), requests))
}

/// The changes in an answer, of which a compacted or cancelled watch has none any more.
pub(crate) fn changes_of(answer: WatchResponse) -> Result<Vec<Event>, EtcdError> {
    if answer.compact_revision > 0 {
        return Err(EtcdError::Compacted(answer.compact_revision));
    }
    if answer.canceled {
        return Err(EtcdError::Cancelled(answer.cancel_reason));
    }
    Ok(answer.events)
}

/// A key and its server; `None` for a value that is no endpoint, which is logged.
pub(crate) fn server(pair: KeyValue) -> Option<(Vec<u8>, Authority)> {
    match entry::parse(&pair.value) {
        Ok(server) => Some((pair.key, server)),
        Err(error) => {
            let key = String::from_utf8_lossy(&pair.key);
            let value = String::from_utf8_lossy(&pair.value);
            tracing::warn!(%key, %value, %error, "a key is not an endpoint");
            None
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_watch_that_was_compacted_or_cancelled_is_an_error() {
        let compacted = WatchResponse {
            canceled: true,
            compact_revision: 7,
            ..WatchResponse::default()
        };
        let cancelled = WatchResponse {
            canceled: true,
            cancel_reason: "permission denied".to_owned(),
            ..WatchResponse::default()
        };
        for (answer, error) in [(compacted, "revision 7"), (cancelled, "permission denied")] {
            let found = changes_of(answer).expect_err("no changes");
            assert!(found.to_string().contains(error), "{found}");
        }
        assert_eq!(changes_of(WatchResponse::default()).expect("changes"), []);
    }
}

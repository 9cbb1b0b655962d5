//! The connection to a topic.

use std::{sync::Arc, time::Duration};

use futures_util::{FutureExt as _, future::try_join_all};
use rskafka::{
    BackoffConfig,
    client::{
        Client, ClientBuilder,
        error::{Error, ProtocolError},
        partition::{PartitionClient, UnknownTopicHandling},
    },
};
use tokio::time::timeout;
use tracing::{Dispatch, instrument::WithSubscriber as _};

use super::KafkaUrl;
use crate::Failure;

/// How long opening a topic may take, and how long writing a batch or reading one. Both together are
/// shorter than the lease of the relay.
const LONGEST: Duration = Duration::from_secs(4);
/// The partitions of a topic that is made here.
const PARTITIONS: i32 = 3;
/// As the broker has it configured.
const DEFAULT_REPLICATION: i16 = -1;

/// An open topic, and a client for each of its partitions, in their order.
#[derive(Debug)]
pub(super) struct Topic {
    pub(super) partitions: Vec<Arc<PartitionClient>>,
}

impl Topic {
    /// Connects to the leader of each partition. A topic that is missing is made, with 3 partitions.
    ///
    /// # Errors
    /// Why Kafka cannot be reached, or has no such topic and makes none.
    pub(super) async fn open(url: &KafkaUrl) -> Result<Self, Failure> {
        let open = bounded(Self::connect(url)).await;
        open.map_err(|failure| Failure {
            message: format!("Kafka at {}: {}", url.brokers().join(","), failure.message),
            ..failure
        })
    }

    async fn connect(url: &KafkaUrl) -> Result<Self, Error> {
        let client = ClientBuilder::new(url.brokers().to_vec())
            .client_id(env!("CARGO_PKG_NAME"))
            .backoff_config(backoff())
            .build()
            .await?;
        let mut ids = partitions(&client, url.topic()).await?;
        if ids.is_empty() {
            create(&client, url.topic()).await?;
            ids = (0..PARTITIONS).collect();
        }
        let open = ids
            .into_iter()
            .map(|id| client.partition_client(url.topic(), id, UnknownTopicHandling::Retry));
        let partitions = try_join_all(open).await?;
        Ok(Self {
            partitions: partitions.into_iter().map(Arc::new).collect(),
        })
    }
}

/// How the client tries again by itself; after the deadline it gives up, and we begin anew.
fn backoff() -> BackoffConfig {
    BackoffConfig {
        init_backoff: Duration::from_millis(50),
        max_backoff: Duration::from_millis(500),
        base: 2.0,
        deadline: Some(Duration::from_secs(2)),
    }
}

/// The partitions of a topic, in their order; none when there is no such topic.
async fn partitions(client: &Client, topic: &str) -> Result<Vec<i32>, Error> {
    let topics = client.list_topics().await?;
    let found = topics.into_iter().find(|it| it.name == topic);
    Ok(found.map_or_else(Vec::new, |it| it.partitions.into_iter().collect()))
}

async fn create(client: &Client, topic: &str) -> Result<(), Error> {
    let wait_ms = i32::try_from(LONGEST.as_millis()).unwrap_or(i32::MAX);
    let controller = client.controller_client()?;
    let made = controller.create_topic(topic, PARTITIONS, DEFAULT_REPLICATION, wait_ms);
    match made.await {
        Ok(()) => tracing::info!(topic, partitions = PARTITIONS, "topic made"),
        // The other side was faster.
        Err(Error::ServerError {
            protocol_error: ProtocolError::TopicAlreadyExists,
            ..
        }) => {}
        Err(error) => return Err(error),
    }
    Ok(())
}

/// Does something with Kafka within 4 s, and without the client's own log: it logs each of its
/// attempts, and what matters is in the error.
///
/// # Errors
/// The error of the client, or that it took too long.
pub(super) fn bounded<'a, T: 'a>(
    work: impl Future<Output = Result<T, Error>> + Send + 'a,
) -> impl Future<Output = Result<T, Failure>> + Send + 'a {
    // Boxed here and not within: the futures of the client are deep, and the compiler follows 128
    // levels of what a future contains.
    let work = work.boxed().with_subscriber(Dispatch::none());
    async move {
        match timeout(LONGEST, work).await {
            Ok(done) => done.map_err(|error| failure(&error)),
            Err(_elapsed) => {
                let why = format!("no answer within {LONGEST:?}");
                Err(Failure::new("timeout", why))
            }
        }
    }
}

/// The kind is Kafka's own name of the error, as `TopicAuthorizationFailed`.
fn failure(error: &Error) -> Failure {
    match error {
        Error::ServerError {
            protocol_error,
            error_message,
            ..
        } => {
            let name = format!("{protocol_error:?}");
            let message = error_message.as_deref().unwrap_or("no reason given");
            Failure::new(name.clone(), format!("{name}: {message}"))
        }
        Error::InvalidResponse(_) => Failure::new("invalid_response", error.to_string()),
        _ => Failure::new("unavailable", error.to_string()),
    }
}

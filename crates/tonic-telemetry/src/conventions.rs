//! The names of attributes, in one version of the semantic conventions.
//!
//! Names of metrics are in [`metrics`](crate::metrics): Prometheus spells them its own way.

use opentelemetry::InstrumentationScope;

/// The schema of every span of this crate: semantic conventions v1.44.0.
pub const SCHEMA_URL: &str = "https://opentelemetry.io/schemas/1.44.0";

/// The RPC system; always `grpc` here.
pub const RPC_SYSTEM_NAME: &str = "rpc.system.name";
/// The full name of the method, `package.Service/Method`, or `_OTHER`.
pub const RPC_METHOD: &str = "rpc.method";
/// The method that the caller named, where `rpc.method` is `_OTHER`.
pub const RPC_METHOD_ORIGINAL: &str = "rpc.method_original";
/// The status code by its name, as `DEADLINE_EXCEEDED`.
pub const RPC_RESPONSE_STATUS_CODE: &str = "rpc.response.status_code";
/// Why the operation failed; for an RPC the name of its status code. Absent if it succeeded.
pub const ERROR_TYPE: &str = "error.type";
/// The host that the caller names, without the port.
pub const SERVER_ADDRESS: &str = "server.address";
/// The port that the caller names.
pub const SERVER_PORT: &str = "server.port";
/// The address of the socket that was last contacted: an IP address, never a name.
pub const NETWORK_PEER_ADDRESS: &str = "network.peer.address";
/// The port of that socket.
pub const NETWORK_PEER_PORT: &str = "network.peer.port";

/// The database product, as `postgresql`.
pub const DB_SYSTEM_NAME: &str = "db.system.name";
/// The name of the database within its server, or its file.
pub const DB_NAMESPACE: &str = "db.namespace";
/// The table.
pub const DB_COLLECTION_NAME: &str = "db.collection.name";
/// The operation, as `SELECT`, or `BATCH INSERT` for several at once.
pub const DB_OPERATION_NAME: &str = "db.operation.name";
/// How many operations a batch has; absent where there is one.
pub const DB_OPERATION_BATCH_SIZE: &str = "db.operation.batch.size";
/// What a statement does, of few different values, as `SELECT users`.
pub const DB_QUERY_SUMMARY: &str = "db.query.summary";
/// The statement, with placeholders in place of values.
pub const DB_QUERY_TEXT: &str = "db.query.text";
/// The error code of the database, as the SQLSTATE `23505`.
pub const DB_RESPONSE_STATUS_CODE: &str = "db.response.status_code";

/// The messaging system, as `kafka`.
pub const MESSAGING_SYSTEM: &str = "messaging.system";
/// Where messages wait: the queue or topic.
pub const MESSAGING_DESTINATION_NAME: &str = "messaging.destination.name";
/// The partition of the destination, as text.
pub const MESSAGING_DESTINATION_PARTITION_ID: &str = "messaging.destination.partition.id";
/// The place of a message in its partition of a Kafka topic.
pub const MESSAGING_KAFKA_OFFSET: &str = "messaging.kafka.offset";
/// The operation as the messaging system names it.
pub const MESSAGING_OPERATION_NAME: &str = "messaging.operation.name";
/// The kind of operation: `create`, `send`, `receive` or `process` here.
pub const MESSAGING_OPERATION_TYPE: &str = "messaging.operation.type";
/// The id of one message.
pub const MESSAGING_MESSAGE_ID: &str = "messaging.message.id";
/// How many messages a batch has.
pub const MESSAGING_BATCH_MESSAGE_COUNT: &str = "messaging.batch.message_count";

/// The scope of this crate's own spans, for `SdkTracerProvider::tracer_with_scope`.
#[must_use]
pub fn instrumentation_scope() -> InstrumentationScope {
    InstrumentationScope::builder(env!("CARGO_PKG_NAME"))
        .with_version(env!("CARGO_PKG_VERSION"))
        .with_schema_url(SCHEMA_URL)
        .build()
}

//! What must stay between a caller and a database, and where callers send it.

/// Parts of what must stay between a caller and a database.
pub(super) const SECRETS: [&str; 15] = [
    "canary.person",
    "canary%2Eperson",
    "canary-token",
    "canary-key",
    "canary-cookie",
    "canary-baggage",
    "canary-path",
    "canary-agent",
    "canary-state",
    "canary-password",
    "491511234567",
    // Of a JSON web token, an issued key and a random one.
    "eyJjYW5hcnki",
    "Y2FuYXJ5",
    "Canary4242",
    "9fQ2LxZrT7vKp3WmN8sYbC1d",
];

pub(super) const EMAIL: &str = "canary.person@mail.example";
pub(super) const WEB_TOKEN: &str = "eyJhbGciOiJFZERTQSJ9.eyJjYW5hcnkiOjF9.Y2FuYXJ5";
pub(super) const ISSUED: &str = "sk_live_Canary4242Canary4242";
pub(super) const RANDOM: &str = "9fQ2LxZrT7vKp3WmN8sYbC1d";

/// The headers in which callers send what is nobody else's business.
pub(super) const HEADERS: [(&str, &str); 7] = [
    ("authorization", "Bearer canary-token"),
    ("x-api-key", "canary-key"),
    ("cookie", "session=canary-cookie"),
    // It goes through all services, and into nothing that they say.
    ("baggage", "tenant=canary-baggage,canary-baggage"),
    ("idempotency-key", EMAIL),
    ("tracestate", "vendor=token:canary-state,ot=p:1"),
    (
        "traceparent",
        "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
    ),
];

/// Paths that are no method.
pub(super) const PATHS: [&str; 12] = [
    "/x/canary.person@mail.example",
    "/x/canary.person@localhost",
    "/x/canary%2Eperson%40mail.example",
    "/reset/canary-path",
    "/canary-path",
    "/tracewalk.gateway.v1.GatewayService/canary-path",
    "/x/eyJhbGciOiJFZERTQSJ9.eyJjYW5hcnkiOjF9.Y2FuYXJ5",
    "/eyJhbGciOiJFZERTQSJ9.eyJjYW5hcnkiOjF9.Y2FuYXJ5/x",
    "/sk_live_Canary4242Canary4242/x",
    "/a.b.Users/9fQ2LxZrT7vKp3WmN8sYbC1d",
    "/tracewalk.gateway.v1.GatewayService/GetUser?token=canary-path",
    "/x?key=canary-path&email=canary.person%40mail.example",
];

pub(super) const AGENTS: [&str; 8] = [
    "x-api-key: canary-agent",
    "token=canary-agent",
    "canary.person@localhost",
    "canary-agent",
    "client/1.0 (canary.person@mail.example; canary-agent)",
    "client/canary-agent",
    "Bearer eyJhbGciOiJFZERTQSJ9.eyJjYW5hcnkiOjF9.Y2FuYXJ5",
    "key/9fQ2LxZrT7vKp3WmN8sYbC1d",
];

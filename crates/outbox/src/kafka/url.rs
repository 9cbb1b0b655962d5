use std::{fmt, str::FromStr};

const SCHEME: &str = "kafka://";

/// How events get from one service to the other.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Transport {
    /// `grpc`: by a call, in a [`Sink`](crate::Sink) of the service's own.
    #[default]
    Grpc,
    /// `kafka://HOST:PORT,HOST:PORT/TOPIC`: through a topic.
    Kafka(KafkaUrl),
}

/// Why a text is no [`Transport`].
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TransportError {
    /// It is neither `grpc` nor a URL of Kafka.
    #[error("expected grpc or kafka://HOST:PORT/TOPIC")]
    Unknown,
    /// A broker is no host with a port.
    #[error("expected brokers as HOST:PORT,HOST:PORT, found {found:?}")]
    Broker {
        /// What came instead.
        found: String,
    },
    /// Kafka has no topics of such a name.
    #[error("expected a topic of 1 to 249 characters of a-z A-Z 0-9 . _ -, found {found:?}")]
    Topic {
        /// What came instead.
        found: String,
    },
    /// The program cannot speak Kafka.
    #[error("built without the feature kafka")]
    NotBuilt,
}

/// The brokers to ask first, and the topic.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KafkaUrl {
    brokers: Vec<String>,
    topic: String,
    /// Without the feature nobody can make one, so that nothing else must handle this case.
    pub(super) built: Built,
}

/// Proof that the program speaks Kafka.
#[cfg(feature = "kafka")]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Built;
#[cfg(not(feature = "kafka"))]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Built {}

impl KafkaUrl {
    /// The brokers, each as `HOST:PORT`.
    #[must_use]
    pub fn brokers(&self) -> &[String] {
        &self.brokers
    }

    /// The topic.
    #[must_use]
    pub fn topic(&self) -> &str {
        &self.topic
    }
}

impl FromStr for Transport {
    type Err = TransportError;

    fn from_str(text: &str) -> Result<Self, TransportError> {
        if text == "grpc" {
            return Ok(Self::Grpc);
        }
        let rest = text.strip_prefix(SCHEME).ok_or(TransportError::Unknown)?;
        let (brokers, topic) = rest.split_once('/').ok_or(TransportError::Unknown)?;
        let brokers: Result<_, _> = brokers.split(',').map(broker).collect();
        let url = KafkaUrl {
            brokers: brokers?,
            topic: self::topic(topic)?,
            built: built()?,
        };
        Ok(Self::Kafka(url))
    }
}

fn broker(text: &str) -> Result<String, TransportError> {
    let address = text.rsplit_once(':');
    let holds = address.is_some_and(|(host, port)| {
        let plain = |it: char| !it.is_whitespace() && !"/@?#".contains(it);
        !host.is_empty() && host.chars().all(plain) && port.parse().is_ok_and(|it: u16| it > 0)
    });
    let found = text.to_owned();
    if holds {
        Ok(found)
    } else {
        Err(TransportError::Broker { found })
    }
}

fn topic(text: &str) -> Result<String, TransportError> {
    let plain = |it: u8| it.is_ascii_alphanumeric() || b"._-".contains(&it);
    let holds = (1..=249).contains(&text.len()) && text.bytes().all(plain);
    let found = text.to_owned();
    if holds && text != "." && text != ".." {
        Ok(found)
    } else {
        Err(TransportError::Topic { found })
    }
}

#[cfg(feature = "kafka")]
#[allow(clippy::unnecessary_wraps, reason = "without the feature it fails")]
fn built() -> Result<Built, TransportError> {
    Ok(Built)
}

#[cfg(not(feature = "kafka"))]
fn built() -> Result<Built, TransportError> {
    Err(TransportError::NotBuilt)
}

impl fmt::Display for Transport {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Grpc => formatter.write_str("grpc"),
            Self::Kafka(url) => {
                write!(formatter, "{SCHEME}{}/{}", url.brokers.join(","), url.topic)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Transport, TransportError};

    #[test]
    fn what_is_no_transport_is_refused_with_what_was_expected() {
        let long = format!("kafka://a:1/{}", "t".repeat(250));
        for (text, expected) in [
            ("", "expected grpc or kafka://"),
            ("kafka", "expected grpc or kafka://"),
            ("amqp://a:1/t", "expected grpc or kafka://"),
            ("kafka://a:1", "expected grpc or kafka://"),
            ("kafka://a/t", "expected brokers as HOST:PORT"),
            ("kafka://:1/t", "expected brokers as HOST:PORT"),
            ("kafka://a:0/t", "expected brokers as HOST:PORT"),
            ("kafka://a:1,/t", "expected brokers as HOST:PORT"),
            ("kafka://me@a:1/t", "expected brokers as HOST:PORT"),
            ("kafka://a:1/", "expected a topic of 1 to 249"),
            ("kafka://a:1/..", "expected a topic of 1 to 249"),
            ("kafka://a:1/t/u", "expected a topic of 1 to 249"),
            (&long, "expected a topic of 1 to 249"),
        ] {
            let error = text.parse::<Transport>().expect_err(text).to_string();
            assert!(error.contains(expected), "{text}: {error}");
        }
        assert_eq!("grpc".parse(), Ok(Transport::Grpc));
    }

    #[test]
    fn a_url_of_kafka_needs_the_feature() {
        let text = "kafka://[::1]:9092,b.example:9093/user-events";
        let parsed = text.parse::<Transport>();
        if cfg!(feature = "kafka") {
            let parsed = parsed.expect("a URL");
            assert_eq!(parsed.to_string(), text);
            let Transport::Kafka(url) = parsed else {
                panic!("no Kafka")
            };
            assert_eq!(url.brokers(), ["[::1]:9092", "b.example:9093"]);
            assert_eq!(url.topic(), "user-events");
        } else {
            assert_eq!(parsed, Err(TransportError::NotBuilt));
        }
    }
}

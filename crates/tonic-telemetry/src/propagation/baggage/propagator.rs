use std::sync::{Arc, LazyLock};

use opentelemetry::Context;
use opentelemetry::baggage::{Baggage, BaggageExt};
use opentelemetry::propagation::text_map_propagator::FieldIter;
use opentelemetry::propagation::{Extractor, Injector, TextMapPropagator};

use super::Member;

const BAGGAGE: &str = "baggage";

/// Most members that are sent on.
const MEMBERS: usize = 64;

/// Most bytes that are sent on.
const BYTES: usize = 8192;

/// Reads and writes the header `baggage`, for the keys that are allowed.
///
/// A value is read with the API's `BaggageExt`, decoded: `cx.baggage().get("tenant")`. What was
/// received is sent on as it was written. Members that break the grammar are left out, and so is
/// whatever is beyond 64 members or 8,192 bytes.
///
/// ```
/// use opentelemetry::{baggage::BaggageExt, propagation::TextMapPropagator};
/// use tonic_telemetry::propagation::BaggagePropagator;
///
/// let list = "tenant=a%20b=c;billed,session=1".to_owned();
/// let request = std::collections::HashMap::from([("baggage".to_owned(), list)]);
/// let cx = BaggagePropagator::new(["tenant"]).extract(&request);
/// assert_eq!(cx.baggage().get("tenant").map(|value| value.as_str()), Some("a b=c"));
/// assert_eq!(cx.baggage().get("session"), None);
/// ```
#[derive(Clone, Debug)]
pub struct BaggagePropagator {
    allowed: Arc<[String]>,
}

/// The members that were received, in their order and spelling.
#[derive(Clone, Debug)]
struct Received(Arc<[Member]>);

impl Received {
    /// Puts the members into the context: decoded for readers, and unchanged for the next hop.
    fn attach(self, cx: &Context) -> Context {
        let mut baggage = Baggage::new();
        for member in self.0.iter() {
            let properties = member.properties.trim_start_matches(';').to_owned();
            let value = member.text().into_owned();
            baggage.insert_with_metadata(member.key.clone(), value, properties);
        }
        cx.with_baggage(baggage).with_value(self)
    }
}

impl BaggagePropagator {
    /// Lets these keys through, and no others.
    #[must_use]
    pub fn new<K: Into<String>>(allowed: impl IntoIterator<Item = K>) -> Self {
        Self {
            allowed: allowed.into_iter().map(Into::into).collect(),
        }
    }

    fn allows(&self, key: &str) -> bool {
        self.allowed.iter().any(|allowed| allowed == key)
    }

    /// The members to send on: received members that still hold, then those that this process
    /// added, as far as there is room. The limit of the API is not enough: it counts values before
    /// they are encoded, and a peer refuses a request whose header is too long.
    fn outgoing(&self, cx: &Context) -> Vec<Member> {
        let baggage = cx.baggage();
        let received = cx
            .get::<Received>()
            .map(|received| received.0.iter())
            .into_iter()
            .flatten();
        let unchanged = |member: &&Member| {
            baggage
                .get(&member.key)
                .is_some_and(|value| value.as_str() == member.text())
        };
        let mut members: Vec<Member> = received.filter(unchanged).cloned().collect();
        let mut added: Vec<Member> = baggage
            .iter()
            .filter(|(key, _)| self.allows(key.as_str()))
            .filter(|(key, _)| members.iter().all(|member| member.key != key.as_str()))
            .filter_map(|(key, (value, metadata))| {
                Member::new(key.as_str(), value.as_str(), metadata.as_str())
            })
            .collect();
        // The API keeps no order; a stable one is easier to read.
        added.sort_by(|one, other| one.key.cmp(&other.key));
        members.extend(added);
        within_limits(members.into_iter())
    }
}

impl TextMapPropagator for BaggagePropagator {
    fn inject_context(&self, cx: &Context, injector: &mut dyn Injector) {
        // Most calls have none.
        if cx.baggage().is_empty() {
            return;
        }
        let list = self
            .outgoing(cx)
            .iter()
            .map(Member::to_string)
            .collect::<Vec<_>>()
            .join(",");
        if !list.is_empty() {
            injector.set(BAGGAGE, list);
        }
    }

    fn extract_with_context(&self, cx: &Context, extractor: &dyn Extractor) -> Context {
        let headers = extractor.get_all(BAGGAGE).unwrap_or_default();
        let members = headers
            .iter()
            .flat_map(|header| header.split(','))
            .filter_map(Member::parse);
        let received = within_limits(members.filter(|member| self.allows(&member.key)));
        if received.is_empty() {
            return cx.clone();
        }
        Received(received.into()).attach(cx)
    }

    fn fields(&self) -> FieldIter<'_> {
        static FIELDS: LazyLock<[String; 1]> = LazyLock::new(|| [BAGGAGE.to_owned()]);
        FieldIter::new(&*FIELDS)
    }
}

/// A context with the baggage of another, and nothing else of it.
pub(crate) fn baggage_of(cx: &Context) -> Context {
    let root = Context::new();
    match cx.get::<Received>() {
        None => root,
        Some(received) => received.clone().attach(&root),
    }
}

/// Whole members, as many as fit.
fn within_limits(members: impl Iterator<Item = Member>) -> Vec<Member> {
    let mut bytes = 0;
    let fits = |member: &Member| {
        // With the comma before it.
        bytes += member.len() + 1;
        bytes <= BYTES + 1
    };
    members.take(MEMBERS).take_while(fits).collect()
}

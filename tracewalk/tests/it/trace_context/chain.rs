use http_body_util::Full;
use hyper::{
    HeaderMap, Request,
    header::{HeaderName, HeaderValue},
};
use tonic::{Code, metadata::MetadataMap};

use crate::support::{Caller, Demo, LastHop, request};

/// The trace that every caller here says it belongs to.
pub(crate) const TRACE_ID: &str = "12345678901234567890123456789012";
/// The span that every caller here says it is.
pub(crate) const PARENT_ID: &str = "1234567890123456";

/// Gateway and user service, between callers and a last hop of the test.
pub(crate) struct Chain {
    pub(crate) demo: Demo,
    pub(crate) last_hop: LastHop,
    caller: Caller,
}

/// The two ways into the gateway.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Listener {
    Grpc,
    Http,
}

/// What became of a call's context by the time it reached the last hop.
#[derive(Debug)]
pub(crate) struct Arrived {
    pub(crate) trace_id: String,
    pub(crate) parent_id: String,
    pub(crate) flags: String,
    /// Empty where no header came.
    pub(crate) list: String,
    /// All headers with that name.
    pub(crate) baggage: Vec<String>,
}

impl Listener {
    pub(crate) const BOTH: [Self; 2] = [Self::Grpc, Self::Http];
}

impl Chain {
    pub(crate) async fn start(variables: &[(&str, &str)]) -> Self {
        let last_hop = LastHop::start().await;
        let demo = Demo::start_over(Some(last_hop.address), variables).await;
        let caller = demo.caller().await;
        Self {
            demo,
            last_hop,
            caller,
        }
    }

    /// Makes a call with these headers, in their order, and reads what arrives at the end.
    pub(crate) async fn send(&mut self, listener: Listener, headers: &[(&str, &str)]) -> Arrived {
        let mut map = HeaderMap::new();
        for (name, value) in headers {
            let name = name.parse::<HeaderName>().expect("a name");
            let value = HeaderValue::from_bytes(value.as_bytes()).expect("a value");
            map.append(name, value);
        }
        match listener {
            Listener::Grpc => {
                let metadata = MetadataMap::from_headers(map);
                let seen = self.caller.get_with("1", metadata).await;
                assert_eq!(seen.code, Code::Ok, "{headers:?}");
            }
            Listener::Http => {
                let url = format!("http://{}/v1/users/1", self.demo.http().await);
                let mut call = Request::get(url).body(Full::default()).expect("a request");
                *call.headers_mut() = map;
                assert_eq!(request(call).await.status, 200, "{headers:?}");
            }
        }
        Arrived::read(&self.last_hop.call())
    }
}

impl Arrived {
    /// Asserts what holds whatever was sent: one `traceparent` of version 00 with valid ids, and
    /// at most one `tracestate`, which is not empty.
    fn read(headers: &HeaderMap) -> Self {
        let all = |name: &str| -> Vec<String> {
            let values = headers.get_all(name).iter();
            let text = |value: &HeaderValue| value.to_str().expect("visible ASCII").to_owned();
            values.map(text).collect()
        };
        let [parent] = &all("traceparent")[..] else {
            panic!("one traceparent: {headers:?}")
        };
        let fields: Vec<_> = parent.split('-').collect();
        let ["00", trace_id, parent_id, flags] = fields[..] else {
            panic!("version 00: {parent}")
        };
        for (field, length) in [(trace_id, 32), (parent_id, 16), (flags, 2)] {
            let digits = field.bytes();
            let hex = digits
                .clone()
                .all(|it| matches!(it, b'0'..=b'9' | b'a'..=b'f'));
            assert!(hex && digits.len() == length, "{parent}");
        }
        assert!(trace_id.contains(|it| it != '0'), "{parent}");
        assert!(
            parent_id.contains(|it| it != '0') && parent_id != PARENT_ID,
            "{parent}"
        );
        let lists = all("tracestate");
        assert!(
            lists.len() < 2 && !lists.contains(&String::new()),
            "{lists:?}"
        );
        Self {
            trace_id: trace_id.to_owned(),
            parent_id: parent_id.to_owned(),
            flags: flags.to_owned(),
            list: lists.concat(),
            baggage: all("baggage"),
        }
    }

    /// Claims that the call is in the trace of its caller.
    pub(crate) fn continues(&self) -> bool {
        self.trace_id == TRACE_ID
    }
}

/// A `traceparent` of the caller, with `{t}` and `{p}` for its ids.
pub(crate) fn fill(template: &str) -> String {
    template.replace("{t}", TRACE_ID).replace("{p}", PARENT_ID)
}

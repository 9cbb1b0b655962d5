use std::collections::BTreeSet;

use tonic::{Code, metadata::MetadataMap};

use super::registry::Registry;
use crate::support::{Caller, Demo, LastHop, Seen, Span, until};

/// Calls of each kind, that succeed and that fail for each reason that a caller can make.
pub(crate) async fn call_in_all_ways(demo: &Demo) {
    let mut caller = demo.caller().await;
    for id in ["1", "nobody", ""] {
        caller.get(id).await;
        caller.watch(id, 2).await;
        caller.lookup(&[id]).await;
    }
    for email in ["ada@example.org", "ada@example.org", "nowhere"] {
        caller.create(email).await;
        caller.import(&[email]).await;
    }
    let mut debug = MetadataMap::new();
    debug.insert("jaeger-debug-id", "me".parse().expect("visible ASCII"));
    caller.get_with("1", debug).await;
    let mut hurried = MetadataMap::new();
    hurried.insert("grpc-timeout", "1u".parse().expect("visible ASCII"));
    let seen = caller.get_with("1", hurried).await;
    assert_ne!(seen.code, Code::Ok);
}

/// Asserts that the registry lists a span with all that it has: the attributes of its sort, their
/// types, the members of enumerations, and the events.
fn assert_listed(registry: &Registry, span: &Span) {
    let keys: BTreeSet<_> = span.attributes.keys().cloned().collect();
    let kind = span.kind.to_lowercase();
    let mut groups = registry.spans.iter().filter(|it| it.span_kind == kind);
    assert!(groups.any(|it| keys.is_subset(&it.attributes)), "{span:?}");
    for (key, kind) in &span.types {
        // Of the attributes of the semantic conventions, ports, sizes and counts alone are numbers,
        // and metadata alone are lists.
        let conventions = match key.rsplit_once('.') {
            Some((_, "port" | "size" | "message_count")) => "int",
            Some(("rpc.request.metadata", _)) => "string[]",
            _ => "string",
        };
        let own = registry.own.get(key);
        let listed = match own.map(|it| it.kind.as_str()) {
            None => conventions,
            // An enumeration of texts.
            Some("") => "string",
            Some(listed) => listed,
        };
        assert_eq!(*kind, listed, "{key} of {span:?}");
        let members = own.map(|it| &it.members).filter(|it| !it.is_empty());
        let is_member = members.is_none_or(|it| it.contains(span.attribute(key)));
        assert!(is_member, "{key} of {span:?}");
    }
    for event in &span.events {
        assert!(registry.events.contains(event), "{event} of {span:?}");
    }
}

#[tokio::test]
async fn every_attribute_and_event_of_a_span_is_listed() {
    let mut demo = Demo::start().await;
    call_in_all_ways(&demo).await;
    // The last hop is gone: retries, and calls that fail on both sides.
    demo.profile.signal("KILL").await;
    let _killed = demo.profile.ended().await;
    call_in_all_ways(&demo).await;
    demo.stop().await;

    let registry = Registry::read();
    let spans = demo.collector.spans();
    assert!(spans.iter().any(|span| span.is_error));
    for span in &spans {
        assert_listed(&registry, span);
    }
}

/// The five kinds of call, by number.
async fn call_kind(caller: &mut Caller, kind: usize, email: &str) -> Seen {
    match kind {
        0 => caller.get("1").await,
        1 => caller.watch("1", 1).await,
        2 => caller.lookup(&["1"]).await,
        3 => caller.create(email).await,
        _ => caller.import(&[email]).await,
    }
}

/// Calls that succeed: after too many failures the last hop would not be called at all.
async fn recover(caller: &mut Caller) {
    for _ in 0..3 {
        caller.get("1").await;
    }
    until("the last hop is called again", async || {
        let seen = caller.clone().watch("1", 1).await;
        (seen.code == Code::Ok).then_some(())
    })
    .await;
}

#[tokio::test]
async fn spans_of_every_kind_of_call_with_every_status_code_are_listed() {
    let last_hop = LastHop::start().await;
    let mut demo = Demo::start_over(Some(last_hop.address), &[]).await;
    let mut caller = demo.caller().await;
    for code in (1..17).map(Code::from) {
        for kind in 0..5 {
            last_hop.answer(code);
            call_kind(&mut caller, kind, &format!("{code:?}{kind}@example.org")).await;
            last_hop.answer(Code::Ok);
            recover(&mut caller).await;
        }
    }
    demo.stop().await;

    let registry = Registry::read();
    let spans = demo.collector.spans();
    for span in &spans {
        assert_listed(&registry, span);
    }
    for method in [
        "GetProfile",
        "WatchProfile",
        "LookupProfiles",
        "PutProfile",
        "ImportProfiles",
    ] {
        let calls = spans.iter().filter(|it| it.name.ends_with(method));
        let seen = calls.map(|it| it.attribute("rpc.response.status_code"));
        // Calls that succeed are those of the other test: this last hop knows no users.
        let failures: BTreeSet<_> = seen.filter(|code| *code != "OK").collect();
        assert_eq!(failures.len(), 16, "{method}: {failures:?}");
    }
}

use std::collections::BTreeSet;

use super::chain::{Chain, Listener, PARENT_ID, TRACE_ID, fill};

/// One header after the other; `true` where the trace goes on.
const ONE_HEADER: [(&str, bool, &str); 38] = [
    ("00-{t}-{p}-01", true, "a valid one"),
    ("00-{t}-{p}-01.", false, "version 00 with a dot behind it"),
    (
        "00-{t}-{p}-01-what-the-future-will-be-like",
        false,
        "version 00 with more fields",
    ),
    ("cc-{t}-{p}-01", true, "a future version"),
    (
        "cc-{t}-{p}-01-what-the-future-will-be-like",
        true,
        "a future version with more fields",
    ),
    (
        "cc-{t}-{p}-01.what-the-future-will-be-like",
        false,
        "a future version without the dash",
    ),
    ("ff-{t}-{p}-01", false, "the forbidden version"),
    (".0-{t}-{p}-01", false, "a version that is no hex"),
    (
        "0.-{t}-{p}-01",
        false,
        "a version that is no hex at its end",
    ),
    ("000-{t}-{p}-01", false, "a version of three digits"),
    ("0000-{t}-{p}-01", false, "a version of four digits"),
    ("0-{t}-{p}-01", false, "a version of one digit"),
    (
        "00-00000000000000000000000000000000-{p}-01",
        false,
        "a trace id of zeros",
    ),
    (
        "00-.2345678901234567890123456789012-{p}-01",
        false,
        "a trace id that is no hex",
    ),
    (
        "00-1234567890123456789012345678901.-{p}-01",
        false,
        "a trace id that is no hex at its end",
    ),
    ("00-{t}3-{p}-01", false, "a trace id of 33 digits"),
    (
        "00-1234567890123456789012345678901-{p}-01",
        false,
        "a trace id of 31 digits",
    ),
    ("00-{t}-0000000000000000-01", false, "a parent id of zeros"),
    (
        "00-{t}-.234567890123456-01",
        false,
        "a parent id that is no hex",
    ),
    (
        "00-{t}-123456789012345.-01",
        false,
        "a parent id that is no hex at its end",
    ),
    ("00-{t}-{p}7-01", false, "a parent id of 17 digits"),
    (
        "00-{t}-123456789012345-01",
        false,
        "a parent id of 15 digits",
    ),
    ("00-{t}-{p}-.0", false, "flags that are no hex"),
    ("00-{t}-{p}-0.", false, "flags that are no hex at their end"),
    ("00-{t}-{p}-001", false, "flags of three digits"),
    ("00-{t}-{p}-1", false, "flags of one digit"),
    (" 00-{t}-{p}-01", true, "a space before"),
    ("\t00-{t}-{p}-01", true, "a tab before"),
    ("00-{t}-{p}-01 ", true, "a space behind"),
    ("00-{t}-{p}-01\t", true, "a tab behind"),
    ("\t 00-{t}-{p}-01 \t", true, "white space on both sides"),
    // Beyond the public harness.
    ("", false, "an empty header"),
    (
        "00-ABCDEF78901234567890123456789012-{p}-01",
        false,
        "a trace id in capitals",
    ),
    (
        "00-{t}-ABCDEF7890123456-01",
        false,
        "a parent id in capitals",
    ),
    (
        "00-+2345678901234567890123456789012-{p}-01",
        false,
        "a sign",
    ),
    ("00_{t}_{p}_01", false, "underscores"),
    ("00-{t}-{p}-01,00-{t}-{p}-01", false, "two in one header"),
    ("00-{t}-{p}-0\u{e9}", false, "not ASCII"),
];

#[tokio::test]
async fn a_traceparent_continues_the_trace_or_restarts_it_as_the_specification_says() {
    let mut chain = Chain::start(&[]).await;
    for listener in Listener::BOTH {
        for (template, continues, reason) in ONE_HEADER {
            let arrived = chain
                .send(listener, &[("traceparent", &fill(template))])
                .await;
            assert_eq!(arrived.continues(), continues, "{listener:?}, {reason}");
        }
    }
}

#[tokio::test]
async fn no_traceparent_two_of_them_or_a_wrong_name_begin_a_trace() {
    let mut chain = Chain::start(&[]).await;
    let (one, other) = (
        fill("00-{t}-{p}-01"),
        fill("00-{t}1-{p}-01").replace("-1234", "-234"),
    );
    let cases: [(&[(&str, &str)], &str); 5] = [
        (&[], "none"),
        (
            &[("traceparent", &one), ("traceparent", &other)],
            "two traces",
        ),
        (
            &[("traceparent", &one), ("traceparent", &one)],
            "one trace twice",
        ),
        (&[("trace-parent", &one)], "a name with a dash"),
        (&[("trace.parent", &one)], "a name with a dot"),
    ];
    for listener in Listener::BOTH {
        for (headers, reason) in cases {
            let arrived = chain.send(listener, headers).await;
            assert!(!arrived.continues(), "{listener:?}, {reason}");
            // Its ids are random, and it says so.
            assert_eq!(arrived.flags, "03", "{listener:?}, {reason}");
        }
        // HTTP/2 knows lower case alone; the names of HTTP/1 have any.
        let arrived = chain.send(Listener::Http, &[("TrAcEpArEnT", &one)]).await;
        assert!(arrived.continues());
    }
}

#[tokio::test]
async fn flags_of_the_caller_reach_the_end_whether_sampled_or_not() {
    let mut chain = Chain::start(&[]).await;
    for listener in Listener::BOTH {
        for (sent, expected) in [
            ("00", "00"),
            ("01", "01"),
            ("02", "02"),
            ("03", "03"),
            // Flags that nobody knows are not sent on.
            ("ff", "03"),
            ("fc", "00"),
        ] {
            let parent = format!("00-{TRACE_ID}-{PARENT_ID}-{sent}");
            let arrived = chain.send(listener, &[("traceparent", &parent)]).await;
            assert!(arrived.continues());
            assert_eq!(arrived.flags, expected, "{listener:?}, {sent}");
        }
    }
}

#[tokio::test]
async fn every_call_of_one_caller_has_a_parent_of_its_own() {
    let mut chain = Chain::start(&[]).await;
    let valid = fill("00-{t}-{p}-01");
    let cases = [Some(valid), None, Some(fill("00-{t}-{p}-1"))];
    for parent in cases {
        let headers: Vec<_> = parent
            .iter()
            .map(|it| ("traceparent", it.as_str()))
            .collect();
        let mut parents = BTreeSet::new();
        let mut traces = BTreeSet::new();
        for listener in [Listener::Grpc, Listener::Http, Listener::Grpc] {
            let arrived = chain.send(listener, &headers).await;
            parents.insert(arrived.parent_id);
            traces.insert(arrived.trace_id);
        }
        assert_eq!(parents.len(), 3, "{headers:?}");
        let one_trace = traces == BTreeSet::from([TRACE_ID.to_owned()]);
        assert!(one_trace || traces.len() == 3, "{traces:?}");
    }
}

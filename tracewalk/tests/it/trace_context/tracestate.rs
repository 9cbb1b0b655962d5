use super::chain::{Chain, Listener, fill};

/// Printable ASCII but for the comma and the equals sign; no space at its end.
const EVERY_SIGN: &str = " !\"#$%&'()*+-./0123456789:;<>?@ABCDEFGHIJKLMNOPQRSTUVWXYZ[\\]^_`abcdefghijklmnopqrstuvwxyz{|}~";
const EVERY_KEY: &str = "abcdefghijklmnopqrstuvwxyz0123456789_-*/";

/// The headers of a request, and the one that arrives; empty where none may.
const LISTS: [(&[&str], &str, &str); 31] = [
    (&["foo=1,bar=2"], "foo=1,bar=2", "a list"),
    (&[""], "", "an empty header"),
    (&["foo=1", ""], "foo=1", "an empty header behind a list"),
    (&["", "foo=1"], "foo=1", "an empty header before a list"),
    (
        &["foo=1,bar=2", "rojo=1,congo=2", "baz=3"],
        "foo=1,bar=2,rojo=1,congo=2,baz=3",
        "headers are joined in order",
    ),
    (&["foo=1,foo=1"], "foo=1,foo=1", "a key twice is passed on"),
    (
        &["foo=1", "foo=2"],
        "foo=1,foo=2",
        "a key in two headers is passed on",
    ),
    (
        &["foo=1 \t , \t bar=2, \t baz=3"],
        "foo=1,bar=2,baz=3",
        "white space around members",
    ),
    (
        &["foo=1\t \t,\t \tbar=2,\t \tbaz=3"],
        "foo=1,bar=2,baz=3",
        "tabs around members",
    ),
    (&[" foo=1"], "foo=1", "a space before"),
    (&["\tfoo=1"], "foo=1", "a tab before"),
    (&["foo=1 "], "foo=1", "a space behind"),
    (&["foo=1\t"], "foo=1", "a tab behind"),
    (&["\t foo=1 \t"], "foo=1", "white space on both sides"),
    (&["foo =1"], "", "a space in a key"),
    (&["FOO=1"], "", "a key in capitals"),
    (&["foo.bar=1"], "", "a dot in a key"),
    (
        &["foo@=1,bar=2"],
        "foo@=1,bar=2",
        "an at sign at the end of a key",
    ),
    (&["@foo=1,bar=2"], "", "an at sign at the begin of a key"),
    (&["foo@@bar=1,bar=2"], "foo@@bar=1,bar=2", "two at signs"),
    (
        &["foo@bar@baz=1,bar=2"],
        "foo@bar@baz=1,bar=2",
        "two at signs apart",
    ),
    (&["foo=bar=baz"], "", "an equals sign in a value"),
    (&["foo=,bar=3"], "", "an empty value"),
    // Beyond the public harness.
    (&["foo=1,,bar=2,"], "foo=1,bar=2", "empty members"),
    (&[" , ,\t"], "", "empty members alone"),
    (&["0foo=1"], "0foo=1", "a key that begins with a digit"),
    (&["foo= a b"], "foo= a b", "spaces inside a value"),
    (&["foo=a\tb"], "", "a tab inside a value"),
    (&["foo=\u{e9}"], "", "a value that is not ASCII"),
    (&["foo=1", "bar"], "", "one bad member of two headers"),
    (&["=1"], "", "no key"),
];

async fn list(chain: &mut Chain, listener: Listener, lists: &[&str]) -> String {
    let parent = fill("00-{t}-{p}-00");
    let mut headers = vec![("traceparent", parent.as_str())];
    headers.extend(lists.iter().map(|list| ("tracestate", *list)));
    let arrived = chain.send(listener, &headers).await;
    assert!(
        arrived.continues(),
        "a bad list costs no good parent: {lists:?}"
    );
    arrived.list
}

#[tokio::test]
async fn a_tracestate_is_kept_or_discarded_as_the_specification_says() {
    let mut chain = Chain::start(&[]).await;
    for listener in Listener::BOTH {
        for (lists, expected, reason) in LISTS {
            let arrived = list(&mut chain, listener, lists).await;
            assert_eq!(arrived, expected, "{listener:?}, {reason}");
        }
        for key in [EVERY_KEY.to_owned(), format!("{EVERY_KEY}@a-z0-9_-*/")] {
            let all = format!("{key}={EVERY_SIGN}");
            assert_eq!(
                list(&mut chain, listener, &[&all]).await,
                all,
                "{listener:?}"
            );
        }
    }
}

#[tokio::test]
async fn a_tracestate_has_32_members_with_keys_and_values_of_256_characters_at_most() {
    let mut chain = Chain::start(&[]).await;
    let members = |from: usize, to: usize| -> String {
        let all: Vec<_> = (from..=to)
            .map(|it| format!("bar{it:02}={it:02}"))
            .collect();
        all.join(",")
    };
    let headers = [
        members(1, 10),
        members(11, 20),
        members(21, 30),
        members(31, 32),
    ];
    let mut headers: Vec<_> = headers.iter().map(String::as_str).collect();
    let lengths = |key: usize, value: usize| format!("{}={}", "k".repeat(key), "v".repeat(value));
    let vendor =
        |tenant: usize, system: usize| format!("{}@{}=1", "t".repeat(tenant), "v".repeat(system));
    for listener in Listener::BOTH {
        headers[3] = "bar31=31,bar32=32";
        assert_eq!(list(&mut chain, listener, &headers).await, members(1, 32));
        headers[3] = "bar31=31,bar32=32,bar33=33";
        assert_eq!(
            list(&mut chain, listener, &headers).await,
            "",
            "{listener:?}"
        );
        for (member, kept) in [
            (lengths(256, 1), true),
            (lengths(257, 1), false),
            (lengths(1, 256), true),
            (lengths(1, 257), false),
            (vendor(241, 14), true),
            (vendor(242, 1), true),
            (vendor(242, 14), false),
            (vendor(1, 15), true),
        ] {
            let expected = if kept { member.as_str() } else { "" };
            assert_eq!(list(&mut chain, listener, &[&member]).await, expected);
        }
    }
}

#[tokio::test]
async fn a_tracestate_without_a_traceparent_or_by_another_name_is_discarded() {
    let mut chain = Chain::start(&[]).await;
    let (good, bad) = (fill("00-{t}-{p}-00"), fill("00-{t}-{p}-0"));
    let cases: [(&[(&str, &str)], &str); 5] = [
        (&[("tracestate", "foo=1,bar=2")], "no parent"),
        (
            &[("traceparent", &bad), ("tracestate", "foo=1")],
            "a bad parent",
        ),
        (
            &[
                ("traceparent", &good),
                ("traceparent", &good),
                ("tracestate", "foo=1"),
            ],
            "two parents",
        ),
        (
            &[("traceparent", &good), ("trace-state", "foo=1")],
            "a name with a dash",
        ),
        (
            &[("traceparent", &good), ("trace.state", "foo=1")],
            "a name with a dot",
        ),
    ];
    for listener in Listener::BOTH {
        for (headers, reason) in cases {
            assert_eq!(
                chain.send(listener, headers).await.list,
                "",
                "{listener:?}, {reason}"
            );
        }
    }
    let headers = [("traceparent", good.as_str()), ("TRACESTATE", "foo=1")];
    assert_eq!(chain.send(Listener::Http, &headers).await.list, "foo=1");
}

use super::chain::{Chain, Listener};

/// The headers of a request whose keys `tenant` and `plan` are allowed, and what arrives.
const ALLOWED: [(&[&str], &str, &str); 9] = [
    (&["tenant=ada"], "tenant=ada", "a member"),
    (
        &["tenant=a=b=="],
        "tenant=a=b==",
        "equals signs belong to the value",
    ),
    (
        &["tenant=100%2525"],
        "tenant=100%2525",
        "a percent sign, encoded twice",
    ),
    (
        &["tenant=a%5Cb%0Ac"],
        "tenant=a%5Cb%0Ac",
        "a backslash and a line break",
    ),
    (
        &["tenant=%C3%BC%c3%bc"],
        "tenant=%C3%BC%c3%bc",
        "UTF-8, in either case",
    ),
    (&["tenant=x;p;q=1"], "tenant=x;p;q=1", "properties"),
    (
        &["tenant=1,session=2,plan=3"],
        "tenant=1,plan=3",
        "a key that is not allowed",
    ),
    (
        &["plan=1", "tenant=2"],
        "plan=1,tenant=2",
        "two headers, in their order",
    ),
    (
        &["tenant=a b,plan=2"],
        "plan=2",
        "a neighbour that breaks the grammar",
    ),
];

async fn baggage(chain: &mut Chain, listener: Listener, lines: &[&str]) -> Vec<String> {
    let headers: Vec<_> = lines.iter().map(|line| ("baggage", *line)).collect();
    chain.send(listener, &headers).await.baggage
}

#[tokio::test]
async fn no_baggage_goes_through_unless_its_key_is_allowed() {
    let mut chain = Chain::start(&[]).await;
    for listener in Listener::BOTH {
        assert!(
            baggage(&mut chain, listener, &["tenant=ada"])
                .await
                .is_empty()
        );
    }
}

#[tokio::test]
async fn allowed_baggage_arrives_behind_two_hops_as_it_was_written() {
    let mut chain = Chain::start(&[("TRACEWALK_BAGGAGE", "tenant,plan")]).await;
    for (lines, expected, reason) in ALLOWED {
        for listener in Listener::BOTH {
            let arrived = baggage(&mut chain, listener, lines).await;
            assert_eq!(arrived.join(","), expected, "{listener:?}, {reason}");
        }
    }
    let nothing = baggage(&mut chain, Listener::Grpc, &["session=1", "tenant=\u{e9}"]).await;
    assert!(nothing.is_empty(), "{nothing:?}");
}

#[tokio::test]
async fn baggage_beyond_the_limits_of_the_specification_is_cut_between_members() {
    let keys: Vec<_> = (0..70).map(|number| format!("k{number}")).collect();
    let mut chain = Chain::start(&[("TRACEWALK_BAGGAGE", &keys.join(","))]).await;
    let list = |length: usize| -> Vec<String> {
        let value = "v".repeat(length);
        keys.iter().map(|key| format!("{key}={value}")).collect()
    };
    let (many, long) = (list(1), list(1000));
    for listener in Listener::BOTH {
        let arrived = baggage(&mut chain, listener, &[&many.join(",")]).await;
        assert_eq!(arrived, [many[..64].join(",")], "{listener:?}: 64 members");
        // In two headers, of which each is short enough.
        let halves = [long[..5].join(","), long[5..10].join(",")];
        let halves = [halves[0].as_str(), halves[1].as_str()];
        let arrived = baggage(&mut chain, listener, &halves).await;
        assert_eq!(arrived, [long[..8].join(",")], "{listener:?}: 8,192 bytes");
    }
}

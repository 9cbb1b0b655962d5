//! How the stack ends: drained, killed, or with a child that died.

use std::time::Duration;

use super::text;
use crate::support::{Caller, Up, until};
use proto::gateway::v1::WatchUserRequest;

#[tokio::test]
async fn a_signal_drains_the_chain_and_no_span_is_lost() {
    for signal in ["TERM", "INT", "HUP"] {
        let mut up = Up::start(&["--load", "100"]);
        up.process.line("Ctrl-C").await;
        up.process.signal(signal).await;
        assert_eq!(
            up.process.ended().await,
            Some(0),
            "{:#?}",
            up.process.lines()
        );

        let line = up.process.line("started = ").await;
        assert!(line.contains("+ 0 failed + 0 dropped"), "{line}");
        let numbers: Vec<_> = line
            .split_whitespace()
            .filter_map(|word| word.parse().ok())
            .collect();
        let [started, exported, _, _, arrived]: [u64; 5] = numbers.try_into().unwrap();
        assert!(started > 0, "{line}");
        assert_eq!((exported, arrived), (started, started), "{line}");
        let drained: Vec<_> = up
            .process
            .lines()
            .into_iter()
            .filter(|line| line.contains("drained in"))
            .collect();
        let [gateway, user, profile] = &drained[..] else {
            panic!("three services: {drained:?}")
        };
        assert!(
            gateway.contains("gateway") && user.contains("user") && profile.contains("profile"),
            "{drained:?}"
        );
    }
}

#[tokio::test]
async fn children_die_with_a_launcher_that_is_killed() {
    let mut up = Up::start(&["--json", "--load", "20"]);
    let addresses = up.addresses().await;
    up.process.signal("KILL").await;
    assert_eq!(up.process.ended().await, None);
    for listener in ["gateway_admin", "user_admin", "profile_admin"] {
        let address = text(&addresses, listener);
        until(&format!("nobody listens on {listener}"), async || {
            tokio::net::TcpStream::connect(&address).await.err()
        })
        .await;
    }
}

#[tokio::test]
async fn a_second_interrupt_kills_what_does_not_drain() {
    let mut up = Up::start(&["--load", "0", "--grace", "10m"]);
    let gateway = up.process.line("  grpc ").await;
    up.process.line("Ctrl-C").await;
    let gateway = gateway.split_whitespace().nth(2).expect("an address");
    let mut caller = Caller::connect(gateway.parse().expect("an address")).await;
    // A stream that would keep the drain busy for an hour.
    let request = WatchUserRequest {
        user_id: "1".to_owned(),
        updates: 60,
        interval: Duration::from_mins(1).try_into().ok(),
    };
    let mut stream = caller.gateway.watch_user(request).await.unwrap();
    stream
        .get_mut()
        .message()
        .await
        .unwrap()
        .expect("an update");

    up.process.signal("INT").await;
    up.process.line("again to kill").await;
    up.process.signal("INT").await;
    assert_eq!(up.process.ended().await, Some(130));
    up.process.line("killed").await;
    assert!(
        stream.get_mut().message().await.is_err(),
        "the gateway is gone with its launcher"
    );
}

#[tokio::test]
async fn a_child_that_dies_is_reported_with_its_last_lines_and_the_stack_stops() {
    for service in ["gateway", "user", "profile"] {
        let mut up = Up::start(&["--json", "--load", "20"]);
        let pid = up.addresses().await["pids"][service].to_string();
        let killed = tokio::process::Command::new("kill")
            .args(["-9", &pid])
            .status()
            .await;
        assert!(killed.unwrap().success());

        assert_eq!(up.process.ended().await, Some(1));
        let said = up.process.line("error:").await;
        assert!(
            said.contains(service) && said.contains("signal: 9"),
            "{said}"
        );
        assert!(said.contains(&format!("{service}.log")), "{said}");
        assert!(
            up.process
                .lines()
                .iter()
                .any(|line| line.contains("\"ready\""))
        );
        assert!(up.log(service).contains("\"ready\""));
    }
}

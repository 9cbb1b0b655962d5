//! Each call says where its trace is, or why it cannot be looked at.

use std::net::SocketAddr;

use crate::support::{Up, run};
use serde_json::Value;
use tokio::{
    io::{copy, sink},
    net::{TcpListener, TcpStream},
};

/// The addresses of this stack, as flags.
fn flags(addresses: &Value) -> [&str; 4] {
    let address = |of: &str| addresses[of].as_str().expect("an address");
    ["--gateway", address("gateway"), "--ui", address("ui")]
}

async fn said(words: &[&str]) -> (Option<i32>, String) {
    let output = run(words).await;
    let text = [output.stdout, output.stderr].concat();
    let text = String::from_utf8(text).expect("UTF-8");
    (output.status.code(), text)
}

#[tokio::test]
async fn a_call_shows_its_waterfall_when_it_is_asked_to() {
    let up = Up::start(&["--json", "--load", "0"]);
    let addresses = up.addresses().await;
    let call = |id| [&["call", "get", id, "--show"], &flags(&addresses)[..]].concat();
    let (code, text) = said(&call("1")).await;
    assert_eq!(code, Some(0), "{text}");
    for part in [
        "\nmost time: ",
        "\n9 spans · 3 services",
        "gateway server GetUser",
        "\ndeadline: gateway ",
    ] {
        assert!(text.contains(part), "{part} is not in: {text}");
    }
    let (code, text) = said(&call("nobody")).await;
    assert_eq!(code, Some(1), "{text}");
    assert!(
        text.contains("\nfirst failure: gateway attempt GetUser: NOT_FOUND"),
        "{text}"
    );
}

#[tokio::test]
async fn a_caller_whose_own_timer_ends_the_call_learns_its_trace() {
    let up = Up::start(&["--json", "--load", "0"]);
    let addresses = up.addresses().await;
    let [_, gateway, _, ui] = flags(&addresses);
    let deaf = without_answers(gateway.to_owned()).await.to_string();
    let words = [
        "call",
        "get",
        "1",
        "--timeout",
        "500ms",
        "--gateway",
        &deaf,
        "--ui",
        ui,
    ];
    let (code, text) = said(&words).await;
    assert_eq!(code, Some(1), "{text}");
    let (_, link) = text
        .split_once("/trace/")
        .unwrap_or_else(|| panic!("{text}"));
    let (code, trace) = said(&["trace", link.trim(), "--query-url", ui]).await;
    assert_eq!(code, Some(0), "{trace}");
    assert!(trace.contains("gateway server GetUser"), "{trace}");
}

/// A way to this address on which nothing comes back.
async fn without_answers(address: String) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let ours = listener.local_addr().expect("a bound listener has one");
    tokio::spawn(async move {
        while let Ok((caller, _)) = listener.accept().await {
            let server = TcpStream::connect(&address).await.expect("it listens");
            tokio::spawn(async move {
                let (mut asks, _kept_open) = caller.into_split();
                let (mut answers, mut asked) = server.into_split();
                let (mut nobody, to_server) = (sink(), copy(&mut asks, &mut asked));
                let _ends = tokio::join!(to_server, copy(&mut answers, &mut nobody));
            });
        }
    });
    ours
}

#[tokio::test]
async fn what_was_not_sampled_says_so_and_has_no_link() {
    let variables = [
        ("OTEL_TRACES_SAMPLER", "traceidratio"),
        ("OTEL_TRACES_SAMPLER_ARG", "0"),
    ];
    let up = Up::start_with(&["--json", "--load", "0"], &variables);
    let addresses = up.addresses().await;
    let user_admin = addresses["user_admin"].as_str().expect("an address");
    let load = ["load", "--duration", "1s", "--rps", "5", "--mix", "get=1"];
    for words in [
        &["call", "get", "1", "--show"][..],
        &["call", "get", "nobody"],
        &load,
        &["scenario", "run", "retry-helps", "--user-admin", user_admin],
        &["mystery", "--seed", "1"],
    ] {
        let (_, text) = said(&[words, &flags(&addresses)].concat()).await;
        assert!(
            text.contains("not sampled: its spans were not exported"),
            "{text}"
        );
        assert!(!text.contains("/trace/"), "{text}");
    }
}

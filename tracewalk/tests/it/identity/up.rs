//! `tracewalk up` with certificates and tokens: it makes them, uses them, and says how to.

use std::fs;

use crate::support::{Up, get, run, until};

#[tokio::test]
async fn up_makes_certificates_and_a_token_and_its_traffic_writes_with_it() {
    let folder = tempfile::tempdir().unwrap();
    let [certs, auth] = ["certs", "auth"].map(|name| folder.path().join(name));
    let [tls, keys] = [&certs, &auth].map(|path| path.to_str().unwrap());
    let up = Up::start(&["--json", "--load", "50", "--tls", tls, "--auth", keys]);
    let addresses = up.addresses().await;
    let address = |listener: &str| addresses[listener].as_str().unwrap().to_owned();
    let gateway = address("gateway");
    let create = ["call", "create", "--gateway", &gateway];
    assert_eq!(run(&create).await.status.code(), Some(1));
    let token = addresses["token_file"].as_str().unwrap();
    let output = run(&[&create[..], &["--token-file", token]].concat()).await;
    assert!(output.status.success(), "{output:?}");
    let probe = ["health", &address("user"), "--peer", "user", "--tls", tls];
    assert!(run(&probe).await.status.success());
    assert!(!run(&probe[..2]).await.status.success(), "without TLS");

    let url = format!("http://{}/metrics", address("gateway_admin"));
    until("the traffic writes", async || {
        let metrics = get(&url).await.body;
        let mut lines = metrics.lines();
        let written = "method=\"CreateUser\",service=\"tracewalk.gateway.v1.GatewayService\"";
        let ok = |line: &&str| {
            line.starts_with("grpc_rpc_duration_seconds_count") && line.contains("code=\"OK\"")
        };
        lines
            .find(|line| ok(line) && line.contains(written))
            .map(|_| ())
    })
    .await;
    let token = fs::read_to_string(token).unwrap();
    for service in ["gateway", "user", "profile"] {
        let log = up.log(service);
        assert!(
            !log.contains(&token) && !log.contains("PRIVATE KEY"),
            "{service}"
        );
        assert!(
            !log.contains("UNAUTHENTICATED\",\"method\":\"ImportUsers"),
            "{log}"
        );
    }
}

#[tokio::test]
async fn up_says_how_to_write_and_how_to_probe() {
    let folder = tempfile::tempdir().unwrap();
    let [certs, auth] = ["certs", "auth"].map(|name| folder.path().join(name));
    let [tls, keys] = [&certs, &auth].map(|path| path.to_str().unwrap());
    let up = Up::start(&["--load", "0", "--tls", tls, "--auth", keys]);
    up.process.line("Ctrl-C").await;
    let said = up.process.lines();
    for what in ["call create", "health 127.0.0.1"] {
        let line = said.iter().find(|line| line.contains(what)).expect(what);
        let words: Vec<_> = line.split_whitespace().skip(1).collect();
        let output = run(&words).await;
        assert!(output.status.success(), "{line}: {output:?}");
    }
    let token = fs::read_to_string(auth.join("token")).unwrap();
    assert!(!said.join("\n").contains(&token));
}

#[tokio::test]
async fn a_folder_that_cannot_be_had_is_one_line_and_nothing_starts() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("file");
    fs::write(&file, "in the way").unwrap();
    for flag in ["--tls", "--auth"] {
        let mut up = Up::start(&[flag, file.to_str().unwrap()]);
        assert_eq!(up.process.ended().await, Some(1));
        let line = up.process.line("error:").await;
        assert!(line.contains(flag), "{line}");
        assert_eq!(up.process.lines().len(), 1);
    }
}

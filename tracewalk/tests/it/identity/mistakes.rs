//! A service that cannot be who it should be does not start, and says why in one line.

use std::{fs, path::Path, time::Duration};

use dev_identity::{TokenFolder, keep_certificates, write_certificates};
use rstest::rstest;

use super::chain::{Chain, DAY};
use crate::support::{command, finish, until};

const SERVICES: [&str; 3] = ["gateway", "user", "profile"];

/// What is wrong with a folder.
#[derive(Clone, Copy)]
enum Damage {
    Gone(&'static str),
    Holds(&'static str, &'static str),
    IsThatOf(&'static str, &'static str),
    IsAFolder(&'static str),
    AllExpired,
}
use Damage::{AllExpired, Gone, Holds, IsAFolder, IsThatOf};

impl Damage {
    fn to(self, folder: &Path) {
        match self {
            Gone(name) => fs::remove_file(folder.join(name)).expect("a file"),
            Holds(name, text) => fs::write(folder.join(name), text).expect("a file"),
            IsThatOf(name, other) => {
                fs::copy(folder.join(other), folder.join(name)).expect("a file");
            }
            IsAFolder(name) => {
                fs::remove_file(folder.join(name)).expect("a file");
                fs::create_dir(folder.join(name)).expect("a folder");
            }
            AllExpired => {
                write_certificates(folder, &SERVICES, Duration::ZERO).expect("certificates");
            }
        }
    }
}

#[rstest]
#[case(Gone("ca.pem"), "ca.pem: No such file")]
#[case(Gone("user.pem"), "user.pem: No such file")]
#[case(Gone("user.key"), "user.key: No such file")]
#[case(AllExpired, "expired")]
#[case(IsThatOf("user.pem", "profile.pem"), "not valid for name")]
#[case(IsThatOf("user.key", "profile.key"), "KeyMismatch")]
#[case(Holds("user.pem", "no PEM"), "no certificate")]
#[case(Holds("user.key", ""), "not PEM")]
#[case(IsAFolder("ca.pem"), "not a file")]
#[tokio::test]
async fn a_service_without_a_good_certificate_does_not_start(
    #[case] damage: Damage,
    #[case] reason: &str,
) {
    let folder = tempfile::tempdir().unwrap();
    keep_certificates(folder.path(), &SERVICES, DAY).unwrap();
    damage.to(folder.path());
    let words = ["user", "--database-url", "memory:"];
    mistake(&words, "--tls", folder.path(), reason).await;
}

#[rstest]
#[case(Gone("keys.json"), "keys.json: No such file")]
#[case(Holds("keys.json", ""), "not a JSON Web Key set")]
#[case(Holds("keys.json", "{\"keys\":[]}"), "no keys")]
#[case(IsAFolder("keys.json"), "not a file")]
#[tokio::test]
async fn a_gateway_without_good_keys_does_not_start(#[case] damage: Damage, #[case] reason: &str) {
    let folder = tempfile::tempdir().unwrap();
    TokenFolder::open(folder.path()).unwrap();
    damage.to(folder.path());
    let words = ["gateway", "--http-listen", "127.0.0.1:0"];
    mistake(&words, "--auth", folder.path(), reason).await;
}

async fn mistake(words: &[&str], flag: &str, folder: &Path, reason: &str) {
    let mut command = command(words);
    command.args(["--listen", "127.0.0.1:0", "--admin-listen", "127.0.0.1:0"]);
    command.arg(flag).arg(folder);
    let output = finish(command).await;
    let text = String::from_utf8(output.stderr).expect("UTF-8");
    assert_eq!(output.status.code(), Some(1), "{text}");
    assert!(text.contains(reason) && text.contains(flag), "{text}");
    assert!(
        text.starts_with("error: ") && text.lines().count() == 1,
        "{text}"
    );
}

#[tokio::test]
async fn a_gateway_without_keys_says_that_writes_are_open() {
    let mut words = command(&["gateway", "--http-listen", "127.0.0.1:0"]);
    words.args(["--listen", "127.0.0.1:0", "--admin-listen", "127.0.0.1:0"]);
    let gateway = crate::support::Process::start("gateway", words);
    gateway.line("writes are open to anyone").await;
    let said = gateway.lines();
    let said = said.iter().filter(|line| line.contains("open to anyone"));
    assert_eq!(said.count(), 1);

    let chain = Chain::start().await;
    let said = chain.gateway.lines().join("\n");
    assert!(!said.contains("open to anyone"), "{said}");
}

#[tokio::test]
async fn wrong_new_certificates_are_said_and_the_old_ones_stay() {
    let chain = Chain::start().await;
    let certs = chain.certs();
    write_certificates(&certs, &["user"], Duration::ZERO).unwrap();
    let refused = ("tls_reloads_total", [("result", "refused")]);
    until("the refusal is counted", async || {
        let metrics = chain.user.metrics().await;
        (metrics.sum(refused.0, &refused.1) == 1).then_some(())
    })
    .await;
    let line = chain.user.line("new files refused").await;
    assert!(line.contains("expired"), "{line}");
    let address = chain.user.address("grpc").await;
    let shown = super::handshake::of_service(&certs, "gateway");
    let connected = super::handshake::connect(address, &certs, Some(shown)).await;
    assert!(connected.is_ok(), "{connected:?}");
}

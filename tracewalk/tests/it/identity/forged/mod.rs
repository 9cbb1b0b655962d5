//! Tokens that are forged or damaged, at both listeners of the gateway; none is accepted.

mod forger;

use tonic::Code;

use super::{chain::Chain, writes::post};
use forger::Forger;

#[tokio::test]
async fn no_forged_or_damaged_token_is_believed() {
    let chain = Chain::start().await;
    let forger = Forger::at(&chain);
    let good = format!("Bearer {}", forger.seen);
    assert_eq!(chain.write(Some(&good)).await, Code::Ok);
    let cases = [
        forger.signatures(),
        forger.headers(),
        forger.times(),
        forger.names(),
        forger.damaged(),
    ];
    let cases = cases.concat();
    assert!(cases.len() >= 25, "{}", cases.len());
    for (reason, token) in &cases {
        is_refused(&chain, reason, token).await;
    }
    // Refused by its length, and beyond that by the limit of all headers together.
    let long = |length: usize| format!("Bearer {}", "x".repeat(length * 1024));
    assert_eq!(chain.write(Some(&long(9))).await, Code::Unauthenticated);
    for length in [32, 80, 1024] {
        let answer = chain.write(Some(&long(length))).await;
        assert!(answer != Code::Ok && answer != Code::Internal, "{answer:?}");
    }
    assert_eq!(
        chain.write(Some(&good)).await,
        Code::Ok,
        "the gateway lives"
    );
    let everything = chain.everything();
    for (reason, token) in cases.iter().filter(|(_, token)| token.len() > 40) {
        assert!(
            !everything.contains(token.as_str()),
            "{reason} is in the output"
        );
    }
}

/// By both listeners, for a write and for a read that would be open to all.
async fn is_refused(chain: &Chain, reason: &str, token: &str) {
    let authorization = format!("Bearer {token}");
    let answer = chain.write(Some(&authorization)).await;
    assert_eq!(answer, Code::Unauthenticated, "{reason}");
    let answer = chain.read(Some(&authorization)).await;
    assert_eq!(answer, Code::Unauthenticated, "{reason}, a read");
    let answer = post(chain, Some(&authorization)).await;
    assert_eq!(answer.status, 401, "{reason}: {}", answer.body);
}

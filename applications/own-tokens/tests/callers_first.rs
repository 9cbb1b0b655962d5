//! A process chooses the cryptography of `jsonwebtoken` once, so each order has a process of its own.

mod common;

#[tokio::test]
async fn an_application_chooses_its_provider_after_callers_were_known() {
    common::callers_are_known();
    // Nothing was chosen before.
    let chosen = jsonwebtoken::crypto::rust_crypto::DEFAULT_PROVIDER.install_default();
    chosen.expect("the first choice of this process");
    common::sessions_work();
    common::callers_are_known();
    common::tokens_of_others_are_read();
    common::each_call_has_its_span().await;
}

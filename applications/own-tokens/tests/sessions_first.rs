//! The other order: see `callers_first`.

mod common;

#[tokio::test]
async fn callers_are_known_where_the_application_has_signed_before() {
    common::sessions_work();
    common::callers_are_known();
    common::tokens_of_others_are_read();
    common::sessions_work();
    common::each_call_has_its_span().await;
}

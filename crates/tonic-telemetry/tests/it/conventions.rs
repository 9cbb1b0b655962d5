//! The names of `tonic_telemetry::conventions` against the crate that is generated from the semantic
//! conventions.

use opentelemetry_semantic_conventions::attribute;
use rstest::rstest;
use tonic_telemetry::conventions;

#[rstest]
#[case(conventions::DB_QUERY_SUMMARY, attribute::DB_QUERY_SUMMARY)]
#[case(conventions::ERROR_TYPE, attribute::ERROR_TYPE)]
#[case(
    conventions::MESSAGING_BATCH_MESSAGE_COUNT,
    attribute::MESSAGING_BATCH_MESSAGE_COUNT
)]
#[case(
    conventions::MESSAGING_DESTINATION_NAME,
    attribute::MESSAGING_DESTINATION_NAME
)]
#[case(conventions::MESSAGING_MESSAGE_ID, attribute::MESSAGING_MESSAGE_ID)]
#[case(
    conventions::MESSAGING_OPERATION_NAME,
    attribute::MESSAGING_OPERATION_NAME
)]
#[case(
    conventions::MESSAGING_OPERATION_TYPE,
    attribute::MESSAGING_OPERATION_TYPE
)]
#[case(conventions::MESSAGING_SYSTEM, attribute::MESSAGING_SYSTEM)]
#[case(conventions::RPC_METHOD, attribute::RPC_METHOD)]
#[case(conventions::RPC_METHOD_ORIGINAL, attribute::RPC_METHOD_ORIGINAL)]
#[case(
    conventions::RPC_RESPONSE_STATUS_CODE,
    attribute::RPC_RESPONSE_STATUS_CODE
)]
#[case(conventions::RPC_SYSTEM_NAME, attribute::RPC_SYSTEM_NAME)]
#[case(conventions::SERVER_ADDRESS, attribute::SERVER_ADDRESS)]
#[case(conventions::SERVER_PORT, attribute::SERVER_PORT)]
fn a_name_is_that_of_the_conventions(#[case] ours: &str, #[case] theirs: &str) {
    assert_eq!(ours, theirs);
}

/// The generated crate is two versions behind; the RPC names did not change in between.
#[test]
fn the_version_is_stated_once() {
    let scope = conventions::instrumentation_scope();
    assert_eq!(scope.schema_url(), Some(conventions::SCHEMA_URL));
    assert_eq!(
        conventions::SCHEMA_URL,
        "https://opentelemetry.io/schemas/1.44.0"
    );
}

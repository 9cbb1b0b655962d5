//! A list with the name of a method that is not there is an error at the start, with the name that was
//! meant: left as it is, a call would never be tried again, or a write would be open to anyone.

use std::error::Error;

use dev_identity::TokenFolder;
use tonic_health::pb::FILE_DESCRIPTOR_SET;
use tonic_resilience::{
    names,
    names::Names,
    server::layers::authenticate::{AuthenticateLayer, TokenVerifier},
};
use tonic_stack::{
    client::NextHop,
    server::{Layers, Limits},
};
use tonic_telemetry::{LogFormat, Options, Telemetry};

static NAMES: Names = names!("shop");

const EXPECTED: &str =
    "no contract declares a method grpc.health.v1.Health/Chek: is it grpc.health.v1.Health/Check?";

fn telemetry() -> Telemetry {
    let options = Options::new("shop").log_format(LogFormat::Off);
    options.start().expect("telemetry starts")
}

#[tokio::test]
async fn an_idempotent_method_that_is_not_there_is_named() {
    let target = "static:///127.0.0.1:1".parse().expect("a target");
    let next = NextHop {
        idempotent: &["grpc.health.v1.Health/Check", "grpc.health.v1.Health/Chek"],
        ..NextHop::new(&NAMES, "stock", FILE_DESCRIPTOR_SET, &target)
    };
    let error = next.connect(&telemetry()).expect_err("a wrong name");
    let cause = error.source().expect("it says which");
    assert_eq!(cause.to_string(), EXPECTED);
}

#[tokio::test]
async fn a_protected_method_that_is_not_there_is_named() {
    let folder = tempfile::tempdir().expect("a folder");
    let keys = TokenFolder::open(folder.path()).expect("keys").keys();
    let verifier = TokenVerifier::load(keys, "issuer", "audience").expect("keys");
    let limits = Limits::default();
    let layers = Layers::new(&[FILE_DESCRIPTOR_SET], &NAMES, &limits, &telemetry());
    let tokens = AuthenticateLayer::new(verifier);
    let tokens = tokens.require("health:read", "grpc.health.v1.Health/Chek");
    let protected = layers
        .expect("the contract is sound")
        .authenticate(Some(tokens));
    assert_eq!(protected.expect_err("a wrong name").to_string(), EXPECTED);
}

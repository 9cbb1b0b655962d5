//! The steps of the services and of Jaeger, each broken in turn.

use tokio::net::TcpListener;

use super::{
    site::Site,
    stack::{Gateway, Stack},
};
use crate::support::{ClosedPort, finish};

#[tokio::test]
async fn the_part_that_does_not_answer_is_named() {
    let stack = Stack::start("0").await;
    let nobody = ClosedPort::new();
    for (flag, step, part) in [
        ("--gateway", "gateway", "gateway"),
        ("--gateway-admin", "services", "gateway"),
        ("--user-admin", "services", "user"),
        ("--profile-admin", "services", "profile"),
        ("--ui", "trace", "jaeger"),
        ("--dashboards-page", "dashboards", "dashboards"),
    ] {
        let checked = stack.check(&["--native", flag, &nobody.address]).await;
        checked.expect_broken(step, part);
    }
}

#[tokio::test]
async fn only_the_steps_that_need_a_broken_one_are_not_checked() {
    let stack = Stack::start("0").await;
    let nobody = ClosedPort::new();
    let checked = stack.check(&["--native", "--ui", &nobody.address]).await;
    for (step, state) in [
        ("call", "holds"),
        ("spans", "not_checked"),
        ("histograms", "holds"),
        ("exemplars", "not_checked"),
    ] {
        assert_eq!(checked.state(step), state, "{step}");
    }
}

#[tokio::test]
async fn a_part_that_hangs_is_given_up() {
    let stack = Stack::start("0").await;
    let mute = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = mute.local_addr().unwrap().to_string();
    let words = ["--native", "--timeout", "1s", "--user-admin", &address];
    stack.check(&words).await.expect_broken("services", "user");
}

#[tokio::test]
async fn without_an_answer_people_read_what_to_do() {
    let stack = Stack::start("0").await;
    let nobody = ClosedPort::new();
    let command = stack.command(&["--native", "--ui", &nobody.address]);
    let text = String::from_utf8(finish(command).await.stdout).unwrap();
    for part in [
        "✗  4 trace",
        "expected  jaeger answers",
        "docker compose up -d jaeger",
        "--ui",
    ] {
        assert!(text.contains(part), "{part}: {text}");
    }
}

#[tokio::test]
async fn a_process_that_is_alive_and_not_ready_misses_its_database() {
    let stack = Stack::start("0").await;
    let idle = Site::start(|_| (503, "not ready\n".to_owned())).await;
    let checked = stack
        .check(&["--native", "--user-admin", &idle.address])
        .await;
    checked.expect_broken("services", "database");
}

#[tokio::test]
async fn a_call_that_fails_behind_the_gateway_names_the_service_out_of_reach() {
    let stack = Stack::start("0").await;
    let nobody = ClosedPort::new();
    let lost = Gateway::start(&nobody.address).await;
    let words = [
        "--native",
        "--gateway",
        &lost.grpc,
        "--gateway-admin",
        &lost.admin,
    ];
    let checked = stack.check(&words).await;
    checked.expect_broken("call", "user");
}

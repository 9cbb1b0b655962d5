//! The limits of a hop and those of the way to the next one.

use std::time::Duration;

use crate::support::{SILENT, start_with};
use proto::gateway::v1::{GetUserRequest, gateway_service_client::GatewayServiceClient};
use rstest::rstest;
use tokio::task::JoinSet;
use tonic::{Code, Status, transport::Channel};
use tonic_types::StatusExt as _;

async fn ask(mut client: GatewayServiceClient<Channel>, user_id: &str) -> Status {
    let user_id = user_id.to_owned();
    let answer = client.get_user(GetUserRequest { user_id }).await;
    answer.expect_err("no such user")
}

#[rstest]
#[tokio::test]
async fn each_call_that_is_admitted_reaches_the_next_hop_and_one_more_is_refused(
    #[values(1, 99, 1024)] max_calls: usize,
) {
    let running = start_with(|config| {
        config.host.limits.max_calls = max_calls;
        config.caller_share = 100;
    })
    .await;
    let known = ask(running.client.clone(), "2").await;
    assert_eq!(known.code(), Code::NotFound, "the user service is there");
    let mut calls = JoinSet::new();
    for _ in 0..max_calls {
        calls.spawn(ask(running.client.clone(), SILENT));
    }
    let all_there = async {
        while running.seen.lock().expect("no panic with it").len() <= max_calls {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    let waited = tokio::time::timeout(Duration::from_mins(2), all_there);
    assert!(waited.await.is_ok(), "{:?}", calls.try_join_next());

    let refused = ask(running.client.clone(), SILENT).await;
    assert_eq!(refused.code(), Code::ResourceExhausted);
    let details = refused.get_error_details();
    let info = details.error_info().expect("a reason");
    assert_eq!(info.reason, "TOO_MANY_CALLS");
    assert!(details.retry_info().is_some());
}

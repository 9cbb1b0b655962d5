use std::time::Duration;

use tonic::{Code, Status};

use super::is_out_of_reach;
use crate::deadline::Deadline;

fn out_of_reach(code: Code) -> bool {
    is_out_of_reach(&Status::new(code, ""))
}

#[tokio::test(start_paused = true)]
async fn a_refusal_of_the_server_itself_is_no_case_for_a_fallback() {
    assert!(out_of_reach(Code::Unavailable));
    for code in [
        Code::Cancelled,
        Code::Internal,
        Code::NotFound,
        Code::PermissionDenied,
        Code::ResourceExhausted,
        Code::Unauthenticated,
    ] {
        assert!(!out_of_reach(code), "{code:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_timeout_is_one_while_the_caller_still_waits() {
    assert!(out_of_reach(Code::DeadlineExceeded), "nobody set a time");
    let served = Deadline::after(Duration::from_millis(500));
    let timed_out = async { out_of_reach(Code::DeadlineExceeded) };
    assert!(served.scope(timed_out).await);
    tokio::time::advance(Duration::from_millis(490)).await;
    let timed_out = async { out_of_reach(Code::DeadlineExceeded) };
    assert!(!served.scope(timed_out).await);
}

//! The database goes, and comes back.

use database::test_support::{PostgresServer, TestDatabase};
use proto::profile::v1::GetProfileRequest;
use tokio::time::timeout;
use tonic::Code;
use tonic_types::StatusExt as _;

use test_support::{DEADLINE, service::reason};

use crate::support::{self, Running};

fn server(service: &Running) -> &PostgresServer {
    service
        .database
        .server()
        .expect("the database has a server")
}

#[tokio::test]
async fn a_database_that_goes_is_unavailable_until_it_is_back() {
    // A server of its own: the others share one, which must go on.
    let database = TestDatabase::postgres_alone()
        .await
        .expect("a server for the test");
    let mut service = support::start_over(database.url().clone(), database).await;
    let request = GetProfileRequest {
        user_id: "1".to_owned(),
    };
    service.client.get_profile(request.clone()).await.unwrap();

    server(&service).pause().expect("the server stops");
    let down = timeout(DEADLINE, service.ready.wait_for(|ready| !ready))
        .await
        .is_ok();
    assert!(down, "the service says that it does not serve");
    let status = service
        .client
        .get_profile(request.clone())
        .await
        .unwrap_err();
    assert_eq!(status.code(), Code::Unavailable);
    assert_eq!(reason(&status).0, "DATABASE_UNAVAILABLE");
    assert!(
        status.get_error_details().retry_info().is_some(),
        "waiting helps"
    );
    assert_eq!(
        status.message(),
        "the database is unavailable",
        "nothing of the inside"
    );

    server(&service).resume().expect("the server starts again");
    let back = timeout(DEADLINE, service.ready.wait_for(|ready| *ready))
        .await
        .is_ok();
    assert!(back, "the service serves again");
    service.client.get_profile(request).await.unwrap();
}

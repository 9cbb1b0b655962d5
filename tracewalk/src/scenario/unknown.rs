//! Calls of methods that are not there.

use proto::gateway::v1::gateway_service_server::SERVICE_NAME;
use tonic::{
    Code, Request, Status, client::Grpc, codegen::http::uri::PathAndQuery,
    service::interceptor::InterceptedService, transport::Channel,
};
use tonic_prost::ProstCodec;

use crate::{client::Caller, load::Seen};

/// Calls a method of the gateway that it does not have, another one for each number; the code and
/// the trace of the answer.
pub(super) async fn call(channel: &Channel, caller: &Caller, number: u32) -> (Code, Seen) {
    let path = format!("/{SERVICE_NAME}/Unknown{number}");
    let path: PathAndQuery = path.parse().expect("letters and digits make a path");
    let mut client = Grpc::new(InterceptedService::new(channel.clone(), caller.clone()));
    let calling = async {
        let ready = client.ready().await;
        ready.map_err(|error| Status::unavailable(error.to_string()))?;
        let codec = ProstCodec::<(), ()>::default();
        client.unary(Request::new(()), path, codec).await
    };
    let mut seen = Seen::default();
    let code = match calling.await {
        Ok(answer) => {
            seen.note(answer.metadata());
            Code::Ok
        }
        Err(status) => {
            seen.note(status.metadata());
            status.code()
        }
    };
    (code, seen)
}

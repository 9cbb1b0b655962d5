use axum::{
    Json,
    extract::{Path, State, rejection::JsonRejection, rejection::PathRejection},
    http::{HeaderValue, StatusCode, header::LOCATION},
    response::{IntoResponse, Response},
};
use proto::gateway::v1::{
    CreateUserRequest, GetUserRequest, gateway_service_client::GatewayServiceClient,
};
use tonic_resilience::stack::Stack;

use super::{
    error::HttpError,
    metadata::{self, Caller},
    resource::{NewUserResource, UserResource},
};

/// `GET /v1/users/{id}`: the rpc `GetUser`.
pub(super) async fn get<S: Stack>(
    State(stack): State<S>,
    caller: Caller,
    user_id: Result<Path<String>, PathRejection>,
) -> Result<Response, HttpError> {
    let Path(user_id) = user_id?;
    let answer = client(stack, &caller)
        .get_user(caller.request(GetUserRequest { user_id }))
        .await?;
    let out = metadata::passed_out(answer.metadata());
    let answer = answer.into_inner();
    let user = UserResource::new(answer.user.unwrap_or_default(), answer.degraded);
    Ok((out, Json(user)).into_response())
}

/// `POST /v1/users`: the rpc `CreateUser`. 201 for a new user, 200 for a replayed answer.
pub(super) async fn create<S: Stack>(
    State(stack): State<S>,
    caller: Caller,
    body: Result<Json<NewUserResource>, JsonRejection>,
) -> Result<Response, HttpError> {
    let Json(user) = body?;
    let user = Some(user.into());
    let answer = client(stack, &caller)
        .create_user(caller.request(CreateUserRequest { user }))
        .await?;
    let mut out = metadata::passed_out(answer.metadata());
    let answer = answer.into_inner();
    let user = answer.user.unwrap_or_default();
    if let Ok(location) = HeaderValue::try_from(format!("/v1/users/{}", user.user_id)) {
        out.insert(LOCATION, location);
    }
    let status = if answer.replayed {
        StatusCode::OK
    } else {
        StatusCode::CREATED
    };
    Ok((status, out, Json(UserResource::new(user, false))).into_response())
}

fn client<S: Stack>(stack: S, caller: &Caller) -> GatewayServiceClient<S> {
    GatewayServiceClient::with_origin(stack, caller.origin.clone())
}

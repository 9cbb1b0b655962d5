//! `prettyPrint`: the same answer for people.

use axum::{
    body::{Body, to_bytes},
    extract::{Query, Request},
    http::header::CONTENT_LENGTH,
    middleware::Next,
    response::{IntoResponse, Response},
};
use serde_json::Value;

use super::reply::Failure;

/// Breaks the JSON of an answer into lines where the request says `prettyPrint`, as Jaeger does:
/// with anything but `false`.
pub(super) async fn print(
    Query(pairs): Query<Vec<(String, String)>>,
    request: Request,
    next: Next,
) -> Response {
    let answer = next.run(request).await;
    let is_asked = |(name, value): &(String, String)| {
        name == "prettyPrint" && !matches!(value.as_str(), "" | "false")
    };
    if !pairs.iter().any(is_asked) {
        return answer;
    }
    let (mut head, body) = answer.into_parts();
    let printed = async {
        let body = to_bytes(body, usize::MAX).await.ok()?;
        let json: Value = serde_json::from_slice(&body).ok()?;
        serde_json::to_vec_pretty(&json).ok()
    };
    match printed.await {
        Some(text) => {
            head.headers.remove(CONTENT_LENGTH);
            Response::from_parts(head, Body::from(text))
        }
        None => Failure::internal("the answer is not JSON").into_response(),
    }
}

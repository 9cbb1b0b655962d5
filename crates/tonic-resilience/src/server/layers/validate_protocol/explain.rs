use grpc_wire::{code_name, status_code};
use http::HeaderMap;
use prost::Message as _;
use tonic::{Code, Status};
use tonic_types::{ErrorInfo, pb};

use super::{RequestFault, ValidateProtocolLayer};
use crate::errors::ErrorReply;

/// How prost begins each of its messages.
const PROST: &str = "failed to decode Protobuf message: ";

/// Adds the details that every error has to an error without details, and a domain to its reason.
///
/// The error is one of tonic's own, or of a handler that gives a code only. For tonic's own, the
/// request is to blame, which is noted in `request_fault`.
pub(super) fn complete(
    headers: &mut HeaderMap,
    path: &str,
    rules: &ValidateProtocolLayer,
    request_fault: &RequestFault,
) {
    let domain = rules.names.domain;
    if headers.contains_key(Status::GRPC_STATUS_DETAILS) {
        fill_in_domain(headers, domain);
        return;
    }
    // First the code alone: to read a status copies all the headers.
    if status_code(headers).is_none_or(|code| code == Code::Ok) {
        return;
    }
    let Some(status) = Status::from_header_map(headers) else {
        return;
    };
    let reply = match tonics_own(&status, path, rules) {
        Some((reason, reply)) => {
            rules.note(reason);
            request_fault.note();
            reply
        }
        None => ErrorReply::new(status.code(), code_name(status.code()), status.message()),
    };
    // The metadata of the answer stays as it is.
    for name in [Status::GRPC_STATUS, Status::GRPC_MESSAGE] {
        headers.remove(name);
    }
    if reply
        .domain(domain)
        .into_status()
        .add_header(headers)
        .is_err()
    {
        headers.insert(Status::GRPC_STATUS, (Code::Internal as i32).into());
    }
}

/// Names the domain in the details of an error, where its reason has none.
fn fill_in_domain(headers: &mut HeaderMap, domain: &str) {
    if let Some(status) = Status::from_header_map(headers)
        && let Some(details) = with_domain(status.details(), domain)
    {
        let status = Status::with_details(status.code(), status.message(), details.into());
        // What was read from headers can be written to them.
        drop(status.add_header(headers));
    }
}

/// The details with the domain; `None` where nothing is to be filled in.
fn with_domain(details: &[u8], domain: &str) -> Option<Vec<u8>> {
    let mut error = pb::Status::decode(details).ok()?;
    let mut infos = error.details.iter_mut();
    let info = infos.find(|detail| detail.type_url == ErrorInfo::TYPE_URL)?;
    let mut read = pb::ErrorInfo::decode(&info.value[..]).ok()?;
    if !read.domain.is_empty() {
        return None;
    }
    domain.clone_into(&mut read.domain);
    info.value = read.encode_to_vec();
    Some(error.encode_to_vec())
}

/// The reason and the reply for a status that tonic makes when it cannot read a request.
fn tonics_own(
    status: &Status,
    path: &str,
    rules: &ValidateProtocolLayer,
) -> Option<(&'static str, ErrorReply)> {
    let (code, message) = (status.code(), status.message());
    let reply = |reason, message: String| (reason, ErrorReply::new(code, reason, message));
    match code {
        Code::Unimplemented if !rules.knows(path) => {
            let (service, method) = path.trim_start_matches('/').split_once('/')?;
            let reason = if rules.knows_service(service) {
                "UNKNOWN_METHOD"
            } else {
                "UNKNOWN_SERVICE"
            };
            let (reason, reply) = reply(reason, "there is no such method".to_owned());
            let reply = reply.metadata("service", truncate(service));
            Some((reason, reply.metadata("method", truncate(method))))
        }
        // tonic lists in this header the encodings that the server reads.
        Code::Unimplemented if status.metadata().contains_key("grpc-accept-encoding") => {
            Some(reply("UNSUPPORTED_ENCODING", message.to_owned()))
        }
        Code::Internal if message.starts_with(PROST) => {
            let (reason, reply) = reply("MALFORMED_MESSAGE", message.to_owned());
            let (field, rule) = field_at_fault(&message[PROST.len()..]);
            Some((
                reason,
                match field.as_str() {
                    "" => reply,
                    _ => reply.violation(field, rule),
                },
            ))
        }
        _ => None,
    }
}

/// The beginning of what a caller may have made long.
fn truncate(text: &str) -> String {
    text.chars().take(100).collect()
}

/// The path of the field, and what is wrong with it, in a text such as
/// `CreateUserRequest.user: NewUser.name: invalid string value`.
fn field_at_fault(text: &str) -> (String, &str) {
    let mut path = Vec::new();
    let mut rest = text;
    while let Some((message_and_field, after)) = rest.split_once(": ")
        && let Some((_, field)) = message_and_field.split_once('.')
        && !message_and_field.contains(' ')
    {
        path.push(field);
        rest = after;
    }
    (path.join("."), rest)
}

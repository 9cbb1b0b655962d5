//! Reflection, as its clients see it.

use futures_util::{TryStreamExt as _, stream};
use tonic::service::Routes;
use tonic_reflection::pb::{v1, v1alpha};

const SETS: [&[u8]; 1] = [tonic_health::pb::FILE_DESCRIPTOR_SET];
const HEALTH: &str = "grpc.health.v1.Health";

fn server() -> Routes {
    let (_, service) = tonic_resilience::server::health::Health::new(&[]);
    tonic_stack::reflection::add_to(Routes::new(service), &SETS, &[HEALTH])
        .expect("generated sets decode")
}

/// Both versions, whose messages have the same names.
macro_rules! a_question_without_an_answer {
    ($test:ident, $version:ident) => {
        #[tokio::test]
        async fn $test() {
            use $version::{
                ServerReflectionRequest,
                server_reflection_client::ServerReflectionClient,
                server_reflection_request::MessageRequest::{
                    FileByFilename, FileContainingSymbol, ListServices,
                },
                server_reflection_response::MessageResponse,
            };
            let questions = [
                Some(FileContainingSymbol("no.such.Name".to_owned())),
                Some(FileByFilename("no_such_file.proto".to_owned())),
                None,
                Some(FileContainingSymbol(HEALTH.to_owned())),
                Some(ListServices(String::new())),
            ]
            .map(|message_request| ServerReflectionRequest {
                host: "h".to_owned(),
                message_request,
            });
            let mut client = ServerReflectionClient::new(server());
            let answers = client
                .server_reflection_info(stream::iter(questions.clone()))
                .await
                .expect("a stream");
            let answers = answers.into_inner().try_collect::<Vec<_>>().await;
            let answers = answers.expect("all answers");
            for (answer, question) in answers.iter().zip(&questions) {
                assert_eq!(answer.original_request.as_ref(), Some(question));
                assert_eq!(answer.valid_host, "h");
            }
            let answers = answers.into_iter();
            let said = answers.map(|answer| match answer.message_response {
                Some(MessageResponse::ErrorResponse(error)) => error.error_code.to_string(),
                Some(MessageResponse::FileDescriptorResponse(_)) => "a file".to_owned(),
                Some(MessageResponse::ListServicesResponse(list)) => list.service[0].name.clone(),
                other => format!("{other:?}"),
            });
            // NOT_FOUND, twice, and INVALID_ARGUMENT.
            assert_eq!(said.collect::<Vec<_>>(), ["5", "5", "3", "a file", HEALTH]);
        }
    };
}

a_question_without_an_answer!(one_without_an_answer_does_not_end_the_stream, v1);
a_question_without_an_answer!(nor_in_the_older_version, v1alpha);

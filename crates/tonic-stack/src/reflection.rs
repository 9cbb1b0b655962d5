//! `grpc.reflection`, v1 and v1alpha, from which tools such as grpcurl read the contracts.
//!
//! tonic-reflection ends the whole stream at the first request that it cannot answer. The protocol
//! has an `error_response` for this, after which the next request is answered: clients ask for
//! names that may not exist. Here each request is a call of its own to tonic-reflection, and an
//! error of that call is the `error_response`.
//!
//! Spec: [server reflection](https://github.com/grpc/grpc/blob/master/doc/server-reflection.md).

use std::{
    convert::Infallible,
    task::{Context, Poll},
};

use futures_util::{StreamExt as _, stream, stream::BoxStream};
use tonic::{
    Request, Response, Status, Streaming,
    body::Body,
    codegen::{Service, http},
    server::NamedService,
    service::Routes,
};
use tonic_reflection::{
    pb::{
        v1::{
            self, ErrorResponse, ServerReflectionRequest, ServerReflectionResponse,
            server_reflection_response::MessageResponse,
        },
        v1alpha,
    },
    server::{
        Builder,
        v1::{ServerReflection, ServerReflectionServer},
    },
};

pub use tonic_reflection::server::Error;

/// Adds reflection in both versions to `routes`.
///
/// It lists `services`, by their full names, and answers for all that is in these encoded
/// descriptor sets.
///
/// # Errors
///
/// [`Error`] when a set is not what the code generation writes.
pub fn add_to(
    routes: Routes,
    descriptor_sets: &[&[u8]],
    services: &[&str],
) -> Result<Routes, Error> {
    let builder =
        Builder::configure().register_encoded_file_descriptor_set(v1alpha::FILE_DESCRIPTOR_SET);
    let sets = descriptor_sets.iter();
    let builder = sets.fold(builder, |it, set| {
        it.register_encoded_file_descriptor_set(set)
    });
    let services = services.iter();
    let builder = services.fold(builder, |it, service| it.with_service_name(*service));
    let service = ServerReflectionServer::new(EachAnswered(builder.build_v1()?));
    Ok(routes
        .add_service(service.clone())
        .add_service(V1Alpha(service)))
}

/// Calls the service inside, each request in a stream of its own.
#[derive(Clone, Debug)]
struct EachAnswered<T>(ServerReflectionServer<T>);

#[tonic::async_trait]
impl<T: ServerReflection> ServerReflection for EachAnswered<T> {
    type ServerReflectionInfoStream = BoxStream<'static, Result<ServerReflectionResponse, Status>>;

    async fn server_reflection_info(
        &self,
        request: Request<Streaming<ServerReflectionRequest>>,
    ) -> Result<Response<Self::ServerReflectionInfoStream>, Status> {
        let service = self.0.clone();
        let answers = request.into_inner().then(move |question| {
            let service = service.clone();
            async move { Ok(answer(service, question?).await) }
        });
        Ok(Response::new(answers.boxed()))
    }
}

async fn answer<T: ServerReflection>(
    service: ServerReflectionServer<T>,
    question: ServerReflectionRequest,
) -> ServerReflectionResponse {
    let asked = async {
        let mut client = v1::server_reflection_client::ServerReflectionClient::new(service);
        let question = stream::iter([question.clone()]);
        let answers = client.server_reflection_info(question).await?;
        let answer = answers.into_inner().message().await?;
        answer.ok_or_else(|| Status::internal("there is no answer"))
    };
    asked.await.unwrap_or_else(|status| {
        let error = ErrorResponse {
            error_code: status.code() as i32,
            error_message: status.message().to_owned(),
        };
        ServerReflectionResponse {
            valid_host: question.host.clone(),
            original_request: Some(question),
            message_response: Some(MessageResponse::ErrorResponse(error)),
        }
    })
}

/// The same service under the name of the older version, whose messages are the same.
#[derive(Clone, Debug)]
struct V1Alpha<S>(S);

impl<S> NamedService for V1Alpha<S> {
    const NAME: &'static str = v1alpha::server_reflection_server::SERVICE_NAME;
}

impl<S> Service<http::Request<Body>> for V1Alpha<S>
where
    S: Service<http::Request<Body>, Error = Infallible> + NamedService,
{
    type Response = S::Response;
    type Error = Infallible;
    type Future = S::Future;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        self.0.poll_ready(cx)
    }

    fn call(&mut self, mut request: http::Request<Body>) -> Self::Future {
        let path = request.uri().path().replacen(Self::NAME, S::NAME, 1);
        if let Ok(path) = path.try_into() {
            *request.uri_mut() = path;
        }
        self.0.call(request)
    }
}

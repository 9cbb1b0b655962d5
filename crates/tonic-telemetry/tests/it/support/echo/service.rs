//! The service: a method of each kind.

use std::{
    convert::Infallible,
    future::{pending, ready},
    pin::Pin,
    task::{Context, Poll},
};

use http::{Request, Response};
use opentelemetry::trace::{Span as _, Tracer as _};
use opentelemetry_sdk::trace::SdkTracer;
use tokio_stream::{Stream, StreamExt as _};
use tonic::{Status, Streaming, body::Body, server::NamedService};
use tower::{Service, service_fn};

use super::codec;

type Words = Pin<Box<dyn Stream<Item = Result<String, Status>> + Send>>;

/// The service; its handlers can make spans of their own.
#[derive(Clone, Debug)]
pub struct Echo {
    pub tracer: SdkTracer,
}

impl Echo {
    /// What one word makes of the call that it came in.
    async fn obey(&self, word: String) -> Result<String, Status> {
        match word.as_str() {
            "not found" => return Err(Status::not_found("no such word")),
            "internal" => return Err(Status::internal("the dictionary is torn")),
            "panic" => panic!("as the caller asked"),
            "hang" => pending().await,
            // The OpenTelemetry API takes the parent from the active context.
            "span" => self.tracer.start("handler").end(),
            "tracing" => drop(tracing::info_span!("handler").entered()),
            _ => {}
        }
        Ok(word)
    }

    async fn say(self, request: tonic::Request<String>) -> Result<tonic::Response<String>, Status> {
        self.obey(request.into_inner())
            .await
            .map(tonic::Response::new)
    }

    /// Answers with each of the words that a comma separates.
    fn watch(self, request: tonic::Request<String>) -> tonic::Response<Words> {
        let words: Vec<_> = request.into_inner().split(',').map(str::to_owned).collect();
        self.answer(tokio_stream::iter(words).map(Ok))
    }

    /// Answers with the number of words.
    async fn upload(
        self,
        request: tonic::Request<Streaming<String>>,
    ) -> Result<tonic::Response<String>, Status> {
        let (mut words, mut count) = (request.into_inner(), 0);
        while let Some(word) = words.message().await? {
            self.obey(word).await?;
            count += 1;
        }
        Ok(tonic::Response::new(count.to_string()))
    }

    fn chat(self, request: tonic::Request<Streaming<String>>) -> tonic::Response<Words> {
        self.answer(request.into_inner())
    }

    fn answer(
        self,
        words: impl Stream<Item = Result<String, Status>> + Send + 'static,
    ) -> tonic::Response<Words> {
        let answers = words.then(move |word| {
            let echo = self.clone();
            async move { echo.obey(word?).await }
        });
        tonic::Response::new(Box::pin(answers))
    }
}

impl NamedService for Echo {
    const NAME: &'static str = "test.v1.Echo";
}

impl Service<Request<Body>> for Echo {
    type Response = Response<Body>;
    type Error = Infallible;
    type Future = Pin<Box<dyn Future<Output = Result<Response<Body>, Infallible>> + Send>>;

    fn poll_ready(&mut self, _cx: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<Body>) -> Self::Future {
        let echo = self.clone();
        Box::pin(async move {
            let path = request.uri().path().to_owned();
            let mut grpc = tonic::server::Grpc::new(codec());
            Ok(match path.as_str() {
                "/test.v1.Echo/Say" => {
                    let handler = service_fn(move |request| echo.clone().say(request));
                    grpc.unary(handler, request).await
                }
                "/test.v1.Echo/Watch" => {
                    let handler = service_fn(move |request| ready(Ok(echo.clone().watch(request))));
                    grpc.server_streaming(handler, request).await
                }
                "/test.v1.Echo/Upload" => {
                    let handler = service_fn(move |request| echo.clone().upload(request));
                    grpc.client_streaming(handler, request).await
                }
                "/test.v1.Echo/Chat" => {
                    let handler = service_fn(move |request| ready(Ok(echo.clone().chat(request))));
                    grpc.streaming(handler, request).await
                }
                _ => Status::unimplemented("no such method").into_http(),
            })
        })
    }
}

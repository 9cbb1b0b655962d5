//! Work that runs for a call by the usual recipes of `tracing` belongs to its SERVER span.

use http::{Request, Response};
use opentelemetry::trace::{SpanKind, TraceContextExt as _};
use opentelemetry_sdk::trace::{InMemorySpanExporter, SpanData};
use rstest::rstest;
use tonic::{Status, body::Body};
use tower::{Layer as _, ServiceExt as _, service_fn};
use tracing::instrument::WithSubscriber as _;
use tracing::{Dispatch, Instrument as _, Span, info_span};
use tracing_opentelemetry::OpenTelemetrySpanExt as _;

use super::tests::{GRACE, telemetry};
use crate::{Methods, TraceServerLayer};

/// Makes a span named `child`, one way or another.
#[derive(Clone, Copy, Debug)]
enum Recipe {
    Inside,
    Spawned,
    Blocking,
    Parent,
    Context,
}

impl Recipe {
    async fn follow(self, dispatch: Dispatch) {
        let current = Span::current();
        match self {
            Self::Inside => child(),
            Self::Spawned => {
                let task = async { child() }.in_current_span();
                tokio::spawn(task.with_subscriber(dispatch))
                    .await
                    .expect("it ends");
            }
            Self::Blocking => {
                // As in a program, where all threads have one subscriber.
                let child = || tracing::dispatcher::with_default(&dispatch, child);
                std::thread::scope(|threads| {
                    threads.spawn(|| current.in_scope(child));
                });
            }
            Self::Parent => info_span!(parent: &current, "child").in_scope(|| ()),
            Self::Context => {
                let child = info_span!(parent: None, "child");
                child
                    .set_parent(current.context())
                    .expect("it has not started");
            }
        }
    }
}

fn child() {
    info_span!("child").in_scope(|| ());
}

/// The spans of one call that this handler answers, in the order of their ends.
async fn spans<F>(handler: impl Fn(Dispatch) -> F + Clone + Send + 'static) -> Vec<SpanData>
where
    F: Future<Output = ()> + Send + 'static,
{
    spans_by(|layer| layer, handler).await
}

/// As [`spans`], with the layer changed.
async fn spans_by<F>(
    change: impl FnOnce(TraceServerLayer) -> TraceServerLayer,
    handler: impl Fn(Dispatch) -> F + Clone + Send + 'static,
) -> Vec<SpanData>
where
    F: Future<Output = ()> + Send + 'static,
{
    let exporter = InMemorySpanExporter::default();
    let telemetry = telemetry(exporter.clone());
    let dispatch = telemetry.subscriber();
    let methods = Methods::from_descriptor_sets(&[tonic_health::pb::FILE_DESCRIPTOR_SET]);
    let layer = telemetry.server_layer(&methods.expect("it is a set"));
    let layer = change(layer.with_spans("grpc.health.v1.Health"));
    let handlers = dispatch.clone();
    let server = layer.layer(service_fn(move |_: Request<Body>| {
        let work = handler(handlers.clone());
        async move {
            work.await;
            let mut response = Response::new(Body::empty());
            response.headers_mut().insert("grpc-status", 0.into());
            Ok::<_, Status>(response)
        }
    }));
    let request = Request::post("/grpc.health.v1.Health/Check");
    let request = request.header("content-type", "application/grpc");
    let call = server.oneshot(request.body(Body::empty()).expect("the path is valid"));
    call.with_subscriber(dispatch).await.expect("it answers");
    telemetry.shutdown(GRACE).await.expect("nothing is lost");
    exporter.get_finished_spans().expect("it is not poisoned")
}

#[rstest]
#[tokio::test]
async fn a_span_made_by_a_usual_recipe_is_a_child_of_the_server_span(
    #[values(
        Recipe::Inside,
        Recipe::Spawned,
        Recipe::Blocking,
        Recipe::Parent,
        Recipe::Context
    )]
    recipe: Recipe,
) {
    let spans = spans(move |dispatch| recipe.follow(dispatch)).await;

    let names: Vec<_> = spans.iter().map(|span| span.name.as_ref()).collect();
    assert_eq!(names, ["child", "grpc.health.v1.Health/Check"]);
    let (child, server) = (&spans[0], &spans[1]);
    assert_eq!(server.span_kind, SpanKind::Server);
    assert_eq!(child.parent_span_id, server.span_context.span_id());
    assert_eq!(
        child.span_context.trace_id(),
        server.span_context.trace_id()
    );
}

#[tokio::test]
async fn what_is_set_on_the_current_span_is_on_the_server_span() {
    let spans = spans(|_| async {
        Span::current().set_attribute("shop.cart", "7");
        let context = opentelemetry::Context::current();
        context.span().add_event("packed", Vec::new());
        tracing::info!("a log line, and no event of the span");
    })
    .await;

    let [server] = spans.as_slice() else {
        panic!("{spans:?}")
    };
    let set = server
        .attributes
        .iter()
        .find(|it| it.key.as_str() == "shop.cart");
    assert_eq!(set.expect("it is set").value.as_str(), "7");
    let events: Vec<_> = server.events.iter().map(|it| it.name.as_ref()).collect();
    assert_eq!(events, ["packed"]);
}

#[tokio::test]
async fn without_a_current_span_only_direct_spans_are_children() {
    let spans = spans_by(TraceServerLayer::without_current_span, |_| async {
        assert!(Span::current().is_none());
        child();
    })
    .await;

    let [child, server] = spans.as_slice() else {
        panic!("{spans:?}")
    };
    assert_eq!(child.parent_span_id, server.span_context.span_id());
}

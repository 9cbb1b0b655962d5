//! tonic's RouteGuide: a call of each kind, with spawned and blocking work, and answers through channels.

tonic::include_proto!("route_guide.v1");

use route_guide_server::RouteGuide;
use tokio::{sync::mpsc, task::spawn_blocking};
use tokio_stream::wrappers::ReceiverStream;
use tokio_util::task::TaskTracker;
use tonic::{Request, Response, Status, Streaming};
use tracing::{Instrument as _, Span, field::Empty, instrument};
use tracing_opentelemetry::OpenTelemetrySpanExt as _;

#[derive(Debug, Default)]
pub struct Guide {
    /// Work that is done after the answer: wait for it before the telemetry shuts down.
    pub afterwards: TaskTracker,
}

type Answers<T> = ReceiverStream<Result<T, Status>>;

#[tonic::async_trait]
impl RouteGuide for Guide {
    async fn get_feature(&self, request: Request<Point>) -> Result<Response<Feature>, Status> {
        let point = request.into_inner();
        let call = Span::current();
        call.set_attribute("guide.latitude", i64::from(point.latitude));
        let found = spawn_blocking(move || call.in_scope(|| search(point)));
        let feature = found
            .await
            .map_err(|error| Status::from_error(error.into()))?;
        self.afterwards.spawn(count_visit(point).in_current_span());
        Ok(Response::new(feature))
    }

    type ListFeaturesStream = Answers<Feature>;

    async fn list_features(
        &self,
        request: Request<Rectangle>,
    ) -> Result<Response<Self::ListFeaturesStream>, Status> {
        let Rectangle { low, high } = request.into_inner();
        let (low, high) = low
            .zip(high)
            .ok_or(Status::invalid_argument("two corners"))?;
        let (features, answers) = mpsc::channel(4);
        let work = async move {
            for latitude in low.latitude..=high.latitude {
                let longitude = low.longitude;
                let feature = search(Point {
                    latitude,
                    longitude,
                });
                if features.send(Ok(feature)).await.is_err() {
                    return; // The caller has left.
                }
            }
        };
        tokio::spawn(work.in_current_span());
        Ok(Response::new(ReceiverStream::new(answers)))
    }

    async fn record_route(
        &self,
        request: Request<Streaming<Point>>,
    ) -> Result<Response<RouteSummary>, Status> {
        let mut route = request.into_inner();
        let mut points = 0;
        while let Some(point) = route.message().await? {
            count_visit(point).await;
            points += 1;
        }
        Ok(Response::new(RouteSummary { points }))
    }

    type RouteChatStream = Answers<RouteNote>;

    async fn route_chat(
        &self,
        request: Request<Streaming<RouteNote>>,
    ) -> Result<Response<Self::RouteChatStream>, Status> {
        let mut notes = request.into_inner();
        let (answer, answers) = mpsc::channel(4);
        let work = async move {
            while let Some(note) = notes.message().await.transpose() {
                let note = note.and_then(|note| match note.message.as_str() {
                    "" => Err(Status::invalid_argument("expected a message")),
                    _ => Ok(note),
                });
                let is_last = note.is_err();
                if answer.send(note).await.is_err() || is_last {
                    return;
                }
            }
        };
        tokio::spawn(work.in_current_span());
        Ok(Response::new(ReceiverStream::new(answers)))
    }
}

/// What is at a point.
#[instrument(fields(name = Empty))]
fn search(point: Point) -> Feature {
    let name = format!("Berkshire Valley {}", point.latitude);
    Span::current().record("name", &name);
    Feature {
        name,
        location: Some(point),
    }
}

#[instrument]
async fn count_visit(point: Point) {
    tracing::info!("visited");
}

//! The spans that arrive when each method is called, and when SIGTERM comes while it is.

use std::collections::BTreeSet;

use route_guide::{Point, Rectangle, RouteNote, route_guide_client::RouteGuideClient};
use test_support::{DEADLINE, application::Application, until};
use tokio::{sync::mpsc, task::JoinSet, time::timeout};
use tokio_stream::wrappers::ReceiverStream;
use tonic::{Code, transport::Channel};

async fn start() -> (Application, RouteGuideClient<Channel>) {
    let application = Application::start(env!("CARGO_BIN_EXE_route-guide")).await;
    let client = RouteGuideClient::connect(format!("http://{}", application.address)).await;
    (application, client.expect("it listens"))
}

fn point(latitude: i32) -> Point {
    Point {
        latitude,
        longitude: 7,
    }
}

fn note(message: &str) -> RouteNote {
    RouteNote {
        location: Some(point(1)),
        message: message.to_owned(),
    }
}

#[tokio::test]
async fn spans_of_spawned_and_blocking_work_are_below_their_call() {
    let (application, mut client) = start().await;
    client.get_feature(point(1)).await.expect("a feature");
    let area = Rectangle {
        low: Some(point(1)),
        high: Some(point(3)),
    };
    let answers = client.list_features(area).await.expect("a stream");
    let mut features = answers.into_inner();
    while features.message().await.expect("no error").is_some() {}
    let route = tokio_stream::iter([point(1), point(2)]);
    let summary = client.record_route(route).await.expect("a summary");
    assert_eq!(summary.into_inner().points, 2);
    // The error comes after the headers and a message.
    let chat = tokio_stream::iter([note("hello"), note("")]);
    let mut chat = client.route_chat(chat).await.expect("headers").into_inner();
    assert!(chat.message().await.expect("a note").is_some());
    let error = chat.message().await.expect_err("an empty note");
    assert_eq!(error.code(), Code::InvalidArgument);

    application.terminate().await;
    let (spans, lines) = application.ended().await;
    let tree = "\
route-guide SERVER route_guide.v1.RouteGuide/GetFeature
  route-guide INTERNAL count_visit
  route-guide INTERNAL search
route-guide SERVER route_guide.v1.RouteGuide/ListFeatures
  route-guide INTERNAL search
  route-guide INTERNAL search
  route-guide INTERNAL search
route-guide SERVER route_guide.v1.RouteGuide/RecordRoute
  route-guide INTERNAL count_visit
  route-guide INTERNAL count_visit
route-guide SERVER route_guide.v1.RouteGuide/RouteChat
";
    assert_eq!(spans.tree(), tree);
    let attribute = |name: &str, key| {
        let mut named = spans
            .spans()
            .iter()
            .filter(|span| span.name.ends_with(name));
        named.next().expect("it is there").attribute(key)
    };
    assert_eq!(attribute("/GetFeature", "guide.latitude"), "1");
    assert_eq!(attribute("search", "name"), "Berkshire Valley 1");
    let code = "rpc.response.status_code";
    assert_eq!(attribute("/ListFeatures", code), "OK");
    assert_eq!(attribute("/RouteChat", code), "INVALID_ARGUMENT");
    // A line of the spawned work has the ids of its span.
    let visit = spans.spans().iter().find(|span| span.name == "count_visit");
    let id = format!("\"span_id\":\"{}\"", visit.expect("a visit").id);
    let visited = |line: &&String| line.contains("visited") && line.contains(&id);
    assert_eq!(lines.iter().filter(visited).count(), 1, "{lines:#?}");
}

#[tokio::test]
async fn sigterm_under_load_loses_no_call_and_no_span() {
    let (application, mut client) = start().await;
    // A call that is open at the signal.
    let (notes, sent) = mpsc::channel(1);
    let chat = client.route_chat(ReceiverStream::new(sent));
    notes.send(note("first")).await.expect("it is read");
    let mut chat = chat.await.expect("headers").into_inner();
    assert!(chat.message().await.expect("no error").is_some());
    let mut callers = JoinSet::new();
    for latitude in 0..8 {
        let mut client = client.clone();
        callers.spawn(async move {
            let mut answered = 0;
            while client.get_feature(point(latitude)).await.is_ok() {
                answered += 1;
            }
            answered
        });
    }
    until("many calls", async || {
        (application.arrived().spans().len() > 500).then_some(())
    })
    .await;
    application.terminate().await;
    let ended = timeout(DEADLINE, callers.join_all()).await;
    let answered: usize = ended.expect("no more calls").into_iter().sum();
    // It is drained, not cut.
    notes.send(note("last")).await.expect("it is read");
    drop(notes);
    let last = chat.message().await.expect("no error").expect("a note");
    assert_eq!(last.message, "last");
    assert!(chat.message().await.expect("OK").is_none());

    let (spans, lines) = application.ended().await;
    let of = |name: &'static str| {
        spans
            .spans()
            .iter()
            .filter(move |it| it.name.ends_with(name))
    };
    let ok = |name| of(name).filter(|it| it.attribute("rpc.response.status_code") == "OK");
    assert_eq!(ok("/RouteChat").count(), 1);
    // The answer to a call in flight may be lost with the connection, but no span of it.
    let calls = ok("/GetFeature").count();
    assert!(
        (answered..=answered + 8).contains(&calls),
        "{calls} of {answered}"
    );
    let roots = of("/GetFeature").chain(of("/RouteChat")).map(|it| &it.id);
    let roots: BTreeSet<_> = roots.collect();
    let known = spans.roots().into_iter().map(|it| &it.id).collect();
    assert_eq!(roots, known, "an orphan");
    for work in ["search", "count_visit"] {
        assert_eq!(of(work).count(), calls, "{work}");
    }
    let ledger = format!("\"exported\":{}", spans.spans().len());
    let balances = |line: &String| line.contains("span ledger") && line.contains(&ledger);
    assert!(lines.iter().any(balances), "{ledger}: {:?}", lines.last());
}

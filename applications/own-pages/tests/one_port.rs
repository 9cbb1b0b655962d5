//! The spans that arrive of a page, a call of gRPC and one of gRPC-Web, all to one port.

use route_guide::{Point, route_guide_client::RouteGuideClient};
use test_support::application::Application;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
};

/// A request by HTTP/1, and everything that is answered.
async fn http(address: &str, request: &str, body: &[u8]) -> String {
    let mut stream = TcpStream::connect(address).await.expect("it listens");
    let length = body.len();
    let head =
        format!("{request}\r\nhost: a\r\nconnection: close\r\ncontent-length: {length}\r\n\r\n");
    let request = [head.as_bytes(), body].concat();
    stream.write_all(&request).await.expect("it is read");
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).await.expect("an answer");
    String::from_utf8_lossy(&answer).into_owned()
}

#[tokio::test]
async fn pages_and_calls_share_a_port_and_each_call_has_its_span() {
    let application = Application::start(env!("CARGO_BIN_EXE_own-pages")).await;
    let address = &application.address;
    let page = http(address, "GET /features/7 HTTP/1.1", &[]).await;
    assert!(page.starts_with("HTTP/1.1 200 OK"), "{page}");
    let mut client = RouteGuideClient::connect(format!("http://{address}"))
        .await
        .expect("it listens");
    client
        .get_feature(Point::default())
        .await
        .expect("a feature");
    drop(client);
    let call = "POST /route_guide.v1.RouteGuide/GetFeature HTTP/1.1\r\ncontent-type: application/grpc-web+proto";
    let answer = http(address, call, &[0; 5]).await;
    assert!(answer.contains("grpc-status:0"), "{answer}");

    let metrics = http(address, "GET /metrics HTTP/1.1", &[]).await;
    let calls = "grpc_rpc_duration_seconds_count{code=\"OK\",method=\"GetFeature\"";
    let calls = metrics.lines().find(|line| line.starts_with(calls));
    assert!(calls.is_some_and(|line| line.ends_with("} 2")), "{metrics}");
    assert!(metrics.contains("\nvisits_total 1\n"), "{metrics}");
    // The page, the scrape and what is not there are no calls.
    http(address, "GET /nothing HTTP/1.1", &[]).await;

    application.terminate().await;
    let (spans, lines) = application.ended().await;
    let tree = "\
own-pages INTERNAL page
own-pages SERVER route_guide.v1.RouteGuide/GetFeature
  own-pages INTERNAL count_visit
  own-pages INTERNAL search
own-pages SERVER route_guide.v1.RouteGuide/GetFeature
  own-pages INTERNAL count_visit
  own-pages INTERNAL search
";
    assert_eq!(spans.tree(), tree);
    let visited = |line: &&String| line.contains("count_visit{") && line.ends_with("visited");
    assert_eq!(lines.iter().filter(visited).count(), 2, "{lines:#?}");
}

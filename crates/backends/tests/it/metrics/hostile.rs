//! Requests that only an attacker sends: each gets an error, and the server goes on.

use std::{
    fmt::Write as _,
    io::{Read as _, Write as _},
    net::TcpStream,
    time::{Duration, Instant},
};

use axum::http::StatusCode;
use futures_util::future::join_all;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use proptest::{
    prelude::*,
    test_runner::{Config, TestRunner},
};

use super::{server::Server, target::Page};

async fn status(server: &Server, query: &str) -> StatusCode {
    let query = utf8_percent_encode(query, NON_ALPHANUMERIC);
    server
        .post("/api/v1/query", format!("query={query}&timeout=2s"))
        .await
        .0
}

#[tokio::test]
async fn a_query_that_is_too_much_is_an_error_and_soon() {
    let page = Page::with("a 1\nb 2\n").await;
    let server = Server::start().await;
    server.scrape(&page.address);
    server.until("a", "1").await;
    for query in [
        "(".repeat(60_000),
        "a".repeat(100_000),
        "-".repeat(60_000) + "1",
        "2^".repeat(30_000) + "a",
        "max_over_time(a[100y:1ms])".to_owned(),
        "a[300y]".to_owned(),
        "a offset 9300000000000".to_owned(),
        "a{b=~\"(x{999}){999}\"}".to_owned(),
        "a{".to_owned() + &"b=~\"c.*\",".repeat(1000) + "}",
    ] {
        assert!(status(&server, &query).await.is_client_error());
    }
    for query in [
        // Without brackets, a long query does not nest.
        &("1+".repeat(30_000) + "a"),
        "rate(a[292y] offset -292y)",
        "a @ 8999999999999 offset -292y",
        "deriv(a[292y] @ -8999999999999 offset 292y)",
        "predict_linear(a[292y], 1e300)",
        "topk(1e18, a)",
        "quantile(1e300, a)",
        "label_replace(a, \"b\", \"${99999999999999999999}\", \"__name__\", \".*\")",
    ] {
        assert_eq!(status(&server, query).await, StatusCode::OK, "{query}");
    }
    let nested = "max_over_time(".repeat(8) + "vector(1)" + &"[11000s:1s])".repeat(8);
    let stopped = status(&server, &nested).await;
    assert!(!stopped.is_success(), "{stopped}");
    let (stopped, _) = server.post("/api/v1/query", "a".repeat(2_000_000)).await;
    assert!(stopped.is_client_error(), "{stopped}");
    let selectors = "match[]=a&".repeat(10_000);
    let (stopped, _) = server.post("/api/v1/series", selectors).await;
    assert!(stopped.is_client_error(), "{stopped}");
    server.until("a", "1").await;
}

#[tokio::test]
async fn many_questions_at_once_are_all_answered() {
    let page = Page::with("a 1\n").await;
    let server = Server::start().await;
    server.scrape(&page.address);
    server.until("a", "1").await;
    let answers = join_all((0..100).map(|_| status(&server, "sum(rate(a[5m]))"))).await;
    assert!(answers.iter().all(|status| *status == StatusCode::OK));
}

#[tokio::test]
async fn a_large_answer_holds_nobody_up() {
    let series = (0..100).map(|n| format!("a{{n=\"{n}\"}} 0.{n}\n"));
    let page = Page::with(&series.collect::<String>()).await;
    let server = Server::start().await;
    server.scrape(&page.address);
    server.until("count(a)", "100").await;
    // Without optimization a million points take more than a second to write.
    let request = "GET /api/v1/query_range?query=last_over_time(a%5B100y%5D)\
                   &start=4102440000&end=4102450999&step=1 HTTP/1.0\r\n\r\n";
    let mut stream = TcpStream::connect(&server.address).unwrap();
    let answer = tokio::task::spawn_blocking(move || {
        stream.write_all(request.as_bytes()).unwrap();
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).unwrap();
        String::from_utf8(answer).unwrap()
    });
    let (mut longest, mut last) = (Duration::ZERO, Instant::now());
    while !answer.is_finished() {
        tokio::time::sleep(Duration::from_millis(5)).await;
        longest = longest.max(last.elapsed());
        last = Instant::now();
    }
    let answer = answer.await.unwrap();
    assert!(answer.len() > 10_000_000, "{answer}");
    assert!(longest < Duration::from_millis(500), "{longest:?}");
}

#[test]
fn no_text_makes_the_server_panic() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let server = runtime.block_on(Server::start());
    let words = prop_oneof![
        "[a-z_]{1,3}",
        "[0-9.]{1,3}(ms|s|m|h|y)?",
        Just("sum by (job)".to_owned()),
        Just("rate".to_owned()),
        Just("up".to_owned()),
        Just("offset".to_owned()),
        Just("group_left".to_owned()),
        "[-+*/%^(){}\\[\\],:@=!<>~\"']",
        "\\PC",
    ];
    let queries = proptest::collection::vec(words, 0..12);
    let mut runner = TestRunner::new(Config::with_cases(300));
    let all = runner.run(&queries, |words| {
        let mut query = String::new();
        for word in words {
            write!(query, "{word} ").unwrap();
        }
        let status = runtime.block_on(status(&server, &query));
        prop_assert!(!matches!(status.as_u16(), 500), "{query}");
        Ok(())
    });
    all.unwrap();
}

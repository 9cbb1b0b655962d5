//! The spans that arrive of a handler's queries.

use own_database::{OrderRequest, shop_service_client::ShopServiceClient};
use test_support::{application::Application, collector::Collector, trace::Span};
use tokio::process::Command;
use tonic::Code;

#[tokio::test]
async fn each_query_is_a_client_span_below_its_call() {
    let application = Application::start(env!("CARGO_BIN_EXE_own-database")).await;
    let address = format!("http://{}", application.address);
    let client = ShopServiceClient::connect(address).await;
    let mut client = client.expect("it listens");
    let order = |item: &str| OrderRequest {
        item: item.to_owned(),
    };
    let bought = client.order(order("tea")).await.expect("there is one");
    assert_eq!(bought.into_inner().number, 1);
    let sold_out = client.order(order("tea")).await.expect_err("it is sold");
    assert_eq!(sold_out.code(), Code::FailedPrecondition);
    let unknown = client.order(order("canary")).await.expect_err("none");
    assert_eq!(unknown.code(), Code::NotFound);

    application.terminate().await;
    let (spans, lines) = application.ended().await;
    let tree = spans.tree().replace("  own-database CLIENT ", "");
    let calls = tree.split("own-database SERVER shop.v1.ShopService/Order\n");
    let mut calls: Vec<_> = calls.collect();
    calls.sort_unstable();
    // Siblings are sorted by their names.
    let bought = "BEGIN\nCOMMIT\nINSERT orders\nSELECT items\nUPDATE items\n";
    let sold_out = "BEGIN\nINSERT orders\nSELECT items\nUPDATE items\n";
    let schema = "own-database CLIENT CREATE items INSERT items\n"; // of no call
    assert_eq!(
        calls,
        [bought, sold_out, "SELECT items\n", schema],
        "{tree}"
    );

    let clients = || spans.of("own-database", "CLIENT");
    let select = clients().find(|span| span.name == "SELECT items");
    let text = select.expect("it is there").attribute("db.query.text");
    assert_eq!(text, "SELECT price FROM items WHERE name = $1");
    let failed: Vec<_> = clients().filter(|span| span.is_error).collect();
    let code = |span: &&Span| (span.name.clone(), span.attribute("error.type").to_owned());
    let codes: Vec<_> = failed.iter().map(code).collect();
    let check = ("UPDATE items".to_owned(), "275".to_owned());
    assert_eq!(codes, [check], "{failed:#?}");
    let shown = format!("{spans:?}");
    assert!(
        !shown.contains("canary") && !shown.contains("constraint failed"),
        "{shown}"
    );
    let ledger = format!("\"exported\":{}", spans.spans().len());
    let balances = |line: &String| line.contains("span ledger") && line.contains(&ledger);
    assert!(lines.iter().any(balances), "{ledger}: {:?}", lines.last());
}

#[tokio::test]
async fn an_error_at_the_start_loses_no_span() {
    let collector = Collector::running();
    let mut program = Command::new(env!("CARGO_BIN_EXE_own-database"));
    let program = program
        .arg("no address")
        .env_clear()
        .env("OTEL_EXPORTER_OTLP_ENDPOINT", collector.endpoint());
    let ended = program.output().await.expect("it starts");
    assert!(!ended.status.success());
    let lines = String::from_utf8(ended.stdout).expect("text");
    assert!(
        lines.contains("span ledger: started 1 = exported 1"),
        "{lines}"
    );
    assert_eq!(
        collector.arrived().tree(),
        "own-database CLIENT CREATE items INSERT items\n"
    );
}

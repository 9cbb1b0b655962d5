//! `tracewalk up`: starts the stack, says where it is, and takes everything with it when it ends.

mod ends;
mod refusals;

use crate::support::{Up, get, until};
use serde_json::Value;

#[tokio::test]
async fn the_first_call_is_a_whole_trace_in_the_ui_and_traffic_follows() {
    let up = Up::start(&["--json", "--load", "50"]);
    let addresses = up.addresses().await;
    let ui = text(&addresses, "ui");
    let first = text(&addresses, "first_trace");
    let trace = get(&format!("http://{ui}/api/traces/{first}")).await.json();
    assert_eq!(trace["data"][0]["spans"].as_array().unwrap().len(), 9);

    until("traces of every kind of call", async || {
        let url = format!("http://{ui}/api/services/gateway/operations");
        let operations = get(&url).await.json()["data"].to_string();
        let kinds = [
            "GetUser",
            "CreateUser",
            "WatchUser",
            "ImportUsers",
            "LookupUsers",
        ];
        kinds
            .iter()
            .all(|kind| operations.contains(kind))
            .then_some(())
    })
    .await;
    let services = get(&format!("http://{ui}/api/services")).await.json()["data"].to_string();
    assert!(
        ["gateway", "user", "profile"]
            .iter()
            .all(|name| services.contains(name))
    );
}

#[tokio::test]
async fn variables_of_a_developers_shell_change_nothing_in_the_stack() {
    let shell = [
        ("OTEL_EXPORTER_OTLP_ENDPOINT", "http://127.0.0.1:1"),
        ("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "no url"),
        ("OTEL_EXPORTER_OTLP_PROTOCOL", "http/protobuf"),
        ("OTEL_EXPORTER_OTLP_HEADERS", "no header"),
        ("OTEL_EXPORTER_OTLP_CERTIFICATE", "/nowhere"),
        ("OTEL_TRACES_EXPORTER", "console"),
        ("OTEL_LOGS_EXPORTER", "none"),
        ("OTEL_METRICS_EXPORTER", "otlp"),
        ("OTEL_PROPAGATORS", "b3"),
        ("OTEL_TRACES_SAMPLER", "ALWAYS_ON"),
        ("OTEL_SDK_DISABLED", "true"),
        ("OTEL_BSP_SCHEDULE_DELAY", "3600000"),
        ("OTEL_SERVICE_NAME", "my-app"),
        (
            "OTEL_RESOURCE_ATTRIBUTES",
            "service.name=my-app,deployment.environment.name=laptop",
        ),
    ];
    let up = Up::start_with(&["--json", "--load", "0"], &shell);
    let addresses = up.addresses().await;
    let (ui, first) = (text(&addresses, "ui"), text(&addresses, "first_trace"));
    let trace = get(&format!("http://{ui}/api/traces/{first}")).await.json()["data"][0].clone();
    assert_eq!(trace["spans"].as_array().unwrap().len(), 9, "{trace}");
    let processes = trace["processes"].as_object().unwrap().values();
    let mut names: Vec<_> = processes.map(|it| text(it, "serviceName")).collect();
    names.sort_unstable();
    assert_eq!(names, ["gateway", "profile", "user"]);
    assert!(trace["processes"].to_string().contains("laptop"), "{trace}");
    until("log records of the trace", async || {
        let logs = get(&format!("http://{ui}/api/traces/{first}/logs")).await;
        logs.body.contains("profile").then_some(())
    })
    .await;
    for service in ["gateway", "user", "profile"] {
        let log = up.log(service);
        assert!(!log.contains("OTEL_"), "{log}");
    }
}

#[tokio::test]
async fn a_person_reads_where_everything_is_and_what_to_look_at() {
    let mut up = Up::start(&["--load", "0"]);
    up.process.line("Ctrl-C").await;
    let said = up.process.lines().join("\n");
    for expected in [
        "first call served",
        "/trace/",
        "/dependencies",
        "/d/rpc-overview",
        "call watch 7",
        "/metrics",
    ] {
        assert!(said.contains(expected), "{expected} is not in:\n{said}");
    }
    // Nothing that only a terminal understands.
    assert!(!said.contains('\u{1b}'), "{said}");
    up.process.signal("INT").await;
    assert_eq!(up.process.ended().await, Some(0));
}

#[tokio::test]
async fn the_banner_names_the_processes_and_the_scenarios() {
    let up = Up::start(&["--load", "0"]);
    let line = up.process.line("pids").await;
    let words: Vec<_> = line.split([' ', ',']).collect();
    for service in ["gateway", "user", "profile"] {
        let after = words.iter().skip_while(|word| **word != service).nth(1);
        let pid = after.expect("a pid").parse::<u32>();
        assert!(pid.is_ok_and(|pid| pid > 1), "{line}");
    }
    let line = up.process.line(" scenario list").await;
    assert!(
        !line.contains("--gateway"),
        "the list is of no stack: {line}"
    );
}

#[tokio::test]
async fn data_are_kept_in_any_folder() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("100% of #1? a b");
    // Two slashes at the front are one for the file system, and the host of a URL.
    let path = format!("/{}", data.display());
    let up = Up::start(&["--json", "--load", "0", "--data-dir", &path]);
    up.addresses().await;
    for file in ["user.db", "profile.db", "logs/user.log"] {
        assert!(data.join(file).is_file(), "{file}");
    }
}

#[tokio::test]
async fn what_listens_everywhere_is_named_by_an_address_that_can_be_opened() {
    let everywhere = [
        ("TRACEWALK_UI_LISTEN", "0.0.0.0:0"),
        ("TRACEWALK_DASHBOARDS_LISTEN", "[::]:0"),
    ];
    let gateway = [
        ("TRACEWALK_GATEWAY_LISTEN", "[::1]:0"),
        ("TRACEWALK_GATEWAY_ADMIN_LISTEN", "0.0.0.0:0"),
    ];
    let variables = [everywhere, gateway].concat();
    let up = Up::start_with(&["--json", "--load", "0"], &variables);
    let addresses = up.addresses().await;
    for (what, host) in [
        ("ui", "127.0.0.1:"),
        ("dashboards", "[::1]:"),
        ("gateway", "[::1]:"),
        ("gateway_admin", "127.0.0.1:"),
    ] {
        let address = text(&addresses, what);
        assert!(address.starts_with(host), "{what}: {address}");
    }
    // The first call went through the gateway and its trace came back from the UI.
    let ui = text(&addresses, "ui");
    let trace = text(&addresses, "first_trace");
    assert_eq!(get(&format!("http://{ui}/trace/{trace}")).await.status, 200);
    let page = text(&addresses, "dashboards");
    let dashboards = get(&format!("http://{page}/dashboards")).await.json();
    let jaeger = dashboards["site"]["jaeger"].as_str().unwrap();
    let port = ui.rsplit(':').next().unwrap();
    assert_eq!(jaeger, format!("http://[::1]:{port}"));
    let http = text(&addresses, "http");
    assert!(dashboards.to_string().contains(&http), "port 0 is no link");
}

#[tokio::test]
async fn an_export_that_is_not_grpc_is_refused_and_seen_in_the_metrics_of_the_store() {
    let up = Up::start(&["--json", "--load", "0"]);
    let addresses = up.addresses().await;
    let otlp = text(&addresses, "otlp");
    assert_eq!(get(&format!("http://{otlp}/v1/traces")).await.status, 405);
    let prometheus = text(&addresses, "prometheus");
    let page = get(&format!("http://{prometheus}/metrics")).await.body;
    let line = "otlp_receiver_refused_requests_total{reason=\"method_not_allowed\"} 1";
    assert!(page.lines().any(|it| it == line), "{page}");
    let spans = page.lines().find(|it| it.starts_with("trace_store_spans "));
    assert_eq!(spans, Some("trace_store_spans 9"));
}

fn text(value: &Value, field: &str) -> String {
    value[field].as_str().expect("a text").to_owned()
}

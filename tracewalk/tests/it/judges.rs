//! What others make of the metrics pages: the parser of Prometheus' Python client, `promtool`, and
//! a Prometheus that stores exemplars.
use std::{
    collections::BTreeSet,
    process::{Output, Stdio},
    time::{SystemTime, UNIX_EPOCH},
};

use crate::support::{Prometheus, Up, get, request, until};
use http_body_util::Full;
use hyper::Request;
use rstest::rstest;
use serde_json::Value;
use tokio::{io::AsyncWriteExt as _, process::Command};

/// Reads a page of OpenMetrics. The parser does not mind a series that is there twice.
const READ_PAGE: &str = r"
import sys
from prometheus_client.openmetrics.parser import text_string_to_metric_families

families = text_string_to_metric_families(sys.stdin.read())
samples = [sample for family in families for sample in family.samples]
series = {(sample.name, *sorted(sample.labels.items())) for sample in samples}
assert len(series) == len(samples), 'a series is there twice'
for sample in samples:
    if sample.exemplar:
        print(sample.exemplar.labels['trace_id'])
";

/// Gives a page to a program that must like it.
async fn judge(mut program: Command, page: &str) -> String {
    program.stdin(Stdio::piped()).stdout(Stdio::piped());
    program.stderr(Stdio::piped()).kill_on_drop(true);
    let mut child = program.spawn().expect("the judge is installed");
    let mut input = child.stdin.take().expect("a pipe");
    input.write_all(page.as_bytes()).await.expect("it reads");
    drop(input);
    let Output {
        status,
        stdout,
        stderr,
    } = child.wait_with_output().await.expect("it ends");
    let said = String::from_utf8_lossy(&stdout).into_owned();
    let complaints = String::from_utf8_lossy(&stderr);
    assert!(status.success(), "{said}{complaints}\n{page}");
    said
}

fn admin(up: &Value, service: &str) -> String {
    let address = up[format!("{service}_admin")].as_str();
    address.expect("an address").to_owned()
}

/// The page of a service, once some of its buckets have exemplars.
async fn openmetrics(admin: &str) -> String {
    until("exemplars in several buckets", async || {
        let page = Request::get(format!("http://{admin}/metrics"))
            .header("accept", "application/openmetrics-text;version=1.0.0");
        let page = request(page.body(Full::default()).expect("a request")).await;
        let exemplars = page.body.matches("# {trace_id=").count();
        (exemplars > 3).then_some(page.body)
    })
    .await
}

/// Every id names a trace that the store has.
async fn resolve(up: &Value, ids: impl Iterator<Item = String>) {
    let ui = up["ui"].as_str().expect("an address");
    for id in ids {
        let url = format!("http://{ui}/api/traces/{id}");
        // A span is exported half a second after its call at the latest.
        until("the trace of an exemplar", async || {
            (get(&url).await.status == 200).then_some(())
        })
        .await;
    }
}

#[tokio::test]
async fn pages_please_the_tools_of_prometheus_and_their_exemplars_lead_to_traces() {
    let up = Up::start(&["--json", "--load", "50"]);
    let addresses = up.addresses().await;
    for service in ["gateway", "user", "profile"] {
        let admin = admin(&addresses, service);
        let page = openmetrics(&admin).await;
        // Debian's package of the client belongs to Debian's Python, which need not be the first.
        let python = std::env::var_os("PYTHON").unwrap_or("python3".into());
        let mut reader = Command::new(python);
        reader.args(["-c", READ_PAGE]);
        let ids = judge(reader, &page).await;
        assert!(ids.lines().count() > 3, "{ids}");
        resolve(&addresses, ids.lines().map(str::to_owned)).await;

        let plain = get(&format!("http://{admin}/metrics")).await.body;
        let mut promtool = Command::new("promtool");
        promtool.args(["check", "metrics"]);
        assert_eq!(judge(promtool, &plain).await, "", "{service}");
    }
}

/// The exemplars that Prometheus keeps of the servers' histograms, by target.
async fn stored(prometheus: &Prometheus, name: &str) -> Option<Vec<(String, String)>> {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).ok()?.as_secs();
    let (start, end) = (now - 600, now + 1);
    let path = format!("query_exemplars?query={name}&start={start}&end={end}");
    let answer = prometheus.ask(&path).await?;
    let exemplars = answer.as_array()?.iter().flat_map(|series| {
        let instance = series["seriesLabels"]["instance"].as_str();
        let exemplars = series["exemplars"].as_array().into_iter().flatten();
        exemplars.filter_map(move |exemplar| {
            let id = exemplar["labels"]["trace_id"].as_str();
            Some((instance?.to_owned(), id?.to_owned()))
        })
    });
    Some(exemplars.collect())
}

#[rstest]
#[case::classic("exemplar-storage", "grpc_rpc_duration_seconds_bucket")]
#[case::native("exemplar-storage,native-histograms", "grpc_rpc_duration_seconds")]
#[tokio::test]
async fn prometheus_stores_exemplars_of_all_services_that_lead_to_traces(
    #[case] features: &str,
    #[case] name: &str,
) {
    let up = Up::start(&["--json", "--load", "50"]);
    let addresses = up.addresses().await;
    let targets = ["gateway", "user", "profile"].map(|service| admin(&addresses, service));
    let prometheus = Prometheus::start(&targets, features).await;
    let found = until("exemplars of three services", async || {
        let found = stored(&prometheus, name).await?;
        let instances: BTreeSet<_> = found.iter().map(|(instance, _)| instance).collect();
        (instances.len() == 3).then_some(found)
    })
    .await;
    resolve(&addresses, found.into_iter().map(|(_, id)| id)).await;
}

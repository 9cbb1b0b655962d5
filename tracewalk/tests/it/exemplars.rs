//! Whoever clicks on a dot of a histogram lands on a trace.

use std::collections::BTreeSet;

use crate::support::{Up, get, request, until};
use http_body_util::Full;
use hyper::Request;
use prom_text::Line;

/// The trace ids of all exemplars on a page.
fn exemplars(page: &str) -> BTreeSet<String> {
    let exemplars = prom_text::lines(page).filter_map(|line| match line {
        Ok(Line::Sample(sample)) => sample.exemplar,
        _ => None,
    });
    let ids = exemplars.map(|exemplar| exemplar.label("trace_id").expect("an id").to_owned());
    ids.collect()
}

#[tokio::test]
async fn every_exemplar_on_a_page_names_a_trace_that_the_store_has() {
    let up = Up::start(&["--json", "--load", "50"]);
    let addresses = up.addresses().await;
    for service in ["gateway", "user", "profile"] {
        let admin = addresses[format!("{service}_admin")].as_str();
        let admin = admin.expect("an address");
        let ids = until("exemplars in several buckets", async || {
            let page = Request::get(format!("http://{admin}/metrics"))
                .header("accept", "application/openmetrics-text;version=1.0.0");
            let page = request(page.body(Full::default()).expect("a request")).await;
            assert!(page.body.ends_with("# EOF\n"), "{service}");
            Some(exemplars(&page.body)).filter(|ids| ids.len() > 3)
        })
        .await;
        for id in ids {
            let ui = addresses["ui"].as_str().expect("an address");
            let url = format!("http://{ui}/api/traces/{id}");
            // A span is exported half a second after its call at the latest.
            until("the trace of an exemplar", async || {
                (get(&url).await.status == 200).then_some(())
            })
            .await;
        }
    }
}

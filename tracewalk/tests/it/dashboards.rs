//! The dashboards of `tracewalk up` in a browser, with calls going through the chain.
//!
//! Needs Chromium: `cargo test -p tracewalk --features external --test it -- dashboards::`.

use test_support::browser::Browser;

use crate::support::{Up, get};

/// The panels that draw nothing, or say that a value is not there.
const WITHOUT_DATA: &str = "[...document.querySelectorAll('.panel')] \
     .filter(panel => panel.querySelector('.body').matches('.loading, .silent') \
       || panel.querySelector('.figure.silent')) \
     .map(panel => panel.ariaLabel)";

#[tokio::test]
async fn every_panel_has_data_but_those_of_tls_and_of_the_registry() {
    let up = Up::start(&["--json", "--load", "20"]);
    let addresses = up.addresses().await;
    let home = format!("http://{}", addresses["dashboards"].as_str().unwrap());
    let dashboards = get(&format!("{home}/dashboards")).await.json();
    let browser = Browser::launch().await;
    for dashboard in dashboards["dashboards"].as_array().unwrap() {
        let uid = dashboard["uid"].as_str().unwrap();
        let page = browser.open(&format!("{home}/d/{uid}")).await;
        // High enough for all panels: those out of sight are not asked for.
        page.appear(1440, 5_000, true).await;
        page.wait_until("document.querySelectorAll('.panel').length > 0")
            .await;
        page.wait_until(&format!(
            "{WITHOUT_DATA}.every(title => ['Certificates expire in', 'Registered, and watching'].includes(title))"
        ))
        .await;
        assert_eq!(page.complaints(&home), Vec::<String>::new(), "{uid}");
    }
}

#[tokio::test]
async fn a_dot_on_a_chart_is_a_trace_in_the_store() {
    let up = Up::start(&["--json", "--load", "20"]);
    let addresses = up.addresses().await;
    let dashboards = addresses["dashboards"].as_str().unwrap();
    let browser = Browser::launch().await;
    let page = browser.open(&format!("http://{dashboards}/d/start")).await;
    page.wait_until("document.querySelector('a.dot')").await;
    let link = page
        .evaluate("document.querySelector('a.dot').href.baseVal")
        .await;
    let ui = addresses["ui"].as_str().unwrap();
    let trace = link.as_str().unwrap();
    let trace = trace
        .strip_prefix(&format!("http://{ui}/trace/"))
        .expect("it leads to the Jaeger UI");
    crate::support::until("the trace is stored", async || {
        let answer = get(&format!("http://{ui}/api/traces/{trace}")).await;
        (answer.status == 200).then_some(())
    })
    .await;
}

use crate::check::{
    dashboards::{sources, uids},
    finding::{Finding, Verdict},
    parts::Part,
    stack::Stack,
};

/// Asks Grafana for what its provisioning files define, and each data source through Grafana.
pub(in crate::check) async fn check(stack: &Stack) -> Verdict {
    let health = stack.grafana.json("/api/health", &[]).await?;
    if health["database"] != "ok" {
        let found = format!("its database is {}", health["database"]);
        return Err(finding("Grafana is healthy", found));
    }
    let sources = sources(&stack.queries);
    check_sources(stack, sources.iter().copied()).await?;
    let dashboards = uids(&stack.queries);
    for uid in &dashboards {
        check_dashboard(stack, uid).await?;
    }
    let version = health["version"].as_str().unwrap_or("of unknown version");
    let counts = format!(
        "{} data sources, {} dashboards",
        sources.len(),
        dashboards.len()
    );
    Ok(format!("{version}, {counts}"))
}

/// Whether Grafana has each data source, and can reach it.
async fn check_sources(stack: &Stack, wanted: impl Iterator<Item = &str>) -> Result<(), Finding> {
    // The settings of Grafana's own pages; every viewer may read them.
    let settings = stack.grafana.json("/api/frontend/settings", &[]).await?;
    let there = settings["datasources"].as_object();
    for uid in wanted {
        if uid == "loki" && stack.left_out.reason(Part::Loki).is_some() {
            continue;
        }
        let mut there = there.into_iter().flat_map(serde_json::Map::values);
        if !there.any(|source| source["uid"] == uid) {
            let expected = format!("Grafana has the data source {uid}");
            return Err(finding(&expected, "it does not".to_owned()));
        }
        reach(stack, uid).await?;
    }
    Ok(())
}

/// Asks the data source something small through Grafana.
async fn reach(stack: &Stack, uid: &str) -> Result<(), Finding> {
    let question = match uid {
        "prometheus" => "/api/v1/labels",
        "jaeger" => "/api/services",
        _ => "/loki/api/v1/labels",
    };
    let path = format!("/api/datasources/proxy/uid/{uid}{question}");
    let answer = stack.grafana.get(&path, &[]).await;
    let answer = answer.map_err(|error| stack.grafana.unreachable(&error))?;
    if answer.status.is_success() {
        return Ok(());
    }
    let advice = format!(
        "`docker compose up -d {uid}` starts it; grafana/provisioning/datasources says where \
         Grafana looks for it"
    );
    let expected = format!("Grafana reaches {uid}");
    Err(Finding::new(uid, expected, answer.to_string(), advice).may_come())
}

async fn check_dashboard(stack: &Stack, uid: &str) -> Result<(), Finding> {
    let path = format!("/api/dashboards/uid/{uid}");
    let answer = stack.grafana.get(&path, &[]).await;
    let answer = answer.map_err(|error| stack.grafana.unreachable(&error))?;
    let expected = format!("Grafana has the dashboard {uid}, from its file");
    if answer.status == 404 {
        return Err(finding(&expected, "it does not".to_owned()));
    }
    let dashboard = answer.json().unwrap_or_default();
    if !answer.status.is_success() {
        return Err(stack.grafana.unexpected(&path, &answer));
    }
    if dashboard["meta"]["provisioned"] != true {
        return Err(finding(
            &expected,
            "one that somebody made by hand".to_owned(),
        ));
    }
    Ok(())
}

/// A finding that may go away: Grafana reads its files a moment after its start.
fn finding(expected: &str, found: String) -> Finding {
    let advice = "look at its log, and at grafana/provisioning";
    Finding::new("grafana", expected, found, advice).may_come()
}

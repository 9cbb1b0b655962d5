use crate::check::{
    finding::{Finding, Verdict, list},
    prometheus::{Alert, Rule},
    stack::Stack,
};

/// The alerts of prometheus/rules.
const ALERTS: [&str; 13] = [
    "BreakerOpen",
    "CertificateExpiresSoon",
    "DeadLetters",
    "EventsWait",
    "HighErrorRatio",
    "HighLatency",
    "RegistryUnreachable",
    "RetryBudgetExhausted",
    "ScrapeSlow",
    "SloBurnFast",
    "SloBurnSlow",
    "SpansLost",
    "TargetDown",
];

/// Asks Prometheus for its rules: all of ours are loaded and evaluated, and no alert fires.
pub(in crate::check) async fn check(stack: &Stack) -> Verdict {
    judge(&stack.prometheus.rules().await?)
}

fn judge(rules: &[Rule]) -> Verdict {
    let is_loaded = |name: &&str| rules.iter().any(|rule| rule.name == *name);
    let missing: Vec<_> = ALERTS.into_iter().filter(|name| !is_loaded(name)).collect();
    if !missing.is_empty() {
        let found = format!("{} not there", list(missing));
        let advice = "look at rule_files in prometheus/prometheus.yml, and at Prometheus' log";
        return Err(Finding::new(
            "prometheus",
            "the alerts of prometheus/rules are loaded",
            found,
            advice,
        ));
    }
    if let Some(rule) = rules.iter().find(|rule| rule.health != "ok") {
        let found = format!("{} is {}: {}", rule.name, rule.health, rule.last_error);
        let finding = Finding::new(
            "prometheus",
            "every rule is evaluated",
            found,
            "correct it in prometheus/rules",
        );
        // A rule is `unknown` until its first evaluation.
        return Err(if rule.health == "unknown" {
            finding.may_come()
        } else {
            finding
        });
    }
    let firing = rules.iter().filter(|rule| rule.state == "firing");
    let firing: Vec<_> = firing
        .filter(|rule| ALERTS.contains(&rule.name.as_str()))
        .collect();
    if let Some(first) = firing.first() {
        return Err(fires(first, firing.len()));
    }
    let alerts = rules.iter().filter(|rule| rule.kind == "alerting").count();
    Ok(format!(
        "{alerts} alerts and {} records are loaded, and none fires",
        rules.len() - alerts
    ))
}

fn fires(rule: &Rule, count: usize) -> Finding {
    let alert = rule.alerts.first();
    let annotation = |name: &str| alert.and_then(|alert| alert.annotations.get(name));
    let summary = annotation("summary").map_or("", String::as_str);
    let others = if count > 1 {
        format!(" (and {} more alerts)", count - 1)
    } else {
        String::new()
    };
    let runbook = annotation("runbook").map_or("docs/runbooks", String::as_str);
    let found = format!("{}: {summary}{others}", rule.name);
    let advice = format!("{runbook} has the steps; an alert ends a while after its cause");
    Finding::new(culprit(rule, alert), "no alert fires", found, advice)
}

fn culprit(rule: &Rule, alert: Option<&Alert>) -> String {
    let labels = alert.map(|alert| &alert.labels);
    let label = |name: &str| labels.and_then(|labels| labels.get(name));
    let service = label("service_name").or_else(|| label("job"));
    service.unwrap_or(&rule.name).clone()
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::{ALERTS, Rule, judge};

    fn rules(change: impl Fn(&mut Value)) -> Vec<Rule> {
        let alert =
            |name| json!({ "name": name, "type": "alerting", "health": "ok", "state": "inactive" });
        let mut rules = Value::from_iter(ALERTS.map(alert));
        change(&mut rules);
        serde_json::from_value(rules).unwrap()
    }

    #[test]
    fn the_alerts_are_those_of_the_files() {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../prometheus/rules");
        let files = std::fs::read_dir(folder).unwrap();
        let text = files.map(|file| std::fs::read_to_string(file.unwrap().path()).unwrap());
        let text = text.collect::<String>();
        let mut named: Vec<_> = text
            .lines()
            .filter_map(|line| line.trim().strip_prefix("- alert: "))
            .collect();
        named.sort_unstable();
        // One alert has a rule in each of two files.
        named.dedup();
        assert_eq!(named, ALERTS);
    }

    #[test]
    fn silent_alerts_pass() {
        assert!(judge(&rules(|_| {})).is_ok());
        assert!(judge(&rules(|all| all[3]["state"] = json!("pending"))).is_ok());
    }

    #[test]
    fn a_firing_alert_is_named_with_its_service() {
        let finding = judge(&rules(|all| {
            let last = ALERTS.len() - 1;
            all[last]["state"] = json!("firing");
            all[last]["alerts"] = json!([{
                "labels": { "service_name": "user" },
                "annotations": { "summary": "user does not answer" },
            }]);
        }));
        let finding = finding.unwrap_err();
        assert_eq!((finding.part.as_str(), finding.may_come), ("user", false));
        assert_eq!(finding.found, "TargetDown: user does not answer");
    }

    #[test]
    fn a_rule_that_is_not_loaded_or_fails_is_named() {
        let missing = judge(&rules(|all| all[0]["name"] = json!("Renamed"))).unwrap_err();
        assert_eq!(missing.found, "BreakerOpen not there");
        let failing = judge(&rules(|all| all[1]["health"] = json!("err"))).unwrap_err();
        assert!(
            failing.found.starts_with("CertificateExpiresSoon is err"),
            "{}",
            failing.found
        );
        let unknown = judge(&rules(|all| all[1]["health"] = json!("unknown"))).unwrap_err();
        assert!(unknown.may_come && !failing.may_come);
    }
}

use super::{AlertState, Alerting, Definition, Labels, Template};

fn labels(service: &str) -> Labels {
    Labels::from_iter([("__name__", "up"), ("service_name", service)])
}

fn alert(definition: Definition) -> Alerting {
    Alerting::new("Down".to_owned(), definition)
}

#[test]
fn an_alert_is_pending_then_fires_then_is_over() {
    let mut alert = alert(Definition {
        hold_ms: 30_000,
        ..Definition::default()
    });
    let mut at = |second: i64, down: &[&str]| {
        let values = down.iter().map(|service| (labels(service), 0.0));
        alert.series(values, second * 1000).unwrap();
        alert.state()
    };
    assert_eq!(at(0, &[]), AlertState::Inactive);
    assert_eq!(at(10, &["user"]), AlertState::Pending);
    assert_eq!(at(38, &["user"]), AlertState::Pending);
    // Each alert has a time of its own.
    assert_eq!(at(40, &["user", "profile"]), AlertState::Firing);
    assert_eq!(at(42, &["profile"]), AlertState::Pending);
    assert_eq!(at(44, &[]), AlertState::Inactive);
    assert_eq!(at(46, &["user"]), AlertState::Pending);
}

#[test]
fn an_alert_may_fire_on_for_a_while() {
    let mut alert = alert(Definition {
        keep_ms: 10_000,
        ..Definition::default()
    });
    let mut at = |second: i64, down: bool| {
        let values = down.then(|| (labels("user"), 0.0));
        alert.series(values.into_iter(), second * 1000).unwrap();
        alert.state()
    };
    assert_eq!(at(0, true), AlertState::Firing);
    assert_eq!(at(2, false), AlertState::Firing);
    assert_eq!(at(11, false), AlertState::Firing);
    assert_eq!(at(12, false), AlertState::Inactive);
}

#[test]
fn the_series_say_who_and_how_far_and_since_when() {
    let severity = Template::parse("{{ $labels.service_name }} page").unwrap();
    let mut alert = alert(Definition {
        labels: [("severity".to_owned(), severity)].into(),
        ..Definition::default()
    });
    let series = alert.series([(labels("user"), 0.0)].into_iter(), 5999);
    let series: Vec<_> = series
        .unwrap()
        .iter()
        .map(|(labels, value)| format!("{labels} {value}"))
        .collect();
    let expected = [
        "ALERTS{alertname=\"Down\", alertstate=\"firing\", service_name=\"user\", \
         severity=\"user page\"} 1",
        "ALERTS_FOR_STATE{alertname=\"Down\", service_name=\"user\", \
         severity=\"user page\"} 5",
    ];
    assert_eq!(series, expected);
}

#[test]
fn two_values_with_the_same_labels_change_nothing() {
    let mut alert = alert(Definition::default());
    let same = || {
        [
            (labels("user"), 0.0),
            (labels("user").with("__name__", "down"), 1.0),
        ]
    };
    assert!(alert.series(same().into_iter(), 0).is_err());
    assert_eq!(alert.state(), AlertState::Inactive);
}

//! Against the stack of `tracewalk up`.

use super::stack::Stack;
use crate::support::finish;

#[tokio::test]
async fn the_native_stack_passes_without_what_belongs_to_docker() {
    let stack = Stack::start("20").await;
    let checked = stack.check(&["--native", "--wait", "60s"]).await;
    assert_eq!(checked.code, Some(0), "{:#}", checked.report);
    assert_eq!(checked.report["holds"], true);
    assert_eq!(checked.report["trace_id"].as_str().map(str::len), Some(32));
    let steps = checked.report["steps"].as_array().unwrap();
    let numbers: Vec<_> = steps
        .iter()
        .map(|step| step["number"].as_u64().unwrap())
        .collect();
    assert_eq!(numbers, (1..=14).collect::<Vec<_>>());
    for step in steps {
        let (state, says) = if step["step"] == "grafana" {
            ("left_out", "reason")
        } else {
            ("holds", "fact")
        };
        assert_eq!(step["state"], state, "{step}");
        assert!(
            step[says].as_str().is_some_and(|text| !text.is_empty()),
            "{step}"
        );
    }
}

#[tokio::test]
async fn the_services_are_asked_where_prometheus_reads_them_from_any_folder() {
    let stack = Stack::start("20").await;
    let mut command = stack.command(&["--native", "--wait", "60s", "--json"]);
    // Anywhere: the dashboards and rules are in the program.
    let folder = tempfile::tempdir().unwrap();
    command.current_dir(folder.path());
    for service in ["GATEWAY", "USER", "PROFILE"] {
        command.env_remove(format!("TRACEWALK_{service}_ADMIN"));
    }
    let output = finish(command).await;
    assert_eq!(output.status.code(), Some(0), "{output:?}");
}

#[tokio::test]
async fn for_people_each_step_is_a_line_without_colours_in_a_pipe() {
    let stack = Stack::start("20").await;
    let output = finish(stack.command(&["--native", "--wait", "60s"])).await;
    let text = String::from_utf8(output.stdout).unwrap();
    assert_eq!(output.status.code(), Some(0), "{text}");
    assert_eq!(text.matches('✓').count(), 13, "{text}");
    assert_eq!(text.matches('–').count(), 1, "{text}");
    assert!(!text.contains('\u{1b}'), "{text}");
    assert!(text.ends_with("every step holds, without 11\n"), "{text}");
}

//! What a scenario changes through the launcher is undone when it hangs up, whatever has happened.

mod launcher;

use std::process::Stdio;

use rstest::rstest;
use serde_json::Value;
use tokio::process::Command;
use tonic::Code;

use crate::support::{Caller, Demo, Process, Up, until};
use launcher::{Control, act, address, is_whole, undone};

#[rstest]
#[case::stopped(r#"{"of":["profile",1]}"#, "stop")]
#[case::slow(r#"{"of":["profile",1]}"#, "slow")]
#[case::killed(r#"{"of":["profile",1]}"#, "kill")]
#[tokio::test]
async fn a_process_is_well_again_once_the_caller_is_gone(
    #[case] process: &str,
    #[case] signal: &str,
) {
    let up = Up::start(&["--json", "--load", "0"]);
    let addresses = up.addresses().await;
    assert!(is_whole(&addresses).await);
    let mut control = Control::open(&up, &addresses).await;
    let answer = control.ask(&act(process, signal)).await;
    assert!(answer.contains(r#""is_well":true"#), "{answer}");
    if signal != "slow" {
        assert!(!is_whole(&addresses).await);
    }
    drop(control);
    undone(&up, &addresses).await;
    until("the stack is well", async || {
        is_whole(&addresses).await.then_some(())
    })
    .await;
}

#[tokio::test]
async fn other_flags_and_replicas_are_gone_once_the_caller_is() {
    let up = Up::start(&["--json", "--load", "0"]);
    let addresses = up.addresses().await;
    let mut control = Control::open(&up, &addresses).await;
    let setup = r#"{"set_up":{"tokens":true,"rate_limit":1,"profiles":3,"profile_policy":null}}"#;
    let answer: Value = serde_json::from_str(&control.ask(setup).await).unwrap();
    let running = &answer["running"];
    assert_eq!(
        running["profile_admin"].as_array().unwrap().len(),
        3,
        "{answer}"
    );
    assert!(running["keys"].is_string(), "{answer}");
    let mut codes = Vec::new();
    for _ in 0..20 {
        let mut caller = Caller::connect(address(&addresses, "gateway").parse().unwrap()).await;
        codes.push(caller.get("7").await.code);
    }
    assert!(codes.contains(&Code::ResourceExhausted), "{codes:?}");
    drop(control);
    undone(&up, &addresses).await;
    until("no limit", async || {
        for _ in 0..5 {
            if !is_whole(&addresses).await {
                return None;
            }
        }
        Some(())
    })
    .await;
    let replica = running["profile_admin"][1].as_str().unwrap();
    assert!(tokio::net::TcpStream::connect(replica).await.is_err());
}

#[tokio::test]
async fn a_process_starts_again_though_a_build_has_replaced_the_program() {
    let data = tempfile::tempdir().unwrap();
    let program = data.path().join("tracewalk");
    std::fs::copy(env!("CARGO_BIN_EXE_tracewalk"), &program).unwrap();
    let usual = Up::command(data.path());
    let mut command = Command::new(&program);
    for (name, value) in usual.as_std().get_envs() {
        match value {
            Some(value) => command.env(name, value),
            None => command.env_remove(name),
        };
    }
    command.args(["up", "--json", "--load", "0"]);
    command.stdin(Stdio::piped()).stdout(Stdio::piped());
    command.stderr(Stdio::piped()).kill_on_drop(true);
    let up = Up {
        process: Process::start("up", command),
        data,
    };
    let addresses = up.addresses().await;
    std::fs::remove_file(&program).unwrap();
    let mut control = Control::open(&up, &addresses).await;
    let answer = control.ask(&act(r#"{"of":["profile",1]}"#, "term")).await;
    assert!(answer.contains(r#""is_well":true"#), "{answer}");
    until("the stack is well", async || {
        is_whole(&addresses).await.then_some(())
    })
    .await;
}

#[tokio::test]
async fn a_launcher_that_is_asked_to_end_lets_what_stands_still_run_first() {
    let mut up = Up::start(&["--json", "--load", "20"]);
    let addresses = up.addresses().await;
    let mut control = Control::open(&up, &addresses).await;
    for process in [r#"{"of":["profile",1]}"#, r#""collector""#] {
        let answer = control.ask(&act(process, "stop")).await;
        assert!(answer.contains(r#""is_well":true"#), "{answer}");
    }
    up.process.signal("TERM").await;
    assert_eq!(
        up.process.ended().await,
        Some(0),
        "{:#?}",
        up.process.lines()
    );
    let left = std::fs::read_dir(up.data.path()).unwrap();
    let mut names = left.map(|file| file.unwrap().file_name());
    assert!(!names.any(|name| name.to_string_lossy().ends_with(".sock")));
}

#[tokio::test]
async fn what_cannot_be_done_is_refused_and_changes_nothing() {
    let up = Up::start(&["--json", "--load", "0"]);
    let addresses = up.addresses().await;
    let mut control = Control::open(&up, &addresses).await;
    for (request, expected) in [
        ("nonsense", "refused"),
        (
            &act(r#"{"of":["profile",2]}"#, "kill"),
            "there is no profile 2",
        ),
        (
            &act(r#"{"of":["postgres",1]}"#, "kill"),
            "there is no postgres 1",
        ),
        (
            &act(r#"{"of":["profile",0]}"#, "kill"),
            "there is no profile 0",
        ),
        (
            &act(r#""collector""#, "kill"),
            "the collector can only be stopped",
        ),
        (
            r#"{"set_up":{"tokens":false,"rate_limit":null,"profiles":400,"profile_policy":null}}"#,
            "expected at most 3",
        ),
    ] {
        let answer = control.ask(request).await;
        assert!(answer.contains(expected), "{request}: {answer}");
    }
    assert!(is_whole(&addresses).await);
}

#[tokio::test]
async fn a_line_without_an_end_ends_the_connection() {
    let up = Up::start(&["--json", "--load", "0"]);
    let addresses = up.addresses().await;
    let mut control = Control::open(&up, &addresses).await;
    assert!(control.ends_after(&vec![b'x'; 1 << 20]).await);
    drop(control);
    let mut next = Control::open(&up, &addresses).await;
    let answer = next.ask(&act(r#"{"of":["profile",1]}"#, "kill")).await;
    assert!(answer.contains(r#""is_well":true"#), "{answer}");
}

#[tokio::test]
async fn a_stack_without_a_launcher_is_one_clear_line() {
    let demo = Demo::start().await;
    let gateway = demo.gateway.address("grpc").await.to_string();
    let words = ["scenario", "run", "queue-full", "--gateway", &gateway];
    let output = crate::support::run(&words).await;
    let said = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(1), "{said}");
    for expected in [
        "error: queue-full does something to processes: ",
        "docker compose kill --signal STOP jaeger",
        "only `tracewalk up` with the same --data-dir can be changed by a scenario: no launcher at data/up-",
    ] {
        assert!(said.contains(expected), "{said}");
    }
    assert_eq!(said.trim().lines().count(), 1, "{said}");
}

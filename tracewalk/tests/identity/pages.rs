//! The commands on the pages of the documentation do what the pages say.

use std::{path::Path, process::Output};

use rstest::rstest;
use tempfile::TempDir;
use tokio::process::Command;

use crate::support::{Up, command, finish};

/// A command of a page, and the lines that the page shows below it.
#[derive(Debug)]
struct Step {
    command: String,
    shown: Vec<String>,
}

#[rstest]
#[case("tokens.md", &["--auth", "auth"])]
#[case("mutual-tls.md", &["--tls", "certs"])]
#[tokio::test]
async fn the_commands_of_a_page_do_what_it_says(#[case] page: &str, #[case] flags: &[&str]) {
    let mut steps = steps(page).into_iter();
    let start = steps.next().expect("a page begins with the stack");
    assert_eq!(start.command, format!("tracewalk up {}", flags.join(" ")));
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(flags[1]);
    let up = Up::start(&["--json", flags[0], path.to_str().unwrap()]);
    let addresses = up.addresses().await;
    let address = |door: &str| addresses[door].as_str().unwrap().to_owned();
    let mut count = 0;
    for step in steps {
        let mut line = step.command.clone();
        if line.contains("127.0.0.1:50052") && !line.contains("--peer") {
            // On its usual port it needs not be said who it is.
            line += " --peer user";
        }
        if line.contains(" health ") {
            // The machine of a test may be busy.
            line += " --timeout 20s";
        }
        let line = line.replace("127.0.0.1:50052", &address("user"));
        let output = sh(&folder, &line, &address("gateway")).await;
        is_as_shown(&step, &output);
        count += 1;
    }
    assert!(count > 4, "{count}");
}

fn steps(page: &str) -> Vec<Step> {
    let pages = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/mechanisms");
    let text = std::fs::read_to_string(pages.join(page)).expect("a page");
    let mut steps = Vec::<Step>::new();
    let mut inside = false;
    for line in text.lines() {
        if line.starts_with("```") {
            inside = line == "```console";
        } else if let Some(command) = line.strip_prefix("$ ").filter(|_| inside) {
            steps.push(Step {
                command: command.to_owned(),
                shown: Vec::new(),
            });
        } else if let Some(step) = steps.last_mut().filter(|_| inside) {
            step.shown.push(line.trim().to_owned());
        }
    }
    steps
}

/// Runs a line as a shell does in that folder, with `tracewalk` in its path.
async fn sh(folder: &TempDir, line: &str, gateway: &str) -> Output {
    let binary = Path::new(env!("CARGO_BIN_EXE_tracewalk"));
    let mut paths = vec![binary.parent().expect("a folder").to_owned()];
    paths.extend(std::env::split_paths(
        &std::env::var_os("PATH").expect("a path"),
    ));
    let clean = command(&[]);
    let mut shell = Command::new("sh");
    for (name, value) in clean.as_std().get_envs() {
        if value.is_none() {
            shell.env_remove(name);
        }
    }
    shell
        .args(["-c", line])
        .current_dir(folder)
        .env("PATH", std::env::join_paths(paths).expect("a path"))
        .env("TRACEWALK_GATEWAY", gateway);
    shell.stdout(std::process::Stdio::piped());
    shell.stderr(std::process::Stdio::piped());
    finish(shell).await
}

fn is_as_shown(step: &Step, output: &Output) {
    let mut text = String::from_utf8_lossy(&output.stdout).into_owned();
    text += &String::from_utf8_lossy(&output.stderr);
    let refused = step.shown.iter().any(|line| line.starts_with("error:"));
    assert_eq!(output.status.success(), !refused, "{step:?}: {text}");
    for line in &step.shown {
        // The address is another one in each test.
        for part in line.split("127.0.0.1:50052") {
            assert!(text.contains(part), "{part} is not in:\n{text}");
        }
    }
}

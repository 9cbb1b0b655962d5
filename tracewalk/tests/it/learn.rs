//! The walkthrough by keys, here in a pipe.

use std::process::Output;

use crate::support::{DEADLINE, Up, command, run};
use tokio::{io::AsyncWriteExt as _, process::Command, time::timeout};

async fn with_keys(mut command: Command, keys: &str) -> Output {
    let mut child = command.spawn().expect("it can be started");
    let mut stdin = child.stdin.take().expect("a pipe");
    stdin
        .write_all(keys.as_bytes())
        .await
        .expect("a short text fits");
    drop(stdin);
    let output = timeout(DEADLINE, child.wait_with_output()).await;
    output.expect("it ends").expect("it can be waited for")
}

fn text(output: &Output) -> String {
    let text = [output.stdout.as_slice(), &output.stderr].concat();
    String::from_utf8(text).expect("UTF-8")
}

#[tokio::test]
async fn a_stop_runs_its_commands_and_keeps_its_answer_until_a_key() {
    let up = Up::start(&["--json", "--load", "0"]);
    let addresses = up.addresses().await;
    let address = |of: &str| addresses[of].as_str().expect("an address");
    let mut learn = command(&["learn"]);
    learn.env("TRACEWALK_GATEWAY", address("gateway"));
    learn.env("TRACEWALK_UI", address("ui"));
    learn.env("TRACEWALK_QUERY_URL", address("ui"));
    let output = with_keys(learn, "r").await;
    let said = text(&output);
    assert_eq!(output.status.code(), Some(0), "{said}");
    for part in [
        "  $ tracewalk call get 1\n",
        "\nuser      1\n",
        "\n9 spans",
        "Where is the network",
    ] {
        assert!(said.contains(part), "{part} is not in: {said}");
    }
    assert!(!said.contains("In the gap between"), "{said}");
    assert!(
        said.ends_with("\nGo on with: tracewalk learn 1\n"),
        "{said}"
    );
}

#[tokio::test]
async fn enter_shows_the_answer_and_then_the_next_stop_and_back_is_a_key_too() {
    let output = with_keys(command(&["learn", "2"]), "\n\nbq").await;
    let said = text(&output);
    assert_eq!(output.status.code(), Some(0), "{said}");
    assert!(
        said.contains("Go down as long as there is a long bar."),
        "{said}"
    );
    let titles: Vec<_> = ["2 of ", "3 of ", "2 of "].into();
    let seen = said
        .lines()
        .filter_map(|line| titles.iter().find(|it| line.starts_with(**it)));
    assert_eq!(seen.copied().collect::<Vec<_>>(), titles, "{said}");
    assert!(
        said.ends_with("\nGo on with: tracewalk learn 2\n"),
        "{said}"
    );
}

#[tokio::test]
async fn the_stops_are_listed_and_another_number_is_one_clear_line() {
    let said = text(&run(&["learn", "--list"]).await);
    assert!(
        said.starts_with("Ten minutes: read a trace\n   1  One call\n"),
        "{said}"
    );
    let count = said.lines().filter(|line| line.starts_with(' ')).count();
    let output = run(&["learn", "99"]).await;
    let expected = format!("error: there is no stop 99: expected 1 to {count}\n");
    assert_eq!((output.status.code(), text(&output)), (Some(1), expected));
}

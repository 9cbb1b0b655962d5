//! Colours on a terminal: none where `NO_COLOR` is set and not empty, by <https://no-color.org>, whoever
//! draws them.

use std::{fs::File, io::Read as _, process::Stdio};

use crate::support::{ClosedPort, DEADLINE, Up, command};
use rstest::rstest;
use rustix::{
    fs::{Mode, OFlags, open},
    pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt},
};
use tokio::{process::Command, task::spawn_blocking, time::timeout};

const TRACE: &str = "trace --query-url http://CLOSED --wait 0s 0af7651916cd43dd8448eb211c80319c";

#[rstest]
#[case::a_mistake_on_the_command_line("laod", "For more information")]
#[case::an_error(TRACE, "error:")]
#[case::results("check --native --gateway CLOSED", "  do ")]
#[case::a_list("scenario list", "retry-helps")]
#[case::help("--help", "Print version")]
#[case::a_log(
    "user --listen 127.0.0.1:0 --admin-listen 127.0.0.1:0 --database-url memory:",
    "INFO"
)]
#[tokio::test]
async fn a_variable_that_is_not_empty_takes_the_colours_away(
    #[case] words: &str,
    #[case] said: &str,
) {
    let closed = ClosedPort::new();
    let words = words.replace("CLOSED", &closed.address);
    let words: Vec<&str> = words.split(' ').collect();
    for no_color in [None, Some(""), Some("1")] {
        obeys(command(&words), no_color, said).await;
    }
}

#[tokio::test]
async fn the_launcher_a_trace_and_a_load_obey_the_variable_too() {
    let up = Up::start(&["--json", "--load", "0"]);
    let addresses = up.addresses().await;
    let [ui, gateway, id] = ["ui", "gateway", "first_trace"].map(|name| {
        let value = addresses[name].as_str();
        value.expect("a text")
    });
    let trace = ["trace", "--query-url", ui, id];
    let load = "load --rps 20 --duration 500ms --gateway".split(' ');
    let load: Vec<&str> = load.chain([gateway]).collect();
    for no_color in [None, Some("1")] {
        obeys(Up::command(up.data.path()), no_color, "Ctrl-C stops").await;
        obeys(command(&trace), no_color, "profile").await;
        obeys(command(&load), no_color, "milliseconds").await;
    }
}

/// Colours, unless the variable says something.
async fn obeys(command: Command, no_color: Option<&str>, said: &str) {
    let seen = on_a_terminal(command, no_color, said).await;
    assert!(seen.contains(said), "{seen}");
    let coloured = no_color.is_none_or(str::is_empty);
    assert_eq!(has_colours(&seen), coloured, "{no_color:?}: {seen:?}");
}

/// Whether one of the sequences sets how letters look (SGR); others move the cursor of a spinner.
fn has_colours(text: &str) -> bool {
    let mut sequences = text.split("\u{1b}[").skip(1);
    sequences.any(|rest| {
        let rest = rest.trim_start_matches(|letter: char| letter.is_ascii_digit() || letter == ';');
        rest.starts_with('m')
    })
}

/// What a command writes to a terminal until it has said this, or ends.
async fn on_a_terminal(mut command: Command, no_color: Option<&str>, said: &str) -> String {
    let ours = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY).expect("a terminal");
    grantpt(&ours).expect("it is ours");
    unlockpt(&ours).expect("it is ours");
    let path = ptsname(&ours, Vec::new()).expect("it has a name");
    let terminal = open(path, OFlags::RDWR | OFlags::NOCTTY, Mode::empty()).expect("a terminal");
    let other = terminal.try_clone().expect("a descriptor");
    command.env("TERM", "xterm").env_remove("NO_COLOR");
    command.envs(no_color.map(|value| ("NO_COLOR", value)));
    command.stdin(Stdio::null()).stdout(terminal).stderr(other);
    let _running = command.spawn().expect("it can be started");
    // Its ends of the terminal: when the process has ended too, there is nothing more to read.
    drop(command);
    let said = said.to_owned();
    let read = spawn_blocking(move || read(File::from(ours), &said));
    let seen = timeout(DEADLINE, read).await;
    seen.expect("it says so in time").expect("no panic")
}

fn read(mut terminal: File, said: &str) -> String {
    let (mut seen, mut piece) = (Vec::new(), [0; 4096]);
    // An error says that nobody else has the terminal.
    while let Ok(length @ 1..) = terminal.read(&mut piece) {
        seen.extend_from_slice(&piece[..length]);
        if String::from_utf8_lossy(&seen).contains(said) {
            break;
        }
    }
    String::from_utf8_lossy(&seen).into_owned()
}

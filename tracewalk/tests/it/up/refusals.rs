//! What keeps the stack from starting is one line.

use std::net::TcpListener;

use crate::support::{Up, command, finish};

#[tokio::test]
async fn a_taken_port_is_one_line_with_its_flag_and_nothing_starts() {
    for flag in [
        "--gateway-listen",
        "--http-listen",
        "--profile-admin-listen",
        "--ui-listen",
        "--prometheus-listen",
        "--dashboards-listen",
    ] {
        let taken = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = taken.local_addr().unwrap().to_string();
        let mut up = Up::start(&[flag, &address]);
        assert_eq!(up.process.ended().await, Some(1));
        let [line] = &up.process.lines()[..] else {
            panic!("{:?}", up.process.lines())
        };
        assert!(
            line.contains(&taken.local_addr().unwrap().port().to_string()),
            "{line}"
        );
        assert!(line.contains("in use") && line.contains(flag), "{line}");
        assert_eq!(std::fs::read_dir(up.data.path()).unwrap().count(), 0);
    }
}

#[tokio::test]
async fn a_data_folder_that_cannot_be_had_is_one_line() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("file");
    std::fs::write(&file, "in the way").unwrap();
    let mut up = Up::start(&["--data-dir", file.to_str().unwrap()]);
    assert_eq!(up.process.ended().await, Some(1));
    let line = up.process.line("error:").await;
    assert!(line.contains(file.to_str().unwrap()), "{line}");
}

#[tokio::test]
async fn a_database_that_cannot_be_opened_is_one_line_with_one_cause() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::create_dir(folder.path().join("profile.db")).unwrap();
    let mut up = Up::start(&["--data-dir", folder.path().to_str().unwrap()]);
    assert_eq!(up.process.ended().await, Some(1));
    let line = up.process.line("error:").await;
    assert!(line.contains("profile.db"), "{line}");
    assert!(!line.contains("--database-url"), "{line}");
    let cause = "unable to open database file";
    assert_eq!(line.matches(cause).count(), 1, "{line}");
}

#[tokio::test]
async fn without_a_command_it_is_up() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let mut bare = command(&[]);
    bare.env(
        "TRACEWALK_GATEWAY_LISTEN",
        taken.local_addr().unwrap().to_string(),
    );
    let output = finish(bare).await;
    assert_eq!(output.status.code(), Some(1));
    assert!(
        String::from_utf8(output.stderr)
            .unwrap()
            .contains("--gateway-listen")
    );
}

//! Help for every command, and a clear answer to every mistake.

use crate::support::run;
use rstest::rstest;

#[rstest]
#[case(&["--help"], &["up", "gateway", "user", "profile", "call", "load", "trace", "health"])]
#[case(&["up", "--help"], &["--load", "--data-dir", "--gateway-listen", "127.0.0.1:16686"])]
#[case(&["view", "--help"], &["--scrape", "NAME=HOST:PORT", "127.0.0.1:4318", "127.0.0.1:3000"])]
#[case(&["gateway", "--help"], &["--listen", "--http-listen", "--user", "--grace", "10s"])]
#[case(&["user", "--help"], &["--listen", "--profile", "--database-url", "TRACEWALK_LISTEN"])]
#[case(&["profile", "--help"], &["--admin-listen", "127.0.0.1:9103", "--database-url"])]
#[case(&["call", "--help"], &["get", "create", "watch", "import", "lookup", "--json", "Examples:"])]
#[case(&["call", "watch", "--help"], &["--updates", "--interval", "200ms", "TRACEWALK_GATEWAY"])]
#[case(&["load", "--help"], &["--rps", "--duration", "30s", "--concurrency", "--mix", "get=80"])]
#[case(&["trace", "--help"], &["ID|last"])]
#[case(&["mystery", "--help"], &["--seed", "--evidence", "slow", "Examples:"])]
#[case(&["health", "--help"], &["ADDRESS", "1s"])]
#[tokio::test]
async fn help_names_the_flags_with_their_defaults(#[case] words: &[&str], #[case] parts: &[&str]) {
    let output = run(words).await;
    assert_eq!(output.status.code(), Some(0));
    let text = String::from_utf8(output.stdout).unwrap();
    for part in parts {
        assert!(text.contains(part), "{part} is not in:\n{text}");
    }
}

#[rstest]
#[case(&["laod"], "\n\n  tip: a similar subcommand exists: 'load'")]
#[case(&["call", "get", "1", "--fualt", "x"], "\n\n  tip: a similar argument exists: '--fault'\n\nUsage: ")]
#[case(&["load", "--wrong"], "unexpected argument '--wrong' found\n\nUsage: tracewalk load")]
#[case(&["call", "get"], "ID")]
#[case(&["call", "get", "1", "--gateway", "nowhere"], "expected host:port")]
#[case(&["call", "watch", "1", "--interval", "soon"], "--interval")]
#[case(&["load", "--rps", "-3"], "-3")]
#[case(&["load", "--mix", "get=0"], "every share is 0")]
#[case(&["trace", "no-hex"], "expected `last`, or 1 to 32 hexadecimal digits")]
#[case(&["up", "--load", "many"], "--load")]
#[case(&["up", "--events", "amqp://a"], "expected grpc or kafka://HOST:PORT/TOPIC")]
#[case(&["user", "--events", "kafka://a/b"], "expected brokers as HOST:PORT,HOST:PORT")]
#[cfg_attr(
    not(feature = "kafka"),
    case(&["profile", "--events", "kafka://a:1/b"], "built without the feature kafka")
)]
#[case(&["up", "--scrape", "http://127.0.0.1:1/metrics"], "there is no `=`")]
#[case(&["view", "--scrape", "shop=http://127.0.0.1:1"], "without a scheme")]
#[case(&["view", "--scrape", "shop=127.0.0.1"], "expected a port")]
#[case(&["up", "--gateway-listen", "50051"], "--gateway-listen")]
#[case(&["user", "--profile", "http://here"], "--profile")]
#[case(&["user", "--profile", "consul:///profile"], "dns:///name:port or etcd:///name")]
#[case(&["user", "--profile", "dns://127.0.0.1:8600"], "has no name: expected dns://SERVER:PORT/NAME")]
#[cfg_attr(
    not(feature = "dns-server"),
    case(&["user", "--profile", "dns://127.0.0.1:8600/a"], "built without the feature dns-server")
)]
#[case(&["gateway", "--user", "etcd://127.0.0.1:2379"], "has no name: expected etcd://HOST:PORT/NAME")]
#[case(&["profile", "--register", "127.0.0.1:2379"], "does not begin with etcd://")]
#[case(&["profile", "--lease", "250ms"], "whole seconds")]
#[case(&["up", "--register", "etcd:///user"], "each service registers under its own name")]
#[case(&["call", "get", "1", "--show", "--json"], "--show")]
#[case(&["mystery", "--service", "nobody"], "[possible values: gateway, user, profile]")]
#[tokio::test]
async fn a_wrong_command_line_is_answered_as_clap_does(#[case] words: &[&str], #[case] part: &str) {
    let output = run(words).await;
    let text = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(2), "{text}");
    assert!(text.starts_with("error: "), "{text}");
    assert!(
        text.ends_with("\n\nFor more information, try '--help'.\n"),
        "{text}"
    );
    assert!(
        !text.contains("as a value"),
        "no value begins with a dash: {text}"
    );
    assert!(text.contains(part), "{part} is not in: {text}");
    assert!(output.stdout.is_empty());
}

#[rstest]
#[case(&["call", "get", "1", "--gateway", "127.0.0.1:1"], "127.0.0.1:1")]
#[case(&["call", "import", "/no/such/file", "--gateway", "127.0.0.1:1"], "error")]
#[case(&["load", "--rps", "0"], "--rps")]
#[case(&["load", "--gateway", "127.0.0.1:1"], "127.0.0.1:1")]
#[case(&["health", "127.0.0.1:1"], "127.0.0.1:1")]
#[case(&["user", "--listen", "127.0.0.1:0", "--admin-listen", "203.0.113.1:1", "--database-url", "memory:"], "--admin-listen")]
#[tokio::test]
async fn what_cannot_be_done_is_one_line(#[case] words: &[&str], #[case] part: &str) {
    let output = run(words).await;
    let text = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(1), "{text}");
    assert!(
        text.starts_with("error: ") && text.lines().count() == 1,
        "{text}"
    );
    assert!(text.contains(part), "{part} is not in: {text}");
    assert!(output.stdout.is_empty());
}

#[rstest]
#[case(&["call"], &["Usage: tracewalk call", "lookup", "--timeout"])]
#[case(&["scenario"], &["Usage: tracewalk scenario", "list", "run"])]
#[tokio::test]
async fn a_command_without_its_subcommand_prints_help_as_lines(
    #[case] words: &[&str],
    #[case] parts: &[&str],
) {
    let output = run(words).await;
    let text = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(2));
    assert!(text.lines().count() > 5, "{text}");
    for part in parts {
        assert!(text.contains(part), "{part} is not in:\n{text}");
    }
}

#[tokio::test]
async fn completions_name_every_command() {
    let output = run(&["completions", "bash"]).await;
    let script = String::from_utf8(output.stdout).unwrap();
    assert_eq!(output.status.code(), Some(0));
    for command in ["up", "call", "scenario", "mystery", "trace", "completions"] {
        assert!(
            script.contains(&format!("tracewalk__subcmd__{command}")),
            "{command}"
        );
    }
}

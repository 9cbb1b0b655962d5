//! A mystery leaves no word of its fault where the learner looks, and knows right answers from wrong ones.

use std::process::{Output, Stdio};

use crate::support::{DEADLINE, Up, command};
use serde_json::Value;
use tokio::{io::AsyncWriteExt as _, time::timeout};

/// A running stack, and the flags that say where it is.
struct Stack {
    _up: Up,
    flags: Vec<String>,
    ui: String,
}

impl Stack {
    async fn start() -> Self {
        let up = Up::start(&["--json", "--load", "0"]);
        let addresses = up.addresses().await;
        let address = |of: &str| addresses[of].as_str().expect("an address").to_owned();
        let flags = [
            "--gateway".to_owned(),
            address("gateway"),
            "--ui".to_owned(),
            address("ui"),
        ];
        Self {
            flags: flags.to_vec(),
            ui: address("ui"),
            _up: up,
        }
    }

    /// Plays a mystery with these words more, and this on standard input.
    async fn play(&self, seed: u64, words: &[&str], input: &str) -> Output {
        let mut command = command(&["mystery", "--seed", &seed.to_string()]);
        command.args(&self.flags).args(words).stdin(Stdio::piped());
        let mut child = command.spawn().expect("it can be started");
        let mut stdin = child.stdin.take().expect("a pipe");
        stdin
            .write_all(input.as_bytes())
            .await
            .expect("it reads, or will");
        drop(stdin);
        let output = timeout(DEADLINE, child.wait_with_output()).await;
        output.expect("it ends").expect("it can be waited for")
    }
}

fn text(output: &Output) -> String {
    let text = [output.stdout.as_slice(), &output.stderr].concat();
    String::from_utf8(text).expect("UTF-8")
}

#[tokio::test]
async fn a_fault_is_hidden_and_found_by_its_answers() {
    let stack = Stack::start().await;
    let mut causes = std::collections::BTreeSet::new();
    for seed in SEEDS {
        let wrong = ["--service", "gateway", "--cause", "slow", "--json"];
        let output = stack.play(seed, &wrong, "1\n").await;
        let said = text(&output);
        assert_eq!(output.status.code(), Some(1), "{said}");
        let report: Value = serde_json::from_str(&said).expect("a line of JSON");
        assert_eq!(report["met"], false);
        let is_text = |value: &Value| value.as_str().expect("a text").to_owned();
        let right = |what: &str| is_text(&report["answers"][what]["right"]);
        let fault = is_text(&report["fault"]);
        assert!(fault.starts_with(&right("service")), "{fault}");
        is_hidden(&stack.ui, &is_text(&report["trace_id"]), &fault).await;

        let (service, cause, evidence) = (right("service"), right("cause"), right("evidence"));
        assert_eq!(report["answers"]["service"]["given"], "gateway");
        // By name, once after what is not a choice, and without a flag.
        let input = format!("nobody\n{service}\n{cause}\n{evidence}\n");
        let output = stack.play(seed, &[], &input).await;
        let said = text(&output);
        assert_eq!(output.status.code(), Some(0), "{said}");
        let refused = "`nobody` is not a choice: expected 1 to 3, or one of gateway";
        assert!(said.contains(refused), "{said}");
        assert_eq!(said.matches("\n✓ ").count(), 3, "{said}");
        assert!(said.contains(&format!("fault  {fault}: ")), "{said}");
        assert!(
            said.contains(&format!("span   {evidence}, ")) && said.contains("\npanel  \""),
            "{said}"
        );
        causes.insert(cause);
    }
    assert_eq!(causes.len(), 6, "{causes:?}");
}

/// One of each cause.
const SEEDS: [u64; 6] = [0, 1, 2, 3, 4, 5];

/// Neither the spans of a trace nor its log lines say that a fault was asked for.
async fn is_hidden(ui: &str, id: &str, fault: &str) {
    let output = crate::support::run(&["trace", id, "--logs", "--json", "--query-url", ui]).await;
    let said = text(&output);
    assert_eq!(output.status.code(), Some(0), "{said}");
    let words = [
        "tracewalk.fault",
        "FAULT",
        "injected",
        "asked",
        "hidden",
        fault,
    ];
    for word in words {
        assert!(!said.contains(word), "{word} is in {said}");
    }
}

#[tokio::test]
async fn an_input_that_ends_early_is_one_clear_line() {
    let stack = Stack::start().await;
    let output = stack.play(0, &["--json"], "").await;
    let said = text(&output);
    assert_eq!(output.status.code(), Some(1), "{said}");
    let expected =
        "error: no answer to \"In which service is the fault?\": expected 1 to 3, or one of";
    assert!(
        said.starts_with(expected) && said.lines().count() == 1,
        "{said}"
    );
}

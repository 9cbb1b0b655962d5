use std::time::Instant;

use rstest::rstest;

use super::{
    page::{Page, Step},
    shell::Shell,
};
use crate::support::DEADLINE;

#[rstest]
#[case("access-log.md")]
#[case("balancing.md")]
#[case("circuit-breaker.md")]
#[case("deadlines.md")]
#[case("faults.md")]
#[case("health.md")]
#[case("limits.md")]
#[case("mutual-tls.md")]
#[case("tokens.md")]
#[case("../walkthrough.md")]
#[tokio::test]
async fn the_commands_of_a_page_do_what_it_shows(#[case] page: &str) {
    let mut blocks = Page::open(page).blocks().into_iter();
    let start = blocks.next().expect("a page begins with the stack");
    let [start] = &start[..] else {
        panic!("the stack alone: {start:?}");
    };
    let mut shell = Shell::start(&start.command).await;
    let mut count = 0;
    for block in blocks {
        count += block.len();
        holds_in_time(&mut shell, &block).await;
    }
    assert!(count > 0, "nothing to do in {page}");
}

/// The page has an etcd on its usual port, and `etcdctl` asks there.
#[cfg(feature = "external")]
#[rstest]
#[case("registry.md")]
#[tokio::test]
async fn the_commands_of_a_page_with_etcd_do_what_it_shows(#[case] page: &str) {
    use test_support::{
        etcd::{Etcd, Release},
        program,
    };

    let etcd = Etcd::start(Release::Newest).await;
    let etcdctl = program::path("etcdctl").display().to_string();
    let etcdctl = format!("{etcdctl} --endpoints {} ", etcd.address);
    let scenarios = concat!(env!("CARGO_MANIFEST_DIR"), "/../scenarios/");
    let mut blocks = Page::open(page).blocks();
    for step in blocks.iter_mut().flatten() {
        step.command = step.command.replace("127.0.0.1:2379", &etcd.address);
        step.command = step.command.replace("etcdctl ", &etcdctl);
        step.command = step.command.replace("scenarios/", scenarios);
    }
    let mut shell = Shell::start(&blocks[0][0].command).await;
    assert_eq!(blocks.len(), 2, "the stack, and what it shows");
    holds_in_time(&mut shell, &blocks[1]).await;
}

#[test]
fn each_page_with_a_stack_is_tried() {
    let tried = include_str!("commands.rs");
    for page in Page::all() {
        let name = &page.name;
        let has_stack = !page.blocks().is_empty();
        assert_eq!(
            tried.contains(&format!("(\"{name}\")")),
            has_stack,
            "{name}"
        );
    }
}

/// Runs the commands of a block, again while they do not show what they should: what they look at
/// takes its time.
async fn holds_in_time(shell: &mut Shell, block: &[Step]) {
    let begin = Instant::now();
    while let Err(difference) = all(shell, block).await {
        assert!(begin.elapsed() < DEADLINE, "{difference}");
    }
}

async fn all(shell: &mut Shell, block: &[Step]) -> Result<(), String> {
    for step in block {
        shell.run(step).await?;
    }
    Ok(())
}

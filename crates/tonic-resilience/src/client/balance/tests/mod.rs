mod fairness;
mod health;
mod lists;
mod streams;
mod trouble;

use tonic::Code;

use super::Balanced;
use crate::{
    client::target::Target,
    testing::{
        backend::{Backend, eventually},
        code, request,
    },
};

fn target(backends: &[Backend]) -> Target {
    Target::Static(backends.iter().map(Backend::authority).collect())
}

pub(super) fn backends<const N: usize>() -> [Backend; N] {
    std::array::from_fn(|_| Backend::start())
}

/// The calls of each backend while `calls` calls are made, all of which succeed.
pub(super) async fn spread<const N: usize>(
    channel: &Balanced,
    backends: &[Backend; N],
    calls: usize,
) -> [usize; N] {
    let before = backends.each_ref().map(Backend::calls);
    for _ in 0..calls {
        assert_eq!(code(channel.clone(), request()).await, Code::Ok);
    }
    std::array::from_fn(|index| backends[index].calls() - before[index])
}

/// Waits until each of them gets calls.
pub(super) async fn all_in<const N: usize>(channel: &Balanced, backends: &[Backend; N]) {
    eventually("all servers are in", async || {
        let calls = spread(channel, backends, 4 * N).await;
        calls.iter().all(|calls| *calls > 0)
    })
    .await;
}

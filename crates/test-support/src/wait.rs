use std::time::{Duration, Instant};

/// The longest wait for anything: far more than it takes, as machines may be busy.
pub const DEADLINE: Duration = Duration::from_mins(2);

/// Calls `ask` again and again until it has an answer; `what` says in the panic what was awaited.
pub async fn until<T, F>(what: &str, mut ask: impl FnMut() -> F) -> T
where
    F: Future<Output = Option<T>>,
{
    let begin = Instant::now();
    loop {
        if let Some(answer) = ask().await {
            return answer;
        }
        assert!(begin.elapsed() < DEADLINE, "not after {DEADLINE:?}: {what}");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

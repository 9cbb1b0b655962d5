use std::time::Instant;

use tokio::time::timeout;

use crate::{
    check::{
        finding::{Finding, Verdict},
        stack::Stack,
    },
    health, output,
};

/// Asks the gateway for its health, as a load balancer does.
pub(in crate::check) async fn check(stack: &Stack) -> Verdict {
    let target = &stack.check.target;
    let address = target
        .gateway
        .authority()
        .map_or("", |authority| authority.as_str());
    let begin = Instant::now();
    let asked = timeout(target.timeout, health::check(&target.gateway, "")).await;
    let found = match asked {
        Ok(Ok("SERVING")) => {
            return Ok(format!(
                "{address} is SERVING, after {:.1?}",
                begin.elapsed()
            ));
        }
        Ok(Ok(status)) => status.to_owned(),
        Ok(Err(error)) => output::with_causes(&error),
        Err(_) => format!("no answer in {:?}", target.timeout),
    };
    let advice =
        "`docker compose up -d gateway` or `tracewalk up` starts it; --gateway says where it is";
    Err(Finding::new(
        "gateway",
        format!("{address} is SERVING"),
        found,
        advice,
    ))
}

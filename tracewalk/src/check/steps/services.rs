use crate::check::{
    chain::CHAIN,
    finding::{Finding, Verdict, list},
    instances::{self, Instance},
    stack::Stack,
};

/// Asks each process of each service whether it is ready.
pub(in crate::check) async fn check(stack: &Stack) -> Verdict {
    let instances = instances::instances(stack).await?;
    let mut idle = Vec::new();
    for instance in &instances {
        let answer = instance.admin.get("/readyz", &[]).await;
        let answer = answer.map_err(|error| instance.admin.unreachable(&error))?;
        match answer.status.as_u16() {
            200 => {}
            503 => idle.push(instance),
            _ => return Err(instance.admin.unexpected("/readyz", &answer)),
        }
    }
    if idle.is_empty() {
        Ok(format!("{} are ready", list(counted(&instances))))
    } else {
        Err(not_ready(&idle))
    }
}

/// `profile ×2` for a service with two processes.
fn counted(instances: &[Instance]) -> impl Iterator<Item = String> {
    CHAIN.iter().map(|link| {
        let of_service = instances.iter().filter(|it| it.service == link.service);
        match of_service.count() {
            1 => link.service.to_owned(),
            count => format!("{} ×{count}", link.service),
        }
    })
}

/// A process that answers but is not ready drains, or cannot reach its database. The gateway has no
/// database.
fn not_ready(idle: &[&Instance]) -> Finding {
    let names = list(
        idle.iter()
            .map(|it| format!("{} at {}", it.service, it.admin)),
    );
    let found = format!("{names} answers 503: alive, and not ready");
    let expected = "/readyz of every process answers 200";
    if idle.iter().any(|instance| instance.service == "gateway") {
        return Finding::new("gateway", expected, found, "it drains: start it again");
    }
    let advice = "`docker compose up -d postgres`; the log says `database is down` if it is that, \
                  else the process drains";
    Finding::new("database", expected, found, advice)
}

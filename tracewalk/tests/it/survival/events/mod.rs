//! Events of users that are made while the services die: none is lost, none has two effects.

mod services;

use std::{
    collections::BTreeMap,
    env,
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering::Relaxed},
    },
    time::{Duration, Instant},
};

use database::{Database, Statement, test_support::TestDatabase};
use proto::user::v1::{CreateUserRequest, user_service_client::UserServiceClient};
use rand::{Rng as _, SeedableRng as _, rngs::StdRng};
use rstest::rstest;
use test_support::service::Observed;
use tokio::{task::JoinSet, time::sleep};
use tonic::{
    Request,
    transport::{Channel, Endpoint},
};

use super::figure;
use crate::support::{new_user, until};
pub(super) use services::Services;

const CALLERS: u32 = 8;

const USERS: Statement = select(
    "users",
    "SELECT user_id FROM users WHERE length(user_id) > 4",
);
const AUDITED: Statement = select("audit_log", "SELECT user_id FROM audit_log");
const WAITING: Statement = select("outbox", "SELECT count(*) FROM outbox");
const UNDONE: Statement = select(
    "inbox",
    "SELECT count(*) FROM inbox WHERE done_at_ms IS NULL",
);
const DEAD: Statement = select("dead_letters", "SELECT count(*) FROM dead_letters");

const fn select(table: &'static str, text: &'static str) -> Statement {
    Statement {
        operation: "SELECT",
        table,
        text,
    }
}

/// Creates users until so many are made; each call is repeated until it is answered with OK.
async fn create(channel: Channel, next: Arc<AtomicU32>, made: Arc<AtomicU32>, count: u32) {
    let mut users = UserServiceClient::new(channel);
    loop {
        let number = next.fetch_add(1, Relaxed);
        if number >= count {
            return;
        }
        let user = new_user(&format!("ada-{number}@test.example"));
        loop {
            let mut request = Request::new(CreateUserRequest {
                user: Some(user.clone()),
            });
            let key = format!("key-{number}").parse().expect("visible ASCII");
            request.metadata_mut().insert("idempotency-key", key);
            request.set_timeout(Duration::from_secs(5));
            if users.create_user(request).await.is_ok() {
                made.fetch_add(1, Relaxed);
                break;
            }
            sleep(Duration::from_millis(20)).await;
        }
    }
}

/// How often each id is in the rows.
async fn ids(database: &Database, statement: Statement) -> BTreeMap<String, u32> {
    let rows: Vec<(String,)> = database.fetch_all(statement.query()).await.expect("rows");
    let mut ids = BTreeMap::new();
    for (id,) in rows {
        *ids.entry(id).or_default() += 1;
    }
    ids
}

async fn number(database: &Database, statement: Statement) -> i64 {
    let (number,): (i64,) = database.fetch_one(statement.query()).await.expect("a row");
    number
}

/// A number of the environment, for a longer run by hand.
fn setting(name: &str, default: u32) -> u32 {
    env::var(name).map_or(default, |value| value.parse().expect("a number"))
}

/// Creates users, and calls `kill` so often meanwhile; returns once all are created.
pub(super) async fn create_under_kills(
    services: &mut Services,
    count: u32,
    kills: u32,
    mut kill: impl AsyncFnMut(&mut Services),
) {
    let address = services.user.address("grpc").await;
    let channel = Endpoint::try_from(format!("http://{address}")).expect("an address");
    let (next, made) = (Arc::default(), Arc::<AtomicU32>::default());
    let mut callers = JoinSet::new();
    for _ in 0..CALLERS {
        let (next, made) = (Arc::clone(&next), Arc::clone(&made));
        callers.spawn(create(channel.connect_lazy(), next, made, count));
    }
    for number in 1..=kills {
        let so_many = count * number / (kills + 1);
        until("users are made", async || {
            (made.load(Relaxed) >= so_many).then_some(())
        })
        .await;
        kill(services).await;
    }
    callers.join_all().await;
}

#[rstest]
#[case::sqlite("sqlite")]
#[cfg_attr(feature = "external", case::postgres("postgres"))]
#[tokio::test]
async fn no_event_is_lost_and_none_has_two_effects_however_often_processes_are_killed(
    #[case] kind: &str,
) {
    let (count, kills) = (setting("EVENTS", 1000), setting("KILLS", 10));
    let databases = [
        TestDatabase::of(kind).await.expect("a database"),
        TestDatabase::of(kind).await.expect("a database"),
    ];
    let begin = Instant::now();
    let mut services = Services::start(&databases, "grpc").await;
    let mut random = StdRng::seed_from_u64(u64::from(setting("EVENTS_SEED", 1)));
    let mut killed = [0, 0];
    create_under_kills(&mut services, count, kills, async |services| {
        sleep(Duration::from_millis(random.random_range(0..50))).await;
        let place = random.random_range(0..2);
        services.kill(place).await;
        killed[place] += 1;
    })
    .await;
    figure("users and profiles killed", killed);
    assert_each_is_handled_once(&databases, count).await;
    figure(&format!("{count} events handled after"), begin.elapsed());
}

/// Waits until nothing waits, and asserts that each of so many events had its effect once.
pub(super) async fn assert_each_is_handled_once(databases: &[TestDatabase; 2], count: u32) {
    let telemetry = Observed::new("test");
    let open = async |database: &TestDatabase| {
        let opened = Database::open(database.url(), telemetry.telemetry()).await;
        opened.expect("the database opens")
    };
    let (user, profile) = (open(&databases[0]).await, open(&databases[1]).await);
    until("all events are handled", async || {
        let audited = ids(&profile, AUDITED).await;
        (audited.len() >= count as usize).then_some(())
    })
    .await;
    until("nothing waits", async || {
        let waiting = number(&user, WAITING).await + number(&profile, UNDONE).await;
        (waiting == 0).then_some(())
    })
    .await;
    let expected = ids(&user, USERS).await;
    assert_eq!(expected.len(), count as usize);
    assert_eq!(ids(&profile, AUDITED).await, expected, "each exactly once");
    assert_eq!(number(&profile, DEAD).await, 0);
}

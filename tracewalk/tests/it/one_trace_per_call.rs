//! Every call makes exactly one trace, through three services, with the right parents.

use crate::support::{Caller, Demo, Process, Seen, command, until};
use rstest::rstest;
use tonic::Code;

const GET: &str = "\
gateway SERVER tracewalk.gateway.v1.GatewayService/GetUser
  gateway CLIENT tracewalk.user.v1.UserService/GetUser
    gateway INTERNAL Attempt tracewalk.user.v1.UserService/GetUser
      user SERVER tracewalk.user.v1.UserService/GetUser
        user CLIENT SELECT users
        user CLIENT tracewalk.profile.v1.ProfileService/GetProfile
          user INTERNAL Attempt tracewalk.profile.v1.ProfileService/GetProfile
            profile SERVER tracewalk.profile.v1.ProfileService/GetProfile
              profile CLIENT SELECT profiles
";

const CREATE: &str = "\
gateway SERVER tracewalk.gateway.v1.GatewayService/CreateUser
  gateway CLIENT tracewalk.user.v1.UserService/CreateUser
    gateway INTERNAL Attempt tracewalk.user.v1.UserService/CreateUser
      user SERVER tracewalk.user.v1.UserService/CreateUser
        user CLIENT INSERT users
        user CLIENT tracewalk.profile.v1.ProfileService/PutProfile
          user INTERNAL Attempt tracewalk.profile.v1.ProfileService/PutProfile
            profile SERVER tracewalk.profile.v1.ProfileService/PutProfile
              profile CLIENT INSERT profiles
        user PRODUCER create user-events
          user CLIENT INSERT outbox
";

/// Two updates, with the user and the profile read anew for each; the user is also read before,
/// so that an unknown one is refused at once.
const WATCH: &str = "\
gateway SERVER tracewalk.gateway.v1.GatewayService/WatchUser
  gateway CLIENT tracewalk.user.v1.UserService/WatchUser
    gateway INTERNAL Attempt tracewalk.user.v1.UserService/WatchUser
      user SERVER tracewalk.user.v1.UserService/WatchUser
        user CLIENT SELECT users
        user CLIENT SELECT users
        user CLIENT SELECT users
        user CLIENT tracewalk.profile.v1.ProfileService/WatchProfile
          user INTERNAL Attempt tracewalk.profile.v1.ProfileService/WatchProfile
            profile SERVER tracewalk.profile.v1.ProfileService/WatchProfile
              profile CLIENT SELECT profiles
              profile CLIENT SELECT profiles
";

const IMPORT: &str = "\
gateway SERVER tracewalk.gateway.v1.GatewayService/ImportUsers
  gateway CLIENT tracewalk.user.v1.UserService/ImportUsers
    gateway INTERNAL Attempt tracewalk.user.v1.UserService/ImportUsers
      user SERVER tracewalk.user.v1.UserService/ImportUsers
        user CLIENT BATCH INSERT users
        user CLIENT tracewalk.profile.v1.ProfileService/ImportProfiles
          user INTERNAL Attempt tracewalk.profile.v1.ProfileService/ImportProfiles
            profile SERVER tracewalk.profile.v1.ProfileService/ImportProfiles
              profile CLIENT BATCH INSERT profiles
";

/// Two ids that exist.
const LOOKUP: &str = "\
gateway SERVER tracewalk.gateway.v1.GatewayService/LookupUsers
  gateway CLIENT tracewalk.user.v1.UserService/LookupUsers
    gateway INTERNAL Attempt tracewalk.user.v1.UserService/LookupUsers
      user SERVER tracewalk.user.v1.UserService/LookupUsers
        user CLIENT SELECT users
        user CLIENT SELECT users
        user CLIENT tracewalk.profile.v1.ProfileService/LookupProfiles
          user INTERNAL Attempt tracewalk.profile.v1.ProfileService/LookupProfiles
            profile SERVER tracewalk.profile.v1.ProfileService/LookupProfiles
              profile CLIENT SELECT profiles
              profile CLIENT SELECT profiles
";

#[rstest]
#[case::get("get", GET, 1)]
#[case::create("create", CREATE, 1)]
#[case::watch("watch", WATCH, 2)]
#[case::import("import", IMPORT, 1)]
#[case::lookup("lookup", LOOKUP, 2)]
#[tokio::test]
async fn a_call_of_each_kind_makes_one_trace_through_three_services(
    #[case] kind: &str,
    #[case] expected: &str,
    #[case] messages: usize,
) {
    let mut demo = Demo::start().await;
    let seen = call(&demo, kind).await;
    assert_eq!((seen.code, seen.messages), (Code::Ok, messages));

    let trace = demo
        .collector
        .trace(&seen.trace_id, expected.lines().count())
        .await;
    assert_eq!(trace.tree(), expected);
    for span in trace.spans() {
        assert!(!span.is_error, "{span:?}");
        assert!(span.end >= span.start, "{span:?}");
    }

    // And nothing else: not one span more comes when the services flush at their end.
    assert_eq!(demo.stop().await, [Some(0); 3]);
    let traces = demo.collector.traces();
    let sizes: Vec<_> = traces.values().map(|trace| trace.spans().len()).collect();
    assert_eq!(sizes, [expected.lines().count()]);
}

async fn call(demo: &Demo, kind: &str) -> Seen {
    let mut caller = demo.caller().await;
    match kind {
        "get" => caller.get("1").await,
        "create" => caller.create("ada@test.example").await,
        "watch" => caller.watch("1", 2).await,
        "import" => {
            caller
                .import(&["ada@test.example", "bob@test.example"])
                .await
        }
        _ => caller.lookup(&["1", "2"]).await,
    }
}

#[tokio::test]
async fn calls_say_the_address_of_the_socket_and_never_a_name() {
    let mut demo = Demo::start().await;
    let user = demo.user.address("grpc").await;
    let mut gateway = gateway_to(user.port(), &demo);
    let mut caller = Caller::connect(gateway.address("grpc").await).await;
    let seen = until("the name is found", async || {
        let seen = caller.clone().get("1").await;
        (seen.code == Code::Ok).then_some(seen)
    })
    .await;
    let watched = caller.watch("1", 1).await;
    assert_eq!(watched.code, Code::Ok);
    gateway.close_input();
    assert_eq!(gateway.ended().await, Some(0));
    demo.stop().await;

    let traces = demo.collector.traces();
    for seen in [seen, watched] {
        let trace = &traces[&seen.trace_id];
        for kind in ["CLIENT", "INTERNAL"] {
            let [span] = &trace.of("gateway", kind).collect::<Vec<_>>()[..] else {
                panic!("{}", trace.tree())
            };
            assert_eq!(span.attribute("server.address"), "localhost");
            let said = ["network.peer.address", "network.peer.port"].map(|key| span.attribute(key));
            assert_eq!(said, ["127.0.0.1", &user.port().to_string()], "{span:?}");
        }
        // On the other side it is the caller's.
        let served = trace
            .of("user", "SERVER")
            .next()
            .expect("it served the call");
        assert_eq!(served.attribute("network.peer.address"), "127.0.0.1");
    }
}

/// A gateway to the same user service, by a name that stands for its address.
fn gateway_to(user: u16, demo: &Demo) -> Process {
    let target = format!("static:///localhost:{user}");
    let mut command = command(&["gateway", "--listen", "127.0.0.1:0", "--user", &target]);
    command
        .args(["--admin-listen", "127.0.0.1:0"])
        .args(["--http-listen", "127.0.0.1:0", "--stop-on-stdin-eof"])
        .env("OTEL_EXPORTER_OTLP_ENDPOINT", &demo.collector.endpoint);
    Process::start("gateway", command)
}

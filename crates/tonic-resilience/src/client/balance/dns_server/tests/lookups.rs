//! Which servers an answer names.

use hickory_resolver::proto::op::ResponseCode;
use rstest::rstest;
use tonic::Code;

use super::{SRV, answers::Node, connect, consul::Consul};
use crate::{
    client::{
        balance::dns_server::ask,
        target::{Authority, Target},
    },
    testing::{code, request},
};

const RFC_2782: &str = "_user._tcp.service.consul";

/// What the balancer gets, or the error.
async fn found(consul: &Consul, name: &str) -> Result<Vec<String>, String> {
    let Target::DnsServer(question) = consul.target(name) else {
        panic!("{name} is asked at a DNS server");
    };
    let found = ask(question).await;
    let texts = |members: Vec<Authority>| members.iter().map(Authority::to_string).collect();
    found.map(texts).map_err(|error| error.to_string())
}

#[tokio::test]
async fn addresses_get_the_port_of_the_target() {
    let nodes = [1, 2, 3].map(|last| Node::at([127, 0, 0, last], 8080));
    let consul = Consul::start(&nodes).await;
    let expected = ["127.0.0.1:50052", "127.0.0.2:50052", "127.0.0.3:50052"];
    let found = found(&consul, "user.service.consul:50052").await;
    assert_eq!(found.expect("servers"), expected);
}

#[rstest]
#[case(SRV, true)]
#[case(RFC_2782, true)]
#[case(SRV, false)]
#[tokio::test]
async fn srv_records_have_ports_and_weights(#[case] name: &str, #[case] with_additionals: bool) {
    let mut nodes = [1, 2, 3].map(|port| Node::at([127, 0, 0, 1], port));
    nodes[0].weight = 0;
    nodes[2].weight = 7;
    let consul = Consul::start(&nodes).await;
    consul.answers().with_additionals = with_additionals;
    let expected = ["127.0.0.1:1", "127.0.0.1:2", "127.0.0.1:3;weight=7"];
    assert_eq!(found(&consul, name).await.expect("servers"), expected);
}

#[tokio::test]
async fn the_lowest_priority_is_used_and_what_cannot_be_called_is_left_out() {
    let mut nodes = [1, 2, 0, 4].map(|port| Node::at([127, 0, 0, 1], port));
    (nodes[0].priority, nodes[1].priority) = (2, 1);
    // Without a port, and without a target: neither decides which priority is the lowest.
    nodes[2].priority = 0;
    nodes[3].priority = 0;
    nodes[3].address = [0, 0, 0, 0].into();
    let consul = Consul::start(&nodes).await;
    assert_eq!(found(&consul, SRV).await.expect("servers"), ["127.0.0.1:2"]);
    consul.answers().nodes.drain(..2);
    let error = found(&consul, SRV).await.expect_err("no server");
    assert!(error.contains("no SRV record names a server"), "{error}");
}

#[rstest]
// Consul says nothing of what it leaves out, so TCP comes first.
#[case(0, false, Ok(100))]
// Without TCP there is only what fits into 1,232 bytes.
#[case(usize::MAX, false, Ok(12))]
#[case(usize::MAX, true, Err("no answer of the DNS server"))]
// TCP fails once; then the answer over UDP says that it is truncated.
#[case(1, true, Ok(100))]
#[tokio::test]
async fn a_long_answer_comes_over_tcp(
    #[case] tcp_refused: usize,
    #[case] enable_truncate: bool,
    #[case] expected: Result<usize, &str>,
) {
    let nodes: Vec<Node> = (1..=100)
        .map(|port| Node::at([127, 0, 0, 1], port))
        .collect();
    let consul = Consul::start(&nodes).await;
    consul.answers().tcp_refused = tcp_refused;
    consul.answers().enable_truncate = enable_truncate;
    match (found(&consul, SRV).await, expected) {
        (Ok(servers), Ok(count)) => assert_eq!(servers.len(), count),
        (Err(error), Err(part)) => assert!(error.contains(part), "{error}"),
        (found, _) => panic!("{found:?}"),
    }
}

#[rstest]
#[case(Some(ResponseCode::ServFail), "the DNS server fails: Server Failure")]
#[case(Some(ResponseCode::Refused), "the DNS server fails: Query Refused")]
#[case(Some(ResponseCode::NoError), "the DNS server answers: No Error")]
#[case(None, "the DNS server answers: Non-Existent Domain")]
#[tokio::test]
async fn an_answer_without_servers_is_an_error(
    #[case] answer: Option<ResponseCode>,
    #[case] part: &str,
) {
    let consul = Consul::start(&[]).await;
    consul.answers().code = answer;
    for name in [SRV, "user.service.consul:1"] {
        let error = found(&consul, name).await.expect_err("no server");
        assert!(error.contains(part), "{error}");
        let channel = connect(&consul, name);
        assert_eq!(code(channel, request()).await, Code::Unavailable);
    }
}

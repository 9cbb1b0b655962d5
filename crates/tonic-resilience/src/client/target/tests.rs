use proptest::prelude::*;
use rstest::rstest;

#[cfg(feature = "dns-server")]
use super::Authority;
use super::Target;

#[rstest]
#[case("static:///127.0.0.1:50052")]
#[case("static:///a.example:1,b.example:65535,[::1]:50051")]
#[case("static:///a:1;weight=3,b:1")]
#[case("dns:///profile:50053")]
fn what_is_parsed_prints_the_same(#[case] text: &str) {
    let target: Target = text.parse().expect("a target");
    assert_eq!(target.to_string(), text);
}

#[cfg(feature = "dns-server")]
#[rstest]
#[case("dns://127.0.0.1:8600/user.service.consul:50052", Some(50052))]
#[case("dns://[::1]:8600/_user._tcp.service.consul", None)]
#[case("dns://consul:53/user.service.consul.", None)]
fn a_question_prints_the_same(#[case] text: &str, #[case] port: Option<u16>) {
    let target: Target = text.parse().expect("a target");
    assert_eq!(target.to_string(), text);
    let ports: Vec<u16> = target.authorities().iter().map(Authority::port).collect();
    assert_eq!(ports, Vec::from_iter(port));
}

#[cfg(feature = "dns-server")]
#[rstest]
#[case("dns://10.0.0.1/user", "dns://10.0.0.1:53/user")]
#[case("dns://[::1]/User:1", "dns://[::1]:53/user:1")]
fn a_dns_server_has_port_53_by_default(#[case] text: &str, #[case] printed: &str) {
    let target: Target = text.parse().expect("a target");
    assert_eq!(target.to_string(), printed);
}

#[cfg(not(feature = "dns-server"))]
#[test]
fn without_the_feature_a_question_is_refused() {
    let error = "dns://127.0.0.1:8600/user".parse::<Target>();
    assert_eq!(error, Err(super::ParseTargetError::NotBuilt));
}

#[rstest]
#[case("127.0.0.1:50052", "has no known scheme")]
#[case("http://127.0.0.1:50052", "has no known scheme")]
#[case(
    "dns://127.0.0.1:50052",
    "has no name: expected dns://SERVER:PORT/NAME:PORT or"
)]
#[case("dns://127.0.0.1:8600/", "has no name")]
#[case("dns://127.0.0.1:0/a:1", "port 0 cannot be called")]
#[case("dns://a b/a:1", "neither a DNS name nor an address")]
#[case("dns://a,b:8600/a:1", "a list where one name is expected")]
#[case("dns://::1/a:1", "needs brackets")]
#[case("dns://a:53;weight=2/a:1", "a DNS server has no weight")]
#[case("dns://a/b:", "the port is missing")]
#[case("dns://a/b/c", "neither a DNS name nor an address")]
#[case("dns://a/10.0.0.1", "a name to ask for is expected")]
#[case("dns://a/[::1]:1", "a name to ask for is expected")]
#[case("dns://a/b..c", "a part of the name is empty")]
#[case("static:///", "the port is missing")]
#[case("static:///a:1,", "the port is missing")]
#[case("static:///a", "the port is missing")]
#[case("static:///a:", "the port is missing")]
#[case("static:///:1", "the host is missing")]
#[case("static:///a:0", "port 0 cannot be called")]
#[case("static:///a:65536", "the port is above 65535")]
#[case("static:///a:+1", "the port is not a number")]
#[case("static:///a b:1", "neither a DNS name nor an address")]
#[case("static:///::1:50051", "needs brackets")]
#[case("static:///[::1:50051", "the bracket is not closed")]
#[case("static:///[x]:50051", "do not hold an IPv6 address")]
#[case("static:///a:1,A:1", "is listed twice")]
#[case("static:///a:1;weight=0", "from 1 to 65535")]
#[case("dns:///a:1,b:1", "a list where one name is expected")]
fn what_is_wrong_is_said(#[case] text: &str, #[case] reason: &str) {
    let error = text.parse::<Target>().expect_err("no target").to_string();
    assert!(error.contains(reason), "{error}");
}

proptest! {
    #[test]
    fn no_text_breaks_the_parser(text in ".*") {
        let schemes = ["", "static:///", "dns:///", "dns://a/", "dns://"];
        for scheme in schemes {
            if let Ok(target) = format!("{scheme}{text}").parse::<Target>() {
                let printed = target.to_string();
                prop_assert_eq!(printed.parse::<Target>().expect("its own text"), target);
            }
        }
    }
}

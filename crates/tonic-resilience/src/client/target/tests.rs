use proptest::prelude::*;
use rstest::rstest;

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

#[rstest]
#[case("127.0.0.1:50052", "has no known scheme")]
#[case("http://127.0.0.1:50052", "has no known scheme")]
#[case("dns://127.0.0.1:50052", "has no known scheme")]
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
        let schemes = ["", "static:///", "dns:///"];
        for scheme in schemes {
            if let Ok(target) = format!("{scheme}{text}").parse::<Target>() {
                let printed = target.to_string();
                prop_assert_eq!(printed.parse::<Target>().expect("its own text"), target);
            }
        }
    }
}

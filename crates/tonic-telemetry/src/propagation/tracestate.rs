/// Most list members; one more and the list is discarded.
const MEMBERS: usize = 32;

/// Joins the `tracestate` headers of a request in their order; `None` where there is nothing
/// to send on, because the list is empty or breaks a rule.
///
/// The list is kept as text, because `opentelemetry::trace::TraceState` has the narrower key
/// grammar of Level 1. Only optional white space and empty members are taken out.
/// Spec: [§3.3](https://www.w3.org/TR/trace-context-2/#tracestate-header).
pub(super) fn join<'a>(headers: impl IntoIterator<Item = &'a str>) -> Option<String> {
    let mut list = String::new();
    let mut count = 0;
    for member in headers.into_iter().flat_map(|header| header.split(',')) {
        let member = member.trim_matches([' ', '\t']);
        if member.is_empty() {
            continue;
        }
        let (key, value) = member.split_once('=')?;
        count += 1;
        if count > MEMBERS || !is_key(key.as_bytes()) || !is_value(value.as_bytes()) {
            return None;
        }
        if !list.is_empty() {
            list.push(',');
        }
        list.push_str(member);
    }
    (!list.is_empty()).then_some(list)
}

/// `( lcalpha / DIGIT ) 0*255( lcalpha / DIGIT / "_" / "-" / "*" / "/" / "@" )`
fn is_key(key: &[u8]) -> bool {
    let start = |byte: &u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
    key.len() <= 256
        && key.first().is_some_and(start)
        && key
            .iter()
            .all(|byte| start(byte) || b"_-*/@".contains(byte))
}

/// `0*255( %x20 / nblk-chr ) nblk-chr`: printable ASCII without `,` and `=`, no space at the end.
fn is_value(value: &[u8]) -> bool {
    let allowed = |byte: &u8| matches!(byte, b' '..=b'~') && !b",=".contains(byte);
    value.len() <= 256
        && value.last().is_some_and(|byte| *byte != b' ')
        && value.iter().all(allowed)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case(&["foo=1"], "foo=1", "one member")]
    #[case(&["foo=1,bar=2", "rojo=1"], "foo=1,bar=2,rojo=1", "headers are joined in order")]
    #[case(&["", "foo=1"], "foo=1", "an empty header hides nothing")]
    #[case(&["foo=1, \tbar=2 , baz=3\t"], "foo=1,bar=2,baz=3", "white space around members")]
    #[case(&["foo=1,,,bar=2,"], "foo=1,bar=2", "empty members are allowed")]
    #[case(&["foo=1,foo=1"], "foo=1,foo=1", "duplicate keys are passed on")]
    #[case(&["foo@=1,foo@@bar=1,t@v@w=2"], "foo@=1,foo@@bar=1,t@v@w=2", "keys of Level 2")]
    #[case(&["0*/-_@=1"], "0*/-_@=1", "every character of a key")]
    #[case(&["foo= a b"], "foo= a b", "spaces inside a value belong to it")]
    #[case(&["foo=!\"#$%&'()*+-./:;<>?@[]^_`{|}~"], "foo=!\"#$%&'()*+-./:;<>?@[]^_`{|}~", "every sign of a value")]
    fn list_that_the_specification_allows_is_kept(
        #[case] headers: &[&str],
        #[case] expected: &str,
        #[case] reason: &str,
    ) {
        assert_eq!(
            join(headers.iter().copied()).as_deref(),
            Some(expected),
            "{reason}"
        );
    }

    #[rstest]
    #[case(&[], "no header")]
    #[case(&[""], "an empty header")]
    #[case(&[" ,\t, "], "only empty members")]
    #[case(&["foo"], "no value")]
    #[case(&["foo=,bar=3"], "an empty value")]
    #[case(&["foo= "], "a value of white space")]
    #[case(&["foo=1=2"], "an equals sign in a value")]
    #[case(&["foo=\u{e9}"], "a value that is not ASCII")]
    #[case(&["foo=\u{7f}"], "a control character in a value")]
    #[case(&["foo=a\tb"], "a tab in a value")]
    #[case(&["=1"], "an empty key")]
    #[case(&["foo =1"], "a space in a key")]
    #[case(&["FOO=1"], "a key in upper case")]
    #[case(&["foo.bar=1"], "a dot in a key")]
    #[case(&["@foo=1,bar=2"], "a key that begins with an at sign")]
    #[case(&["_foo=1"], "a key that begins with an underscore")]
    #[case(&["foo=1", "foo\u{fffd}=2"], "one bad member of two headers")]
    fn list_that_breaks_a_rule_is_discarded(#[case] headers: &[&str], #[case] reason: &str) {
        assert_eq!(join(headers.iter().copied()), None, "{reason}");
    }

    #[test]
    fn thirty_two_members_over_several_headers_are_kept_and_one_more_discards_the_list() {
        let member = |number| format!("k{number}=v");
        let header = |from: usize| (from..from + 8).map(member).collect::<Vec<_>>().join(",");
        let mut headers: Vec<String> = [0, 8, 16, 24].map(header).into();
        let kept = join(headers.iter().map(String::as_str)).expect("32 are allowed");
        assert_eq!(kept, headers.join(","));

        headers.push("last=1".to_owned());
        assert_eq!(join(headers.iter().map(String::as_str)), None);
    }

    #[test]
    fn keys_and_values_have_at_most_256_characters() {
        for (key, value, kept) in [
            (256, 1, true),
            (257, 1, false),
            (1, 256, true),
            (1, 257, false),
        ] {
            let member = format!("{}={}", "k".repeat(key), "v".repeat(value));
            assert_eq!(
                join([member.as_str()]).is_some(),
                kept,
                "key {key}, value {value}"
            );
        }
        let tenant = format!("{}@v=1", "t".repeat(242));
        assert_eq!(join([tenant.as_str()]), Some(tenant.clone()));
    }

    proptest! {
        #[test]
        fn joining_never_panics(headers in prop::collection::vec("\\PC*", 0..4)) {
            let _ = join(headers.iter().map(String::as_str));
        }

        #[test]
        fn what_is_kept_is_kept_again(headers in prop::collection::vec("([a-z@]{1,3}=[a-z =]{0,3}[, ]{0,2}){0,3}", 0..4)) {
            if let Some(list) = join(headers.iter().map(String::as_str)) {
                prop_assert_eq!(join([list.as_str()]), Some(list.clone()));
            }
        }
    }
}

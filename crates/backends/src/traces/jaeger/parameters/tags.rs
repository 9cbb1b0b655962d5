//! The tags of a search: a JSON object, `{"error":"true"}`, or one as `error:true`.

use std::collections::BTreeMap;

use serde_json::Value as Json;

/// The pairs of a flat JSON object, with each value as the text that it reads as.
///
/// `None` for anything else: a list, a nested object, `null`.
pub(crate) fn parse_tags(text: &str) -> Option<Vec<(String, String)>> {
    let object: BTreeMap<String, Json> = serde_json::from_str(text).ok()?;
    object
        .into_iter()
        .map(|(key, value)| {
            let value = match value {
                Json::String(text) => text,
                Json::Bool(value) => value.to_string(),
                Json::Number(value) => value.to_string(),
                Json::Null | Json::Array(_) | Json::Object(_) => return None,
            };
            Some((key, value))
        })
        .collect()
}

/// The key and the value on either side of the first colon.
///
/// `None` where there is no colon, or no key before it.
pub(crate) fn parse_tag(text: &str) -> Option<(String, String)> {
    let (key, value) = text.split_once(':')?;
    (!key.is_empty()).then(|| (key.to_owned(), value.to_owned()))
}

#[cfg(test)]
mod tests {
    use proptest::{collection::btree_map, prelude::any, prop_assert_eq, proptest};
    use rstest::rstest;

    use super::{parse_tag, parse_tags};

    #[test]
    fn the_first_colon_of_a_tag_ends_its_key() {
        let pair = |key: &str, value: &str| Some((key.to_owned(), value.to_owned()));
        assert_eq!(parse_tag("error:true"), pair("error", "true"));
        assert_eq!(parse_tag("url:http://a:1"), pair("url", "http://a:1"));
        assert_eq!(parse_tag("empty:"), pair("empty", ""));
        for malformed in ["", "error", "error=true", ":true"] {
            assert_eq!(parse_tag(malformed), None, "{malformed}");
        }
    }

    #[test]
    fn numbers_and_booleans_are_read_as_text() {
        let tags = parse_tags(r#"{"a":"x","b":true,"c":404,"d":1.5}"#).unwrap();
        let values: Vec<_> = tags.iter().map(|(_, value)| value.as_str()).collect();
        assert_eq!(values, ["x", "true", "404", "1.5"]);
    }

    #[rstest]
    #[case("")]
    #[case("error=true")]
    #[case("[]")]
    #[case(r#"{"a":null}"#)]
    #[case(r#"{"a":{"b":1}}"#)]
    #[case(r#"{"a":"x""#)]
    fn what_is_no_flat_object_is_refused(#[case] text: &str) {
        assert_eq!(parse_tags(text), None);
    }

    proptest! {
        #[test]
        fn any_text_is_read_or_refused(text: String) {
            parse_tags(&text);
        }

        #[test]
        fn every_pair_comes_back(pairs in btree_map(any::<String>(), any::<String>(), 0..4)) {
            let text = serde_json::to_string(&pairs).unwrap();
            let expected: Vec<_> = pairs.into_iter().collect();
            prop_assert_eq!(parse_tags(&text), Some(expected));
        }
    }
}

use rstest::rstest;

use super::Pattern;

#[rstest]
// What Rust's own syntax refuses.
#[case("/v1/users/{id}", "/v1/users/{id}", true)]
#[case("a{,3}", "a{,3}", true)]
#[case("{", "{", true)]
#[case(r"\Qa.b\E+", "a.bb", true)]
#[case(r"\Q(", "(", true)]
#[case("[[:word:]-]+", "a-b", true)]
#[case("[]a]+", "a]", true)]
#[case("[[a]", "[", true)]
#[case("[a&&b]", "&", true)]
#[case("[a~~b]", "~", true)]
#[case(r"\_\-\#\/", "_-#/", true)]
#[case(r"\101\x{43}\0", "AC\0", true)]
#[case("(?P<1>a)(?P<1>b)", "ab", true)]
#[case("(?)a", "a", true)]
// ASCII alone.
#[case(r"\d", "\u{665}", false)]
#[case(r"\D", "\u{665}", true)]
#[case(r"\w", "\u{e4}", false)]
#[case(r"[^\W]", "\u{e4}", false)]
#[case(r"\s", "\u{a0}", false)]
#[case(r"\s", "\u{b}", false)]
#[case("[[:space:]]", "\u{b}", true)]
#[case(r"a\b\x{e4}", "a\u{e4}", true)]
#[case(r"a\Bb", "ab", true)]
#[case("[[:^alpha:]]", "\u{e4}", true)]
// A line break is a character.
#[case(".", "\n", true)]
#[case("(?-s).", "\n", false)]
#[case("[^a]", "\n", true)]
#[case("a$", "a\n", false)]
#[case("(?m)a$\nb", "a\nb", true)]
#[case("(?m)^a$.^b$", "a\nb", true)]
// Letters in capitals or not, with those of Unicode that are alike.
#[case("(?i)k", "\u{212a}", true)]
#[case("(?i:k)k", "K\u{212a}", false)]
#[case(r"(?i)\w", "\u{17f}", true)]
#[case(r"(?i)\W", "\u{17f}", false)]
#[case("(?i)[^s]", "\u{17f}", false)]
#[case("(?i)\u{3c3}", "\u{3c2}", true)]
#[case("(?i)\u{e4}(?-i)\u{e4}", "\u{c4}\u{e4}", true)]
#[case("(?i)stra\u{df}e", "STRASSE", false)]
// Sets of Unicode.
#[case(r"\pN", "\u{665}", true)]
#[case(r"\p{Greek}+", "\u{3b1}\u{3b2}", true)]
#[case(r"\P{Greek}", "\u{3b1}", false)]
#[case(r"\p{^Greek}", "a", true)]
#[case(r"[\p{Lu}\d]", "\u{c4}", true)]
#[case(r"(?i)\p{Lu}", "\u{e4}", true)]
#[case(r"\p{Any}", "a", true)]
#[case(r"\p{L}", "1", false)]
#[case(r"\x{D800}|a", "a", true)]
#[case(r"[^\x{D800}]", "a", true)]
// The whole text, whatever stands beside an alternative.
#[case("a|b", "ab", false)]
#[case("a|", "", true)]
#[case("^a$|b", "b", true)]
#[case("(a)(?:b|)", "a", true)]
#[case("^*a$*", "a", true)]
#[case("a*(?i)*", "AAA", false)]
#[case("(?U)a+?", "aa", true)]
#[case("a{2}", "aa", true)]
#[case("(?:a{2}){500}", "a", false)]
fn a_pattern_matches_what_it_does_in_re2(
    #[case] pattern: &str,
    #[case] text: &str,
    #[case] matches: bool,
) {
    let pattern = Pattern::new(pattern).unwrap();
    assert_eq!(pattern.is_match(text), matches, "{pattern:?}");
}

#[rstest]
#[case("(", "missing closing ): `(`")]
#[case("a)|(b", "unexpected ): `a)|(b`")]
#[case("[a", "missing closing ]: `[a`")]
#[case("[b-a]", "invalid character class range: `b-a`")]
#[case(r"[a-\d]", "invalid escape sequence: `\\d`")]
#[case("[[:no:]]", "invalid character class range: `[:no:]`")]
#[case("*a", "missing argument to repetition operator: `*`")]
#[case("(?i)*", "missing argument to repetition operator: `*`")]
#[case("a**", "invalid nested repetition operator: `**`")]
#[case("a+?*", "invalid nested repetition operator: `+?*`")]
#[case("a{2}{3}", "invalid nested repetition operator: `{2}{3}`")]
#[case("a{1001}", "invalid repeat count: `{1001}`")]
#[case("a{2,1}", "invalid repeat count: `{2,1}`")]
#[case("(a{32}){32}", "invalid repeat count: `{32}`")]
#[case(r"\C", "invalid escape sequence: `\\C`")]
#[case(r"\8", "invalid escape sequence: `\\8`")]
#[case(r"\1", "invalid escape sequence: `\\1`")]
#[case(r"\y", "invalid escape sequence: `\\y`")]
#[case(r"\Z", "invalid escape sequence: `\\Z`")]
#[case(r"\x{110000}", "invalid escape sequence: `\\x`")]
#[case(r"\p{Alphabetic}", "invalid character class range: `\\p{Alphabetic}`")]
#[case(r"\p{sc=Greek}", "invalid character class range: `\\p{sc=Greek}`")]
#[case(r"a\", "trailing backslash at end of expression: ``")]
#[case("(?=a)", "invalid or unsupported Perl syntax: `(?=`")]
#[case("(?<!a)", "invalid named capture: `(?<!a)`")]
#[case("(?x)a", "invalid or unsupported Perl syntax: `(?x`")]
#[case("(?P<a-b>c)", "invalid named capture: `(?P<a-b>`")]
#[case("(?i-)a", "invalid or unsupported Perl syntax: `(?i-)`")]
fn what_re2_refuses_is_refused(#[case] pattern: &str, #[case] error: &str) {
    let found = Pattern::new(pattern).map(|it| format!("{it:?}"));
    let expected = format!("error parsing regexp: {error}");
    assert_eq!(found.unwrap_err().to_string(), expected);
}

#[rstest]
#[case("(a)(.*)", "$2-$1", "bc-a")]
#[case("(?P<x>a).*", "${x}y$xy", "ay")]
#[case("(a).*", "$$1 $1x ${1}x $", "$1  ax $")]
#[case("(a)(q)?bc", "[$2][$3][${1]", "[][][${1]")]
#[case("abc", "$0 $00 ${0}", "abc  abc")]
#[case("(?P<n>x)?(?P<n>a)bc", "$n", "a")]
fn a_template_is_filled_as_in_go(
    #[case] pattern: &str,
    #[case] template: &str,
    #[case] filled: &str,
) {
    let pattern = Pattern::wrapped(pattern).unwrap();
    assert_eq!(pattern.expand("abc", template).unwrap(), filled);
    assert_eq!(pattern.expand("no", template), None);
}

#[test]
fn label_replace_puts_a_pattern_between_others() {
    let pattern = Pattern::wrapped("a)|(b").unwrap();
    assert!(pattern.expand("ax", "").is_some() && pattern.expand("xb", "").is_some());
    assert!(pattern.expand("xa", "").is_none());
}

#[test]
fn a_pattern_is_bounded() {
    for pattern in [
        "(".repeat(10_000) + &")".repeat(10_000),
        "(?:".repeat(99) + "a" + &"){1}*?".repeat(99),
        r"\pL".repeat(20_000),
        "(?:.{100}){10}".repeat(100),
        "[^a]{1000}".repeat(20),
        "(?i)\u{3c3}{1000}".repeat(100),
    ] {
        let error = Pattern::new(&pattern).map(|_| pattern.len());
        assert!(error.is_err(), "{error:?}");
    }
    assert!(Pattern::new(&("(?:".repeat(100) + "a" + &")*".repeat(100))).is_ok());
}

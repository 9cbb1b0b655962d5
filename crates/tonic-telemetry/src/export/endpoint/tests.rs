use super::*;

fn options(pairs: &[(&str, &str)]) -> RequestOptions {
    of_spans(&Variables::of(pairs)).unwrap().1
}

fn url(pairs: &[(&str, &str)]) -> String {
    match of_spans(&Variables::of(pairs)).unwrap().0 {
        Address::Grpc(address) => address.uri().to_string(),
        Address::Http(url, _) => url,
    }
}

#[test]
fn collector_is_on_this_machine_unless_it_is_said() {
    assert_eq!(url(&[]), "http://127.0.0.1:4317/");
    let options = options(&[]);
    assert_eq!(
        (options.gzip, options.timeout),
        (false, Duration::from_secs(10))
    );
}

#[test]
fn variable_of_the_signal_goes_before_the_general_one() {
    let pairs = [
        ("OTEL_EXPORTER_OTLP_ENDPOINT", "http://all:1"),
        ("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "spans:2"),
        ("OTEL_EXPORTER_OTLP_INSECURE", "TRUE"),
        ("OTEL_EXPORTER_OTLP_COMPRESSION", "GZIP"),
        ("OTEL_EXPORTER_OTLP_TIMEOUT", "1500"),
        ("OTEL_EXPORTER_OTLP_HEADERS", "x-key=a%20b, x-other = c"),
    ];
    assert_eq!(url(&pairs), "http://spans:2/");
    let options = options(&pairs);
    assert_eq!(
        (options.gzip, options.timeout),
        (true, Duration::from_millis(1500))
    );
    assert_eq!(options.headers["x-key"], "a b");
    assert_eq!(options.headers["x-other"], "c");
}

#[test]
fn http_has_a_path_for_each_signal() {
    let http = ("OTEL_EXPORTER_OTLP_PROTOCOL", "HTTP/protobuf");
    let all = ("OTEL_EXPORTER_OTLP_ENDPOINT", "http://all:1/otlp/");
    let own = ("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "http://spans:2/in");
    assert_eq!(url(&[http]), "http://127.0.0.1:4318/v1/traces");
    assert_eq!(url(&[http, all]), "http://all:1/otlp/v1/traces");
    assert_eq!(url(&[http, all, own]), "http://spans:2/in");
}

#[test]
fn log_lines_have_the_address_without_who_may_use_it() {
    let http = ("OTEL_EXPORTER_OTLP_PROTOCOL", "http/protobuf");
    let secret = ("OTEL_EXPORTER_OTLP_ENDPOINT", "http://me:canary@all:1/otlp");
    let shown = |pairs: &[_]| of_spans(&Variables::of(pairs)).unwrap().0.shown();
    assert_eq!(shown(&[]), "http://127.0.0.1:4317/");
    assert_eq!(shown(&[secret]), "http://all:1/otlp");
    assert_eq!(shown(&[secret, http]), "http://all:1/otlp/v1/traces");
}

#[test]
fn value_that_is_not_understood_is_warned_of_and_ignored() {
    let cases = [
        ("OTEL_EXPORTER_OTLP_PROTOCOL", "http/json"),
        ("OTEL_EXPORTER_OTLP_COMPRESSION", "zstd"),
        ("OTEL_EXPORTER_OTLP_TIMEOUT", "10s"),
        ("OTEL_EXPORTER_OTLP_TIMEOUT", "-1"),
    ];
    for case in cases {
        let variables = Variables::of(&[case]);
        let (address, options) = of_spans(&variables).unwrap();
        assert!(matches!(address, Address::Grpc(_)), "{case:?}");
        assert_eq!(
            (options.gzip, options.timeout),
            (false, TIMEOUT),
            "{case:?}"
        );
        let warnings = variables.take_warnings().join("\n");
        assert!(
            warnings.starts_with(case.0) && warnings.contains(case.1),
            "{warnings}"
        );
    }
    let logs = Variables::of(&[("OTEL_EXPORTER_OTLP_PROTOCOL", "http/protobuf")]);
    let (address, _) = of_logs(&logs).unwrap();
    assert_eq!(address.uri(), "http://127.0.0.1:4317/");
    assert_eq!(logs.take_warnings().len(), 1);
}

#[test]
fn zero_is_no_limit() {
    let options = options(&[("OTEL_EXPORTER_OTLP_TIMEOUT", "0")]);
    assert!(options.timeout > Duration::from_secs(24 * 60 * 60));
}

#[test]
fn malformed_address_header_or_certificate_is_one_clear_error() {
    let endpoint_of = |value| ("OTEL_EXPORTER_OTLP_ENDPOINT", value);
    let http = ("OTEL_EXPORTER_OTLP_PROTOCOL", "http/protobuf");
    let key = ("OTEL_EXPORTER_OTLP_CLIENT_KEY", "/dev/null");
    let certificate = ("OTEL_EXPORTER_OTLP_CERTIFICATE", "/dev/null");
    let headers = ("OTEL_EXPORTER_OTLP_HEADERS", "secret");
    let cases = [
        (vec![endpoint_of("ftp://host:1")], "another scheme"),
        (vec![endpoint_of("http://")], "no host"),
        (vec![endpoint_of("https://")], "no host with TLS"),
        (vec![endpoint_of("http://a b")], "a space"),
        (vec![endpoint_of("host:4318"), http], "no scheme by HTTP"),
        (
            vec![certificate, endpoint_of("https://host"), key],
            "no PEM",
        ),
        (vec![headers], "no key"),
    ];
    for (pairs, reason) in cases {
        let error = of_spans(&Variables::of(&pairs))
            .expect_err(reason)
            .to_string();
        assert!(error.starts_with(pairs[0].0), "{reason}: {error}");
        assert!(!error.contains("secret"), "{error}");
    }
}

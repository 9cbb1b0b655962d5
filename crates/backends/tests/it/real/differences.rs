//! Where an answer of the query API may be another than Jaeger's, and why.

/// Questions with another answer, by a part of them, and why.
const QUESTIONS: &[(&str, &str)] = &[
    (
        "/api/traces?operation=",
        "a search without a service asks all",
    ),
    (
        "start=1&end=2",
        "one trace of another time is not found; Jaeger's memory does not look at the time",
    ),
    (
        "spanKind=unspecified",
        "spans without a kind are listed under this word",
    ),
    ("spanKind=SERVER", "the kind is read in capitals too"),
    ("spanKind=none", "a kind that does not exist is refused"),
    (
        "lookback=-1",
        "a negative lookback is the caller's mistake, not ours",
    ),
    (
        "limit=-1",
        "a negative limit is the caller's mistake, not ours",
    ),
    ("limit=0", "a limit out of range is the nearest in it"),
    (
        "limit=99999999999",
        "a limit out of range is the nearest in it",
    ),
    ("start=-1", "there are no spans before 1970"),
    ("minDuration=1d", "days are read, too"),
    ("minDuration=-1s", "no duration is negative"),
    (
        "minDuration=%201s",
        "blanks around a duration do not matter",
    ),
    ("traceID=&", "an empty parameter counts as absent"),
    (
        "service=gateway&service=user",
        "one service is asked for, so the second is refused",
    ),
    ("%3A404%7D", "numbers in tags are read as texts"),
    ("%3Atrue%7D", "booleans in tags are read as texts"),
    ("%3Anull%7D", "null is no text"),
    (
        "tags=%7B%22span%2Ekind",
        "what is shown as a tag is found as a tag",
    ),
    (
        "tags=%7B%22otel%2Escope",
        "what is shown as a tag is found as a tag",
    ),
    (
        "tags=%7B%22w3c%2Etracestate",
        "what is shown as a tag is found as a tag",
    ),
    ("tags=%7B%22event", "an event is found by its name"),
    ("tag=event", "an event is found by its name"),
    (
        "tags=%7B%22error",
        "what is shown as a tag is found as a tag",
    ),
    ("tag=%3A", "a tag without a name is refused"),
    (
        "tag=yes%3Afalse&tags=",
        "of two demands for one tag both hold, not the last",
    ),
    (
        "?start_time=2030",
        "one trace of another time is not found; Jaeger's memory does not look at the time",
    ),
    (
        "/api/v3/traces?query.service_name=user&",
        "without a number of traces it is a hundred, as in later versions of Jaeger",
    ),
    (
        "num_traces=0",
        "a number of traces out of range is the nearest in it",
    ),
    (
        "duration_min=2s&query.duration_max=1s",
        "a range that ends before it begins is refused, as by `/api/traces`",
    ),
    (
        "start_time_max=2020",
        "a range that ends before it begins is refused, as by `/api/traces`",
    ),
];

/// Whole questions with another answer, and why.
const EXACT: &[(&str, &str)] = &[
    ("/api/traces/0", "an id of zeros is no id"),
    ("/api/v3/traces/0", "an id of zeros is no id"),
    ("/api/traces?", "a search without a service asks all"),
    (
        "/api/traces?service=",
        "a search without a service asks all",
    ),
    (
        "/api/traces?traceID=",
        "an empty parameter counts as absent",
    ),
];

/// Why the answer to a question may be another one.
pub(crate) fn of_question(question: &str) -> Option<&'static str> {
    let exact = EXACT.iter().find(|(whole, _)| question == *whole);
    let part = QUESTIONS.iter().find(|(part, _)| question.contains(part));
    exact.or(part).map(|(_, reason)| *reason)
}

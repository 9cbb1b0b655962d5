//! What generated queries are made of: words with blanks between, or lines.

pub(super) const METRICS: &str =
    "up process_open_fds process_cpu_seconds_total grpc_rpc_started_total
grpc_rpc_duration_seconds_bucket grpc_rpc_duration_seconds_count circuit_breaker_state
odd_route odd_value odd_sum nothing";

/// Lines.
pub(super) const SELECTORS: &str = r#"{"my.metric"}
{"my.metric", "label.name"="x"}
{__name__=~"odd_.+"}
{__name__=~"process_.+", service_name="user"}
{'odd_route', route!=''}
{"process_open_fds",}
odd_route{route="/v1/users/\x7bid\175"}
odd_route{"route"='/a\'b'}
odd_route{route=`/a\d`}
sum{job="a"}
{}"#;

pub(super) const LABELS: &str =
    r#"service_name code method le job route nothing "label.name" by type"#;

pub(super) const VALUES: &str = r"user gateway OK /v1/users/{id} \u00e4 \xc3\xa4 x unary 0.1";

/// What patterns are made of.
pub(super) const ATOMS: &str = r"user gate a /v1/ {id} . .* .+ \\d \\D \\w \\W \\s \\S \\b \\B [a-z] [^a-z] [[:alpha:]]
[[:^digit:]] [\\w.] \\pL \\p{Greek} \\P{Lu} (?i) (?-s) (?i:USER) (?U) \\Q{.}\\E \\x{e4}
\\303 \\n \n ^ $ \\A \\z \\C \\Z \\1 [ ] ( ) { } {,2} ä K (?m) (?P<x>a) (?:b) - \\. \\_ \\y";

pub(super) const REPEATS: &str = "* + ? {2} {1,} {0,3} *? {1000} {1001} **";

pub(super) const NUMBERS: &str =
    "0 1 2 0.5 -1 1e3 0x1F 017 1_000 Inf -Inf NaN 0.99 1e308 5m -3 -0 1.5e-3 time() pi()
scalar(up) 08 0b1 1__0 .5 5.";

pub(super) const RANGES: &str = "[1m] [2m30s] [5m] [17s] [90] [500ms] [1m:10s] [3m:]";

/// Lines.
pub(super) const SHIFTS: &str = "offset 1m
offset -30s
@ 1700000600
@ start()
@ end()
offset +7s @ 1700000900.5
@ -1
offset 0s
@ end() offset 1m";

pub(super) const OF_RANGES: &str =
    "rate irate increase delta idelta deriv changes resets avg_over_time min_over_time
max_over_time sum_over_time count_over_time first_over_time last_over_time present_over_time
absent_over_time stddev_over_time stdvar_over_time";

pub(super) const OF_VECTORS: &str =
    "abs ceil floor exp ln log2 log10 sqrt sgn sort sort_desc absent timestamp round acos acosh
asin asinh atan atanh cos cosh sin sinh tan tanh deg rad minute hour day_of_week
day_of_month day_of_year days_in_month month year histogram_count histogram_avg";

pub(super) const AGGREGATIONS: &str = "sum avg min max count group stddev stdvar SUM Avg";

pub(super) const OPERATORS: &str = "+ - * / % ^ atan2 == != > < >= <= and or unless AND";

/// The parts that are put into a query to damage it.
pub(super) const DAMAGE: &str = r#"( ) { } [ ] , : " ' ` = =~ ! ~ by on bool offset @ 5m 1 sum and - ^ \ # inf e _ . group_left
ä $ ; start() without() ignoring(job)"#;

//! When two answers are the same, and how they are shown when they are not.

use serde_json::Value;

/// How much two numbers may differ, of the larger.
const TOLERANCE: f64 = 1e-9;

/// The result with its rows in one order.
pub(super) fn sorted(answer: &Value) -> Value {
    let mut data = answer["data"].clone();
    if let Some(rows) = data["result"].as_array_mut()
        && data_is_rows(rows)
    {
        rows.sort_by_key(|row| row["metric"].to_string());
    }
    data
}

fn data_is_rows(rows: &[Value]) -> bool {
    rows.iter().all(Value::is_object)
}

/// Whether both are equal, except for the last digits, which depend on the order of additions.
pub(super) fn alike(a: &Value, b: &Value) -> bool {
    match (a, b) {
        (Value::Array(a), Value::Array(b)) => {
            a.len() == b.len() && a.iter().zip(b).all(|(a, b)| alike(a, b))
        }
        (Value::Object(a), Value::Object(b)) => {
            a.len() == b.len()
                && a.iter()
                    .all(|(key, a)| b.get(key).is_some_and(|b| alike(a, b)))
        }
        (Value::String(a), Value::String(b)) => match (a.parse::<f64>(), b.parse::<f64>()) {
            (Ok(a), Ok(b)) => {
                let close = (a - b).abs() <= TOLERANCE * a.abs().max(b.abs()).max(1e-3);
                close || (a.is_nan() && b.is_nan()) || a.total_cmp(&b).is_eq()
            }
            _ => a == b,
        },
        (Value::Number(a), Value::Number(b)) => a.as_f64() == b.as_f64(),
        _ => a == b,
    }
}

/// How a question was refused.
pub(super) fn kind((status, answer): &(u16, Value)) -> (u16, Value) {
    (*status, answer["errorType"].clone())
}

/// A query with both answers, each cut to a length that can be read.
pub(super) fn told(
    query: &str,
    moment: Option<i64>,
    real: &(u16, Value),
    ours: &(u16, Value),
) -> String {
    let cut = |(status, answer): &(u16, Value)| {
        let text: String = answer.to_string().chars().take(500).collect();
        format!("{status} {text}")
    };
    let when = moment.map_or_else(|| "over time".to_owned(), |it| format!("at {it}"));
    format!(
        "{query} {when}\n  real: {}\n  ours: {}",
        cut(real),
        cut(ours)
    )
}

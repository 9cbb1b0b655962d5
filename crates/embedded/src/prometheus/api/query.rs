//! `/query` and `/query_range`

use std::time::Duration;

use axum::extract::State;
use tokio::task::spawn_blocking;

use super::{
    answer::Answer,
    parameters::Parameters,
    reply::{Failure, Reply},
};
use crate::prometheus::{
    Prometheus,
    promql::{Budget, EvalError, Expr, Kind, Timeline, Value, evaluate},
    time::now,
};

/// The longest time that a query may take.
const MAX_TIME: Duration = Duration::from_secs(10);

/// The most points of a line.
const MAX_POINTS: i64 = 11_000;

/// `GET` or `POST /api/v1/query`
pub(super) async fn instant(
    State(prometheus): State<Prometheus>,
    parameters: Parameters,
) -> Result<Reply<Answer>, Failure> {
    let moment = parameters.moment("time")?.unwrap_or_else(now);
    let expr = parameters.query()?;
    let time = parameters.timeout(MAX_TIME)?;
    let value = run(prometheus, expr, Timeline::at(moment), time).await?;
    Ok(Reply(Answer::instant(value, moment)))
}

/// `GET` or `POST /api/v1/query_range`
pub(super) async fn range(
    State(prometheus): State<Prometheus>,
    parameters: Parameters,
) -> Result<Reply<Answer>, Failure> {
    let timeline = timeline(&parameters)?;
    let expr = parameters.query()?;
    let kind = expr.kind();
    if !matches!(kind, Kind::Scalar | Kind::Vector) {
        let reason = format!(
            "invalid expression type \"{kind}\" for range query, must be Scalar or instant Vector"
        );
        return Err(Failure::parameter("query", reason));
    }
    let time = parameters.timeout(MAX_TIME)?;
    let value = run(prometheus, expr, timeline, time).await?;
    Ok(Reply(Answer::range(value, timeline)))
}

fn timeline(parameters: &Parameters) -> Result<Timeline, Failure> {
    let start = parameters.required_moment("start")?;
    let end = parameters.required_moment("end")?;
    if end < start {
        let reason = "end timestamp must not be before start time";
        return Err(Failure::parameter("end", reason));
    }
    let step = parameters.duration("step")?;
    let missing = || Failure::parameter("step", "cannot parse \"\" to a valid duration");
    let step = step.ok_or_else(missing)?;
    if step <= 0 {
        let reason = "zero or negative query resolution step widths are not accepted. \
                      Try a positive integer";
        return Err(Failure::parameter("step", reason));
    }
    if (end - start) / step > MAX_POINTS {
        return Err(Failure::bad_data(
            "exceeded maximum resolution of 11,000 points per timeseries. \
             Try decreasing the query resolution (?step=XX)",
        ));
    }
    Ok(Timeline::between(start, end, step))
}

/// Evaluates on a thread of its own: it may take seconds.
async fn run(
    prometheus: Prometheus,
    expr: Expr,
    timeline: Timeline,
    time: Duration,
) -> Result<Value, Failure> {
    // Those who wait their turn wait within their time.
    let turn = tokio::time::timeout(time, prometheus.turns.clone().acquire_owned()).await;
    let Ok(Ok(turn)) = turn else {
        return Err(EvalError::Timeout.into());
    };
    let evaluated = spawn_blocking(move || {
        let value = evaluate(
            &expr,
            &prometheus.scraper.samples,
            timeline,
            &Budget::new(time),
        );
        drop(turn);
        value
    });
    match evaluated.await {
        Ok(value) => Ok(value?),
        Err(panic) => Err(Failure::internal(panic.to_string())),
    }
}

//! `/query` and `/query_range`

use axum::{extract::State, response::Response};

use super::{answer::Answer, parameters::Parameters, reply::Failure, state::Api};
use crate::metrics::{
    promql::{Timeline, ValueType, evaluate},
    time::now,
};

/// The most points of a series.
const MAX_POINTS: i64 = 11_000;

/// `GET` or `POST /api/v1/query`
pub(super) async fn instant(
    State(api): State<Api>,
    parameters: Parameters,
) -> Result<Response, Failure> {
    let moment = parameters.moment("time")?.unwrap_or_else(now);
    let expr = parameters.query()?;
    let time = parameters.timeout()?;
    api.admission
        .run(api.tsdb, time, move |tsdb, budget| {
            let value = evaluate(&expr, &tsdb.samples, Timeline::at(moment), budget)?;
            Ok(Answer::instant(value, moment))
        })
        .await
}

/// `GET` or `POST /api/v1/query_range`
pub(super) async fn range(
    State(api): State<Api>,
    parameters: Parameters,
) -> Result<Response, Failure> {
    let timeline = timeline(&parameters)?;
    let expr = parameters.query()?;
    let value_type = expr.value_type();
    if !matches!(value_type, ValueType::Scalar | ValueType::Vector) {
        let reason = format!(
            "invalid expression type \"{value_type}\" for range query, must be Scalar or instant Vector"
        );
        return Err(Failure::parameter("query", reason));
    }
    let time = parameters.timeout()?;
    api.admission
        .run(api.tsdb, time, move |tsdb, budget| {
            let value = evaluate(&expr, &tsdb.samples, timeline, budget)?;
            Ok(Answer::range(value, timeline))
        })
        .await
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

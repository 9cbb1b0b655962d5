//! Work that goes on after the call: in traces of its own, with a link to that of the call.

use super::{
    environment::Environment,
    judge::{self, Verdict},
    spans::Expected,
};
use crate::{
    output,
    trace::{self, Tree},
};

/// What was found of the traces that a scenario expects.
#[derive(Debug, Default)]
pub(super) struct Linked {
    pub(super) verdicts: Vec<Verdict>,
    /// Their ids and spans.
    pub(super) traces: Vec<(String, Tree)>,
}

/// Looks for each expected trace among those with a link to the trace `to`.
pub(super) async fn look(expected: &[Expected], environment: &Environment, to: &str) -> Linked {
    let mut linked = Linked::default();
    let mut rest = expected;
    while let [root, below @ ..] = rest {
        let more = below.iter().take_while(|line| line.indent > 0).count();
        let (lines, others) = rest.split_at(more + 1);
        rest = others;
        match nearest(root, lines, environment, to).await {
            Ok(Some((verdicts, found))) => {
                linked.verdicts.extend(verdicts);
                linked.traces.push(found);
            }
            Ok(None) => linked
                .verdicts
                .extend(judge::no_spans(lines, "no such link")),
            Err(why) => {
                let why = output::with_causes(&why);
                linked.verdicts.extend(judge::no_spans(lines, &why));
            }
        }
    }
    linked
}

/// A trace with the verdicts on it.
type Judged = (Vec<Verdict>, (String, Tree));

/// The trace that differs least: the work for one event may have been tried several times.
async fn nearest(
    root: &Expected,
    lines: &[Expected],
    environment: &Environment,
    to: &str,
) -> anyhow::Result<Option<Judged>> {
    let Some((service, operation)) = root.root() else {
        return Ok(None);
    };
    let found = trace::linked(&environment.target.ui, (service, &operation), to).await?;
    let judged = found
        .into_iter()
        .map(|(id, tree)| (judge::spans(lines, &tree, &id), (id, tree)));
    Ok(judged.min_by_key(|(verdicts, _)| verdicts.iter().filter(|it| !it.met).count()))
}

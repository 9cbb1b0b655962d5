//! `tracewalk mystery`: a fault of the library is played and not named; the learner finds it.
//!
//! ```text
//!  seed ─► case: a scenario ─► calls, hidden fault ─► trace ─► three questions ─► what it was
//! ```

mod case;
mod cause;
mod question;
mod report;

use std::{process::ExitCode, time::Duration};

use anyhow::{Context as _, ensure};
use clap::Args;

use self::{
    case::Case,
    cause::Cause,
    question::{Choice, Question},
    report::{Answers, Report},
};
use super::{calls, environment::Environment, progress::Progress, settle::settle};
use crate::{
    client::{Admin, NOT_SAMPLED, Target, Uri, parse_url},
    trace,
};

/// Which fault, where the stack is, and the answers, where they are not asked for.
#[derive(Args, Debug)]
pub(crate) struct Mystery {
    /// Chooses the fault: the same number, the same fault; by default any number.
    #[arg(long, value_name = "N")]
    seed: Option<u64>,
    /// The service that has the fault; without this it is asked for.
    #[arg(long, value_name = "NAME", value_parser = clap::builder::PossibleValuesParser::new(SERVICES))]
    service: Option<String>,
    /// What goes wrong there; without this it is asked for.
    #[arg(long, value_name = "CAUSE")]
    cause: Option<Cause>,
    /// The span that shows it, as `user server GetUser`; without this it is asked for.
    #[arg(long, value_name = "SPAN")]
    evidence: Option<String>,
    /// Address of the dashboards, for the link to a panel.
    #[arg(
        long,
        env = "TRACEWALK_DASHBOARDS_PAGE",
        default_value = "http://127.0.0.1:3000",
        value_name = "URL",
        value_parser = parse_url
    )]
    dashboards_page: Uri,
    #[command(flatten)]
    target: Target,
    #[command(flatten)]
    admin: Admin,
}

const SERVICES: [&str; 3] = ["gateway", "user", "profile"];

/// How long spans may be on their way.
const MAX_WAIT: Duration = Duration::from_secs(15);

/// Plays a fault, asks what it was, and says what showed it; exit code 1 if an answer is wrong.
///
/// # Errors
/// When the stack takes no faults, is not healthy or has no trace of the calls; when the input ends
/// before the last answer.
pub(crate) async fn run(mystery: Mystery) -> anyhow::Result<ExitCode> {
    let seed = mystery.seed.unwrap_or_else(|| rand::random_range(1..1000));
    let case = Case::choose(seed)?;
    let environment = Environment::open(mystery.target.clone(), mystery.admin.clone()).await?;
    let plain = environment.plain_caller();
    let calls = &case.scenario.calls;
    let caller = environment.hidden_caller(calls).await?;
    let last = caller.clone().debug();
    let report = Report::new(seed, &case, &mystery);
    report.begin()?;
    let progress = Progress::start(mystery.target.json);
    progress.says("until the stack is well");
    settle(&environment, &plain).await?;
    progress.says("for the calls and their trace");
    let ended = calls::make(environment.channel.clone(), &caller, &last, calls).await?;
    let id = ended
        .last
        .trace_id
        .context("the calls were answered without a trace id")?;
    ensure!(ended.last.is_sampled, NOT_SAMPLED);
    let tree = trace::read(&mystery.target.ui, &id, MAX_WAIT).await?;
    let shown = case.evidence(&tree)?;
    drop(progress);
    report.played(&ended.codes, &id)?;
    let answers = mystery.answers(&case, &tree, shown)?;
    report.end(&answers, shown, &id)?;
    Ok(ExitCode::from(u8::from(!answers.are_right())))
}

impl Mystery {
    /// The answers of the flags, or else of standard input.
    fn answers(
        &self,
        case: &Case,
        tree: &trace::Tree,
        shown: &trace::Row,
    ) -> anyhow::Result<Answers> {
        let choices = SERVICES.map(|name| Choice::new(name, ""));
        let service = self.ask(
            "In which service is the fault?",
            &choices,
            self.service.as_deref(),
        )?;
        let choices = Cause::ALL.map(|it| Choice::new(it.name(), it.says()));
        let given = self.cause.map(Cause::name);
        let problem = self.ask("What goes wrong there?", &choices, given)?;
        let mut spans: Vec<Choice> = Vec::new();
        for row in tree.rows() {
            let span = Choice::new(trace::full_name(row), "");
            if !spans.contains(&span) {
                spans.push(span);
            }
        }
        let evidence = self.ask("Which span shows it?", &spans, self.evidence.as_deref())?;
        Ok(Answers::new([
            ("service", service, case.service().to_owned()),
            ("cause", problem, case.cause.name().to_owned()),
            ("evidence", evidence, trace::full_name(shown)),
        ]))
    }

    fn ask(&self, text: &str, choices: &[Choice], given: Option<&str>) -> anyhow::Result<String> {
        let question = Question { text, choices };
        match given {
            Some(given) => question.read(given).map_err(anyhow::Error::msg),
            None => question.ask(self.target.json),
        }
    }
}

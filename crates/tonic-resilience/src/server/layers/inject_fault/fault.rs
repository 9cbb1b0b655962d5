use std::{
    fmt::{self, Display, Formatter},
    time::Duration,
};

use grpc_wire::code_name;
use tonic::Code;

/// The faults of the hops of a call, with `&` between them; `hidden&` before them leaves out of spans, logs
/// and messages that they were asked for.
///
/// ```
/// use tonic_resilience::server::layers::inject_fault::Faults;
///
/// let faults: Faults = "profile/GetProfile:delay=800ms&user:hang".parse()?;
/// assert_eq!(faults.iter().count(), 2);
/// assert_eq!(faults.to_string(), "profile/GetProfile:delay=800ms&user:hang");
/// assert_eq!(faults.hidden().to_string(), "hidden&profile/GetProfile:delay=800ms&user:hang");
/// # Ok::<_, tonic_resilience::server::layers::inject_fault::ParseFaultError>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Faults {
    pub(super) faults: Vec<Fault>,
    pub(super) hidden: bool,
}

/// What faults begin with that are hidden.
pub(super) const HIDDEN: &str = "hidden&";

/// One fault, in one service.
#[derive(Clone, Debug, PartialEq)]
pub struct Fault {
    /// The service, as the logs and traces name it: `profile`.
    pub service: String,
    /// The method without its service, as `GetProfile`; `None` is all methods.
    pub method: Option<String>,
    /// What goes wrong.
    pub kind: Kind,
}

/// What goes wrong.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Kind {
    /// It waits before the handler.
    Delay(Duration),
    /// It fails with this code.
    Error(Code),
    /// So many attempts of a call fail.
    FailFirst(u32),
    /// It fails with this probability.
    ErrorRate(f64),
    /// It is never answered.
    Hang,
    /// The handler panics.
    Panic,
    /// The handler runs without its trace: the next hop begins another one.
    DropContext,
}

/// Whether this baggage asks for hidden faults, as `shop.fault=hidden&user:hang` does: nothing that writes
/// baggage down may name them.
#[must_use]
pub fn asks_for_hidden(baggage: &str) -> bool {
    baggage.contains(&format!(".fault={HIDDEN}"))
}

impl Faults {
    /// The faults, in the order given.
    pub fn iter(&self) -> impl Iterator<Item = &Fault> {
        self.faults.iter()
    }

    /// The same faults, for somebody who is to find them: what they do looks like a failure of the service.
    #[must_use]
    pub fn hidden(self) -> Self {
        Self {
            hidden: true,
            ..self
        }
    }

    /// Whether neither spans, logs nor messages may name them.
    #[must_use]
    pub fn are_hidden(&self) -> bool {
        self.hidden
    }
}

impl FromIterator<Fault> for Faults {
    fn from_iter<T: IntoIterator<Item = Fault>>(faults: T) -> Self {
        Self {
            faults: faults.into_iter().collect(),
            hidden: false,
        }
    }
}

impl Fault {
    /// Whether the fault is for this method of this service.
    pub(super) fn is_for(&self, service: &str, method: &str) -> bool {
        let is_for_method = self.method.as_deref().is_none_or(|it| it == method);
        self.service == service && is_for_method
    }
}

impl Display for Faults {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        if self.hidden {
            f.write_str(HIDDEN)?;
        }
        for (number, fault) in self.iter().enumerate() {
            let between = if number == 0 { "" } else { "&" };
            write!(f, "{between}{fault}")?;
        }
        Ok(())
    }
}

impl Display for Fault {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.write_str(&self.service)?;
        if let Some(method) = &self.method {
            write!(f, "/{method}")?;
        }
        write!(f, ":{}", self.kind)
    }
}

impl Display for Kind {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Self::Delay(time) => {
                let time = humantime::format_duration(*time).to_string();
                write!(f, "delay={}", time.replace(' ', ""))
            }
            Self::Error(code) => write!(f, "error={}", code_name(*code)),
            Self::FailFirst(count) => write!(f, "fail_first={count}"),
            Self::ErrorRate(share) => write!(f, "error_rate={share}"),
            Self::Hang => f.write_str("hang"),
            Self::Panic => f.write_str("panic"),
            Self::DropContext => f.write_str("drop_context"),
        }
    }
}

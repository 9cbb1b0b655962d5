use std::{
    fmt::{self, Display, Formatter},
    time::Duration,
};

use tonic::Code;

use crate::stack::code_name;

/// What each hop is to do wrong: faults with `&` between them.
///
/// ```
/// use tonic_resilience::server::layers::inject_fault::Faults;
///
/// let faults: Faults = "profile/GetProfile:delay=800ms&user:hang".parse()?;
/// assert_eq!(faults.iter().count(), 2);
/// assert_eq!(faults.to_string(), "profile/GetProfile:delay=800ms&user:hang");
/// # Ok::<_, tonic_resilience::server::layers::inject_fault::ParseFaultError>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Faults(pub(super) Vec<Fault>);

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
    /// The handler forgets the trace.
    DropContext,
}

impl Faults {
    /// Each of them.
    pub fn iter(&self) -> impl Iterator<Item = &Fault> {
        self.0.iter()
    }
}

impl FromIterator<Fault> for Faults {
    fn from_iter<T: IntoIterator<Item = Fault>>(faults: T) -> Self {
        Self(faults.into_iter().collect())
    }
}

impl Fault {
    /// Whether it is for this service, and this method of it.
    pub(super) fn is_for(&self, service: &str, method: &str) -> bool {
        let is_for_method = self.method.as_deref().is_none_or(|it| it == method);
        self.service == service && is_for_method
    }
}

impl Display for Faults {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
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

//! The environment variables of OpenTelemetry, read through one function.
//!
//! [`Variables`] finds a variable and collects warnings, [`Variable`] reads its value, and
//! [`unread`] warns of those that are set and have no effect.

mod switches;
pub(crate) mod unread;
mod variable;
mod variables;

pub(crate) use switches::Switches;
pub(crate) use variable::Variable;
pub(crate) use variables::Variables;

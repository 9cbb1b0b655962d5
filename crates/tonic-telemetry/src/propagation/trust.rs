use std::str::FromStr;

/// How far a caller's trace context is trusted.
///
/// A service behind a gateway trusts. A gateway that anybody can call may not want callers to
/// choose trace ids, or to have all their calls sampled. For baggage only its list of allowed keys
/// counts, not this setting.
/// Spec: [§5](https://www.w3.org/TR/trace-context-2/#security-considerations).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Trust {
    /// Continue the caller's trace.
    #[default]
    Continue,
    /// Begin a new trace and forget the caller's.
    Restart,
    /// Begin a new trace whose first span links to the caller's.
    Link,
}

/// Reads `trust`, `restart` or `link`, as a flag says it.
impl FromStr for Trust {
    type Err = UnknownTrust;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text {
            "trust" => Ok(Self::Continue),
            "restart" => Ok(Self::Restart),
            "link" => Ok(Self::Link),
            _ => Err(UnknownTrust(text.to_owned())),
        }
    }
}

/// A word that is none of the three.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not trust, restart or link")]
pub struct UnknownTrust(String);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_of_the_flag_are_known_and_no_others() {
        assert_eq!("trust".parse(), Ok(Trust::Continue));
        assert_eq!("restart".parse(), Ok(Trust::Restart));
        assert_eq!("link".parse(), Ok(Trust::Link));
        let error = "Trust".parse::<Trust>().unwrap_err();
        assert_eq!(error.to_string(), "`Trust` is not trust, restart or link");
    }
}

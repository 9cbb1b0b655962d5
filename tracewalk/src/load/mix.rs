use std::{
    fmt::{self, Display, Formatter},
    str::FromStr,
};

use rand::{Rng, rngs::StdRng};

/// One kind of call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// `GetUser`.
    Get,
    /// `CreateUser`.
    Create,
    /// `WatchUser`.
    Watch,
    /// `ImportUsers`.
    Import,
    /// `LookupUsers`.
    Lookup,
}

impl Kind {
    /// All kinds, in the order of the contracts.
    pub(crate) const ALL: [Self; 5] = [
        Self::Get,
        Self::Create,
        Self::Watch,
        Self::Import,
        Self::Lookup,
    ];

    /// The name on the command line.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Get => "get",
            Self::Create => "create",
            Self::Watch => "watch",
            Self::Import => "import",
            Self::Lookup => "lookup",
        }
    }
}

/// How often each kind is called, relative to the others.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Mix {
    /// In the order of [`Kind::ALL`]; at least one is more than 0.
    shares: [u32; 5],
}

impl Mix {
    /// Every kind as often as the others.
    pub(crate) const EVEN: Self = Self { shares: [1; 5] };

    /// Draws the next kind.
    pub(crate) fn draw(&self, random: &mut StdRng) -> Kind {
        let mut ticket = random.random_range(0..self.shares.iter().sum());
        for (kind, share) in Kind::ALL.into_iter().zip(self.shares) {
            if ticket < share {
                return kind;
            }
            ticket -= share;
        }
        unreachable!("the ticket is below the sum of the shares")
    }
}

impl FromStr for Mix {
    type Err = String;

    /// Reads `get=80,watch=20`; kinds that are left out are not called.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let mut shares = [0; 5];
        for part in text.split(',') {
            let (name, share) = part
                .split_once('=')
                .ok_or_else(|| format!("{part:?}: expected KIND=SHARE, as in get=80,watch=20"))?;
            let place = Kind::ALL
                .iter()
                .position(|kind| kind.name() == name)
                .ok_or_else(|| {
                    format!("{name:?}: expected get, create, watch, import or lookup")
                })?;
            shares[place] = share
                .parse::<u32>()
                .ok()
                .filter(|share| *share <= 1_000_000)
                .ok_or_else(|| format!("{part:?}: expected a share from 0 to 1000000"))?;
        }
        if shares.iter().all(|share| *share == 0) {
            return Err("every share is 0: expected at least one more than 0".to_owned());
        }
        Ok(Self { shares })
    }
}

impl Display for Mix {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let parts = Kind::ALL
            .iter()
            .zip(self.shares)
            .filter(|(_, share)| *share > 0);
        let parts: Vec<_> = parts
            .map(|(kind, share)| format!("{}={share}", kind.name()))
            .collect();
        write!(f, "{}", parts.join(","))
    }
}

#[cfg(test)]
mod tests {
    use rand::{SeedableRng as _, rngs::StdRng};

    use super::{Kind, Mix};

    #[test]
    fn a_mix_reads_as_it_is_written() {
        let text = "get=80,create=5,watch=5,import=5,lookup=5";
        assert_eq!(text.parse::<Mix>().unwrap().to_string(), text);
    }

    #[test]
    fn a_wrong_mix_is_refused() {
        for text in [
            "",
            "get",
            "get=",
            "get=-1",
            "get=1,put=1",
            "get=0",
            "get=4294967295",
        ] {
            assert!(text.parse::<Mix>().is_err(), "{text}");
        }
    }

    #[test]
    fn kinds_come_as_often_as_their_shares_say() {
        let mix: Mix = "get=3,watch=1".parse().unwrap();
        let mut random = StdRng::seed_from_u64(7);
        let drawn: Vec<_> = (0..4000).map(|_| mix.draw(&mut random)).collect();
        let gets = drawn.iter().filter(|kind| **kind == Kind::Get).count();
        assert!((2800..3200).contains(&gets), "{gets} of 4000");
        assert!(
            drawn
                .iter()
                .all(|kind| matches!(kind, Kind::Get | Kind::Watch))
        );
    }
}

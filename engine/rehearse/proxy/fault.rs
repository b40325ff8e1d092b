//! The ways in which a request can go wrong.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use super::name::Name;

/// What happens to one request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Fault {
    /// AWS refuses to look at it for now.
    Throttled,
    /// An internal error, and nothing was done.
    ErrorBefore,
    /// An internal error, although it was done.
    ErrorAfter,
    /// A gateway's word that nobody was there, although it was done.
    UnavailableAfter,
    /// Done; the connection closes without a byte.
    Dropped,
    /// The connection breaks before AWS has the request.
    ResetBefore,
    /// Done; the connection breaks instead of a reply.
    ResetAfter,
    /// Done; the reply takes longer than the caller waits.
    Delayed,
    /// On its way for longer than the caller waits, and then done.
    Late,
    /// Done; the reply ends in the middle.
    Truncated,
    /// Done; the reply is a page of somebody else's.
    Garbage,
    /// Done; for so long, reads show the account as it was before.
    Stale(Duration),
    /// As `Stale`, and the reply is dropped.
    DroppedStale(Duration),
}

impl Fault {
    /// Returns how long reads are to lag behind this request.
    #[must_use]
    pub fn stale(self) -> Option<Duration> {
        match self {
            Self::Stale(lag) | Self::DroppedStale(lag) => Some(lag),
            _ => None,
        }
    }

    /// Whether the caller has to run into its time-out for it.
    #[must_use]
    pub fn needs_time_out(self) -> bool {
        matches!(self, Self::Delayed | Self::Late)
    }
}

/// A fault's name on the command line, in words, and how it is made of a time.
type Known = (&'static str, &'static str, fn(Duration) -> Fault);

/// The two that last have a time with them.
const NAMES: [Known; 13] = [
    ("throttled", "throttled", |_| Fault::Throttled),
    ("error-before", "error 500 before the effect", |_| {
        Fault::ErrorBefore
    }),
    ("error-after", "error 500 after the effect", |_| {
        Fault::ErrorAfter
    }),
    ("unavailable-after", "error 503 after the effect", |_| {
        Fault::UnavailableAfter
    }),
    ("dropped", "reply dropped", |_| Fault::Dropped),
    ("reset-before", "connection reset before the effect", |_| {
        Fault::ResetBefore
    }),
    ("reset-after", "connection reset after the effect", |_| {
        Fault::ResetAfter
    }),
    ("delayed", "reply delayed past the time-out", |_| {
        Fault::Delayed
    }),
    ("late", "request delayed past the time-out", |_| Fault::Late),
    ("truncated", "reply truncated", |_| Fault::Truncated),
    ("garbage", "reply unreadable", |_| Fault::Garbage),
    ("stale", "reads stale", Fault::Stale),
    (
        "dropped-stale",
        "reply dropped, reads stale",
        Fault::DroppedStale,
    ),
];

impl Fault {
    /// Returns what it is, in words.
    #[must_use]
    pub fn kind(self) -> &'static str {
        self.names().1
    }

    /// Returns it as it is typed: `dropped`, `stale=0.5`.
    #[must_use]
    pub fn typed(self) -> String {
        let name = self.names().0;
        match self.stale() {
            Some(lag) => format!("{name}={}", lag.as_secs_f64()),
            None => name.into(),
        }
    }

    fn names(self) -> (&'static str, &'static str) {
        let lag = self.stale().unwrap_or_default();
        let own = NAMES.iter().find(|(_, _, fault)| fault(lag) == self);
        own.map_or(("", ""), |(typed, words, _)| (typed, words))
    }
}

impl FromStr for Fault {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        let (name, lag) = text
            .split_once('=')
            .map_or((text, None), |(name, lag)| (name, Some(lag)));
        let (_, _, fault) = NAMES.iter().find(|(typed, ..)| *typed == name).ok_or(())?;
        let given = lag.map(|lag| lag.parse().map(Duration::try_from_secs_f64));
        let given = match given {
            None => None,
            Some(Ok(Ok(lag))) => Some(lag),
            Some(_) => return Err(()),
        };
        let fault = fault(given.unwrap_or_default());
        (fault.stale() == given).then_some(fault).ok_or(())
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.stale() {
            Some(lag) => write!(formatter, "{} for {lag:?}", self.kind()),
            None => formatter.write_str(self.kind()),
        }
    }
}

/// A fault at a request.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Injection {
    pub at: Name,
    pub fault: Fault,
}

impl fmt::Display for Injection {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}: {}", self.at, self.fault)
    }
}

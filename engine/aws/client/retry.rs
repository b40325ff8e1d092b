//! When a call is tried again: always after proof that it was not processed, else only where a repetition is safe.

use std::time::Duration;

use uuid::Uuid;

use super::limits::Limits;
use base::clock::Stopwatch;
use models::call::{Repeat, ServiceError};

/// Why an attempt gave no reply.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum AttemptError {
    Throttled(Box<ServiceError>),
    Answered(Box<ServiceError>),
    /// No connection.
    Unreachable(String),
    /// It never came to connecting.
    NotSent(String),
    /// It may have been processed.
    Lost(String),
}

impl From<ServiceError> for AttemptError {
    fn from(error: ServiceError) -> Self {
        if error.is_throttling() {
            Self::Throttled(Box::new(error))
        } else if error.status >= 500 {
            Self::Lost(format!(
                "{} answered {}: {}: {}",
                error.service, error.status, error.code, error.message
            ))
        } else {
            Self::Answered(Box::new(error))
        }
    }
}

/// What is left of the tries of one request.
pub(super) struct Patience {
    repeat: Repeat,
    limits: Limits,
    started: Stopwatch,
    unreachable: u32,
    lost: u32,
    pauses: u32,
}

impl Patience {
    pub(super) fn new(repeat: Repeat, limits: Limits) -> Self {
        Self {
            repeat,
            limits,
            started: Stopwatch::start(),
            unreachable: 0,
            lost: 0,
            pauses: 0,
        }
    }

    /// Returns how long to pause before the next try, or `None` if there is to be none.
    pub(super) fn next(&mut self, trouble: &AttemptError) -> Option<Duration> {
        let again = match trouble {
            AttemptError::Throttled(_) => self.started.elapsed() < self.limits.throttled,
            AttemptError::Unreachable(_) => {
                self.unreachable += 1;
                self.unreachable < self.limits.unreachable_attempts
            }
            AttemptError::Lost(_) if self.repeat == Repeat::Safe => {
                self.lost += 1;
                self.lost < self.limits.lost_attempts
            }
            AttemptError::Lost(_) | AttemptError::Answered(_) | AttemptError::NotSent(_) => false,
        };
        again.then(|| self.pause())
    }

    /// Between half of the doubled pause and all of it, so that many callers do not come back together.
    fn pause(&mut self) -> Duration {
        let longest = self
            .limits
            .first_pause
            .saturating_mul(1 << self.pauses.min(16))
            .min(self.limits.longest_pause);
        self.pauses += 1;
        #[expect(
            clippy::cast_possible_truncation,
            reason = "sixteen random bits are enough"
        )]
        let random = Uuid::new_v4().as_u128() as u16;
        longest.mul_f64(0.5 + f64::from(random) / f64::from(u16::MAX) / 2.0)
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::{AttemptError, Limits, Patience};
    use models::call::{Repeat, ServiceError};

    fn error(code: &str, status: u16) -> AttemptError {
        AttemptError::from(ServiceError {
            service: "ec2".to_owned(),
            operation: "create_vpc".to_owned(),
            code: code.to_owned(),
            message: String::new(),
            request_id: None,
            status,
            details: None,
        })
    }

    fn tries(repeat: Repeat, trouble: &AttemptError) -> usize {
        let mut patience = Patience::new(repeat, Limits::STANDARD);
        1 + std::iter::from_fn(|| patience.next(trouble))
            .take(50)
            .count()
    }

    #[test]
    fn errors_are_told_apart() {
        assert!(matches!(
            error("RequestLimitExceeded", 503),
            AttemptError::Throttled(_)
        ));
        assert!(matches!(error("Anything", 429), AttemptError::Throttled(_)));
        for status in [500, 502, 503, 504] {
            let trouble = error("InternalError", status);
            assert!(matches!(trouble, AttemptError::Lost(_)), "{trouble:?}");
        }
        assert!(matches!(
            error("InvalidVpcID.NotFound", 400),
            AttemptError::Answered(_)
        ));
    }

    #[test]
    fn only_what_is_safe_is_tried_again() {
        let lost = AttemptError::Lost("reset".to_owned());
        assert_eq!(
            (tries(Repeat::Never, &lost), tries(Repeat::Safe, &lost)),
            (1, 4)
        );
        let unreachable = AttemptError::Unreachable("refused".to_owned());
        assert_eq!(
            (
                tries(Repeat::Never, &unreachable),
                tries(Repeat::Safe, &unreachable)
            ),
            (3, 3)
        );
        assert_eq!(tries(Repeat::Safe, &error("InvalidVpcID.NotFound", 400)), 1);
        assert_eq!(tries(Repeat::Never, &error("Throttling", 400)), 51);
    }

    #[test]
    fn throttling_ends_at_its_deadline() {
        let limits = Limits {
            throttled: Duration::ZERO,
            ..Limits::STANDARD
        };
        assert_eq!(
            Patience::new(Repeat::Safe, limits).next(&error("Throttling", 400)),
            None
        );
    }

    #[test]
    fn pauses_grow_and_stay_bounded() {
        let mut patience = Patience::new(Repeat::Never, Limits::STANDARD);
        for longest in [500, 1000, 2000, 4000, 8000, 10_000, 10_000] {
            let pause = patience.next(&error("Throttling", 400)).unwrap();
            assert!(
                pause >= Duration::from_millis(longest / 2)
                    && pause <= Duration::from_millis(longest),
                "{pause:?}"
            );
        }
    }
}

//! How a process ended, and what it said.

/// How a process ended, and what it said.
#[derive(Clone, Debug)]
pub struct Ended {
    /// `None` where a signal ended it.
    pub code: Option<i32>,
    pub stdout: String,
    pub stderr: String,
}

impl Ended {
    /// Returns whether a signal ended it.
    #[must_use]
    pub fn killed(&self) -> bool {
        self.code.is_none()
    }

    /// Returns its error in one line.
    #[must_use]
    pub fn said(&self) -> String {
        let lines = || {
            self.stderr
                .lines()
                .map(str::trim)
                .filter(|line| !line.is_empty())
        };
        let error = lines().find(|line| line.starts_with("error:"));
        error
            .or_else(|| lines().next_back())
            .unwrap_or_default()
            .to_owned()
    }

    pub(super) fn stuck(&self) -> Ending {
        Ending::Stuck {
            code: self.code,
            said: self.said(),
        }
    }
}

/// What a run came to after all resumes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Ending {
    Succeeded,
    /// It stopped in doubt and said so: a person has to decide.
    InDoubt {
        said: String,
    },
    /// It cannot be resumed to its end.
    Stuck {
        code: Option<i32>,
        said: String,
    },
}

//! The page that text goes to, and its colours: none with `NO_COLOR`, on a dumb terminal or into a file.

use console::{Style, Term};

/// How wide a page is when nobody looks at it: long enough for all but blobs.
const UNSEEN: usize = 200;

/// Where text goes: how wide it is and whether it takes colours.
#[derive(Clone, Copy, Debug)]
pub struct Page {
    pub width: usize,
    pub paint: Paint,
}

impl Page {
    #[must_use]
    pub fn stdout() -> Self {
        Self::of(&Term::stdout(), console::colors_enabled())
    }

    #[must_use]
    pub fn stderr() -> Self {
        Self::of(&Term::stderr(), console::colors_enabled_stderr())
    }

    fn of(term: &Term, colours: bool) -> Self {
        let width = term
            .size_checked()
            .map_or(UNSEEN, |(_, columns)| usize::from(columns));
        Self {
            width,
            paint: Paint { colours },
        }
    }
}

/// Colours text, or does not.
#[derive(Clone, Copy, Debug)]
pub struct Paint {
    colours: bool,
}

impl Paint {
    #[must_use]
    pub fn none() -> Self {
        Self { colours: false }
    }

    #[must_use]
    pub fn good(self, text: &str) -> String {
        self.apply(&Style::new().green(), text)
    }

    #[must_use]
    pub fn bad(self, text: &str) -> String {
        self.apply(&Style::new().red().bold(), text)
    }

    #[must_use]
    pub fn warn(self, text: &str) -> String {
        self.apply(&Style::new().yellow(), text)
    }

    #[must_use]
    pub fn live(self, text: &str) -> String {
        self.apply(&Style::new().cyan(), text)
    }

    #[must_use]
    pub fn bold(self, text: &str) -> String {
        self.apply(&Style::new().bold(), text)
    }

    #[must_use]
    pub fn dim(self, text: &str) -> String {
        self.apply(&Style::new().dim(), text)
    }

    fn apply(self, style: &Style, text: &str) -> String {
        if self.colours && !text.is_empty() {
            style.clone().force_styling(true).apply_to(text).to_string()
        } else {
            text.to_owned()
        }
    }
}

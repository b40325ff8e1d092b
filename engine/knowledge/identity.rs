//! Who an effect is towards AWS: derived, so that a resumed run derives the same again.

use base::digest;

/// AWS's limit for a tag's value.
const TAG_LIMIT: usize = 256;

/// What is kept of a key that had to be shortened, before the epoch and the digest.
const KEPT: usize = 200;

pub const RUN_TAG: &str = "runbook:run";
pub const EFFECT_TAG: &str = "runbook:effect";

/// An effect's identity.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Identity {
    /// The run's id.
    pub run: String,
    /// The effect's key in the run.
    pub key: String,
    /// Counted from 1; a new one is a new identity.
    pub epoch: u32,
}

impl Identity {
    /// Returns the client token: 48 characters of `[a-z0-9-]`.
    #[must_use]
    pub fn token(&self) -> String {
        format!("runbook-{}", &self.digest()[..40])
    }

    /// Returns a host name for an instance that was given none.
    #[must_use]
    pub fn hostname(&self) -> String {
        self.token()[..20].to_owned()
    }

    /// Returns the value of the tag `runbook:run`.
    #[must_use]
    pub fn run_tag(&self) -> String {
        if plain(&self.run) {
            self.run.clone()
        } else {
            shortened(&self.run, &digest::sha256(self.run.as_bytes()))
        }
    }

    /// Returns the value of the tag `runbook:effect`: the key itself where it fits into a tag.
    #[must_use]
    pub fn effect_tag(&self) -> String {
        match self.epoch {
            0 | 1 if plain(&self.key) => self.key.clone(),
            0 | 1 => shortened(&self.key, &self.digest()),
            epoch => {
                let digest = self.digest();
                format!("{}@{epoch} {}", cut(&self.key), &digest[..16])
            }
        }
    }

    /// NUL cannot occur in the parts, so no two identities share a text.
    fn digest(&self) -> String {
        digest::sha256(format!("{}\0{}\0{}", self.run, self.key, self.epoch).as_bytes())
    }
}

/// Returns whether AWS takes the text as a tag's value as it is; `*`, `?` and `\` would be wildcards in a filter.
fn plain(value: &str) -> bool {
    !value.is_empty()
        && value.trim() == value
        && value.chars().count() <= TAG_LIMIT
        && value.chars().all(allowed)
}

fn allowed(character: char) -> bool {
    character.is_alphanumeric() || " +-=._:/@".contains(character)
}

fn shortened(value: &str, digest: &str) -> String {
    format!("{} {}", cut(value), &digest[..16])
}

fn cut(value: &str) -> String {
    let kept: String = value
        .chars()
        .take(KEPT)
        .map(|c| if allowed(c) { c } else { '_' })
        .collect();
    kept.trim().to_owned()
}

#[cfg(test)]
mod tests {
    use super::Identity;

    fn identity(key: &str, epoch: u32) -> Identity {
        Identity {
            run: "20261121-091203-build-abcdefghijkl".into(),
            key: key.into(),
            epoch,
        }
    }

    #[test]
    fn tokens_never_change() {
        assert_eq!(
            identity("network/create_vpc", 1).token(),
            "runbook-2db59e4f73d50a914b9e2cba8c7d9608e0e6fa82"
        );
        assert_eq!(
            identity("network/create_vpc", 2).token(),
            "runbook-abfaa76330dd92860f0ac17ab49eac6f8e97ac6d"
        );
        assert_eq!(
            identity("network/create_vpc", 1).hostname(),
            "runbook-2db59e4f73d5"
        );
    }

    #[test]
    fn tokens_are_short_ascii() {
        let token = identity(&"ü".repeat(5000), 7).token();
        assert!(token.len() <= 64);
        assert!(
            token
                .bytes()
                .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
        );
    }

    #[test]
    fn a_plain_key_is_the_tag() {
        let identity = identity("network/create_vpc", 1);
        assert_eq!(identity.effect_tag(), "network/create_vpc");
        assert_eq!(identity.run_tag(), "20261121-091203-build-abcdefghijkl");
    }

    #[test]
    fn keys_that_tags_do_not_take_are_shortened() {
        let item = identity("network/subnets[az1 *]/create_subnet#2", 1).effect_tag();
        assert_eq!(
            item,
            "network/subnets_az1 __/create_subnet_2 282671dbed87211e"
        );
        assert_eq!(identity("a", 2).effect_tag(), "a@2 ca9ecceb3697731b");
        let long = identity(&"k".repeat(300), 1).effect_tag();
        assert_eq!(long.len(), 200 + 1 + 16);
        assert_ne!(long, identity(&"k".repeat(301), 1).effect_tag());
    }
}

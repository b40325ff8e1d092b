//! Choices that a seed decides, so that they can be made again.

use std::fmt;
use std::str::FromStr;

/// Returns a number that seed and name alone decide.
#[must_use]
pub fn number(seed: u64, name: &str) -> u64 {
    // FNV-1a, then the finish of SplitMix64: neighbouring names must not get neighbouring numbers.
    let start = 0xcbf2_9ce4_8422_2325 ^ seed.wrapping_mul(0x9e37_79b9_7f4a_7c15);
    let hash = name.bytes().fold(start, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    });
    let hash = (hash ^ (hash >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let hash = (hash ^ (hash >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    hash ^ (hash >> 31)
}

/// One of several shares of all points that together are all of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Share {
    /// From 1.
    number: u64,
    of: u64,
}

impl Share {
    /// Returns whether the point belongs to it.
    #[must_use]
    pub fn has(self, seed: u64, point: &str) -> bool {
        number(seed, point) % self.of == self.number - 1
    }
}

impl Default for Share {
    fn default() -> Self {
        Self { number: 1, of: 1 }
    }
}

impl fmt::Display for Share {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}/{}", self.number, self.of)
    }
}

impl FromStr for Share {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let parts = text.split_once('/');
        let parts = parts.and_then(|(number, of)| Some((number.parse().ok()?, of.parse().ok()?)));
        match parts {
            Some((number, of)) if (1..=of).contains(&number) => Ok(Self { number, of }),
            _ => Err("expected N/M with N from 1 to M, such as 2/5".into()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_shares_are_all_of_it_and_no_point_is_in_two() {
        let points: Vec<String> = (0..300).map(|number| format!("after:{number}")).collect();
        for seed in [0, 1, 77] {
            for point in &points {
                let shares = ["1/3", "2/3", "3/3"].map(|share| share.parse::<Share>().unwrap());
                let with = shares.iter().filter(|share| share.has(seed, point)).count();
                assert_eq!(with, 1, "{point}");
            }
            let first: Share = "1/3".parse().unwrap();
            let size = points.iter().filter(|point| first.has(seed, point)).count();
            assert!((70..130).contains(&size), "{size}");
        }
    }

    #[test]
    fn another_seed_chooses_otherwise() {
        assert_eq!(number(1, "x"), number(1, "x"));
        assert_ne!(number(1, "x"), number(2, "x"));
        assert_ne!(number(1, "x"), number(1, "y"));
    }

    #[test]
    fn a_share_that_is_none_is_refused() {
        for text in ["0/3", "4/3", "1/0", "1", "a/b", "1/3/5", "-1/3", ""] {
            assert!(text.parse::<Share>().is_err(), "{text}");
        }
        assert_eq!("3/3".parse::<Share>().unwrap().to_string(), "3/3");
    }
}

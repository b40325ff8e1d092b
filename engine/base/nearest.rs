//! The right name for a misspelt one.

/// Returns the candidate that was most likely meant, if any is close.
pub fn nearest<'a>(name: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    candidates
        .into_iter()
        .map(|candidate| (closeness(name, candidate), candidate))
        .filter(|(closeness, _)| *closeness >= 0.75)
        .max_by(|(one, _), (other, _)| one.total_cmp(other))
        .map(|(_, candidate)| candidate)
}

/// Typing errors count a little, missing or added words a little more.
fn closeness(name: &str, candidate: &str) -> f64 {
    let (name, candidate) = (
        name.to_lowercase().replace('-', "_"),
        candidate.to_lowercase().replace('-', "_"),
    );
    let alike = strsim::normalized_damerau_levenshtein(&name, &candidate)
        .max(strsim::jaro_winkler(&name, &candidate) - 0.1);
    // One slip in a short word changes much of it.
    let slip = name.chars().count() > 2 && strsim::damerau_levenshtein(&name, &candidate) == 1;
    if slip { alike.max(0.8) } else { alike }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_what_was_meant_and_nothing_far_off() {
        let names = ["vpc_cidr", "vpc_name", "region"];
        assert_eq!(nearest("vpc_cdir", names), Some("vpc_cidr"));
        assert_eq!(nearest("vpcname", names), Some("vpc_name"));
        assert_eq!(nearest("Region", names), Some("region"));
        assert_eq!(nearest("subnet", names), None);
        assert_eq!(nearest("kye", ["key", "value"]), Some("key"));
    }
}

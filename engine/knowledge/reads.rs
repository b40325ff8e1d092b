//! Which operations only read, told by their names.

/// First words of operations that change nothing, in every service that AWS publishes.
const VERBS: &[&str] = &[
    "check", "count", "describe", "estimate", "filter", "get", "head", "list", "lookup", "query",
    "scan", "search", "select", "simulate",
];

/// Operations that read in batches; other batches write.
const BATCHES: &[&str] = &[
    "batch_check_",
    "batch_describe_",
    "batch_get_",
    "batch_list_",
];

/// Operations that are named like reads and change something.
const NOT_READS: &[(&str, &str)] = &[
    ("cognito-identity", "get_id"),
    (
        "cognito-identity",
        "get_open_id_token_for_developer_identity",
    ),
    ("license-manager", "check_in_license"),
    ("stepfunctions", "get_activity_task"),
];

/// Returns whether the operation only reads. Unknown words count as changes.
pub(super) fn is_read(service: &str, operation: &str) -> bool {
    let verb = operation.split('_').next().unwrap_or_default();
    let reads = VERBS.contains(&verb) || BATCHES.iter().any(|batch| operation.starts_with(batch));
    reads && !NOT_READS.contains(&(service, operation))
}

#[cfg(test)]
mod tests {
    use super::is_read;

    #[test]
    fn reads_are_told_from_changes() {
        for read in [
            "describe_vpcs",
            "get_caller_identity",
            "batch_get_item",
            "query",
            "search_transit_gateway_routes",
        ] {
            assert!(is_read("any", read), "{read}");
        }
        for change in [
            "create_vpc",
            "batch_write_item",
            "getaway",
            "describer_make",
            "receive_message",
            "put_item",
        ] {
            assert!(!is_read("any", change), "{change}");
        }
        assert!(!is_read("stepfunctions", "get_activity_task"));
    }
}

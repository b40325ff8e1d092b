//! Who is asked about an effect in doubt.

/// Who is asked about an effect in doubt; nobody, where it is none of AWS's.
pub(super) fn asking(operation: &str) -> &'static str {
    match operation.split_once('.') {
        Some((service, _)) if models::outside::knows(service) => "",
        _ => ", asking AWS",
    }
}

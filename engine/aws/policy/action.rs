//! What IAM calls an operation.

/// Operations whose action has another name, or which need no right (empty).
///
/// From the "Actions defined by" pages of AWS's Service Authorization Reference.
const EXCEPTIONS: [(&str, &str, &str); 3] = [
    // Anybody may ask who they are.
    ("sts", "get_caller_identity", ""),
    // What publishes a batch is allowed by the right to publish.
    ("sns", "publish_batch", "sns:Publish"),
    ("sns", "confirm_subscription", "sns:ConfirmSubscription"),
];

/// Services whose actions begin with another word than their requests are signed for; from the same pages.
const PREFIXES: [(&str, &str); 3] = [
    ("monitoring", "cloudwatch"),
    ("email", "ses"),
    ("tagging", "tag"),
];

/// Returns the action, such as `ec2:CreateVpc`; none where no right is needed.
pub(super) fn of(service: &str, operation: &str) -> Option<String> {
    let exception = EXCEPTIONS
        .iter()
        .find(|(known, name, _)| (*known, *name) == (service, operation));
    match exception {
        Some((.., "")) => None,
        Some((.., action)) => Some((*action).to_owned()),
        None => Some(format!("{}:{}", prefix(service), name(service, operation))),
    }
}

fn prefix(service: &str) -> String {
    let signed = models::service(service).map_or_else(
        |_| service.to_owned(),
        |model| model.metadata.signing_name.clone(),
    );
    let other = PREFIXES.iter().find(|(name, _)| *name == signed);
    other.map_or(signed, |(_, prefix)| (*prefix).to_owned())
}

/// Returns the operation's name as AWS writes it: `CreateVpc`.
pub(super) fn name(service: &str, operation: &str) -> String {
    let model = models::service(service).ok();
    let found = model.and_then(|model| Some(model.operation(operation).ok()?.name.clone()));
    found.unwrap_or_else(|| operation.to_owned())
}

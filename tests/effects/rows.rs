//! A row of the table that no script makes has a reason.

use std::collections::BTreeSet;

use knowledge::ROWS;

use super::scripts::points;

const NO_SUCH_OPERATION: &str = "the emulator does not have it";

/// Rows that no script makes, and why.
const NOT_MADE: [(&str, &str); 14] = [
    ("ec2.monitor_instances", NO_SUCH_OPERATION),
    ("ec2.unmonitor_instances", NO_SUCH_OPERATION),
    ("ec2.reset_network_interface_attribute", NO_SUCH_OPERATION),
    ("ec2.reset_instance_attribute", NO_SUCH_OPERATION),
    ("ec2.reboot_instances", "unsafe, as `sns.publish`"),
    ("ec2.create_key_pair", "unsafe, as `sns.publish`"),
    ("opsworks.reboot_instance", "unsafe, as `sns.publish`"),
    ("opsworks.assign_instance", NO_SUCH_OPERATION),
    ("opsworks.unassign_instance", NO_SUCH_OPERATION),
    ("opsworks.set_load_based_auto_scaling", NO_SUCH_OPERATION),
    ("opsworks.set_time_based_auto_scaling", NO_SUCH_OPERATION),
    ("opsworks.update_my_user_profile", NO_SUCH_OPERATION),
    ("opsworks.tag_resource", NO_SUCH_OPERATION),
    ("opsworks.untag_resource", NO_SUCH_OPERATION),
];

#[test]
fn every_row_is_cut_off_in_flight_or_says_why_not() {
    let name = |service: &str, operation: &str| format!("{service}.{operation}");
    let made: BTreeSet<String> = points()
        .iter()
        .map(|point| name(point.row.service, point.row.operation))
        .collect();
    let excused: BTreeSet<String> = NOT_MADE.iter().map(|(row, _)| (*row).to_owned()).collect();
    let rows: BTreeSet<String> = ROWS
        .iter()
        .map(|row| name(row.service, row.operation))
        .collect();
    let both: Vec<_> = made.intersection(&excused).collect();
    assert!(both.is_empty(), "made, and said not to be: {both:?}");
    let covered: BTreeSet<String> = made.union(&excused).cloned().collect();
    let missing: Vec<_> = rows.difference(&covered).collect();
    let unknown: Vec<_> = covered.difference(&rows).collect();
    assert!(
        missing.is_empty() && unknown.is_empty(),
        "missing: {missing:?}; no rows: {unknown:?}"
    );
}

//! What an operator types and sees.

mod call;
mod cancel;
mod check;
mod decisions;
mod errors;
mod folders;
mod following;
mod help;
mod lock;
mod log_lines;
mod next;
mod output;
mod records;
mod reference;
mod reports;
mod resume;
mod settings;
mod stop;
mod version_1;

/// Waits until there is a VPC: another run of the account can make one.
const GATE: &str = r#"
import "aws/ec2" as ec2;

fn main(params) {
    let before = run::step("prepare", || 1);
    let there = run::wait_until("the gate opens", #{every: "10ms", timeout: "1h"}, || {
        let open = ec2::describe_vpcs(#{filters: [#{name: "cidr", values: ["10.9.0.0/16"]}]}).vpcs;
        if open.is_empty() { () } else { open.len() }
    });
    run::step("finish", || before + there)
}
"#;

/// Opens the gate.
const KEY: &str = r#"
import "aws/ec2" as ec2;

fn main(params) { ec2::create_vpc(#{cidr_block: "10.9.0.0/16"}).vpc.cidr_block }
"#;

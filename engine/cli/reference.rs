//! `runbook reference`

use crate::shared::Shared;
use base::exit::Exit;
use base::report::Reports;
use script::reference;
use script::reference::Page;

/// Print what scripts can call: namespaces, AWS operations and their fields, modules
///
/// Without a name, prints everything, one line each. With a name, prints the details: `run`, `run::step`, `ec2`,
/// `ec2::create_vpc`, `tags`, `tags::named`.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// A namespace, an AWS service, a module of the standard library, or a function of one
    name: Option<String>,
}

pub(super) fn reference(args: &Args, shared: &Shared) -> Result<Exit, Reports> {
    let pages: Vec<Page> = match &args.name {
        Some(name) => reference::look_up(name)?,
        None => reference::overview(),
    };
    ui::print(|out| ui::reference::write(out, shared.output(), &pages))?;
    Ok(Exit::Succeeded)
}

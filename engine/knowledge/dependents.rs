//! What is to be deleted, what depends on it, and how far AWS is with it.

/// The things that are to be deleted, of those kinds that others may depend on.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Deletions {
    pub vpcs: Vec<String>,
    pub subnets: Vec<String>,
    pub groups: Vec<String>,
    pub instances: Vec<String>,
    pub addresses: Vec<String>,
    pub stacks: Vec<String>,
    /// OpsWorks is asked only if the run has used it: it is closed to most.
    pub uses_opsworks: bool,
}

/// Something that depends on what is to be deleted.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Dependent {
    pub noun: &'static str,
    pub id: String,
    pub name: Option<String>,
    /// The run that its tag names.
    pub run: Option<String>,
    /// What it depends on.
    pub within: String,
    /// AWS made it, and takes it away with that.
    pub is_part: bool,
    /// It only leads traffic there, and stays as it is.
    pub is_led: bool,
    /// With one of these it goes too.
    pub with: Vec<String>,
}

/// How something stands that AWS needs time for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct State {
    pub id: String,
    pub state: String,
    /// What goes with it: the EC2 instance of an OpsWorks one, the interfaces of a gateway.
    pub along: Vec<String>,
}

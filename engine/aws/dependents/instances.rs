//! How things of EC2 stand that it needs time to take away.

use aws_sdk_ec2::Client;
use aws_sdk_ec2::types::{Instance, NatGateway, Reservation, VpcEndpoint};

use crate::look_up::{Doubt, LookUpError, all, filter};
use knowledge::{Rest, State};

pub(super) async fn states(
    client: &Client,
    kind: Rest,
    ids: &[String],
    doubt: Doubt<'_>,
) -> Result<Vec<State>, LookUpError> {
    let ids: Vec<&str> = ids.iter().map(String::as_str).collect();
    match kind {
        Rest::Instance => {
            let request = client.describe_instances();
            let request = request.filters(filter("instance-id", &ids));
            let reservations = all!(request, doubt)?;
            let instances = reservations.iter().flat_map(Reservation::instances);
            Ok(instances.map(instance).collect())
        }
        Rest::NatGateway => {
            let request = client.describe_nat_gateways();
            let request = request.filter(filter("nat-gateway-id", &ids));
            Ok(all!(request, doubt)?.iter().map(gateway).collect())
        }
        Rest::VpcEndpoint => {
            let request = client.describe_vpc_endpoints();
            let request = request.filters(filter("vpc-endpoint-id", &ids));
            let endpoints = all!(request, doubt)?;
            let states = endpoints.iter().map(endpoint);
            Ok(states.filter(|one| one.state != "deleted").collect())
        }
        Rest::Machine => Ok(Vec::new()),
    }
}

fn instance(instance: &Instance) -> State {
    let state = instance.state().and_then(|state| state.name());
    State {
        id: instance.instance_id().unwrap_or_default().to_owned(),
        state: state
            .map(|name| name.as_str().to_owned())
            .unwrap_or_default(),
        along: Vec::new(),
    }
}

fn gateway(gateway: &NatGateway) -> State {
    let state = gateway.state().map(|state| state.as_str().to_owned());
    let addresses = gateway.nat_gateway_addresses().iter();
    let interfaces = addresses.filter_map(|one| one.network_interface_id.clone());
    State {
        id: gateway.nat_gateway_id().unwrap_or_default().to_owned(),
        state: state.unwrap_or_default(),
        along: interfaces.collect(),
    }
}

fn endpoint(endpoint: &VpcEndpoint) -> State {
    let state = endpoint.state().map(|state| state.as_str().to_lowercase());
    State {
        id: endpoint.vpc_endpoint_id().unwrap_or_default().to_owned(),
        state: state.unwrap_or_default(),
        along: endpoint.network_interface_ids().to_vec(),
    }
}

#!/usr/bin/env bash
# What each NAT instance ran from cron before the heartbeat: one ping that decides both ways. Only a measure of what a tick
# cost then; its defects are left as they were, but for the deadline, which today's ping wants without a unit.
set -u

: "${ENABLED:=1}" "${INSTANCE_ID:?}" "${OPPOSITE_PRIMARY_NAT_ID:?}" "${OPPOSITE_RTB:?}"
: "${TARGET_VIA_CHECKING_NAT:?}" "${TARGET_VIA_INETGW:?}" "${SNS_TOPIC:=}"

log() {
  printf '%(%F %T)T %s\n' -1 "$*"
}

# Points the table's way out at an instance and tells whoever wants to know, whatever came of it.
switch_to() {
  aws ec2 replace-route --route-table-id "$OPPOSITE_RTB" --destination-cidr-block 0.0.0.0/0 --instance-id "$1"
  if [[ -n $SNS_TOPIC ]]; then
    aws sns publish --topic-arn "$SNS_TOPIC" --subject "$2" --message "$OPPOSITE_RTB -> $1"
  fi
}

if [[ $ENABLED != 1 ]]; then
  exit 0
fi

log "pinging to $TARGET_VIA_INETGW via Internet Gateway..."
if ! ping -c 1 -w 2 "$TARGET_VIA_INETGW" >/dev/null; then
  log "FAILED: could NOT ping $TARGET_VIA_INETGW via Internet Gateway"
  exit 1
fi
log "SUCCESS: could ping $TARGET_VIA_INETGW via Internet Gateway"

current=$(aws ec2 describe-route-tables --route-table-ids "$OPPOSITE_RTB" --output text \
  --query 'RouteTables[0].Routes[?DestinationCidrBlock==`0.0.0.0/0`].InstanceId')
log "current NAT instance of $OPPOSITE_RTB is $current"

log "pinging to $TARGET_VIA_CHECKING_NAT via NAT instance in opposite zone..."
if ping -c 1 -w 2 "$TARGET_VIA_CHECKING_NAT" >/dev/null; then
  log "SUCCESS: could ping $TARGET_VIA_CHECKING_NAT via NAT instance in opposite zone."
  if [[ $current == "$INSTANCE_ID" ]]; then
    log "reverting route to primary(opposite) NAT instance."
    switch_to "$OPPOSITE_PRIMARY_NAT_ID" "NAT reverted"
  fi
else
  log "FAILED: could NOT ping $TARGET_VIA_CHECKING_NAT via NAT instance in opposite zone."
  if [[ $current == "$OPPOSITE_PRIMARY_NAT_ID" ]]; then
    log "switching route to secondary(this) NAT instance."
    switch_to "$INSTANCE_ID" "NAT switched"
  else
    log "continue to use secondary(this) NAT instance"
  fi
fi
log "the script has done."

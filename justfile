# Short names for the commands of CONTRIBUTING.md. Nothing needs `just`.

# Lists these names
default:
    @{{ just_executable() }} --list --unsorted

# Runs every check that a commit must pass
ci:
    .ci/run

# Lints, without a test
check:
    cargo fmt --check
    cargo clippy --locked --all-targets -- -D warnings

# Runs the tests whose names contain NAME, or all of them
test NAME="":
    cargo test --locked {{ NAME }}

# Runs both matrices whole: each kill and each fault, of the build and of a replacement
matrix:
    #!/usr/bin/env bash
    set -euo pipefail
    cargo build --locked --release
    prove() {
      target/release/runbook rehearse "$@" --mixes 100 --site runbooks/sites/example.toml \
        --set interval_poll=20ms --set interval_routes=20ms --set interval_console=20ms
    }
    for how in --crash-everywhere --faults; do
      prove runbooks/build.rhai "$how"
      prove runbooks/replace-nat.rhai "$how" --after runbooks/build.rhai \
        --set zone=ap-northeast-1a --set force=true --set linger=1ms
    done

# Measures: `effect`, `many`, `heartbeat` (as root), or all three
bench NAME="*":
    cargo bench --locked --bench '{{ NAME }}'

# Brings THIRD-PARTY.md up to date after a change of Cargo.lock
notices:
    .ci/third-party > THIRD-PARTY.md

# Fails if a crate has a published advisory; needs `cargo install --locked cargo-deny` and the network
advisories:
    cargo deny check advisories

# Every check of this repository, one recipe each; `.ci/run` installs what they need and runs `just ci`.
# `just --list` shows them. A recipe that cannot run fails.

# All checks, the fast ones first.
ci: format semver licences clippy docs test stack test-external add-it panels compose-and-builds

# The containers mostly wait: what only compiles runs beside them, with what they leave of the processor.
compose-and-builds: backends
    #!/usr/bin/env bash
    log="$(mktemp)"
    nice --adjustment 19 just --timestamp features msrv fuzz kubernetes applications peers >"$log" 2>&1 &
    just --timestamp compose
    containers=$?
    wait $!
    builds=$?
    cat "$log"
    rm "$log"
    exit $((containers | builds))

# Rust's formatting.
format:
    cargo fmt --all --check

# The public API of the crates for others, against the last tag `v*`; says so where there is none.
semver:
    scripts/semver-check.sh

# Licences, sources and duplicates of all dependencies, as deny.toml allows them.
licences:
    cargo deny --all-features --locked check licenses bans sources

# Known vulnerabilities of all dependencies. Needs the network: not a part of `ci`.
advisories:
    cargo deny --all-features --locked check advisories

# Lints; a warning is an error.
clippy:
    cargo clippy --workspace --all-targets --all-features --locked -- -D warnings

# Each feature of the crates for copying compiles alone; a warning is an error.
features:
    for features in "" gzip otlp-http process tls-ring tls-aws-lc otlp-http,tls-ring; do \
      cargo clippy -p tonic-telemetry --no-default-features --features "$features" --locked -- -D warnings || exit 1; \
    done
    for features in "" client dns-server server tls client,tls server,tls authenticate inject-fault; do \
      cargo clippy -p tonic-resilience --no-default-features --features "$features" --locked -- -D warnings || exit 1; \
    done
    for features in "" postgres sqlite; do \
      cargo clippy -p tonic-telemetry-sqlx --no-default-features --features "$features" --locked -- -D warnings || exit 1; \
    done

# The crates for others compile with the Rust that their manifests ask for, and the lock file as it is; the one for
# sqlx, which is as new as sqlx, by clippy alone. Where that
# toolchain cannot be had (`rustup toolchain install 1.88.0 --profile minimal`), clippy says what is too new.
msrv:
    #!/usr/bin/env bash
    set -euo pipefail
    crates=(-p grpc-wire -p listener -p prom-text -p tonic-resilience -p tonic-stack -p tonic-telemetry)
    if rustup run 1.88.0 rustc --version; then
      CARGO_TARGET_DIR="${CARGO_TARGET_DIR:-target}/msrv" rustup run 1.88.0 \
        cargo check --locked --all-features "${crates[@]}"
    else
      cargo clippy --locked --all-features "${crates[@]}" -- -D clippy::incompatible_msrv
    fi

# The fuzz targets compile, with the versions of the workspace. To run them takes a nightly compiler:
# `cargo +nightly fuzz run --dev page` in `crates/prom-text`.
fuzz:
    for crate in backends grpc-wire prom-text tonic-telemetry; do \
      cp Cargo.lock "crates/$crate/fuzz/" && \
      CARGO_TARGET_DIR="${CARGO_TARGET_DIR:-target}" cargo check --manifest-path "crates/$crate/fuzz/Cargo.toml" || exit 1; \
    done

# The documentation of all crates; a broken link is an error.
docs:
    RUSTDOCFLAGS="-D warnings" cargo doc --workspace --no-deps --locked

# Tests that need Rust alone.
test:
    cargo test --workspace --locked

# The chain in Go beside the one in Rust, once: that both still make the spans of each call. No figures.
peers:
    cargo run --locked -p bench -- --variants sampled,go-plain,go-full --rounds 1 --seconds 1 --load 4

# The instructions of a call, counted by valgrind, against the limits in bench/src/instructions.rs. Not a part of
# `ci`: it builds everything once more, optimized, and is a job of its own in .github/workflows/ci.yml.
instructions:
    cargo run --profile guard --locked -p bench -- instructions

# Measures everything on docs/performance.md again, and writes its tables and plots: half an hour on an idle
# machine. Not a part of `ci`.
figures:
    scripts/figures.py

# The real Prometheus 3, Jaeger 2, etcd 3.7 and Kafka, once: minutes, Go, and Maven.
backends:
    scripts/real-backends.sh

# Prometheus' configuration, rules and rule tests; Grafana's dashboards; the compose file.
stack: backends
    scripts/check-stack.sh

# Every object of kubernetes/ on a real API server.
kubernetes:
    scripts/check-kubernetes.sh

# The tests with Chromium, etcd, Kafka, Node, PostgreSQL, Prometheus and Python, and beside the real Prometheus 3 and Jaeger 2.
test-external: backends
    scripts/external-tests.sh

# docs/add-it.md, played with the crates as they would be published.
add-it:
    scripts/add-it-test.sh

# The applications of others, each built alone with what it uses beside the crates.
applications:
    scripts/applications-test.sh

# Every panel, rule and exemplar with a real Prometheus 3.
panels: backends
    scripts/panels-test.sh

# The image and the compose file on a real Docker engine, with the real backends. Needs root.
compose: backends
    scripts/compose-test.sh

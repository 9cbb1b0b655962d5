# One image, one program: `tracewalk gateway`, `tracewalk user`, `tracewalk profile` and the client.
# It needs no network but the crate registry, and no protoc: the contracts compile in Rust. The feature
# `kafka` lets `docker compose --profile kafka` send events through a broker.

FROM rust:1.95.0-slim-trixie AS rust
WORKDIR /src

# The skeleton of the workspace: its manifests, and an empty program for every target. It stays the
# same while only code changes, and with it the layer of compiled dependencies below.
FROM rust AS skeleton
COPY . .
RUN find . -type f ! -name Cargo.toml ! -name Cargo.lock ! -name build.rs \
        ! -path '*/src/lib.rs' ! -path '*/src/main.rs' ! -path '*/benches/*.rs' \
        ! -path '*/tests/*.rs' -delete \
    && find . -type d -empty -delete \
    && find . -name '*.rs' -exec sh -c 'echo "fn main() { }" > "$1"' _ {} \;

FROM rust AS build
COPY --from=skeleton /src .
RUN cargo build --release --locked --features tracewalk/kafka --bin tracewalk
COPY . .
# Cargo compares times, and a source file may be older than the empty program it replaces.
RUN find . -name '*.rs' -not -path './target/*' -exec touch {} + \
    && cargo build --release --locked --features tracewalk/kafka --bin tracewalk

# What the final image holds: the program, its licences, and the few shared libraries that it asks
# for, from the same Debian that compiled it, so the C library always fits.
RUN mkdir -p /image/licenses \
    && cp target/release/tracewalk /image/ \
    && find . -maxdepth 1 -name 'LICENSE*' -exec cp {} /image/licenses/ \; \
    && ldd /image/tracewalk | grep -o '/[^ ]*' | xargs -I{} cp --parents --dereference {} /image \
    && cp --parents /etc/nsswitch.conf /image

FROM scratch
COPY --from=build /image /
# Nobody: a user without a name, a home or a shell.
USER 65532:65532
ENV PATH=/
# The gateway's port; docker-compose.yml gives each service its own.
HEALTHCHECK --interval=5s --timeout=3s CMD ["tracewalk", "health", "127.0.0.1:50051"]
ENTRYPOINT ["tracewalk"]
CMD ["gateway"]

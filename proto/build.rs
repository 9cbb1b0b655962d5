//! Generates the clients and servers in pure Rust: no `protoc` to install.

use std::{env, error::Error, fs, path::PathBuf};

use prost::Message as _;

const FILES: [&str; 3] = [
    "tracewalk/gateway/v1/gateway.proto",
    "tracewalk/user/v1/user.proto",
    "tracewalk/profile/v1/profile.proto",
];

fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo::rerun-if-changed=tracewalk");
    let descriptors = protox::Compiler::new(["."])?
        .include_imports(true)
        // Comments travel in the source info: they become the docs of the generated types.
        .include_source_info(true)
        .open_files(FILES)?
        .file_descriptor_set();
    let out = PathBuf::from(env::var("OUT_DIR")?);
    fs::write(out.join("tracewalk.binpb"), descriptors.encode_to_vec())?;
    tonic_prost_build::configure().compile_fds(descriptors)?;
    Ok(())
}

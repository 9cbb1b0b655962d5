//! Generates the clients of etcd's API in pure Rust: no `protoc` to install.

use std::error::Error;

fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo::rerun-if-changed=proto");
    let descriptors = protox::Compiler::new(["proto"])?
        // Comments travel in the source info: they become the docs of the generated types.
        .include_source_info(true)
        .open_file("etcdserverpb/rpc.proto")?
        .file_descriptor_set();
    tonic_prost_build::configure()
        .build_server(false)
        .compile_fds(descriptors)?;
    Ok(())
}

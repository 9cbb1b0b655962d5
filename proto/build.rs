//! Generates the clients and servers in pure Rust: no `protoc` to install.

use std::{env, error::Error, fs, path::PathBuf};

use prost::Message as _;

const SERVICES: [(&str, &str); 3] = [
    ("gateway", "tracewalk/gateway/v1/gateway.proto"),
    ("user", "tracewalk/user/v1/user.proto"),
    ("profile", "tracewalk/profile/v1/profile.proto"),
];

fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo::rerun-if-changed=tracewalk");
    let out = PathBuf::from(env::var("OUT_DIR")?);
    for (service, file) in SERVICES {
        // Without the files that it imports: the methods of this service alone.
        let own = protox::Compiler::new(["."])?
            .open_file(file)?
            .file_descriptor_set();
        fs::write(out.join(format!("{service}.binpb")), own.encode_to_vec())?;
    }
    let descriptors = protox::Compiler::new(["."])?
        .include_imports(true)
        // Comments travel in the source info: they become the docs of the generated types.
        .include_source_info(true)
        .open_files(SERVICES.map(|(_, file)| file))?
        .file_descriptor_set();
    fs::write(out.join("tracewalk.binpb"), descriptors.encode_to_vec())?;
    tonic_prost_build::configure().compile_fds(descriptors)?;
    Ok(())
}

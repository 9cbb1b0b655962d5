use std::{env, error::Error, fs, path::Path};

use prost::Message as _;

fn main() -> Result<(), Box<dyn Error>> {
    let contract = protox::compile(["proto/shop.proto"], ["proto"])?;
    let descriptor = Path::new(&env::var("OUT_DIR")?).join("shop.binpb");
    fs::write(descriptor, contract.encode_to_vec())?;
    tonic_prost_build::configure().compile_fds(contract)?;
    Ok(())
}

use std::{env, error::Error, fs};

use prost::Message as _;

fn main() -> Result<(), Box<dyn Error>> {
    let contract = protox::compile(["proto/shop.proto"], ["proto"])?;
    let set = env::var("OUT_DIR")? + "/shop.bin";
    fs::write(set, contract.encode_to_vec())?;
    tonic_prost_build::configure().compile_fds(contract)?;
    Ok(())
}

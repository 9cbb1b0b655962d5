use std::error::Error;

fn main() -> Result<(), Box<dyn Error>> {
    let contract = protox::compile(["proto/route_guide.proto"], ["proto"])?;
    tonic_prost_build::configure().compile_fds(contract)?;
    Ok(())
}

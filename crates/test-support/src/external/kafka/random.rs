use std::{
    fs::File,
    io::Read as _,
    net::{Ipv4Addr, TcpListener},
    path::Path,
};

/// A free port below those that the system gives to clients: a client that tries to connect while
/// the broker is away cannot be given the broker's port.
pub(super) fn fixed_port() -> u16 {
    let seed = u16::from_be_bytes([random()[0], random()[1]]) % 10_000;
    let ports = (0..10_000).map(|step| 20_000 + (seed + step) % 10_000);
    let free = |port: &u16| TcpListener::bind((Ipv4Addr::LOCALHOST, *port)).is_ok();
    ports.into_iter().find(free).expect("a free port")
}

/// An id as Kafka writes it: 22 characters of URL-safe base64.
pub(super) fn random_uuid() -> String {
    use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
    // The first bit decides over a leading dash, which would look like a flag.
    let mut bytes = random();
    bytes[0] &= 0x7f;
    URL_SAFE_NO_PAD.encode(bytes)
}

fn random() -> [u8; 16] {
    let mut bytes = [0; 16];
    let source = File::open(Path::new("/dev/urandom"));
    let read = source.and_then(|mut it| it.read_exact(&mut bytes));
    read.expect("random bytes");
    bytes
}

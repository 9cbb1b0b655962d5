use std::{
    future::{Ready, ready},
    io,
};

use tokio::net::TcpStream;

use crate::Addresses;

/// Plain TCP, and the same handler for each connection: for [`serve`](crate::serve).
pub fn plain<H: Clone>(
    handler: H,
) -> impl Fn(TcpStream, Addresses) -> Ready<io::Result<(TcpStream, H)>> {
    move |stream, _| ready(Ok((stream, handler.clone())))
}

//! A DNS server that answers as Consul does, on a real socket for UDP and one for TCP.
//!
//! Services are asked for as A, as AAAA (there are none) and as SRV, whose targets are the address in
//! hexadecimal, with its A record and a TXT record in the additional section. TTLs are 0. A name
//! without a healthy server does not exist. Over UDP an answer has what fits, and is marked as truncated
//! only with `enable_truncate`.

use std::{
    io,
    net::SocketAddr,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use hickory_resolver::proto::op::Message;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream, UdpSocket},
};
use tokio_util::task::AbortOnDropHandle;

use super::answers::{Answers, Node};
use crate::client::target::Target;

pub(super) struct Consul {
    pub(super) address: SocketAddr,
    answers: Arc<Mutex<Answers>>,
    _tasks: [AbortOnDropHandle<()>; 2],
}

impl Consul {
    pub(super) async fn start(nodes: &[Node]) -> Self {
        let (udp, tcp) = sockets().await;
        let address = udp.local_addr().expect("a bound socket");
        let answers = Arc::new(Mutex::new(Answers::of(nodes)));
        let over_udp = tokio::spawn(serve_udp(udp, Arc::clone(&answers)));
        let over_tcp = tokio::spawn(serve_tcp(tcp, Arc::clone(&answers)));
        Self {
            address,
            answers,
            _tasks: [over_udp, over_tcp].map(AbortOnDropHandle::new),
        }
    }

    /// What it says from now on.
    pub(super) fn answers(&self) -> MutexGuard<'_, Answers> {
        lock(&self.answers)
    }

    /// A target that asks this DNS server.
    pub(super) fn target(&self, name: &str) -> Target {
        let text = format!("dns://{}/{name}", self.address);
        text.parse().expect("a target")
    }
}

fn lock(answers: &Mutex<Answers>) -> MutexGuard<'_, Answers> {
    answers.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Both at the same port, which may be taken for one of them.
async fn sockets() -> (UdpSocket, TcpListener) {
    loop {
        let udp = UdpSocket::bind("127.0.0.1:0").await.expect("a free port");
        let address = udp.local_addr().expect("a bound socket");
        if let Ok(tcp) = TcpListener::bind(address).await {
            return (udp, tcp);
        }
    }
}

async fn serve_udp(socket: UdpSocket, answers: Arc<Mutex<Answers>>) {
    let mut buffer = [0; 4096];
    loop {
        let received = socket.recv_from(&mut buffer).await;
        let (length, peer) = received.expect("a question");
        let asked = Message::from_vec(&buffer[..length]).expect("a question");
        let reply = lock(&answers).over_udp(&asked);
        // Who asked may be gone.
        let _sent = socket.send_to(&encoded(&reply), peer).await;
    }
}

async fn serve_tcp(listener: TcpListener, answers: Arc<Mutex<Answers>>) {
    loop {
        let (stream, _) = listener.accept().await.expect("a connection");
        let refused = {
            let mut answers = lock(&answers);
            let refused = answers.tcp_refused > 0;
            answers.tcp_refused = match answers.tcp_refused {
                usize::MAX => usize::MAX,
                left => left.saturating_sub(1),
            };
            refused
        };
        if !refused {
            tokio::spawn(serve_connection(stream, Arc::clone(&answers)));
        }
    }
}

/// Ends with an error when the other side closes.
async fn serve_connection(mut stream: TcpStream, answers: Arc<Mutex<Answers>>) -> io::Result<()> {
    loop {
        let length = stream.read_u16().await?;
        let mut asked = vec![0; length.into()];
        stream.read_exact(&mut asked).await?;
        let asked = Message::from_vec(&asked).expect("a question");
        let reply = encoded(&lock(&answers).reply(&asked));
        let length = u16::try_from(reply.len()).expect("it fits");
        stream.write_all(&length.to_be_bytes()).await?;
        stream.write_all(&reply).await?;
    }
}

fn encoded(message: &Message) -> Vec<u8> {
    message.to_vec().expect("an answer")
}

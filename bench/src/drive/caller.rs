//! One caller of many: its clones share connections and counts.

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use anyhow::Context as _;
use hdrhistogram::Histogram;
use proto::user::v1::{GetUserRequest, WatchUserRequest, user_service_client::UserServiceClient};
use tokio::time::{Instant, sleep};
use tonic::transport::{Channel, Endpoint};

#[derive(Clone)]
pub(super) struct Caller {
    /// One for each connection.
    clients: Arc<[UserServiceClient<Channel>]>,
    pub(super) messages: Option<u32>,
    pub(super) latencies: Arc<Mutex<Histogram<u64>>>,
}

impl Caller {
    pub(super) async fn connect(address: &str, connections: usize) -> anyhow::Result<Self> {
        let mut clients = Vec::new();
        for _ in 0..connections {
            let channel = Endpoint::from_shared(format!("http://{address}"))?
                .tcp_nodelay(true)
                .connect()
                .await
                .context("cannot connect to the first hop")?;
            clients.push(UserServiceClient::new(channel));
        }
        Ok(Self {
            clients: clients.into(),
            messages: None,
            latencies: Arc::new(Mutex::new(Histogram::new(3)?)),
        })
    }

    pub(super) async fn until_answered(&mut self, number: u32) -> anyhow::Result<()> {
        let end = Instant::now() + Duration::from_secs(30);
        loop {
            let answered = self.call(number).await;
            if answered.is_ok() || Instant::now() > end {
                return answered;
            }
            sleep(Duration::from_millis(100)).await;
        }
    }

    pub(super) async fn call(&mut self, number: u32) -> anyhow::Result<()> {
        let user_id = (number % 1000 + 1).to_string();
        let mut client = self.clients[number as usize % self.clients.len()].clone();
        let begin = Instant::now();
        match self.messages {
            None => {
                let answer = client.get_user(GetUserRequest { user_id }).await;
                answer.context("a call failed")?;
            }
            Some(messages) => watch(&mut client, user_id, messages).await?,
        }
        let micros = begin.elapsed().as_micros();
        let mut latencies = self.latencies.lock().expect("no caller panics");
        latencies.record(u64::try_from(micros).unwrap_or(u64::MAX))?;
        Ok(())
    }
}

async fn watch(
    client: &mut UserServiceClient<Channel>,
    user_id: String,
    updates: u32,
) -> anyhow::Result<()> {
    let request = WatchUserRequest {
        user_id,
        updates,
        interval: None,
    };
    let answers = client.watch_user(request).await.context("a call failed")?;
    let mut answers = answers.into_inner();
    let mut received = 0;
    while answers
        .message()
        .await
        .context("a stream failed")?
        .is_some()
    {
        received += 1;
    }
    anyhow::ensure!(received == updates, "{received} of {updates} messages came");
    Ok(())
}

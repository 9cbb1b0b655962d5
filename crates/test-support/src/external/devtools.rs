//! The Chrome `DevTools` protocol: commands with an answer each, and events.

use std::{
    collections::HashMap,
    sync::{
        Arc, Mutex,
        atomic::{AtomicU64, Ordering},
    },
};

use futures_util::{SinkExt, StreamExt, stream::SplitSink};
use serde_json::{Value as Json, json};
use tokio::{net::TcpStream, sync::oneshot, time::timeout};
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async, tungstenite::Message};

use crate::DEADLINE;

type Socket = WebSocketStream<MaybeTlsStream<TcpStream>>;

/// A connection to a browser.
#[derive(Clone, Debug)]
pub(super) struct DevTools {
    outgoing: Arc<tokio::sync::Mutex<SplitSink<Socket, Message>>>,
    waiting: Arc<Mutex<HashMap<u64, oneshot::Sender<Json>>>>,
    events: Arc<Mutex<Vec<Json>>>,
    next: Arc<AtomicU64>,
}

impl DevTools {
    pub(super) async fn connect(url: &str) -> Self {
        let (socket, _) = connect_async(url)
            .await
            .expect("the browser accepts connections");
        let (outgoing, mut incoming) = socket.split();
        let tools = Self {
            outgoing: Arc::new(tokio::sync::Mutex::new(outgoing)),
            waiting: Arc::default(),
            events: Arc::default(),
            next: Arc::default(),
        };
        let reader = tools.clone();
        tokio::spawn(async move {
            while let Some(Ok(message)) = incoming.next().await {
                if let Message::Text(text) = message {
                    reader.take(serde_json::from_str(&text).expect("the browser speaks JSON"));
                }
            }
        });
        tools
    }

    /// Sends one command and waits for its result; `session` names the page, if it is for one.
    pub(super) async fn command(
        &self,
        session: Option<&str>,
        method: &str,
        parameters: Json,
    ) -> Json {
        let result = self.try_command(session, method, parameters).await;
        result.unwrap_or_else(|error| panic!("{method}: {error}"))
    }

    /// The same, for what the browser may refuse.
    pub(super) async fn try_command(
        &self,
        session: Option<&str>,
        method: &str,
        parameters: Json,
    ) -> Result<Json, Json> {
        let id = self.next.fetch_add(1, Ordering::Relaxed);
        let (answered, answer) = oneshot::channel();
        self.waiting
            .lock()
            .expect("no test panics here")
            .insert(id, answered);
        let mut command = json!({ "id": id, "method": method, "params": parameters });
        if let Some(session) = session {
            command["sessionId"] = session.into();
        }
        let message = Message::text(command.to_string());
        let sent = self.outgoing.lock().await.send(message).await;
        sent.expect("the browser runs");
        let answer = timeout(DEADLINE, answer).await;
        let mut answer = answer
            .expect("the browser answers")
            .expect("the browser runs");
        match answer["error"].take() {
            Json::Null => Ok(answer["result"].take()),
            error => Err(error),
        }
    }

    /// The events of a page so far, the oldest first.
    pub(super) fn events(&self, session: &str) -> Vec<Json> {
        let events = self.events.lock().expect("no test panics here");
        events
            .iter()
            .filter(|event| event["sessionId"] == session)
            .cloned()
            .collect()
    }

    fn take(&self, message: Json) {
        match message["id"].as_u64() {
            Some(id) => {
                let waiting = self
                    .waiting
                    .lock()
                    .expect("no test panics here")
                    .remove(&id);
                if let Some(waiting) = waiting {
                    // Nobody waits for an answer that came too late.
                    let _ = waiting.send(message);
                }
            }
            None => self
                .events
                .lock()
                .expect("no test panics here")
                .push(message),
        }
    }
}

use std::sync::{Arc, Mutex};

use axum::{Router, http::StatusCode, routing::get};
use tokio::{net::TcpListener, task::JoinHandle};

/// A target that serves the page that a test sets; it ends when it is dropped.
pub(crate) struct Page {
    pub(crate) address: String,
    answer: Arc<Mutex<(StatusCode, String)>>,
    server: JoinHandle<()>,
}

impl Page {
    pub(crate) async fn with(text: &str) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let answer = Arc::new(Mutex::new((StatusCode::OK, text.to_owned())));
        let shown = Arc::clone(&answer);
        let show = move || {
            let shown = shown.lock().expect("nobody panics with it").clone();
            async { shown }
        };
        let address = listener
            .local_addr()
            .expect("a bound listener has an address")
            .to_string();
        let router = Router::new().route("/metrics", get(show));
        let server =
            tokio::spawn(async { axum::serve(listener, router).await.expect("it serves") });
        Self {
            address,
            answer,
            server,
        }
    }

    /// Shows another page from now on.
    pub(crate) fn show(&self, text: &str) {
        text.clone_into(&mut self.answer.lock().expect("nobody panics with it").1);
    }

    /// Answers with another status from now on.
    pub(crate) fn answer_with(&self, status: StatusCode) {
        self.answer.lock().expect("nobody panics with it").0 = status;
    }
}

impl Drop for Page {
    fn drop(&mut self) {
        self.server.abort();
    }
}

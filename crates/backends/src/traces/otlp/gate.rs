use std::sync::Arc;

use tokio::sync::watch;

/// Whether exports are taken. While it is closed they get no answer, as from a collector that hangs.
///
/// Clones are the same gate; a new one is open.
#[derive(Clone, Debug)]
pub struct Gate {
    is_open: Arc<watch::Sender<bool>>,
}

impl Gate {
    /// Opens or closes it.
    pub fn set_open(&self, is_open: bool) {
        self.is_open.send_replace(is_open);
    }

    /// Waits until it is open.
    pub(super) async fn opened(&self) {
        let mut is_open = self.is_open.subscribe();
        let opened = is_open.wait_for(|is_open| *is_open).await;
        opened.expect("the sender lives as long as self");
    }
}

impl Default for Gate {
    fn default() -> Self {
        Self {
            is_open: Arc::new(watch::Sender::new(true)),
        }
    }
}

use std::{collections::HashMap, sync::Arc};

use tokio_util::task::AbortOnDropHandle;

use super::{
    connect::Connect, discovery::Found, endpoint::Endpoint, health, members::Members, pool::Pool,
};
use crate::client::target::Authority;

/// Updates the members after each lookup, for ever, and watches the health of each of them.
pub(super) async fn update(members: Members, mut found: Found, connect: Connect, max_calls: usize) {
    let mut watched: HashMap<Authority, (Arc<Endpoint>, AbortOnDropHandle<()>)> = HashMap::new();
    loop {
        let listed = found.members.borrow_and_update().clone();
        if let Some(listed) = listed {
            watched.retain(|authority, _| listed.contains(authority));
            for authority in &listed {
                watched.entry(authority.clone()).or_insert_with(|| {
                    let pool = Pool::new(authority.clone(), connect.clone(), max_calls);
                    let endpoint = Arc::new(Endpoint::new(pool));
                    let watch = watch(Arc::clone(&endpoint), members.clone());
                    (endpoint, AbortOnDropHandle::new(tokio::spawn(watch)))
                });
            }
            let endpoints = listed
                .iter()
                .map(|authority| Arc::clone(&watched[authority].0));
            members.replace(endpoints.collect());
        }
        if found.members.changed().await.is_err() {
            // A list that never changes again still needs its watches.
            std::future::pending::<()>().await;
        }
    }
}

async fn watch(endpoint: Arc<Endpoint>, members: Members) {
    tokio::join!(
        health::watch(Arc::clone(&endpoint), members),
        endpoint.close_unused(),
    );
}

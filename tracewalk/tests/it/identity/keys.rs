//! The key file of the gateway while it serves: replaced, damaged, gone.

use std::fs;

use dev_identity::TokenFolder;
use serde_json::Value;
use tonic::Code;

use super::chain::Chain;
use crate::support::until;

#[tokio::test]
async fn a_new_key_is_believed_beside_the_old_one_until_that_is_taken_out() {
    let chain = Chain::start().await;
    let old = format!("Bearer {}", chain.token("users:write"));
    let replaced = TokenFolder::replace_key(&chain.auth()).expect("its own files");
    let new = format!("Bearer {}", chain.token("users:write"));
    write_ends(&chain, &new, Code::Ok).await;
    assert_eq!(chain.write(Some(&old)).await, Code::Ok);

    let keys = fs::read_to_string(replaced.keys()).unwrap();
    let mut keys: Value = serde_json::from_str(&keys).unwrap();
    let of_new = |key: &Value| key["kid"] == replaced.key().id();
    keys["keys"].as_array_mut().unwrap().retain(of_new);
    fs::write(replaced.keys(), keys.to_string()).unwrap();
    write_ends(&chain, &old, Code::Unauthenticated).await;
    assert_eq!(chain.write(Some(&new)).await, Code::Ok);
}

#[tokio::test]
async fn a_wrong_key_file_is_said_once_and_the_old_keys_stay() {
    let chain = Chain::start().await;
    let good = format!("Bearer {}", chain.token("users:write"));
    let file = chain.auth().join("keys.json");
    let before = fs::read(&file).unwrap();
    let half = &before[..before.len() / 2];
    for (count, wrong) in (1..).zip([b"", half, b"{\"keys\":[]}"]) {
        fs::write(&file, wrong).unwrap();
        said(&chain, "new files refused", count).await;
        assert_eq!(chain.write(Some(&good)).await, Code::Ok);
    }
    fs::remove_file(&file).unwrap();
    fs::create_dir(&file).unwrap();
    said(&chain, "files cannot be read", 1).await;
    assert_eq!(chain.write(Some(&good)).await, Code::Ok);
    fs::remove_dir(&file).unwrap();
    fs::write(&file, &before).unwrap();
    said(&chain, "files reloaded", 1).await;
    assert_eq!(chain.write(Some(&good)).await, Code::Ok);
}

async fn write_ends(chain: &Chain, authorization: &str, code: Code) {
    until(&format!("a write ends with {code:?}"), async || {
        (chain.write(Some(authorization)).await == code).then_some(())
    })
    .await;
}

async fn said(chain: &Chain, text: &str, times: usize) {
    until(&format!("`{text}` is said {times} times"), async || {
        let lines = chain.gateway.lines();
        let said = lines.iter().filter(|line| line.contains(text)).count();
        (said == times).then_some(())
    })
    .await;
}

//! The checks of `support`, with a file of SQLite.

mod support;

use std::fs;

use database::{DatabaseUrl, OpenError};
use rstest::rstest;
use tempfile::TempDir;

fn folder() -> TempDir {
    tempfile::tempdir().expect("a temporary folder")
}

fn file_in(folder: &TempDir) -> DatabaseUrl {
    let path = folder.path().join("missing/folder/pets.db");
    format!("sqlite:{}", path.display())
        .parse()
        .expect("a path makes a URL")
}

#[tokio::test]
async fn replicas_that_start_together_set_up_once() {
    let folder = folder();
    support::replicas_that_start_together_set_up_once(&file_in(&folder)).await;
}

#[tokio::test]
async fn rows_outlive_the_pool() {
    let folder = folder();
    support::rows_outlive_the_pool(&file_in(&folder)).await;
}

#[tokio::test]
async fn a_batch_is_kept_whole_or_not_at_all() {
    let folder = folder();
    support::a_batch_is_kept_whole_or_not_at_all(&file_in(&folder)).await;
}

#[tokio::test]
async fn writers_wait_for_each_other() {
    let folder = folder();
    support::writers_wait_for_each_other(&file_in(&folder)).await;
}

#[tokio::test]
async fn a_folder_that_cannot_be_made_is_named() {
    let folder = folder();
    fs::write(
        folder.path().join("missing"),
        "a file, where the folder should be",
    )
    .unwrap();
    let opened = support::open(&file_in(&folder)).await;
    assert!(
        matches!(opened, Err(OpenError::Folder { .. })),
        "{opened:?}"
    );
}

#[tokio::test]
async fn a_file_that_is_no_database_is_refused() {
    let folder = folder();
    let path = folder.path().join("notes.txt");
    fs::write(
        &path,
        "not a database, and long enough to be none: ".repeat(10),
    )
    .unwrap();
    let url = format!("sqlite:{}", path.display()).parse().unwrap();
    let opened = support::open(&url).await;
    assert!(
        matches!(opened, Err(OpenError::Connect { .. })),
        "{opened:?}"
    );
}

#[rstest]
#[case("100%")]
#[case("a#b")]
#[case("a?b")]
#[case("a%20b")]
#[case("a b")]
#[case("ä\u{2028}\n;&=+")]
#[tokio::test]
async fn any_path_is_taken_as_it_is(#[case] name: &str, #[values(1, 2)] slashes: usize) {
    let folder = folder();
    let file = folder.path().join(name).join("pets.db");
    let path = file.display().to_string();
    let path = path.trim_start_matches('/');
    let url = format!("sqlite://{}{path}", "/".repeat(slashes));
    support::open(&url.parse().unwrap()).await.unwrap();
    assert!(file.is_file(), "{url}");
}

use std::{
    fs,
    path::Path,
    time::{Duration, SystemTime},
};

use super::{Certificate, CertificateError, Change, TokenFolder, TokenFolderError};
use crate::{keep_certificates, write_certificates};

const DAY: Duration = Duration::from_hours(24);

fn keep(folder: &Path) -> Vec<Certificate> {
    keep_certificates(folder, &["user", "profile"], DAY).expect("a folder that can be written")
}

fn changes(certificates: &[Certificate]) -> Vec<(&str, &Change)> {
    let certificates = certificates.iter();
    certificates
        .map(|it| (it.name.as_str(), &it.change))
        .collect()
}

#[cfg(unix)]
fn mode(folder: &Path, name: &str) -> u32 {
    use std::os::unix::fs::PermissionsExt as _;
    let metadata = fs::metadata(folder.join(name)).expect("a file");
    metadata.permissions().mode() & 0o777
}

#[test]
fn what_is_good_stays_as_it_is() {
    let folder = tempfile::tempdir().expect("a folder");
    let made = keep(folder.path());
    let all_made = [
        ("ca", &Change::Made),
        ("user", &Change::Made),
        ("profile", &Change::Made),
    ];
    assert_eq!(changes(&made), all_made);
    let before = fs::read(folder.path().join("user.pem")).expect("a file");
    let all_kept = [
        ("ca", &Change::Kept),
        ("user", &Change::Kept),
        ("profile", &Change::Kept),
    ];
    assert_eq!(changes(&keep(folder.path())), all_kept);
    let after = fs::read(folder.path().join("user.pem")).expect("a file");
    assert_eq!(before, after);
    let ends = made[1].not_after;
    let left = ends.duration_since(SystemTime::now()).expect("tomorrow");
    assert!(left < DAY && left > DAY / 2);
}

#[cfg(unix)]
#[test]
fn keys_are_for_their_owner_alone() {
    let folder = tempfile::tempdir().expect("a folder");
    let folder = folder.path();
    keep(folder);
    let tokens = TokenFolder::open(folder).expect("a folder");
    tokens.keep_token("a.b.c").expect("a file");
    for name in ["ca.key", "user.key", "signing.key", "token"] {
        assert_eq!(mode(folder, name), 0o600, "{name}");
    }
    for name in ["ca.pem", "user.pem", "keys.json"] {
        assert_eq!(mode(folder, name), 0o644, "{name}");
    }
}

#[test]
fn what_ends_soon_or_is_damaged_is_renewed_and_the_rest_is_kept() {
    let folder = tempfile::tempdir().expect("a folder");
    let folder = folder.path();
    keep(folder);
    write_certificates(folder, &["user"], DAY / 4).expect("certificates");
    let renewed = keep(folder);
    assert!(matches!(&renewed[1].change, Change::Renewed(why) if why.contains("soon")));
    assert_eq!(renewed[2].change, Change::Kept);
    fs::copy(folder.join("user.key"), folder.join("profile.key")).expect("a file");
    let renewed = keep(folder);
    assert_eq!(renewed[1].change, Change::Kept);
    assert!(matches!(&renewed[2].change, Change::Renewed(_)));
    fs::remove_file(folder.join("profile.key")).expect("a file");
    assert_eq!(keep(folder)[2].change, Change::Made);
    assert_eq!(keep(folder)[2].change, Change::Kept);
}

#[test]
fn a_lost_authority_certificate_is_signed_anew_and_what_it_signed_stays_good() {
    let folder = tempfile::tempdir().expect("a folder");
    let folder = folder.path();
    keep(folder);
    fs::remove_file(folder.join("ca.pem")).expect("a file");
    let kept = keep(folder);
    assert!(matches!(&kept[0].change, Change::Renewed(_)));
    assert_eq!(kept[1].change, Change::Kept);
}

#[test]
fn an_authority_of_somebody_else_is_not_replaced() {
    let folder = tempfile::tempdir().expect("a folder");
    let other = tempfile::tempdir().expect("a folder");
    for folder in [&folder, &other] {
        keep(folder.path());
    }
    let folder = folder.path();
    fs::copy(other.path().join("ca.pem"), folder.join("ca.pem")).expect("a file");
    let error = keep_certificates(folder, &["user"], DAY).expect_err("two authorities");
    assert!(matches!(error, CertificateError::Authority), "{error}");
    fs::remove_file(folder.join("ca.key")).expect("a file");
    let error = keep_certificates(folder, &["user"], DAY).expect_err("no key");
    assert!(matches!(error, CertificateError::AuthorityKey), "{error}");
}

#[test]
fn a_name_that_is_no_dns_name_is_refused() {
    let folder = tempfile::tempdir().expect("a folder");
    for name in ["", "../user", "a b", "*", "user\n"] {
        let error = keep_certificates(folder.path(), &[name], DAY).expect_err(name);
        assert!(matches!(error, CertificateError::Service(_)), "{error}");
    }
    assert_eq!(fs::read_dir(folder.path()).expect("a folder").count(), 0);
}

#[test]
fn a_new_key_signs_and_the_old_one_stays_published() {
    let folder = tempfile::tempdir().expect("a folder");
    let folder = folder.path();
    let first = TokenFolder::open(folder).expect("a new folder");
    assert!(first.is_new());
    let again = TokenFolder::open(folder).expect("its own files");
    assert!(!again.is_new());
    assert_eq!(again.key().id(), first.key().id());
    let second = TokenFolder::replace_key(folder).expect("its own files");
    assert_ne!(second.key().id(), first.key().id());
    let keys = fs::read_to_string(second.keys()).expect("a file");
    assert!(keys.contains(first.key().id()) && keys.contains(second.key().id()));
    let last = TokenFolder::open(folder).expect("its own files");
    assert_eq!(last.key().id(), second.key().id());
}

#[test]
fn public_keys_of_somebody_else_are_not_added_to() {
    let folder = tempfile::tempdir().expect("a folder");
    fs::write(folder.path().join("keys.json"), "{\"keys\":[]}").expect("a file");
    let error = TokenFolder::open(folder.path()).expect_err("no key");
    assert!(matches!(error, TokenFolderError::NoKey), "{error}");
    fs::write(folder.path().join("signing.key"), "no PEM").expect("a file");
    let error = TokenFolder::open(folder.path()).expect_err("no key");
    assert!(matches!(error, TokenFolderError::Key(_)), "{error}");
}

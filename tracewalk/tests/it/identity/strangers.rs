//! Twelve certificates that are none, shown to the user service; nobody who shows them is let in.

use std::{net::IpAddr, path::Path, time::SystemTime};

use proto::user::v1::{GetUserRequest, user_service_client::UserServiceClient};
use rcgen::{CertificateParams, DnType, ExtendedKeyUsagePurpose as Usage, KeyPair, SanType};
use tonic::Code;

use super::{
    chain::{Chain, DAY, code},
    handshake::{Shown, authority, connect, issuer, named, of_service, shown, signed},
};
use crate::support::until;

type Case = (&'static str, Option<Shown>);

#[tokio::test]
async fn nobody_with_a_bad_certificate_is_let_in() {
    let chain = Chain::start().await;
    let certs = chain.certs();
    let cases = [times(&certs), uses(&certs), signers(&certs), names(&certs)];
    let cases: Vec<_> = cases.into_iter().flatten().collect();
    assert_eq!(cases.len(), 12);
    for (reason, shown) in cases {
        let answer = get_user(&chain, shown).await;
        assert!(
            answer != Code::Ok && answer != Code::NotFound,
            "{reason}: {answer:?}"
        );
    }
    let good = Some(of_service(&certs, "gateway"));
    assert_eq!(get_user(&chain, good).await, Code::Ok, "the service lives");
    let metrics = chain.user.metrics().await;
    // Once each, and more where the client tried again.
    assert!(metrics.sum("tls_handshakes_failed_total", &[]) >= 10);
    // Those whose names say nothing come as far as the call, and each is one refused span.
    let codes = until("three spans", async || {
        let spans = chain.collector.spans();
        let codes = spans
            .iter()
            .filter(|span| span.service == "user" && span.kind == "SERVER")
            .map(|span| span.attribute("rpc.response.status_code").to_owned());
        let codes: Vec<_> = codes.collect();
        (codes.len() >= 3).then_some(codes)
    })
    .await;
    assert_eq!(codes, ["UNAUTHENTICATED", "UNAUTHENTICATED", "OK"]);
}

async fn get_user(chain: &Chain, shown: Option<Shown>) -> Code {
    let address = chain.user.address("grpc").await;
    let Ok(channel) = connect(address, &chain.certs(), shown).await else {
        return Code::Unavailable;
    };
    let request = GetUserRequest {
        user_id: "1".to_owned(),
    };
    code(UserServiceClient::new(channel).get_user(request).await)
}

fn times(certs: &Path) -> Vec<Case> {
    let authority = authority(certs);
    let now = SystemTime::now();
    let expired = signed(&authority, |it| {
        it.not_before = (now - DAY * 2).into();
        it.not_after = (now - DAY).into();
    });
    let not_yet = signed(&authority, |it| it.not_before = (now + DAY).into());
    vec![("expired", Some(expired)), ("not valid yet", Some(not_yet))]
}

fn uses(certs: &Path) -> Vec<Case> {
    let authority = authority(certs);
    let used_for = |usage| {
        Some(signed(&authority, |it| {
            it.extended_key_usages = vec![usage];
        }))
    };
    vec![
        ("for servers", used_for(Usage::ServerAuth)),
        ("for code", used_for(Usage::CodeSigning)),
    ]
}

fn signers(certs: &Path) -> Vec<Case> {
    let stranger = KeyPair::generate().expect("a key");
    let own = CertificateParams::new(vec!["gateway".to_owned()]).expect("a name");
    let own = own.self_signed(&stranger).expect("a certificate");
    let own = shown(own.der().clone(), &stranger);
    let stranger = named("development authority", stranger);
    let of_service = issuer("profile", &certs.join("profile.key"));
    // The certificate is good, and the key is another's: the proof of possession fails.
    let stolen = of_service_with_other_key(certs);
    vec![
        ("none", None),
        ("signed by itself", Some(own)),
        (
            "signed by a stranger of the same name",
            Some(signed(&stranger, |_| {})),
        ),
        ("signed by a service", Some(signed(&of_service, |_| {}))),
        ("without its key", Some(stolen)),
        ("cut in half", Some(cut(certs))),
    ]
}

fn of_service_with_other_key(certs: &Path) -> Shown {
    (
        of_service(certs, "gateway").0,
        of_service(certs, "profile").1,
    )
}

fn cut(certs: &Path) -> Shown {
    let (certificate, key) = of_service(certs, "gateway");
    let half = certificate[..certificate.len() / 2].to_vec();
    (half.into(), key)
}

fn names(certs: &Path) -> Vec<Case> {
    let authority = authority(certs);
    let address = signed(&authority, |it| {
        it.distinguished_name.push(DnType::CommonName, "gateway");
        it.subject_alt_names = vec![SanType::IpAddress(IpAddr::from([127, 0, 0, 1]))];
    });
    let two = signed(&authority, |it| {
        let other = "profile".try_into().expect("a name");
        it.subject_alt_names.push(SanType::DnsName(other));
    });
    vec![("an address", Some(address)), ("two services", Some(two))]
}

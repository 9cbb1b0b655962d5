//! Frames that lie, come too often, or never end.

use rstest::rstest;

use super::{
    raw::{
        CONTINUATION, DATA, END_HEADERS, HEADERS, HELLO, PING, RST_STREAM, SETTINGS, WINDOW_UPDATE,
        call_headers, frame, send, until_closed,
    },
    watched::Watched,
};

#[rstest]
#[case::another_protocol(b"GET / HTTP/1.1\r\nhost: gateway\r\n\r\n".to_vec())]
#[case::a_frame_larger_than_any([HELLO, b"\xff\xff\xff\0\0\0\0\0\x01"].concat())]
#[case::data_without_a_call([HELLO, &frame(DATA, 0, 1, b"x")].concat())]
#[case::data_on_the_connection_itself([HELLO, &frame(DATA, 0, 0, b"x")].concat())]
#[case::a_window_that_overflows([HELLO, &window_updates()].concat())]
#[case::headers_that_do_not_decode([HELLO, &frame(HEADERS, END_HEADERS, 1, &[0xff; 64])].concat())]
#[case::headers_without_end([HELLO, &endless_headers()].concat())]
#[tokio::test]
async fn a_connection_that_breaks_the_rules_is_closed(#[case] bytes: Vec<u8>) {
    let watched = Watched::start().await;
    let address = watched.demo.gateway.address("grpc").await;
    until_closed(address, &bytes).await;
    assert!(
        watched.expect_unharmed().await.is_empty(),
        "no call was made"
    );
}

#[tokio::test]
async fn rapid_resets_close_their_connection_and_make_one_span_each_at_most() {
    const STREAMS: u32 = 2000;
    let watched = Watched::start().await;
    let address = watched.demo.gateway.address("grpc").await;
    let mut attack = HELLO.to_vec();
    for stream in (0..STREAMS).map(|number| 2 * number + 1) {
        attack.extend(frame(HEADERS, END_HEADERS, stream, &call_headers()));
        attack.extend(frame(RST_STREAM, 0, stream, &8_u32.to_be_bytes()));
    }
    until_closed(address, &attack).await;
    let spans = watched.expect_unharmed().await;
    assert!(spans.len() <= STREAMS as usize, "{}", spans.len());
    for span in spans {
        assert_eq!(span.attribute("rpc.response.status_code"), "CANCELLED");
    }
}

#[rstest]
#[case::pings(frame(PING, 0, 0, &[0; 8]))]
#[case::settings(frame(SETTINGS, 0, 0, &[]))]
#[case::empty_data(frame(DATA, 0, 1, &[]))]
#[tokio::test]
async fn a_flood_of_small_frames_harms_nobody_else(#[case] small: Vec<u8>) {
    let watched = Watched::start().await;
    let address = watched.demo.gateway.address("grpc").await;
    let call = frame(HEADERS, END_HEADERS, 1, &call_headers());
    send(address, &[HELLO, &call, &small.repeat(20_000)].concat()).await;
    let spans = watched.expect_unharmed().await;
    assert!(spans.len() <= 1, "{spans:?}");
}

#[tokio::test]
async fn a_call_with_thousands_of_headers_is_not_served() {
    let watched = Watched::start().await;
    let address = watched.demo.gateway.address("grpc").await;
    let mut attack = [HELLO, &frame(HEADERS, 0, 1, &call_headers())].concat();
    // `x-a: x`, never indexed: 2,000 of them in a frame.
    let many = b"\x10\x03x-a\x01x".repeat(2000);
    for flags in [0, 0, 0, END_HEADERS] {
        attack.extend(frame(CONTINUATION, flags, 1, &many));
    }
    attack.extend(frame(DATA, 1, 1, b"\0\0\0\0\x03\x0a\x011"));
    send(address, &attack).await;
    let spans = watched.expect_unharmed().await;
    assert!(spans.len() <= 1, "{spans:?}");
}

/// Two of nearly all that a window can be.
fn window_updates() -> Vec<u8> {
    frame(WINDOW_UPDATE, 0, 0, &0x7fff_ffff_u32.to_be_bytes()).repeat(2)
}

/// A megabyte of headers, and not their end.
fn endless_headers() -> Vec<u8> {
    let mut frames = frame(HEADERS, 0, 1, &call_headers());
    for _ in 0..1000 {
        // `x-a: x…`, never indexed.
        let mut block = b"\x10\x03x-a\x7f\xff\x06".to_vec();
        block.resize(block.len() + 0x7f + 0x7f + (6 << 7), b'x');
        frames.extend(frame(CONTINUATION, 0, 1, &block));
    }
    frames
}

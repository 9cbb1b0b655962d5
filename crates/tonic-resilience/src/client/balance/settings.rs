use std::sync::{
    Arc,
    atomic::{AtomicU32, Ordering},
};

/// The longest frame that is read: what HTTP/2 allows before both sides agree on more.
const MAX_FRAME_BYTES: usize = HEAD + 16_384;

/// Length, type, flags and stream of a frame.
const HEAD: usize = 9;

const SETTINGS: u8 = 4;

const MAX_CONCURRENT_STREAMS: u16 = 3;

/// Reads how many streams a server allows on a connection, from the first bytes that it sends.
///
/// The first bytes are a SETTINGS frame ([RFC 9113,
/// 3.4](https://www.rfc-editor.org/rfc/rfc9113#section-3.4)). Hyper obeys the limit and does not
/// report it: calls beyond it would wait, and the server would look slow. A limit that the server
/// sets later is not read.
pub(super) fn note_streams(allowed: Arc<AtomicU32>) -> impl FnMut(&[u8]) + Send + 'static {
    let mut first = Some(Vec::new());
    move |bytes| {
        let Some(frame) = &mut first else {
            return;
        };
        let room = MAX_FRAME_BYTES - frame.len();
        frame.extend_from_slice(&bytes[..bytes.len().min(room)]);
        match streams(frame) {
            Some(streams) => allowed.store(streams, Ordering::Relaxed),
            None if frame.len() < MAX_FRAME_BYTES => return,
            None => {}
        }
        first = None;
    }
}

/// `None` while the frame is not whole; [`u32::MAX`] where it sets no limit.
fn streams(frame: &[u8]) -> Option<u32> {
    let &[a, b, c, kind, ..] = frame.get(..HEAD)? else {
        return None;
    };
    let length = u32::from_be_bytes([0, a, b, c]) as usize;
    let (settings, _) = frame.get(HEAD..HEAD + length)?.as_chunks::<6>();
    let mut limits = settings.iter().filter_map(|[a, b, limit @ ..]| {
        let is_limit = u16::from_be_bytes([*a, *b]) == MAX_CONCURRENT_STREAMS;
        is_limit.then_some(u32::from_be_bytes(*limit))
    });
    // If the setting comes twice, the last value counts.
    let limit = limits.next_back().filter(|_| kind == SETTINGS);
    Some(limit.unwrap_or(u32::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_limit_is_read_from_any_pieces_and_of_the_first_frame_alone() {
        let with_limit = b"\0\0\x0c\x04\0\0\0\0\0\0\x04\0\0\xff\xff\0\x03\0\0\0\x0a";
        let without = b"\0\0\0\x04\0\0\0\0\0";
        let other = b"\0\0\x06\x09\0\0\0\0\0\0\x03\0\0\0\x0a";
        for (frames, limit) in [
            ([&with_limit[..], without].concat(), 10),
            ([&without[..], with_limit].concat(), u32::MAX),
            ([&other[..], with_limit].concat(), u32::MAX),
            (with_limit[..20].to_vec(), 7),
            (vec![0xff; 40_000], 7),
        ] {
            for piece in [1, 5, 40_000] {
                let allowed = Arc::new(AtomicU32::new(7));
                let mut note = note_streams(Arc::clone(&allowed));
                frames.chunks(piece).for_each(&mut note);
                assert_eq!(allowed.load(Ordering::Relaxed), limit, "{frames:?}");
            }
        }
    }
}

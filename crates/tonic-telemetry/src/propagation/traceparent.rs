use opentelemetry::trace::{SpanContext, SpanId, TraceFlags, TraceId, TraceState};

/// The flag of Level 2 that says that the trace id is random.
pub(super) const RANDOM: TraceFlags = TraceFlags::new(0x02);

/// The one `traceparent` of a request: who calls, in which trace.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Traceparent {
    pub(super) trace_id: TraceId,
    pub(super) parent_id: SpanId,
    pub(super) flags: TraceFlags,
}

impl Traceparent {
    /// Length of version 00: `00-` trace id (32) `-` parent id (16) `-` flags (2).
    const LENGTH: usize = 55;

    /// Reads a header value; `None` says that the trace must be restarted.
    ///
    /// A later version is read as far as version 00 goes, and what follows must begin with a dash.
    /// Spec: [§3.2](https://www.w3.org/TR/trace-context-2/#traceparent-header).
    pub(super) fn parse(value: &str) -> Option<Self> {
        let bytes = value.trim_matches([' ', '\t']).as_bytes();
        let (fields, rest) = bytes.split_at_checked(Self::LENGTH)?;
        let version = hex(&fields[..2])?;
        let length_fits = match version {
            0x00 => rest.is_empty(),
            0xff => false,
            _ => rest.first().is_none_or(|byte| *byte == b'-'),
        };
        let dashes = [2, 35, 52].iter().all(|at| fields[*at] == b'-');
        if !length_fits || !dashes {
            return None;
        }
        let [high, low] = [hex(&fields[3..19])?, hex(&fields[19..35])?];
        let trace_id = TraceId::from(u128::from(high) << 64 | u128::from(low));
        let parent_id = SpanId::from(hex(&fields[36..52])?);
        let flags = TraceFlags::new(u8::try_from(hex(&fields[53..])?).ok()?);
        let known = flags & (TraceFlags::SAMPLED | RANDOM);
        let valid = trace_id != TraceId::INVALID && parent_id != SpanId::INVALID;
        valid.then_some(Self {
            trace_id,
            parent_id,
            flags: known,
        })
    }

    /// The parent of the span that this request begins.
    pub(super) fn span_context(&self, state: TraceState) -> SpanContext {
        SpanContext::new(self.trace_id, self.parent_id, self.flags, true, state)
    }

    /// Version 00, whatever was read: only a sender that knows a newer version may write it.
    pub(super) fn text(&self) -> String {
        let mut text = *b"00-00000000000000000000000000000000-0000000000000000-00";
        write_hex(&mut text[3..35], &self.trace_id.to_bytes());
        write_hex(&mut text[36..52], &self.parent_id.to_bytes());
        write_hex(&mut text[53..], &[self.flags.to_u8()]);
        String::from_utf8(text.to_vec()).expect("digits and dashes are ASCII")
    }
}

/// How a header names this span.
pub(crate) fn traceparent(span: &SpanContext) -> String {
    let parent = Traceparent {
        trace_id: span.trace_id(),
        parent_id: span.span_id(),
        flags: span.trace_flags(),
    };
    parent.text()
}

/// Reads sixteen lower-case hex digits at most; `from_str_radix` also takes a sign and upper case.
fn hex(digits: &[u8]) -> Option<u64> {
    digits.iter().try_fold(0, |number, digit| {
        let value = match digit {
            b'0'..=b'9' => digit - b'0',
            b'a'..=b'f' => digit - b'a' + 10,
            _ => return None,
        };
        Some(number << 4 | u64::from(value))
    })
}

fn write_hex(target: &mut [u8], bytes: &[u8]) {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    for (pair, byte) in target.chunks_exact_mut(2).zip(bytes) {
        pair[0] = DIGITS[usize::from(byte >> 4)];
        pair[1] = DIGITS[usize::from(byte & 0x0f)];
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use rstest::rstest;

    use super::*;

    const TRACE: &str = "12345678901234567890123456789012";
    const PARENT: &str = "1234567890123456";

    #[rstest]
    #[case("00-{t}-{p}-00", 0x00, "nothing set")]
    #[case("00-{t}-{p}-01", 0x01, "sampled")]
    #[case("00-{t}-{p}-03", 0x03, "sampled and random")]
    #[case("00-{t}-{p}-ff", 0x03, "unknown flags are cleared")]
    #[case(" \t00-{t}-{p}-01\t ", 0x01, "optional white space around the value")]
    #[case("cc-{t}-{p}-01", 0x01, "a later version as long as this one")]
    #[case(
        "cc-{t}-{p}-01-what-the-future-will-be-like",
        0x01,
        "a later version, longer"
    )]
    #[case("01-{t}-{p}-02-", 0x02, "a later version with an empty field")]
    fn header_that_the_specification_allows_is_read(
        #[case] value: &str,
        #[case] flags: u8,
        #[case] reason: &str,
    ) {
        let value = value.replace("{t}", TRACE).replace("{p}", PARENT);
        let read = Traceparent::parse(&value).expect(reason);
        assert_eq!(read.trace_id.to_string(), TRACE, "{reason}");
        assert_eq!(read.parent_id.to_string(), PARENT, "{reason}");
        assert_eq!(read.flags.to_u8(), flags, "{reason}");
    }

    #[rstest]
    #[case("", "empty")]
    #[case("00-{t}-{p}-01.", "version 00 with something behind it")]
    #[case(
        "00-{t}-{p}-01-what-the-future-will-be-like",
        "version 00 with a further field"
    )]
    #[case(
        "cc-{t}-{p}-01.what-the-future-will-be-like",
        "a later version without the dash"
    )]
    #[case("ff-{t}-{p}-01", "version ff is forbidden")]
    #[case("ff-{t}-{p}-01-x", "version ff, longer")]
    #[case(".0-{t}-{p}-01", "version is no hex")]
    #[case("0.-{t}-{p}-01", "version is no hex")]
    #[case("000-{t}-{p}-01", "version of three digits")]
    #[case("0000-{t}-{p}-01", "version of four digits")]
    #[case("0-{t}-{p}-01", "version of one digit")]
    #[case("0A-{t}-{p}-01", "version in upper case")]
    #[case("+0-{t}-{p}-01", "version with a sign")]
    #[case("00-00000000000000000000000000000000-{p}-01", "trace id of zeros")]
    #[case("00-.2345678901234567890123456789012-{p}-01", "trace id is no hex")]
    #[case(
        "00-1234567890123456789012345678901.-{p}-01",
        "trace id is no hex at its end"
    )]
    #[case("00-ABCDEF78901234567890123456789012-{p}-01", "trace id in upper case")]
    #[case("00-+2345678901234567890123456789012-{p}-01", "trace id with a sign")]
    #[case("00-{t}3-{p}-01", "trace id of 33 digits")]
    #[case("00-1234567890123456789012345678901-{p}-01", "trace id of 31 digits")]
    #[case("00-{t}-0000000000000000-01", "parent id of zeros")]
    #[case("00-{t}-.234567890123456-01", "parent id is no hex")]
    #[case("00-{t}-123456789012345.-01", "parent id is no hex at its end")]
    #[case("00-{t}-12345678901234567-01", "parent id of 17 digits")]
    #[case("00-{t}-123456789012345-01", "parent id of 15 digits")]
    #[case("00-{t}-{p}-.0", "flags are no hex")]
    #[case("00-{t}-{p}-0.", "flags are no hex")]
    #[case("00-{t}-{p}-0G", "flags are no hex")]
    #[case("00-{t}-{p}-0A", "flags in upper case")]
    #[case("00-{t}-{p}-001", "flags of three digits")]
    #[case("00-{t}-{p}-1", "flags of one digit")]
    #[case("00_{t}-{p}-01", "underscore for a dash")]
    #[case("00-{t}-{p}", "no flags")]
    #[case("00-{t}-{p}-01,00-{t}-{p}-01", "two values in one header")]
    #[case("\u{b}00-{t}-{p}-01", "a vertical tab is no optional white space")]
    #[case("00-{t}-123456789012345\u{e9}-01", "not ASCII")]
    fn header_that_the_specification_forbids_restarts_the_trace(
        #[case] value: &str,
        #[case] reason: &str,
    ) {
        let value = value.replace("{t}", TRACE).replace("{p}", PARENT);
        assert_eq!(Traceparent::parse(&value), None, "{reason}: {value}");
    }

    proptest! {
        #[test]
        fn parsing_never_panics(value in "\\PC*") {
            let _ = Traceparent::parse(&value);
        }

        #[test]
        fn parsing_something_close_never_panics(value in "[0-9a-g]{1,3}-[0-9a-g]{31,33}-[0-9a-g]{15,17}-[0-9a-g]{1,3}.{0,3}") {
            if let Some(read) = Traceparent::parse(&value) {
                prop_assert_eq!(Traceparent::parse(&value[..55]), Some(read));
            }
        }

        #[test]
        fn what_is_written_is_what_was_read(trace in 1_u128.., parent in 1_u64.., flags in 0_u8..4) {
            let value = format!("00-{trace:032x}-{parent:016x}-{flags:02x}");
            let read = Traceparent::parse(&value).expect("the value is valid");
            prop_assert_eq!(read.text(), value);
        }
    }
}

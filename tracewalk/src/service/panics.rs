use std::{
    backtrace::Backtrace,
    env,
    panic::{self, PanicHookInfo},
    thread,
};

use crate::output;

/// Logs each panic of this process as one line, in place of the report of the standard library.
///
/// That report goes past the log: it would not be escaped, its secrets would not be hidden, and with
/// `RUST_BACKTRACE=1`, which many shells export, it loads the symbols of the binary, which a process
/// then keeps for good. The line says where it happened, and the trace says in which call. Whoever
/// needs a backtrace asks for it with `RUST_BACKTRACE=full`; it goes to standard error.
pub(super) fn log() {
    panic::set_hook(Box::new(report));
}

fn report(info: &PanicHookInfo<'_>) {
    let location = info.location().map(tracing::field::display);
    let thread = thread::current();
    let text = info.payload_as_str().unwrap_or("not a text");
    tracing::error!(
        panic = text,
        location,
        thread = thread.name(),
        "a thread panicked"
    );
    if env::var_os("RUST_BACKTRACE").is_some_and(|value| value == "full") {
        output::note(Backtrace::force_capture());
    }
}

/// Where a layer of the program's own stands in the stack of a server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Position {
    /// Inside the span and the log line, outside all that refuses a call: it sees each call, and
    /// each answer as the caller gets it.
    Call,
    /// Where the caller is known, outside the limits by caller.
    Caller,
    /// Next to the handlers, inside what catches their panics.
    Handler,
}

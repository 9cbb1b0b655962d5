use std::{pin::Pin, sync::Arc};

use grpc_wire::{MessageError, MessageReader};
use tonic::{Code, Status};

use super::{RequestFault, ValidateProtocolLayer};
use crate::response::{Hook, Next};

/// Makes a request body fail with the right status when its messages are not proper gRPC.
#[derive(Debug)]
pub(super) struct Messages {
    pub(super) reader: MessageReader,
    pub(super) takes_one: bool,
    pub(super) rules: Arc<ValidateProtocolLayer>,
    pub(super) request_fault: RequestFault,
}

impl Messages {
    /// Reads a frame of data, or the end: `None`.
    fn check(&mut self, data: Option<&[u8]>) -> Result<(), Status> {
        let checked = match data {
            Some(data) => self.reader.read(data),
            None => self.reader.end(),
        };
        let fault = |code, reason, message: String| self.rules.fault(code, reason, message);
        checked.map_err(|found| fault(found.code(), reason(found), found.to_string()))?;
        let not_one = || {
            let message = "this method takes exactly one message";
            fault(Code::Unimplemented, "NOT_ONE_MESSAGE", message.to_owned())
        };
        match self.reader.begun() {
            1.. if !self.takes_one => Ok(()),
            0 if data.is_none() && self.takes_one => Err(not_one()),
            2.. => Err(not_one()),
            _ => Ok(()),
        }
    }
}

impl Hook for Messages {
    fn frame(mut self: Pin<&mut Self>, next: Next) -> Next {
        let checked = match &next {
            Some(Err(_)) => return next,
            // Trailers are an end.
            Some(Ok(frame)) => self.check(frame.data_ref().map(|data| &data[..])),
            None => self.check(None),
        };
        match checked {
            Ok(()) => next,
            Err(status) => {
                self.request_fault.note();
                Some(Err(status))
            }
        }
    }
}

/// The machine-readable reason of what is wrong with the messages of a body.
fn reason(error: MessageError) -> &'static str {
    match error {
        MessageError::TooLarge { .. } => "MESSAGE_TOO_LARGE",
        MessageError::Flag(_) | MessageError::NoEncoding => "INVALID_FLAG",
        MessageError::Cut => "MESSAGE_CUT",
    }
}

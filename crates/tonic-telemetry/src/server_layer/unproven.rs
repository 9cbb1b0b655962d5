use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

use grpc_wire::{RpcKind, is_grpc, status_code};
use http::{HeaderMap, Uri};
use tonic::Code;

use super::{TraceServerLayer, methods::ServerMethod};
use crate::{
    metrics::{CallCounts, ServerCounters},
    observe::ObservedMethod,
};

/// A call whose method is not known: its answer and its end show whether there is such a method.
///
/// A caller makes up what it likes, so only what a handler does is a proof. A call that ends `OK` is one.
/// So is a gRPC answer whose status comes after its headers: a refusal has it in them. So is a failure after
/// the message of the request was read, for interceptors and routers do not read it. A refusal that
/// a layer may give after reading is none: `UNIMPLEMENTED`, `UNAUTHENTICATED`, `PERMISSION_DENIED`.
#[derive(Debug)]
pub(crate) struct Unproven {
    layer: Arc<TraceServerLayer>,
    uri: Uri,
    counted: ServerCounters,
    /// How much of it is in the series of a method already.
    moved: CallCounts,
    request_ended: Arc<AtomicBool>,
    answer: Answer,
}

/// What the headers of the answer say.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Answer {
    /// There is none, or it is not gRPC.
    None,
    /// It is a status, without a message.
    Status,
    /// Messages follow, and then the status.
    Messages,
}

impl Unproven {
    pub(super) fn new(layer: &Arc<TraceServerLayer>, method: &ServerMethod, uri: &Uri) -> Self {
        Self {
            layer: Arc::clone(layer),
            uri: uri.clone(),
            counted: method.counters.clone(),
            moved: CallCounts::default(),
            request_ended: Arc::default(),
            answer: Answer::None,
        }
    }

    /// The path that the caller named.
    pub(crate) fn path(&self) -> &str {
        self.uri.path()
    }

    /// To be set when the request has been read to its end.
    pub(super) fn request_ended(&self) -> Arc<AtomicBool> {
        Arc::clone(&self.request_ended)
    }

    /// The headers of the answer have come.
    pub(crate) fn answered(&mut self, headers: &HeaderMap) {
        self.answer = match (is_grpc(headers), status_code(headers)) {
            (false, _) => Answer::None,
            (true, Some(_)) => Answer::Status,
            (true, None) => Answer::Messages,
        };
    }

    /// The answer has begun and is not over, so it is a stream: it may last, and is seen from now on.
    pub(crate) fn waits(&mut self) {
        if self.answer == Answer::Messages {
            let kind = RpcKind::new(self.streams_requests(), true);
            self.move_to(Some(kind));
        }
    }

    /// The call has ended, and belongs to this method.
    pub(crate) fn settle(&mut self, code: Code) -> ObservedMethod {
        let kind = self.is_proven(code).then(|| self.kind(code));
        self.move_to(kind)
    }

    /// Moves what is counted to the series of the method: one that is known by now, or that is proven by a call of
    /// this kind; or to those of `_OTHER`.
    fn move_to(&mut self, proven: Option<RpcKind>) -> ObservedMethod {
        let methods = &self.layer.methods;
        let known = methods.find(self.uri.path());
        let method = known.unwrap_or_else(|| match proven {
            Some(kind) => methods.learn(self.uri.path(), kind),
            None => methods.other(),
        });
        let counted = self.counted.get();
        method.counters.add(&counted, &self.moved);
        self.moved = counted;
        method.observed.clone()
    }

    fn is_proven(&self, code: Code) -> bool {
        let is_refusal = matches!(
            code,
            Code::Unimplemented | Code::Unauthenticated | Code::PermissionDenied
        );
        let reached = match self.answer {
            Answer::None => false,
            Answer::Status => self.counted.received.get() > 0,
            Answer::Messages => true,
        };
        code == Code::Ok || reached && !is_refusal
    }

    /// The kind of call that this one was; a stream of one message looks like none.
    fn kind(&self, code: Code) -> RpcKind {
        let one_answer = match self.answer {
            Answer::Messages => self.counted.sent.get() == 1 && code == Code::Ok,
            Answer::None | Answer::Status => true,
        };
        RpcKind::new(self.streams_requests(), !one_answer)
    }

    /// A handler that takes one message has it when it is called, with the end of the request behind it.
    fn streams_requests(&self) -> bool {
        self.counted.received.get() != 1 || !self.request_ended.load(Ordering::Relaxed)
    }
}

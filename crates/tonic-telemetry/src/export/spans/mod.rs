//! Spans as bytes: encoded on the thread that ends them, kept in pieces, put together for a request.

mod encode;
#[cfg(test)]
mod tests;

use std::cell::RefCell;
use std::collections::VecDeque;

use bytes::{BufMut as _, Bytes, BytesMut};
use opentelemetry::InstrumentationScope;
use opentelemetry_proto::tonic::{
    collector::trace::v1::ExportTraceServiceResponse,
    resource::v1::Resource,
    trace::v1::{ResourceSpans, ScopeSpans},
};
use opentelemetry_proto::transform::common::tonic::ResourceAttributesWithSchema;
use opentelemetry_sdk::trace::SpanData;
use prost::Message;
use prost::encoding::{WireType, encode_key, encode_varint};

use super::OtlpBatch;
use crate::queue::{Queue, SpanSink, Store};
use encode::Encoder;

/// The number of the field `spans` of a `ScopeSpans`, and of `scope_spans` of a `ResourceSpans`.
const SPANS: u8 = 2;
const SCOPE_SPANS: u32 = 2;

/// How many bytes a piece takes before the next one is begun: it is allocated once, and never moved.
const PIECE: usize = 16 * 1024;

/// A span as a field of its `ScopeSpans`.
#[derive(Clone, Copy, Debug)]
pub(crate) struct EncodedSpan<'a> {
    scope: &'a InstrumentationScope,
    bytes: &'a [u8],
}

impl SpanSink for Queue<EncodedSpans> {
    /// Encodes the span before the queue is locked.
    fn push_span(&self, span: SpanData) {
        thread_local! {
            static ENCODER: RefCell<Encoder> = RefCell::default();
        }
        ENCODER.with_borrow_mut(|encoder| {
            self.push(EncodedSpan {
                scope: &span.instrumentation_scope,
                bytes: encoder.encode(&span),
            });
        });
    }
}

/// Encoded spans that wait, in batches.
#[derive(Debug)]
pub(crate) struct EncodedSpans {
    batches: VecDeque<SpanBatch>,
    len: usize,
    /// Most spans of a batch.
    max: usize,
}

impl Store for EncodedSpans {
    type Item<'a> = EncodedSpan<'a>;
    type Batch = SpanBatch;

    fn new(batch: usize) -> Self {
        Self {
            batches: VecDeque::new(),
            len: 0,
            max: batch,
        }
    }

    fn len(&self) -> usize {
        self.len
    }

    fn push(&mut self, span: EncodedSpan<'_>) {
        self.len += 1;
        match self.batches.back_mut() {
            Some(batch) if batch.len < self.max => batch.push(span),
            _ => {
                let mut batch = SpanBatch::default();
                batch.push(span);
                self.batches.push_back(batch);
            }
        }
    }

    fn take(&mut self) -> (SpanBatch, usize) {
        let batch = self.batches.pop_front().unwrap_or_default();
        if self.batches.is_empty() {
            self.batches = VecDeque::new();
        }
        self.len -= batch.len;
        let len = batch.len;
        (batch, len)
    }
}

/// Encoded spans for one request.
#[derive(Debug, Default)]
pub(crate) struct SpanBatch {
    pieces: Vec<Piece>,
    len: usize,
}

/// Encoded spans of one scope.
#[derive(Debug)]
struct Piece {
    scope: InstrumentationScope,
    bytes: Vec<u8>,
}

impl SpanBatch {
    fn push(&mut self, span: EncodedSpan<'_>) {
        self.len += 1;
        let fits = |piece: &&mut Piece| {
            piece.bytes.len() + span.bytes.len() <= piece.bytes.capacity()
                && piece.scope == *span.scope
        };
        // Spans of several scopes take turns: each scope has a piece of its own to fill.
        if let Some(piece) = self.pieces.iter_mut().rev().find(fits) {
            piece.bytes.extend_from_slice(span.bytes);
            return;
        }
        let mut bytes = Vec::with_capacity(PIECE.max(span.bytes.len()));
        bytes.extend_from_slice(span.bytes);
        let scope = span.scope.clone();
        self.pieces.push(Piece { scope, bytes });
    }
}

impl OtlpBatch for SpanBatch {
    type Response = ExportTraceServiceResponse;

    const PATH: &'static str = "/opentelemetry.proto.collector.trace.v1.TraceService/Export";

    /// Names each scope once.
    fn encode(mut self, resource: &ResourceAttributesWithSchema) -> Bytes {
        let mut out = BytesMut::with_capacity(bytes_of(&self.pieces) + PIECE);
        head(resource).encode_raw(&mut out);
        while let Some(first) = self.pieces.first() {
            let scope = scope_of(&first.scope);
            let first = first.scope.clone();
            let (pieces, others) = self.pieces.into_iter().partition(|it| it.scope == first);
            self.pieces = others;
            let len = scope.encoded_len() + bytes_of(&pieces);
            encode_key(SCOPE_SPANS, WireType::LengthDelimited, &mut out);
            encode_varint(len as u64, &mut out);
            scope.encode_raw(&mut out);
            for piece in pieces {
                out.put_slice(&piece.bytes);
            }
        }
        out.freeze()
    }

    fn partial_success(response: Self::Response) -> Option<(i64, String)> {
        let partial = response.partial_success?;
        Some((partial.rejected_spans, partial.error_message))
    }
}

fn bytes_of(pieces: &[Piece]) -> usize {
    pieces.iter().map(|piece| piece.bytes.len()).sum()
}

/// The resource of a batch; its `scope_spans` follow.
fn head(resource: &ResourceAttributesWithSchema) -> ResourceSpans {
    ResourceSpans {
        resource: Some(Resource {
            attributes: resource.attributes.0.clone(),
            ..Resource::default()
        }),
        schema_url: resource.schema_url.clone().unwrap_or_default(),
        ..ResourceSpans::default()
    }
}

/// The scope of some spans, which follow.
fn scope_of(scope: &InstrumentationScope) -> ScopeSpans {
    ScopeSpans {
        scope: Some((scope, None).into()),
        schema_url: scope.schema_url().unwrap_or_default().to_owned(),
        ..ScopeSpans::default()
    }
}

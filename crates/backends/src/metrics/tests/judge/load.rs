//! Samples as Prometheus' remote write takes them: protobuf in Snappy's block format.
//! Spec: [Remote-Write 1.0](https://prometheus.io/docs/specs/prw/remote_write_spec/).

use prost::Message;

use crate::{
    intern::Text,
    metrics::tsdb::{self, SeriesSamples},
};

#[derive(Message)]
struct WriteRequest {
    #[prost(message, repeated, tag = "1")]
    timeseries: Vec<TimeSeries>,
}

#[derive(Message)]
struct TimeSeries {
    #[prost(message, repeated, tag = "1")]
    labels: Vec<Label>,
    #[prost(message, repeated, tag = "2")]
    samples: Vec<Sample>,
}

#[derive(Message)]
struct Label {
    #[prost(string, tag = "1")]
    name: String,
    #[prost(string, tag = "2")]
    value: String,
}

#[derive(Message)]
struct Sample {
    #[prost(double, tag = "1")]
    value: f64,
    #[prost(int64, tag = "2")]
    timestamp: i64,
}

/// One request with all samples.
pub(super) fn request(series: Vec<SeriesSamples>) -> Vec<u8> {
    let timeseries = series
        .into_iter()
        .map(|SeriesSamples { labels, samples }| TimeSeries {
            labels: labels.iter().map(label).collect(),
            samples: samples.into_iter().map(sample).collect(),
        });
    let request = WriteRequest {
        timeseries: timeseries.collect(),
    };
    compressed(&request.encode_to_vec())
}

fn label((name, value): (&Text, &Text)) -> Label {
    let (name, value) = (name.to_string(), value.to_string());
    Label { name, value }
}

fn sample(sample: tsdb::Sample) -> Sample {
    let tsdb::Sample {
        at: timestamp,
        value,
    } = sample;
    Sample { value, timestamp }
}

/// The length, and all bytes as literals, without real compression.
fn compressed(bytes: &[u8]) -> Vec<u8> {
    let mut block = Vec::new();
    prost::encode_length_delimiter(bytes.len(), &mut block).unwrap();
    for piece in bytes.chunks(1 << 16) {
        let length = u16::try_from(piece.len() - 1).unwrap();
        // A literal whose length is in the next two bytes.
        block.push(61 << 2);
        block.extend(length.to_le_bytes());
        block.extend(piece);
    }
    block
}

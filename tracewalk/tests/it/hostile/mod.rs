//! Peers that do not speak gRPC, or mean harm, before a real gateway.

mod answers;
mod crowd;
mod endings;
mod floods;
mod probes;
mod raw;
mod watched;

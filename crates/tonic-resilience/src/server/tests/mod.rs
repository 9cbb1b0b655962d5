mod cancellation;
mod client;
mod drain;
mod fixture;
mod limits;

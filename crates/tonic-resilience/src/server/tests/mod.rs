mod bench;
mod drain;
mod limits;

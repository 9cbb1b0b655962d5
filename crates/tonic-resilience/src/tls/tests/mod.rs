mod bench;
mod calls;
mod strangers;

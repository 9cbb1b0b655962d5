mod bench;
mod calls;
mod keys;
mod tokens;

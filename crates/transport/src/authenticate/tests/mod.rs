mod bench;
mod calls;
mod tokens;

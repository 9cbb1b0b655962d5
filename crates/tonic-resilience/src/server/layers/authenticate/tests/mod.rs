mod calls;
mod fixture;
mod keys;
mod tokens;

mod calls;
mod claims;
mod fixture;
mod headers;
mod keys;
mod signatures;

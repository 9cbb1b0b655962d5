mod breaker;
mod calls;

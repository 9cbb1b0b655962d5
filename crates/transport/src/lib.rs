//! How a call travels: deadlines, retries, breaker, balancing, identity, limits, health, drain.

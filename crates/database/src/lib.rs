//! SQL for services: opens SQLite or PostgreSQL, and traces each query by the conventions.

use opentelemetry_sdk::trace::SdkTracer;
use tonic_telemetry::database::DatabaseSpans;

/// A database whose queries can have spans.
pub trait TracedDatabase: sqlx::Database {
    /// The spans of a pool: which database, and where, by its options. Never the user or the password.
    fn spans(pool: &sqlx::Pool<Self>, tracer: SdkTracer) -> DatabaseSpans;
}

#[cfg(feature = "postgres")]
impl TracedDatabase for sqlx::Postgres {
    fn spans(pool: &sqlx::Pool<Self>, tracer: SdkTracer) -> DatabaseSpans {
        use tonic_telemetry::database::System;

        let options = pool.connect_options();
        let (host, socket) = (options.get_host().to_owned(), options.get_socket());
        let address = socket.map_or(host, |path| path.display().to_string());
        let spans = DatabaseSpans::new(tracer, System::Postgresql);
        let spans = spans.server(address, options.get_port());
        match options.get_database() {
            Some(name) => spans.namespace(name.to_owned()),
            None => spans,
        }
    }
}

#[cfg(feature = "sqlite")]
impl TracedDatabase for sqlx::Sqlite {
    fn spans(pool: &sqlx::Pool<Self>, tracer: SdkTracer) -> DatabaseSpans {
        use tonic_telemetry::database::System;

        let file = pool.connect_options().get_filename().display().to_string();
        DatabaseSpans::new(tracer, System::Sqlite).namespace(file)
    }
}

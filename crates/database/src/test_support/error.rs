use std::io;

/// Why the server does not run.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ServerError {
    /// PostgreSQL is not there.
    #[error("no PostgreSQL in {folder}; on Debian: apt-get install postgresql")]
    NotInstalled {
        /// Where it was looked for.
        folder: &'static str,
    },
    /// A program could not be started, or the folder not be made.
    #[error("cannot run {program}")]
    Io {
        /// Which one.
        program: String,
        /// What the system says.
        source: io::Error,
    },
    /// A program ended with an error.
    #[error("{program} failed: {output}")]
    Failed {
        /// Which one.
        program: String,
        /// What it said.
        output: String,
    },
    /// The server runs and refuses a statement.
    #[error("cannot create a database")]
    Create(#[from] sqlx::Error),
}

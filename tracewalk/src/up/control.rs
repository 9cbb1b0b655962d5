use std::{
    fs::{self, Permissions},
    io,
    os::unix::fs::PermissionsExt as _,
    path::{Path, PathBuf},
};

use tokio::{
    io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader, Lines, Take},
    net::{
        UnixListener, UnixStream,
        unix::{OwnedReadHalf, OwnedWriteHalf},
    },
};

use crate::{
    control::{Reply, Request, socket},
    output,
};

/// All requests of a scenario take less; the connection of a caller who sends more ends.
const MAX_BYTES: u64 = 64 * 1024;

/// The socket by which scenarios change the stack; one at a time, the next waits.
#[derive(Debug)]
pub(super) struct Control {
    path: PathBuf,
    /// `None` where the socket cannot be made: the stack runs without it.
    listener: Option<UnixListener>,
    caller: Option<Caller>,
    /// The scenario that the caller plays.
    pub(super) playing: Option<String>,
}

#[derive(Debug)]
struct Caller {
    requests: Lines<BufReader<Take<OwnedReadHalf>>>,
    replies: OwnedWriteHalf,
}

/// What the caller does.
#[derive(Debug)]
pub(super) enum Asked {
    Request(Request),
    /// A line that is no request, and why.
    Nonsense(String),
    HungUp,
}

impl Control {
    /// Listens in this folder; says so when it cannot.
    pub(super) fn open(data_dir: &Path, gateway_port: u16) -> Self {
        let path = socket(data_dir, gateway_port);
        let listener = listen(&path);
        if let Err(error) = &listener {
            output::note(format_args!(
                "scenarios cannot change the stack: no socket {}: {error}",
                path.display()
            ));
        }
        Self {
            path,
            listener: listener.ok(),
            caller: None,
            playing: None,
        }
    }

    /// Waits for what a caller asks next. Loses nothing when it is dropped before.
    pub(super) async fn next(&mut self) -> Asked {
        let caller = loop {
            match (&mut self.caller, &self.listener) {
                (Some(caller), _) => break caller,
                (None, None) => std::future::pending().await,
                (None, Some(listener)) => {
                    let accepted = listener.accept().await;
                    self.caller = accepted.ok().map(|(stream, _)| Caller::new(stream));
                }
            }
        };
        match caller.requests.next_line().await {
            Ok(Some(line)) => match serde_json::from_str(&line) {
                Ok(request) => Asked::Request(request),
                Err(error) => Asked::Nonsense(error.to_string()),
            },
            Ok(None) | Err(_) => Asked::HungUp,
        }
    }

    /// Answers the caller. One that is gone is noticed by [`next`](Self::next).
    pub(super) async fn reply(&mut self, reply: &Reply) {
        if let Some(caller) = &mut self.caller {
            let line = serde_json::to_string(reply).expect("it has only names and numbers") + "\n";
            let _ = caller.replies.write_all(line.as_bytes()).await;
        }
    }

    /// Ends the connection: all that was asked for is undone.
    pub(super) fn hang_up(&mut self) {
        self.caller = None;
    }
}

impl Caller {
    fn new(stream: UnixStream) -> Self {
        let (requests, replies) = stream.into_split();
        Self {
            requests: BufReader::new(requests.take(MAX_BYTES)).lines(),
            replies,
        }
    }
}

impl Drop for Control {
    fn drop(&mut self) {
        if self.listener.is_some() {
            // It is in nobody's way: the next launcher with this port takes its place.
            let _ = fs::remove_file(&self.path);
        }
    }
}

fn listen(path: &Path) -> io::Result<UnixListener> {
    // The gateway's port is ours, so a file that is there was left by a launcher that was killed.
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    let listener = UnixListener::bind(path)?;
    fs::set_permissions(path, Permissions::from_mode(0o600))?;
    Ok(listener)
}

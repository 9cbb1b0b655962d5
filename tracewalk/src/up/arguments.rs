use std::{net::SocketAddr, path::Path, time::Duration};

use anyhow::Context as _;

use super::child::Ready;

/// The command line of a child. Every address is given, so that no variable of the environment can
/// send all three to one place.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Arguments(Vec<String>);

impl Arguments {
    pub(super) fn new(listen: SocketAddr, admin_listen: SocketAddr, grace: Duration) -> Self {
        Self(Vec::new())
            .flag("--listen", &listen)
            .flag("--admin-listen", &admin_listen)
            .flag("--grace", &humantime::format_duration(grace))
            .faults()
            .flag("--capture-metadata", &"traceparent,baggage")
    }

    /// # Errors
    /// When the path is not UTF-8, which the database URL must be.
    pub(super) fn database(self, path: &Path) -> anyhow::Result<Self> {
        let path = path
            .to_str()
            .with_context(|| format!("expected UTF-8 as --data-dir, found {}", path.display()))?;
        Ok(self.flag("--database-url", &format!("sqlite://{path}")))
    }

    /// Allows faults: this is a demonstration, and it listens on this machine alone.
    fn faults(mut self) -> Self {
        self.0.push("--faults".to_owned());
        self
    }

    /// With this value of a flag, in place of another one.
    pub(super) fn flag(mut self, name: &str, value: &impl ToString) -> Self {
        match self.0.iter().position(|word| word == name) {
            Some(place) => self.0[place + 1] = value.to_string(),
            None => self.0.extend([name.to_owned(), value.to_string()]),
        }
        self
    }

    /// With this value of a flag, if there is one.
    pub(super) fn flag_if(self, name: &str, value: Option<&impl ToString>) -> Self {
        match value {
            Some(value) => self.flag(name, value),
            None => self,
        }
    }

    /// With the ports that it has now, so that another process can take its place.
    pub(super) fn at(self, ready: &Ready) -> Self {
        let ports = [
            ("--listen", Some(ready.grpc)),
            ("--admin-listen", Some(ready.admin)),
            ("--http-listen", ready.http),
        ];
        ports.into_iter().fold(self, |arguments, (name, address)| {
            match (arguments.address(name), address) {
                (Some(mut listen), Some(address)) => {
                    listen.set_port(address.port());
                    arguments.flag(name, &listen)
                }
                _ => arguments,
            }
        })
    }

    fn address(&self, name: &str) -> Option<SocketAddr> {
        let place = self.0.iter().position(|word| word == name)?;
        self.0.get(place + 1)?.parse().ok()
    }

    pub(super) fn words(&self) -> &[String] {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::{Arguments, Ready};

    #[test]
    fn the_next_process_has_the_ports_of_the_one_before_and_what_was_changed() {
        let any = "0.0.0.0:0".parse().unwrap();
        let arguments = Arguments::new(any, any, Duration::from_secs(1)).flag("--auth", &"off");
        let ready = Ready {
            grpc: "127.0.0.1:7".parse().unwrap(),
            admin: "127.0.0.1:8".parse().unwrap(),
            http: None,
        };
        let next = arguments
            .at(&ready)
            .flag("--auth", &"auth")
            .words()
            .join(" ");
        assert!(
            next.starts_with("--listen 0.0.0.0:7 --admin-listen 0.0.0.0:8 "),
            "{next}"
        );
        assert!(next.ends_with(" --auth auth"), "{next}");
    }
}

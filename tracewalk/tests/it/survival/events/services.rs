//! The services of the test, which are killed and started again.

use database::test_support::TestDatabase;

use crate::support::{Collector, Process};

/// `user` and `profile` as processes, which are killed and started again.
pub(in crate::survival) struct Services {
    pub(in crate::survival) collector: Collector,
    pub(in crate::survival) user: Process,
    profile: Process,
    flags: [Vec<String>; 2],
}

impl Services {
    /// Starts them with these databases; `events` is how events get from one to the other.
    pub(in crate::survival) async fn start(databases: &[TestDatabase; 2], events: &str) -> Self {
        let collector = Collector::start();
        let [user_url, profile_url] = [0, 1].map(|place| {
            let url = databases[place].url().to_string();
            // A URL is printed without its user, which PostgreSQL needs.
            url.replace("postgres://", "postgres://tracewalk@")
        });
        let of_profile = ["--events", events, "--database-url", &profile_url];
        let profile = Process::service("profile", &collector.endpoint, &of_profile, &[]);
        let profile_at = profile.address("grpc").await.to_string();
        let target = format!("static:///{profile_at}");
        let of_user = [
            "--events",
            events,
            "--database-url",
            &user_url,
            "--profile",
            &target,
        ];
        let user = Process::service("user", &collector.endpoint, &of_user, &[]);
        let user_at = user.address("grpc").await.to_string();
        let listen = |at: String, words: &[&str]| {
            let words = words.iter().map(|word| (*word).to_owned());
            words.chain(["--listen".to_owned(), at]).collect()
        };
        Self {
            flags: [listen(user_at, &of_user), listen(profile_at, &of_profile)],
            collector,
            user,
            profile,
        }
    }

    /// Kills one of them, and starts it again at its address.
    pub(in crate::survival) async fn kill(&mut self, place: usize) {
        let service = [&mut self.user, &mut self.profile]
            .into_iter()
            .nth(place)
            .expect("two services");
        service.signal("KILL").await;
        service.ended().await;
        let name = service.name.clone();
        let words: Vec<_> = self.flags[place].iter().map(String::as_str).collect();
        *service = Process::service(&name, &self.collector.endpoint, &words, &[]);
        service.address("grpc").await;
    }
}

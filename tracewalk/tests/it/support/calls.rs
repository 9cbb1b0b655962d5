use std::net::SocketAddr;

use proto::{
    gateway::v1::{
        CreateUserRequest, GetUserRequest, ImportUsersRequest, LookupUsersRequest,
        WatchUserRequest, gateway_service_client::GatewayServiceClient,
    },
    user::v1::NewUser,
};
use tonic::{Code, Request, Response, Status, metadata::MetadataMap, transport::Channel};

/// A client of the gateway that notes how each call ended.
#[derive(Clone, Debug)]
pub(crate) struct Caller {
    pub(crate) gateway: GatewayServiceClient<Channel>,
}

/// How a call ended.
#[derive(Clone, Debug)]
pub(crate) struct Seen {
    pub(crate) code: Code,
    /// By the response metadata `x-trace-id`; empty when there was none.
    pub(crate) trace_id: String,
    /// How many messages came.
    pub(crate) messages: usize,
}

impl Caller {
    pub(crate) async fn connect(gateway: SocketAddr) -> Self {
        let gateway = GatewayServiceClient::connect(format!("http://{gateway}")).await;
        Self {
            gateway: gateway.expect("the gateway accepts connections"),
        }
    }

    pub(crate) async fn get(&mut self, user_id: &str) -> Seen {
        self.get_with(user_id, MetadataMap::new()).await
    }

    pub(crate) async fn get_with(&mut self, user_id: &str, metadata: MetadataMap) -> Seen {
        let mut request = Request::new(GetUserRequest {
            user_id: user_id.to_owned(),
        });
        *request.metadata_mut() = metadata;
        Seen::of_one(self.gateway.get_user(request).await)
    }

    pub(crate) async fn create(&mut self, email: &str) -> Seen {
        let request = CreateUserRequest {
            user: Some(new_user(email)),
        };
        Seen::of_one(self.gateway.create_user(request).await)
    }

    pub(crate) async fn watch(&mut self, user_id: &str, updates: u32) -> Seen {
        let interval = std::time::Duration::from_millis(20).try_into().ok();
        let request = WatchUserRequest {
            user_id: user_id.to_owned(),
            updates,
            interval,
        };
        Seen::of_many(self.gateway.watch_user(request).await).await
    }

    pub(crate) async fn import(&mut self, emails: &[&str]) -> Seen {
        let users = emails.iter().map(|email| ImportUsersRequest {
            user: Some(new_user(email)),
        });
        let users: Vec<_> = users.collect();
        Seen::of_one(self.gateway.import_users(tokio_stream::iter(users)).await)
    }

    pub(crate) async fn lookup(&mut self, user_ids: &[&str]) -> Seen {
        let ids = user_ids.iter().map(|id| LookupUsersRequest {
            user_id: (*id).to_owned(),
        });
        let ids: Vec<_> = ids.collect();
        Seen::of_many(self.gateway.lookup_users(tokio_stream::iter(ids)).await).await
    }
}

pub(crate) fn new_user(email: &str) -> NewUser {
    NewUser {
        name: "Ada".to_owned(),
        email: email.to_owned(),
        bio: "Wrote the first program.".to_owned(),
        city: "London".to_owned(),
    }
}

impl Seen {
    fn of_one<T>(answer: Result<Response<T>, Status>) -> Self {
        match answer {
            Ok(answer) => Self {
                code: Code::Ok,
                trace_id: id(answer.metadata()),
                messages: 1,
            },
            Err(status) => Self::refused(&status),
        }
    }

    async fn of_many<T>(answer: Result<Response<tonic::Streaming<T>>, Status>) -> Self {
        let answer = match answer {
            Ok(answer) => answer,
            Err(status) => return Self::refused(&status),
        };
        let mut seen = Self {
            code: Code::Ok,
            trace_id: id(answer.metadata()),
            messages: 0,
        };
        let mut stream = answer.into_inner();
        loop {
            match stream.message().await {
                Ok(Some(_)) => seen.messages += 1,
                Ok(None) => return seen,
                Err(status) => {
                    return Self {
                        code: status.code(),
                        ..seen
                    };
                }
            }
        }
    }

    fn refused(status: &Status) -> Self {
        Self {
            code: status.code(),
            trace_id: id(status.metadata()),
            messages: 0,
        }
    }
}

fn id(metadata: &MetadataMap) -> String {
    let id = metadata.get("x-trace-id").and_then(|id| id.to_str().ok());
    id.unwrap_or_default().to_owned()
}

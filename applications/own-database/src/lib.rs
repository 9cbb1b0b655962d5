//! A shop: each order is a row, written with its item's stock in one transaction.

tonic::include_proto!("shop.v1");

use shop_service_server::ShopService;
use tonic::{Request, Response, Status};
use tonic_telemetry_sqlx::{SqliteConnection, SqlitePool};

/// Of the contract.
pub const DESCRIPTOR: &[u8] = tonic::include_file_descriptor_set!("shop");

#[derive(Debug)]
pub struct Shop {
    pub pool: SqlitePool,
}

impl Shop {
    /// The number of the order; `None` where there is no such item.
    async fn sell(&self, item: &str) -> sqlx::Result<Option<i64>> {
        let price: Option<i64> = sqlx::query_scalar("SELECT price FROM items WHERE name = $1")
            .bind(item.to_owned())
            .fetch_optional(&self.pool)
            .await?;
        let Some(price) = price else { return Ok(None) };
        let mut transaction = self.pool.begin().await?;
        let number = insert(&mut transaction, item, price).await?;
        sqlx::query("UPDATE items SET stock = stock - 1 WHERE name = $1")
            .bind(item.to_owned())
            .execute(&mut *transaction)
            .await?;
        transaction.commit().await?;
        Ok(Some(number))
    }
}

async fn insert(connection: &mut SqliteConnection, item: &str, price: i64) -> sqlx::Result<i64> {
    let insert = "INSERT INTO orders (item, price) VALUES ($1, $2) RETURNING number";
    sqlx::query_scalar(insert)
        .bind(item.to_owned())
        .bind(price)
        .fetch_one(connection)
        .await
}

#[tonic::async_trait]
impl ShopService for Shop {
    async fn order(&self, request: Request<OrderRequest>) -> Result<Response<OrderReply>, Status> {
        let item = request.into_inner().item;
        match self.sell(&item).await {
            Ok(Some(number)) => Ok(Response::new(OrderReply { number })),
            Ok(None) => Err(Status::not_found("no such item")),
            Err(error) => match error.as_database_error() {
                Some(error) if error.is_check_violation() => {
                    Err(Status::failed_precondition("sold out"))
                }
                _ => Err(Status::internal("the database failed")),
            },
        }
    }
}

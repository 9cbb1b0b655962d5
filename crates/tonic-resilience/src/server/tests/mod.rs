mod drain;
mod fixture;
mod limits;

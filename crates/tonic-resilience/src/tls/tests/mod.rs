mod calls;
mod fixture;
mod strangers;

mod calls;
mod fixture;
mod own_configs;
mod strangers;

//! The hub: the one place that owns the truth of a household. The README draws the map.

pub mod app;
pub mod auth;
pub mod backup;
pub mod bus;
pub mod clock;
pub mod command;
pub mod config;
pub mod db;
pub mod devices;
pub mod error;
pub mod health;
pub mod house;
pub mod http;
pub mod jobs;
pub mod kitchen;
pub mod media;
pub mod mqtt;
pub mod notify;
pub mod post;
pub mod reach;
pub mod service;
pub mod telemetry;
#[cfg(any(test, feature = "testing"))]
pub mod testing;
pub mod trail;

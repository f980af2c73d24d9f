//! The one test binary: a module per slice, on the ground that `support` lays.

#![allow(clippy::unwrap_used, reason = "a test that meets the unexpected must stop")]

mod admin;
mod cli;
mod connect;
mod connect_facebook;
mod crash;
mod desk;
mod desk_facebook;
mod desk_keyboard;
mod desk_replay;
mod doors;
mod faults;
mod first_run;
mod forum;
mod ground_db;
mod ground_schema;
mod ground_support;
mod ground_tls;
mod ground_web;
mod house_rules;
mod inbound;
mod inbound_facebook;
mod long_posts;
mod meter;
mod moderation;
mod networks_facebook;
mod networks_x;
mod outage;
mod pictures_out;
mod private;
mod queue;
mod replay;
mod search;
mod sim_facebook;
mod sim_x;
mod support;
mod the_loop;
mod tools;
mod upkeep;
mod verifying;

//! Outbound: deliveries, from the transaction that wants one to the network's answer, never twice.

pub mod state;

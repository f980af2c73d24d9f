//! Who cannot see well, or has no mouse: every page under axe-core, the main ways by keyboard alone, and what arrives while
//! somebody reads.

mod arriving;
mod axe;
mod keyboard;
mod pages;
mod walk;

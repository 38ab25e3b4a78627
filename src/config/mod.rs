//! The settings: TOML, one small struct a section, every key with its default.

pub mod secret;

//! The program: see `renkei --help`.

fn main() {}

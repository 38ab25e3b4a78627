#![no_main]
libfuzzer_sys::fuzz_target!(|bytes: &[u8]| renkei::intake::probe::sender(bytes));

#![no_main]
libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    if let Ok(text) = std::str::from_utf8(bytes)
        && let Ok(config) = toml::from_str::<renkei::config::Config>(text)
    {
        let _ = config.validate();
    }
});

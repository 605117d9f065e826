#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| convene_tests_parsers::feed("pasted_link", bytes));

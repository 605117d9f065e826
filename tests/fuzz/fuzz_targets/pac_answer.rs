#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| convene_tests_parsers::feed("pac_answer", bytes));

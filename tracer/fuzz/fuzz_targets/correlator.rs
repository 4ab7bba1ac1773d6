#![no_main]

mailfate_fuzz::fuzz_target!("correlator");

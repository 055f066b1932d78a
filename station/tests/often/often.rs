//! How often something is repeated.

/// So often; a tenth of that where every instruction is emulated, which shows the same in a tenth of the time.
pub(crate) fn often(times: usize) -> usize {
    if std::env::var_os("HEARTH_TEST_EMULATED").is_some() { times.div_ceil(10) } else { times }
}

// What JavaScript provides: the heavy precompiles.

/**
 * Runs a precompile: writes its output to `to` and the output's length to `lengthAt`.
 * Answers the gas used, or −1 for failure. `gas` is an integer below 2^53.
 */
// @ts-ignore: decorator
@external('host', 'precompile')
export declare function precompile(address: u32, from: usize, length: u32, gas: f64, to: usize, lengthAt: usize): f64;

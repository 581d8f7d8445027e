// What JavaScript provides. It is called only where the base state lacks a key and for heavy precompiles.

/** Fills the record of an account: balance, nonce, RECORD_HAS_STORAGE. */
// @ts-ignore: decorator
@external('host', 'missAccount')
export declare function missAccount(key: u32): void;

/** Fills the record of an account's code with the number that internCode gives it. */
// @ts-ignore: decorator
@external('host', 'missCode')
export declare function missCode(key: u32): void;

/** Fills the record of a slot. */
// @ts-ignore: decorator
@external('host', 'missSlot')
export declare function missSlot(key: u32): void;

/**
 * Runs a precompile: writes its output to `to` and the output's length to the worker's W_OUTPUT_LENGTH.
 * Answers the gas used, or −1 for failure. `gas` is an integer below 2^53.
 */
// @ts-ignore: decorator
@external('host', 'precompile')
export declare function precompile(address: u32, from: usize, length: u32, gas: f64, to: usize): f64;

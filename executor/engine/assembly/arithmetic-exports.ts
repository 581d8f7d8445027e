// The arithmetic by number, so that tests can hold it against BigInt.
import * as u256 from './u256';
import { saturated, setU64 } from './words';

/** By how many bits to shift: 256 is as good as more. */
function bits(word: usize): u32 {
  return <u32>min<u64>(saturated(word), 256);
}

/** `operation` is the opcode; operands in the order of the stack, top first. */
export function arithmetic(operation: i32, to: usize, a: usize, b: usize, c: usize): void {
  switch (operation) {
    case 0x01:
      u256.add(to, a, b);
      break;
    case 0x02:
      u256.multiply(to, a, b);
      break;
    case 0x03:
      u256.subtract(to, a, b);
      break;
    case 0x04:
      u256.divide(to, a, b);
      break;
    case 0x05:
      u256.signedDivide(to, a, b);
      break;
    case 0x06:
      u256.modulo(to, a, b);
      break;
    case 0x07:
      u256.signedModulo(to, a, b);
      break;
    case 0x08:
      u256.addModulo(to, a, b, c);
      break;
    case 0x09:
      u256.multiplyModulo(to, a, b, c);
      break;
    case 0x0a:
      u256.power(to, a, b);
      break;
    case 0x0b:
      u256.signExtend(to, a, b);
      break;
    case 0x10:
      setU64(to, u64(u256.lessThan(a, b)));
      break;
    case 0x12:
      setU64(to, u64(u256.signedLessThan(a, b)));
      break;
    case 0x1a:
      u256.byteAt(to, a, b);
      break;
    case 0x1b:
      u256.shiftLeft(to, b, bits(a));
      break;
    case 0x1c:
      u256.shiftRight(to, b, bits(a));
      break;
    case 0x1d:
      u256.shiftRightSigned(to, b, bits(a));
      break;
  }
}

import type { Address, BlockSnapshot, Hex, Transaction } from '../../types.js';

/** `0x`, the selector and the word of the recipient: what a call of transfer(address,uint256) starts with. */
const SELECTOR_LENGTH = 10;
const WORD_LENGTH = 64;

/** Takes a block of ERC-20 transfers, a holder each, apart: each holder hands on to the next, who is the next sender. */
export function chainedTransfers(block: BlockSnapshot): BlockSnapshot {
  const people = peopleOf(block);
  return withTransfers(block, (index) => ({
    from: people(index),
    to: people(index + 1),
    nonce: nonceOf(block, people(index)),
  }));
}

/** The first holder makes all transfers, each to another one: every nonce, and the sender's tokens, wait for the one before. */
export function transfersOfOneSender(block: BlockSnapshot): BlockSnapshot {
  const people = peopleOf(block);
  const nonce = nonceOf(block, people(0));
  return withTransfers(block, (index) => ({ from: people(0), to: people(index + 1), nonce: nonce + index }));
}

function nonceOf({ preState }: BlockSnapshot, address: Address): number {
  return preState.get(address)?.nonce ?? 0;
}

interface Transfer {
  readonly from: Address;
  readonly to: Address;
  readonly nonce: number;
}

/** The header says no more what the block comes to. */
function withTransfers(block: BlockSnapshot, transferAt: (index: number) => Transfer): BlockSnapshot {
  const transactions = block.transactions.map((transaction): Transaction => {
    const { from, to, nonce } = transferAt(transaction.index);
    return { ...transaction, from, nonce, input: withRecipient(transaction.input, to) };
  });
  return { ...block, transactions, header: { ...block.header, receiptsRoot: null, logsBloom: null } };
}

/** Senders and recipients in order of appearance; all of them hold tokens before the block. */
function peopleOf({ transactions }: BlockSnapshot): (index: number) => Address {
  const people = [...new Set(transactions.flatMap(({ from, input }) => [from, recipientOf(input)]))];
  return (index) => {
    const person = people[index];
    if (person === undefined) throw new RangeError(`The block has ${people.length} holders, too few for ${index + 1}.`);
    return person;
  };
}

function recipientOf(input: Hex): Address {
  const end = SELECTOR_LENGTH + WORD_LENGTH;
  return `0x${input.slice(end - 40, end)}`;
}

function withRecipient(input: Hex, recipient: Address): Hex {
  const word = recipient.slice(2).padStart(WORD_LENGTH, '0');
  return `${input.slice(0, SELECTOR_LENGTH) as Hex}${word}${input.slice(SELECTOR_LENGTH + WORD_LENGTH)}`;
}

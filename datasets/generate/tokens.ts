import type { Address } from '../../types.js';
import { padWord, utf8, word } from './bytes.js';
import type { Site } from './site.js';
import { UNLIMITED, type Token } from './world.js';

/** What a holder of a token starts with, of 18 decimals. */
export const HOLDING = 10n ** 24n;
/**
 * All tokens that exist of each kind. Holders' balances are written straight into the contract's mapping when a block
 * first names them; what is not written yet belongs to holders not yet seen, so the supply covers every balance.
 */
const SUPPLY = 10n ** 33n;

/** Where the compiled contracts keep their mappings: OpenZeppelin 4.9.6, canonical WETH9. */
const FIXED_SUPPLY_LAYOUT = { balances: word(0), allowances: word(1) };
const MINTABLE_LAYOUT = { balances: word(2), allowances: word(3) };
const MINTABLE_SUPPLY = word(4);
const WETH_LAYOUT = { balances: word(3), allowances: word(4) };

/** OpenZeppelin's ERC20PresetFixedSupply, whose constructor gives the whole supply to the deployer. */
export function deployFixedToken(site: Site, name: string): Token {
  const text = { bytes: utf8(name) };
  return { address: site.deploy('fixedSupplyToken', [text, text, SUPPLY, site.deployer]), ...FIXED_SUPPLY_LAYOUT };
}

/** OpenZeppelin's ERC20PresetMinterPauser: every transfer reads the pause flag too. */
export function deployPausableToken(site: Site, name: string): Token {
  return { address: site.deploy('mintableToken', [{ bytes: utf8(name) }, { bytes: utf8(name) }]), ...MINTABLE_LAYOUT };
}

/** A pausable token behind OpenZeppelin's TransparentUpgradeableProxy: calls read administrator and implementation. */
export function deployProxiedToken(site: Site, implementation: Address): Token {
  const administrator = site.codec.addressOf('administrator of the proxies');
  return { address: site.deploy('proxy', [implementation, administrator, { bytes: '0x' }]), ...MINTABLE_LAYOUT };
}

/** A copy of a token that was really deployed: its code and storage at another address. */
export function copyToken(site: Site, template: Token, name: string): Token {
  const address = site.codec.addressOf(`${template.address}/${name}`);
  site.world.putContract(address, site.world.codeOf(template.address), site.world.storageOf(template.address));
  return { ...template, address };
}

export function deployWeth(site: Site): Token {
  return { address: site.deploy('weth'), ...WETH_LAYOUT };
}

/** Covers what holders start with. Call it after the token's creation was executed. */
export function settleSupply(site: Site, token: Token): void {
  const { world, deployer, codec } = site;
  // WETH's supply is its own balance of ether.
  if (token.balances === WETH_LAYOUT.balances) world.setBalance(token.address, SUPPLY);
  if (token.balances === MINTABLE_LAYOUT.balances) world.setSlot(token.address, MINTABLE_SUPPLY, SUPPLY);
  world.setSlot(token.address, codec.mappingSlot(padWord(deployer), token.balances), SUPPLY / 10n);
}

/** Queues the deployer's consent to spend a token through `spender`. */
export function approveAsDeployer(site: Site, token: Token, spender: Address): void {
  site.call(token.address, 'approve(address,uint256)', { values: [spender, UNLIMITED] });
}

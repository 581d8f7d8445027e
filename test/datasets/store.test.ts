import { describe } from 'vitest';
import { defineStoreTests, hasChdb, temporaryFolder } from './store-suite.js';

describe.skipIf(!hasChdb)('the store in a folder', () => {
  defineStoreTests(() => ({ path: temporaryFolder() }));
});

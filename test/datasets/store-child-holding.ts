import { once } from 'node:events';
import { openStore } from '../../datasets/store/index.js';

/** Holds the store in the folder argv[2] from the word `open` on stdout until something arrives on stdin. */
const store = await openStore({ path: process.argv[2] });
process.stdout.write('open\n');
await once(process.stdin, 'data');
await store.close();
process.exit(0);

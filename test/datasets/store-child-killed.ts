import { connect, type Database } from '../../datasets/store/client.js';
import { ingest } from '../../datasets/store/ingest.js';
import { migrate } from '../../datasets/store/migrate.js';
import { crashRecords } from './store-records.js';

/** Ingests into the folder argv[2] and kills this process, unprepared, right before insert number argv[3] of a batch. */
const [, , path = '', point = ''] = process.argv;

const database = await connect({ path });
await migrate(database);
let inserts = 0;
const mortal: Database = {
  target: database.target,
  exclusive: database.exclusive,
  cluster: null,
  select: (query, decode) => database.select(query, decode),
  stream: (query, decode) => database.stream(query, decode),
  command: (sql) => database.command(sql),
  insert: (...args) => {
    if (inserts === Number(point)) process.kill(process.pid, 'SIGKILL');
    inserts += 1;
    return database.insert(...args);
  },
  close: () => database.close(),
};
await ingest(mortal, crashRecords());

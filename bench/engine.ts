import { writeFile } from 'node:fs/promises';
import { printJson, printNotice, printResult } from '../cli/terminal.js';
import { runCommand } from './command.js';
import { createBenchCommand, settingsOf, type BenchFlags } from './engine/options.js';
import { renderBench } from './engine/render.js';
import { runBench } from './engine/run.js';

const command = createBenchCommand();

process.exitCode = await runCommand(command, async () => {
  const flags = command.opts<BenchFlags>();
  const document = await runBench(settingsOf(flags), printNotice);
  if (flags.out !== undefined) await writeFile(flags.out, `${JSON.stringify(document, null, 1)}\n`);
  if (flags.json === true) printJson(document);
  else printResult(renderBench(document));
  return document.failures.length === 0;
});

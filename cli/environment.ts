import { cpus } from 'node:os';

/** What a document says of the machine and the software that it comes from. */
export interface Environment {
  readonly node: string;
  readonly cpu: string;
  readonly cores: number;
  /** Of TensorFlow.js; null where it trained nothing. */
  readonly tfBackend: string | null;
}

export function describeEnvironment(tfBackend: string | null): Environment {
  const processors = cpus();
  return { node: process.versions.node, cpu: processors[0]?.model ?? 'unknown', cores: processors.length, tfBackend };
}

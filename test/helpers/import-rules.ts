import ts from 'typescript';
import { posix } from 'node:path';

/** One import, export-from or dynamic import of a source file. */
interface ImportEdge {
  readonly from: string;
  /** A project path for a relative import, else the package name. */
  readonly to: string;
  readonly typeOnly: boolean;
}

interface RoomRule {
  readonly value: readonly string[];
  readonly typeOnly?: readonly string[];
}

/** Who may import whom; everyone may import the vocabulary and the errors at the root. */
const ROOMS: Readonly<Record<string, RoomRule>> = {
  '': { value: [] },
  datasets: { value: [] },
  scheduler: { value: [] },
  executor: { value: ['scheduler'] },
  model: { value: ['datasets'], typeOnly: ['scheduler'] },
  cli: { value: ['datasets', 'scheduler', 'executor', 'model', 'server'] },
  server: { value: ['datasets', 'scheduler', 'executor', 'model'] },
  test: { value: ['datasets', 'scheduler', 'executor', 'model', 'server', 'cli', 'bench', 'examples'] },
  examples: { value: [] },
  bench: { value: ['datasets', 'scheduler', 'executor', 'model', 'server', 'cli'] },
};

/** Packages that exactly one source file may import (tests aside). */
const SINGLE_IMPORTER: readonly (readonly string[])[] = [
  [
    '@tensorflow/tfjs',
    '@tensorflow/tfjs-core',
    '@tensorflow/tfjs-layers',
    '@tensorflow/tfjs-backend-cpu',
    '@tensorflow/tfjs-backend-wasm',
    '@tensorflow/tfjs-node',
  ],
  ['piscina'],
  ['express'],
  ['@clickhouse/client', 'chdb'],
  ['helmet', 'express-rate-limit'],
  ['pino'],
  ['prom-client'],
  ['zod-openapi'],
  ['cli-progress'],
  ['cli-table3'],
  ['p-limit'],
  ['p-map'],
  ['@observablehq/plot', 'linkedom'],
];

const WORKER_FORBIDDEN = ['@tensorflow/', 'express', '@clickhouse/', 'chdb', 'piscina'];
/** What runs in browsers: of the rest of the house it may know types, and packages come to it as plain scripts. */
const BROWSER_ROOM = 'server/dashboard/browser/';
const WORKER_ENTRY = /^executor\/(?:.*\/)?worker\.ts$/;

/**
 * Checks a set of source files (project path → text) against the import rules of ARCHITECTURE.md.
 * Returns one line per violation; an empty list means that the house is in order.
 */
export function findImportViolations(files: ReadonlyMap<string, string>): string[] {
  const edges = [...files].flatMap(([path, text]) => readImports(path, text));
  return [
    ...edges.filter((edge) => !isAllowed(edge)).map((edge) => `${edge.from} may not import ${edge.to}`),
    ...findSharedPackages(edges),
    ...findCycles(edges),
    ...findWorkerViolations(edges),
    ...findBrowserViolations(edges),
    ...findDefaultExports(files),
    ...findMutableState(files),
  ];
}

function readImports(path: string, text: string): ImportEdge[] {
  const edges: ImportEdge[] = [];
  const add = (specifier: string, typeOnly: boolean): void => {
    edges.push({ from: path, to: resolveSpecifier(path, specifier), typeOnly });
  };
  const visit = (node: ts.Node): void => {
    if (ts.isImportDeclaration(node) && ts.isStringLiteral(node.moduleSpecifier)) {
      add(node.moduleSpecifier.text, node.importClause?.phaseModifier === ts.SyntaxKind.TypeKeyword);
    } else if (ts.isExportDeclaration(node) && node.moduleSpecifier && ts.isStringLiteral(node.moduleSpecifier)) {
      add(node.moduleSpecifier.text, node.isTypeOnly);
    } else if (ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword) {
      const [argument] = node.arguments;
      if (argument && ts.isStringLiteral(argument)) add(argument.text, false);
    } else if (ts.isImportTypeNode(node) && ts.isLiteralTypeNode(node.argument)) {
      if (ts.isStringLiteral(node.argument.literal)) add(node.argument.literal.text, true);
    }
    ts.forEachChild(node, visit);
  };
  visit(parse(path, text));
  return edges;
}

function parse(path: string, text: string): ts.SourceFile {
  return ts.createSourceFile(path, text, ts.ScriptTarget.ES2023, true);
}

function resolveSpecifier(from: string, specifier: string): string {
  if (specifier.startsWith('.')) {
    return posix.normalize(posix.join(posix.dirname(from), specifier)).replace(/\.js$/, '.ts');
  }
  const parts = specifier.split('/');
  return specifier.startsWith('@') ? parts.slice(0, 2).join('/') : (parts[0] ?? specifier);
}

function roomOf(path: string): string {
  return path.includes('/') ? (path.split('/')[0] ?? '') : '';
}

function isProjectFile(path: string): boolean {
  return path.endsWith('.ts') || path.endsWith('.json') ? !path.startsWith('@') : false;
}

function isAllowed(edge: ImportEdge): boolean {
  if (!isProjectFile(edge.to)) return true;
  if (edge.to === 'types.ts' || edge.to === 'errors.ts') return true;
  const [from, to] = [roomOf(edge.from), roomOf(edge.to)];
  const rule = ROOMS[from];
  if (rule === undefined) return false;
  if (from === to && from !== '') return true;
  return rule.value.includes(to) || (edge.typeOnly && (rule.typeOnly ?? []).includes(to));
}

function findSharedPackages(edges: readonly ImportEdge[]): string[] {
  return SINGLE_IMPORTER.flatMap((packages) => {
    const importers = new Set(
      edges
        .filter(
          (edge) =>
            packages.includes(edge.to) && !edge.typeOnly && !['test', 'bench', 'examples'].includes(roomOf(edge.from)),
        )
        .map((edge) => edge.from),
    );
    return importers.size > 1 ? [`${packages.join(', ')} imported by ${[...importers].join(' and ')}`] : [];
  });
}

function findCycles(edges: readonly ImportEdge[]): string[] {
  const targets = valueGraph(edges);
  const state = new Map<string, 'open' | 'done'>();
  const cycles: string[] = [];
  const walk = (path: string, trail: readonly string[]): void => {
    if (state.get(path) === 'done') return;
    if (state.get(path) === 'open') {
      cycles.push(`cycle: ${[...trail.slice(trail.indexOf(path)), path].join(' → ')}`);
      return;
    }
    state.set(path, 'open');
    for (const next of targets.get(path) ?? []) walk(next, [...trail, path]);
    state.set(path, 'done');
  };
  for (const path of targets.keys()) walk(path, []);
  return cycles;
}

function valueGraph(edges: readonly ImportEdge[]): Map<string, string[]> {
  const graph = new Map<string, string[]>();
  for (const edge of edges) {
    if (edge.typeOnly) continue;
    const list = graph.get(edge.from) ?? [];
    list.push(edge.to);
    graph.set(edge.from, list);
  }
  return graph;
}

function findWorkerViolations(edges: readonly ImportEdge[]): string[] {
  const graph = valueGraph(edges);
  return [...graph.keys()]
    .filter((path) => WORKER_ENTRY.test(path))
    .flatMap((entry) =>
      [...reachable(graph, entry)]
        .filter((target) => WORKER_FORBIDDEN.some((name) => target === name || target.startsWith(name)))
        .map((target) => `worker entry ${entry} reaches ${target}`),
    );
}

function findBrowserViolations(edges: readonly ImportEdge[]): string[] {
  return edges
    .filter((edge) => edge.from.startsWith(BROWSER_ROOM) && !edge.typeOnly && !edge.to.startsWith(BROWSER_ROOM))
    .map((edge) => `browser code ${edge.from} may not import ${edge.to}`);
}

function reachable(graph: ReadonlyMap<string, readonly string[]>, entry: string): Set<string> {
  const seen = new Set<string>([entry]);
  for (const path of seen) for (const next of graph.get(path) ?? []) seen.add(next);
  return seen;
}

function findDefaultExports(files: ReadonlyMap<string, string>): string[] {
  return [...files].flatMap(([path, text]) =>
    parse(path, text).statements.some(isDefaultExport) ? [`${path} has a default export`] : [],
  );
}

function isDefaultExport(statement: ts.Statement): boolean {
  if (ts.isExportAssignment(statement)) return true;
  return ts.canHaveModifiers(statement)
    ? (ts.getModifiers(statement) ?? []).some((modifier) => modifier.kind === ts.SyntaxKind.DefaultKeyword)
    : false;
}

function findMutableState(files: ReadonlyMap<string, string>): string[] {
  return [...files].flatMap(([path, text]) =>
    parse(path, text).statements.some(
      (statement) => ts.isVariableStatement(statement) && !(statement.declarationList.flags & ts.NodeFlags.Const),
    )
      ? [`${path} has mutable state at module level`]
      : [],
  );
}

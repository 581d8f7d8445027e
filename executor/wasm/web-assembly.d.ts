/** The part of WebAssembly that the engine's host uses: TypeScript knows it from browsers only. */
declare namespace WebAssembly {
  class Memory {
    readonly buffer: SharedArrayBuffer;
    constructor(descriptor: { readonly initial: number; readonly maximum: number; readonly shared: true });
  }
  type Module = object;
  const Module: new (bytes: Uint8Array<ArrayBuffer>) => Module;
  class Instance {
    readonly exports: object;
    constructor(module: Module, imports: Readonly<Record<string, object>>);
  }
}

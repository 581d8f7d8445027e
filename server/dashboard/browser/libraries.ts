import type * as D3Module from 'd3';
import type * as PlotModule from '@observablehq/plot';

interface Libraries {
  readonly d3: typeof D3Module;
  readonly Plot: typeof PlotModule;
}

/** The page loads the libraries' own builds as plain scripts before any module; they put themselves on the global object. */
export const { d3, Plot } = globalThis as unknown as Libraries;

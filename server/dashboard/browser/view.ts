import { placeholder } from './dom.js';
import type { Action, DashboardState, Resource } from './state.js';

/** Draws what it is responsible for; called with every new state. */
export type View = (state: DashboardState) => void;

export type Dispatch = (action: Action) => void;

/** Calls `render` only where one of the values differs from those of the last call. */
export function whenChanged<T extends readonly unknown[]>(render: (...values: T) => void): (...values: T) => void {
  let last: T | null = null;
  return (...values) => {
    if (last !== null && values.length === last.length && values.every((value, index) => value === last?.[index]))
      return;
    last = values;
    render(...values);
  };
}

/** Why a resource is not drawn; null where it is there. */
export function whyMissing<T>(resource: Resource<T>): HTMLElement | null {
  switch (resource.status) {
    case 'loading':
      return placeholder('Loading …', 'loading');
    case 'failed':
      return placeholder(resource.message, 'failed');
    case 'ready':
      return null;
  }
}

/** What all charts have in common. */
export const CHART_STYLE = {
  background: 'none',
  color: 'inherit',
  fontFamily: 'inherit',
  fontSize: '12px',
  fontVariant: 'tabular-nums',
} as const;

/** A graphic has a name and a description in place of its many parts. */
export function describeGraphic(graphic: Element, description: string): void {
  graphic.setAttribute('role', 'img');
  graphic.setAttribute('aria-label', description);
}

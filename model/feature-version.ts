/**
 * Version of everything that decides what a network's inputs mean: features, their levels and order, the statistics that
 * they are read from and how those decay. A change to any of them needs the next number, because networks that were
 * trained on the old ones would silently say nonsense.
 */
export const FEATURE_VERSION = 1;

import express from 'express';
import type { Express, RequestHandler } from 'express';

// The only importer of express.

export type { Express, NextFunction, Request, RequestHandler, Response } from 'express';

/** An application without any of the headers and parsers that nobody asked for. */
export function createExpress(): Express {
  const app = express();
  app.disable('x-powered-by');
  app.disable('etag');
  app.set('query parser', 'simple');
  app.set('trust proxy', false);
  return app;
}

/** Reads a body of any type as bytes, unzipped. Errors have `status` 400, 413 or 415. */
export function readBody(limitBytes: number): RequestHandler {
  return express.raw({ type: () => true, limit: limitBytes, inflate: true });
}

/** Serves the files of a folder as they are. */
export function serveFiles(folder: string): RequestHandler {
  return express.static(folder, { index: false, redirect: false, dotfiles: 'ignore' });
}

import { Ajv2020 } from 'ajv/dist/2020.js';
import { createOpenApi } from '../../server/openapi.js';

interface Described {
  readonly paths: Readonly<
    Record<string, Readonly<Record<string, { readonly responses?: Readonly<Record<string, unknown>> }>>>
  >;
}

const document = createOpenApi('0.0.0');
// Formats and descriptions are for people; ajv checks the shapes.
const ajv = new Ajv2020({ strict: false, validateFormats: false, allErrors: true });
ajv.addSchema(document, 'openapi');

/** What is wrong with an answer by the OpenAPI document; null where nothing is. */
export function contractProblem(path: string, method: string, status: number, json: unknown): string | null {
  const operation = (document as unknown as Described).paths[path]?.[method.toLowerCase()];
  if (operation === undefined)
    return status === 404 || status === 405
      ? problemOf('#/components/schemas/Problem', json)
      : `${method} ${path} is not described`;
  if (operation.responses?.[String(status)] === undefined)
    return `${method} ${path} answers ${status}, which is not described`;
  const pointer = [path, method.toLowerCase(), 'responses', String(status), 'content', 'application/json', 'schema'];
  return problemOf(`#/paths/${pointer.map(escape).join('/')}`, json);
}

function problemOf(pointer: string, json: unknown): string | null {
  const validate = ajv.getSchema(`openapi${pointer}`);
  if (validate === undefined) return `there is no schema at ${pointer}`;
  return validate(json) === true ? null : ajv.errorsText(validate.errors);
}

function escape(part: string): string {
  return encodeURIComponent(part.replaceAll('~', '~0').replaceAll('/', '~1'));
}

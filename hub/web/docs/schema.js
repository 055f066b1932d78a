// A JSON schema in one word, and its fields in a list.

import { deref } from './model.js';

/**
 * @param {any} schema
 * @returns {string}
 */
export function shapeOf(schema) {
  if (!schema || typeof schema !== 'object') return 'anything';
  if (schema.$ref) return String(schema.$ref).split('/').pop() ?? 'anything';
  if (schema.const !== undefined) return JSON.stringify(schema.const);
  if (schema.enum) return schema.enum.map((/** @type {unknown} */ value) => JSON.stringify(value)).join(' | ');
  const choices = schema.oneOf ?? schema.anyOf;
  if (choices) return choices.map(shapeOf).join(' | ');
  if (schema.allOf) return schema.allOf.map(shapeOf).join(' & ');
  return typeOf(schema);
}

/** @param {any} schema @returns {string} */
function typeOf(schema) {
  const types = [schema.type ?? 'anything'].flat();
  return types
    .map((type) => {
      if (type === 'array') return `list of ${shapeOf(schema.items)}`;
      return schema.format && type !== 'null' ? `${type} (${schema.format})` : String(type);
    })
    .join(' | ');
}

/**
 * The fields of an object, of the objects it is made of, or of a list's items.
 *
 * @param {any} api
 * @param {any} schema
 * @returns {{ name: string, type: string, text: string, required: boolean }[]}
 */
export function fieldsOf(api, schema) {
  const found = deref(api, schema);
  if (!found) return [];
  if (found.type === 'array') return fieldsOf(api, found.items);
  const inherited = (found.allOf ?? []).flatMap((/** @type {any} */ part) => fieldsOf(api, part));
  const required = new Set(found.required ?? []);
  const own = Object.entries(found.properties ?? {}).map(([name, property]) => ({
    name,
    type: shapeOf(property),
    text: property?.description ?? '',
    required: required.has(name),
  }));
  return [...inherited, ...own];
}

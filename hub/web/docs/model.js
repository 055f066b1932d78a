// An OpenAPI document as the page shows it: operations by tag, in the order they are written.

/** @typedef {{ kind: string, schema: any }} Content */

/**
 * @typedef {object} Operation
 * @property {string} id
 * @property {string} method
 * @property {string} path
 * @property {string} summary
 * @property {string} text
 * @property {{ name: string, in: string, required?: boolean, schema?: any, description?: string }[]} parameters
 * @property {Content[]} bodies
 * @property {{ status: string, text: string, contents: Content[] }[]} answers
 */

const METHODS = ['get', 'post', 'put', 'patch', 'delete', 'head', 'options'];

/** @param {any} thing @returns {string} */
export function description(thing) {
  return thing?.description ?? '';
}

/**
 * The pieces of a text in which words of code stand between backticks: every other one is code.
 *
 * @param {string} text
 */
export function piecesOf(text) {
  return text.split('`');
}

/**
 * Follows a reference inside the document.
 *
 * @param {any} api
 * @param {any} thing
 * @returns {any}
 */
export function deref(api, thing) {
  const address = thing?.$ref;
  if (typeof address !== 'string' || !address.startsWith('#/')) return thing;
  return address
    .slice(2)
    .split('/')
    .map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'))
    .reduce((at, part) => at?.[part], api);
}

/** @param {any} contents @returns {Content[]} */
function contentsOf(contents) {
  return Object.entries(contents ?? {}).map(([kind, content]) => ({ kind, schema: content?.schema }));
}

/**
 * @param {any} api
 * @param {string} path
 * @param {string} method
 * @param {any} item
 * @returns {Operation}
 */
function operationOf(api, path, method, item) {
  const operation = item[method];
  const given = [...(item.parameters ?? []), ...(operation.parameters ?? [])];
  return {
    id: operation.operationId ?? `${method}-${path}`,
    method,
    path,
    summary: operation.summary ?? '',
    text: description(operation),
    parameters: given.map((parameter) => deref(api, parameter)),
    bodies: contentsOf(deref(api, operation.requestBody)?.content),
    answers: Object.entries(operation.responses ?? {}).map(([status, answer]) => {
      const found = deref(api, answer);
      return { status, text: description(found), contents: contentsOf(found?.content) };
    }),
  };
}

/**
 * @param {any} api
 * @returns {{ tag: string, text: string, operations: Operation[] }[]}
 */
export function operationsOf(api) {
  /** @type {Map<string, Operation[]>} */
  const groups = new Map();
  for (const [path, item] of Object.entries(api?.paths ?? {})) {
    for (const method of METHODS.filter((method) => item[method])) {
      const tag = item[method].tags?.[0] ?? 'other';
      groups.set(tag, [...(groups.get(tag) ?? []), operationOf(api, path, method, item)]);
    }
  }
  const texts = new Map((api?.tags ?? []).map((/** @type {any} */ tag) => [tag.name, description(tag)]));
  return [...groups].map(([tag, operations]) => ({ tag, text: texts.get(tag) ?? '', operations }));
}

/**
 * Whether every word somebody looks for stands somewhere in the operation's head.
 *
 * @param {Operation} operation
 * @param {string} wanted
 */
export function matches(operation, wanted) {
  const head = `${operation.method} ${operation.path} ${operation.summary} ${operation.id}`.toLowerCase();
  return wanted
    .toLowerCase()
    .split(/\s+/)
    .every((word) => head.includes(word));
}

// The programmers' page: every operation of the API, read from the house's own description.
//
// It is in English, as the description is.

import { html, list, mount, nothing, part, signal } from '../lib/view.js';
import { description, matches, operationsOf, piecesOf } from './model.js';
import { fieldsOf, shapeOf } from './schema.js';

/** @typedef {import('./model.js').Operation} Operation */

/** @type {import('../lib/view.js').Signal<any>} */
const api = signal(null);
const trouble = signal('');
const wanted = signal('');

async function load() {
  try {
    const response = await fetch('/api/openapi.json', { headers: { accept: 'application/json' } });
    if (!response.ok) throw new Error(`The description answered ${response.status}.`);
    api.value = await response.json();
  } catch (error) {
    trouble.value = error instanceof Error ? error.message : String(error);
  }
}

/** @param {string} text */
function prose(text) {
  return piecesOf(text).map((piece, at) => (at % 2 ? html`<code>${piece}</code>` : piece));
}

/** @param {any} schema @param {boolean} [open] */
function shape(schema, open = false) {
  const fields = fieldsOf(api.value, schema);
  const word = shapeOf(schema);
  if (fields.length === 0) return html`<p><code>${word}</code></p>`;
  return html`<details ?open=${open}>
    <summary><code>${word}</code></summary>
    <dl class="docs-fields">
      ${fields.map(
        (field) =>
          html`<div>
            <dt><code>${field.name}</code>${field.required ? nothing : html` <span class="quiet small">optional</span>`}</dt>
            <dd><code class="quiet">${field.type}</code> ${prose(field.text)}</dd>
          </div>`,
      )}
    </dl>
  </details>`;
}

/** @param {Operation} operation */
function parameters(operation) {
  if (operation.parameters.length === 0) return nothing;
  return html`<h3>Parameters</h3>
    <dl class="docs-fields">
      ${operation.parameters.map(
        (parameter) =>
          html`<div>
            <dt>
              <code>${parameter.name}</code>
              <span class="quiet small">in ${parameter.in}${parameter.required ? '' : ', optional'}</span>
            </dt>
            <dd><code class="quiet">${shapeOf(parameter.schema)}</code> ${prose(description(parameter))}</dd>
          </div>`,
      )}
    </dl>`;
}

/** @param {Operation} operation */
function body(operation) {
  if (operation.bodies.length === 0) return nothing;
  return html`<h3>Body</h3>
    ${operation.bodies.map(({ kind, schema }) => html`<p class="quiet small">${kind}</p>${shape(schema, true)}`)}`;
}

/** @param {Operation} operation */
function answers(operation) {
  return html`<h3>Answers</h3>
    <ul class="stack">
      ${operation.answers.map(
        ({ status, text, contents }) =>
          html`<li class="stack tight">
            <p><code class="docs-status">${status}</code> ${text}</p>
            ${contents.map(({ schema }) => shape(schema))}
          </li>`,
      )}
    </ul>`;
}

/** @param {Operation} operation */
function operationView(operation) {
  return html`<li>
    <details class="card docs-operation" id=${operation.id}>
      <summary>
        <span class="docs-method ${operation.method}">${operation.method.toUpperCase()}</span>
        <code class="docs-path">${operation.path}</code>
        <span class="quiet grow">${prose(operation.summary)}</span>
      </summary>
      <div class="docs-body stack">
        ${operation.text ? html`<p>${prose(operation.text)}</p>` : nothing} ${parameters(operation)} ${body(operation)}
        ${answers(operation)}
      </div>
    </details>
  </li>`;
}

/** @param {{ tag: string, text: string, operations: Operation[] }} group */
function groupView(group) {
  const id = `tag-${group.tag}`;
  return html`<section class="stack" aria-labelledby=${id}>
    <h2 id=${id}>${group.tag}</h2>
    ${group.text ? html`<p class="quiet">${prose(group.text)}</p>` : nothing}
    <ul class="stack docs-list">
      ${list(group.operations, (operation) => operation.id, operationView)}
    </ul>
  </section>`;
}

function schemas() {
  const found = Object.entries(api.value?.components?.schemas ?? {}).filter(([name]) =>
    name.toLowerCase().includes(wanted.value.toLowerCase()),
  );
  if (found.length === 0) return nothing;
  return html`<section class="stack" aria-labelledby="schemas">
    <h2 id="schemas">Shapes</h2>
    <ul class="stack docs-list">
      ${found.map(
        ([name, schema]) =>
          html`<li class="card docs-schema" id="schema-${name}">
            ${shape({ $ref: `#/components/schemas/${name}` })}
            ${description(schema) ? html`<p class="quiet">${prose(description(schema))}</p>` : nothing}
          </li>`,
      )}
    </ul>
  </section>`;
}

function found() {
  const groups = operationsOf(api.value)
    .map((group) => ({ ...group, operations: group.operations.filter((one) => matches(one, wanted.value)) }))
    .filter((group) => group.operations.length > 0);
  const count = groups.reduce((sum, group) => sum + group.operations.length, 0);
  return html`<p class="quiet" role="status">${count === 1 ? '1 operation' : `${count} operations`}</p>
    ${list(groups, (group) => group.tag, groupView)} ${schemas()}`;
}

function content() {
  if (trouble.value) return html`<p class="notice over" role="alert">${trouble.value}</p>`;
  if (!api.value) return html`<p class="quiet" role="status">Loading</p>`;
  const { info } = api.value;
  return html`<p class="quiet">${prose(info?.description ?? '')} <span>Version ${info?.version ?? ''}</span></p>
    <div class="field docs-search">
      <label class="label" for="search">Find an operation or a shape</label>
      <input
        class="input"
        id="search"
        type="search"
        autocomplete="off"
        spellcheck="false"
        @input=${(/** @type {Event} */ event) => (wanted.value = /** @type {HTMLInputElement} */ (event.target).value.trim())}
      />
    </div>
    ${part(found)}`;
}

function page() {
  return html`<main class="docs stack wide" id="main">
    <header class="row">
      <h1 class="grow">${api.value?.info?.title ?? 'API'}</h1>
      <a class="button" href="/api/openapi.json">openapi.json</a>
      <a class="button" href="/app/">To the app</a>
    </header>
    ${part(content)}
  </main>`;
}

const root = document.getElementById('docs');
if (root) mount(root, page);
await load();
if (location.hash) {
  const target = document.getElementById(decodeURIComponent(location.hash.slice(1)));
  if (target instanceof HTMLDetailsElement) target.open = true;
  target?.scrollIntoView();
}

// A few charts: drawn plainly, labelled directly, and told as a table to whoever cannot see them.

import { html, svg } from '../lib/view.js';
import { t } from '../lib/text.js';
import { columnsOf, FOOT, HIGH, pointsOf, TOP, WIDE } from './scale.js';

const round = (/** @type {number} */ value) => Math.round(value * 10) / 10;

/**
 * The frame of a drawing: what the top line means, and from when to when.
 *
 * @param {{ label: string, top: string, from: string, to: string, inside: unknown }} parts
 */
function frame({ label, top, from, to, inside }) {
  return html`<svg class="chart" viewBox="0 0 ${WIDE} ${HIGH}" role="img" aria-label=${label}>
    <line class="chart-line" x1="0" y1=${TOP} x2=${WIDE} y2=${TOP} />
    <line class="chart-line" x1="0" y1=${HIGH - FOOT} x2=${WIDE} y2=${HIGH - FOOT} />
    <text class="chart-word" x="0" y=${TOP - 4}>${top}</text>
    <text class="chart-word" x="0" y=${HIGH - 4}>${from}</text>
    <text class="chart-word" x=${WIDE} y=${HIGH - 4} text-anchor="end">${to}</text>
    ${inside}
  </svg>`;
}

/** The same as a table, one tap away. @param {{ caption: string, head: string[], rows: string[][] }} parts */
function table({ caption, head, rows }) {
  return html`<details class="folded">
    <summary>${t('chart.table')}</summary>
    <table class="figures">
      <caption class="unseen">${caption}</caption>
      <thead>
        <tr>${head.map((word) => html`<th scope="col">${word}</th>`)}</tr>
      </thead>
      <tbody>
        ${rows.map(([first, ...rest]) => html`<tr><th scope="row">${first}</th>${rest.map((cell) => html`<td>${cell}</td>`)}</tr>`)}
      </tbody>
    </table>
  </details>`;
}

/**
 * @param {{ label: string, top: (most: number) => string, from: string, to: string, columns: readonly { lower: number, upper: number }[], head: string[], rows: string[][] }} parts
 */
export function columnChart({ label, top, from, to, columns, head, rows }) {
  const { most, drawn } = columnsOf(columns);
  const bar = (/** @type {string} */ kind, /** @type {number} */ x, /** @type {number} */ width, /** @type {{ y: number, height: number }} */ { y, height }) =>
    height > 0 ? svg`<rect class=${kind} x=${round(x)} y=${round(y)} width=${round(width)} height=${round(Math.max(1, height))} />` : '';
  const inside = drawn.map(({ x, width, lower, upper }) => svg`${bar('chart-bar', x, width, lower)}${bar('chart-bar lost', x, width, upper)}`);
  return html`<div class="stack tight">
    ${frame({ label, top: top(most), from, to, inside })} ${table({ caption: label, head, rows })}
  </div>`;
}

/**
 * @param {{ label: string, top: (most: number) => string, from: string, to: string, points: readonly { at: number, value: number }[], head: string[], rows: string[][] }} parts
 */
export function lineChart({ label, top, from, to, points, head, rows }) {
  const { most, drawn } = pointsOf(points);
  const path = drawn.map(({ x, y }, at) => `${at === 0 ? 'M' : 'L'}${round(x)} ${round(y)}`).join(' ');
  const inside = svg`<path class="chart-path" d=${path} />${drawn.map(({ x, y }) => svg`<circle class="chart-point" cx=${round(x)} cy=${round(y)} r="3.5" />`)}`;
  return html`<div class="stack tight">
    ${frame({ label, top: top(most), from, to, inside })} ${table({ caption: label, head, rows })}
  </div>`;
}

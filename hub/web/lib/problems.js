// What went wrong, in words.

import { Problem, Unreachable } from './api.js';
import { has, t } from './text.js';

/**
 * One or two sentences a person can act on. Codes we know are said in the person's language;
 * otherwise the answer speaks for itself.
 *
 * @param {unknown} error
 */
export function explain(error) {
  if (error instanceof Unreachable) return t('problem.unreachable');
  if (!(error instanceof Problem)) return t('problem.unknown');
  if (error.status === 429) return t('problem.too-many', { count: Math.max(1, Math.ceil(error.retryAfter ?? 60)) });
  const { name } = /** @type {{ name?: unknown }} */ (error.current ?? {});
  return explainCode(error.code, error.detail || error.title, error.status, typeof name === 'string' ? name : '');
}

/**
 * @param {string} code
 * @param {string} detail
 * @param {number} [status]
 * @param {string} [name] of what stands in the way
 */
export function explainCode(code, detail, status = 400, name = '') {
  if (has(`problem.${code}`)) return t(`problem.${code}`, { name });
  if (status >= 500 || !detail) return t('problem.unknown');
  return detail;
}

/** The number under which the answer can be found in the house's own notes. @param {unknown} error */
export function reference(error) {
  return error instanceof Problem && error.status >= 500 ? error.requestId : '';
}


// Styles that only some screens need.

/** @param {string} name */
export function wear(name) {
  const id = `style-${name}`;
  const asked = /** @type {HTMLLinkElement | null} */ (document.getElementById(id));
  if (asked?.sheet) return;
  const link = asked ?? document.createElement('link');
  if (!asked) {
    const href = new URL(`../styles/${name}.css`, import.meta.url).href;
    document.head.append(Object.assign(link, { id, href, rel: 'stylesheet' }));
  }
  return new Promise((resolve) => {
    link.addEventListener('load', resolve);
    // Plain, and still of use; whoever comes next asks for it again.
    link.addEventListener('error', () => {
      link.remove();
      resolve(undefined);
    });
  });
}

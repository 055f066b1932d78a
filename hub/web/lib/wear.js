// Styles that only some screens need.

/** @param {string} name */
export function wear(name) {
  if (document.getElementById(`style-${name}`)) return;
  const link = document.createElement('link');
  link.id = `style-${name}`;
  link.rel = 'stylesheet';
  link.href = new URL(`../styles/${name}.css`, import.meta.url).href;
  document.head.append(link);
  return new Promise((resolve) => {
    link.onload = resolve;
    // Plain, and still of use.
    link.onerror = resolve;
  });
}

// Runs before anything is drawn, so that a dark kitchen is not lit up for a moment, and asks for all
// that the screen at this address is made of, so that no file waits until another has named it.
(() => {
  const own = /** @type {HTMLScriptElement} */ (document.currentScript);

  /** @param {string} name @param {Partial<HTMLLinkElement>} how */
  const fetchAhead = (name, how) => {
    const href = new URL(name, own.src).href;
    document.head.append(Object.assign(document.createElement('link'), { href, ...how }));
  };
  const module = { rel: 'modulepreload' };

  try {
    const theme = localStorage.getItem('hearth.theme');
    if (theme === 'light' || theme === 'dark') document.documentElement.dataset['theme'] = theme;
    const language = localStorage.getItem('hearth.language');
    // Who has never been inside sees the door, whatever the address.
    if (!language) return;
    document.documentElement.lang = language;
    const known = JSON.parse(own.dataset['ahead'] ?? '');
    fetchAhead('vendor/figtree/figtree-latin-wght-normal.woff2', { rel: 'preload', as: 'font', crossOrigin: '' });
    fetchAhead(`text/${language}.js`, module);
    const screen = location.pathname.slice('/app/'.length).replace(/[\da-f-]{36}.*/, '');
    for (const at of known[screen] ?? []) {
      const name = known.files[at];
      // Looks are fetched and not yet put on: they come after those that every page wears.
      if (name.endsWith('.css')) fetchAhead(name, { rel: 'preload', as: 'style' });
      else fetchAhead(name.endsWith('/') ? `${name}${language}.js` : name, module);
    }
    // The first of these takes long, and until the files are here there is nothing else to do.
    setTimeout(() => new Intl.DateTimeFormat(language, { timeZone: 'UTC' }));
  } catch {
    // A browser that keeps nothing starts with what the device prefers, and finds file after file.
  }
})();

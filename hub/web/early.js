// Runs before anything is drawn, so that a dark kitchen is not lit up for a moment.
(() => {
  try {
    const theme = localStorage.getItem('hearth.theme');
    if (theme === 'light' || theme === 'dark') document.documentElement.dataset['theme'] = theme;
    const language = localStorage.getItem('hearth.language');
    if (language) document.documentElement.lang = language;
  } catch {
    // A browser that keeps nothing starts with what the device prefers.
  }
})();

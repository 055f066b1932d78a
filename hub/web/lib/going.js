// How a screen sends the person elsewhere; the router is put in once, at the start.

/** @type {{ to: (path: string, options?: { replace?: boolean }) => void }} */
export const going = { to: () => {} };

// A few things that outlive the page, in IndexedDB.

/** @typedef {import('./outbox.js').Entry} Entry */
/** @template {{ id: string }} [T=Entry] @typedef {import('./outbox.js').Shelf<T>} Shelf */

const STORE = 'outbox';

/**
 * @template T
 * @param {IDBRequest<T>} request
 * @returns {Promise<T>}
 */
function settled(request) {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}

/** @param {string} name */
function open(name) {
  const request = indexedDB.open(name, 1);
  request.onupgradeneeded = () => {
    request.result.createObjectStore(STORE, { keyPath: 'id' });
  };
  return settled(request);
}

/**
 * Runs one transaction and waits until it is on the disk, not only accepted.
 *
 * @template T
 * @param {string} name
 * @param {IDBTransactionMode} mode
 * @param {(store: IDBObjectStore) => IDBRequest<T>} work
 * @returns {Promise<T>}
 */
async function within(name, mode, work) {
  const database = await open(name);
  try {
    const transaction = database.transaction(STORE, mode, { durability: 'strict' });
    const complete = new Promise((resolve, reject) => {
      transaction.oncomplete = () => resolve(undefined);
      transaction.onabort = () => reject(transaction.error);
    });
    const result = await settled(work(transaction.objectStore(STORE)));
    await complete;
    return result;
  } finally {
    database.close();
  }
}

/** @template {{ id: string }} [T=Entry] @param {string} [name] a shelf of its own @returns {Shelf<T>} */
export function deviceShelf(name = 'hearth') {
  return {
    all: () => within(name, 'readonly', (store) => store.getAll()),
    put: async (entry) => void (await within(name, 'readwrite', (store) => store.put(entry))),
    remove: async (id) => void (await within(name, 'readwrite', (store) => store.delete(id))),
  };
}

/** For a browser that keeps nothing (a private window, say) and for tests. @template {{ id: string }} [T=Entry] @returns {Shelf<T>} */
export function memoryShelf() {
  /** @type {Map<string, T>} */
  const kept = new Map();
  return {
    all: async () => [...kept.values()],
    put: async (entry) => void kept.set(entry.id, structuredClone(entry)),
    remove: async (id) => void kept.delete(id),
  };
}

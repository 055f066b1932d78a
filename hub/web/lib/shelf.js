// A few things that outlive the page, in IndexedDB.

/** @typedef {import('./outbox.js').Entry} Entry */
/** @typedef {import('./outbox.js').Shelf} Shelf */

const NAME = 'hearth';
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

function open() {
  const request = indexedDB.open(NAME, 1);
  request.onupgradeneeded = () => {
    request.result.createObjectStore(STORE, { keyPath: 'id' });
  };
  return settled(request);
}

/**
 * Runs one transaction and waits until it is on the disk, not only accepted.
 *
 * @template T
 * @param {IDBTransactionMode} mode
 * @param {(store: IDBObjectStore) => IDBRequest<T>} work
 * @returns {Promise<T>}
 */
async function within(mode, work) {
  const database = await open();
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

/** @returns {Shelf} */
export function deviceShelf() {
  return {
    all: () => within('readonly', (store) => store.getAll()),
    put: async (entry) => void (await within('readwrite', (store) => store.put(entry))),
    remove: async (id) => void (await within('readwrite', (store) => store.delete(id))),
  };
}

/** For a browser that keeps nothing (a private window, say) and for tests. @returns {Shelf} */
export function memoryShelf() {
  /** @type {Map<string, Entry>} */
  const kept = new Map();
  return {
    all: async () => [...kept.values()],
    put: async (entry) => void kept.set(entry.id, structuredClone(entry)),
    remove: async (id) => void kept.delete(id),
  };
}

/** A store of its own in IndexedDB. */
export interface Database {
  name: string;
  store: string;
  /** The member of its values that it is indexed by. */
  index?: string;
}

/** Does one request and gives its result; nothing where the storage is blocked or full. */
export async function access<T>(
  database: Database,
  mode: IDBTransactionMode,
  request: (store: IDBObjectStore) => IDBRequest<T>,
): Promise<T | undefined> {
  try {
    const db = await done(open(database));
    try {
      return await done(request(db.transaction(database.store, mode).objectStore(database.store)));
    } finally {
      db.close();
    }
  } catch {
    return undefined;
  }
}

function open({ name, store, index }: Database): IDBOpenDBRequest {
  const request = indexedDB.open(name, 1);
  request.onupgradeneeded = () => {
    const created = request.result.createObjectStore(store);
    if (index) created.createIndex(index, index);
  };
  return request;
}

function done<T>(request: IDBRequest<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}

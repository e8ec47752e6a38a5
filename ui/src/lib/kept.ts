/** Whether this tab keeps something under a key, without reading it. */
export function isKept(key: string): boolean {
  try {
    return sessionStorage.getItem(`polyglot.${key}`) !== null;
  } catch {
    return false;
  }
}

/** Short texts that are kept on the device. Storage may be forbidden; then they are forgotten. */

export function read(key: string): string | null {
  try {
    return localStorage.getItem(`polyglot.${key}`);
  } catch {
    return null;
  }
}

export function write(key: string, value: string): void {
  try {
    localStorage.setItem(`polyglot.${key}`, value);
  } catch {
    // Private mode: the choice is not kept.
  }
}

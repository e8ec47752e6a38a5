/** Files that a call takes: see `contracts/files.py`, against which a test checks these. */
export const TOPIC_FILE = 'polyglot.file';
export const FILE_MOST = 5_000_000;
export const FILE_TYPES = ['image/jpeg', 'image/png', 'image/webp', 'application/pdf'];

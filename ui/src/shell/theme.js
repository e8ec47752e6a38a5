// Before the first paint, so that a chosen theme does not flash in the device's. See features/settings/preferences.ts; it stands in the page itself.
try {
  const theme = localStorage.getItem('polyglot.theme');
  if (theme === 'light' || theme === 'dark') document.documentElement.dataset.theme = theme;
} catch {
  // Storage is forbidden: the device's theme it is.
}

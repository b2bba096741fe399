// Before the first paint, so that a chosen theme doesn't flash. The same key is written by src/shell/theme.ts.
try {
  const theme = localStorage.getItem('causeway.theme');
  if (theme === 'light' || theme === 'dark') document.documentElement.dataset.theme = theme;
} catch {
  // Storage is closed to this page: the system's theme it is.
}

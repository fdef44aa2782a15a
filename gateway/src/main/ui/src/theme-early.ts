// Runs before the page is drawn, so that the wrong theme does not flash up.
(() => {
  let chosen: string | null = null;
  try {
    chosen = localStorage.getItem('berth.theme');
  } catch {
    // Without storage the system's preference decides.
  }
  const known = chosen === 'light' || chosen === 'dark';
  const system = window.matchMedia('(prefers-color-scheme: dark)').matches ? 'dark' : 'light';
  document.documentElement.dataset['theme'] = known ? chosen! : system;
})();

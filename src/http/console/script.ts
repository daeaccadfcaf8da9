/**
 * The only script of the console. Where something is under way, it loads the page anew and puts in what has changed,
 * without losing the place on the screen; not while somebody is about to press a button there. Without it, the page
 * is loaded anew as a whole.
 */
export const SCRIPT = `'use strict';
(() => {
  const again = () => {
    const seconds = Number(document.body.dataset.refresh);
    if (seconds > 0) setTimeout(load, seconds * 1000);
  };
  const isInUse = () => {
    const active = document.activeElement;
    return document.hidden || (active !== null && active.closest('main form, main details') !== null);
  };
  const load = async () => {
    try {
      if (!isInUse()) await swap();
      document.body.classList.remove('stale');
    } catch {
      // The daemon is being started anew, perhaps: the next look tells.
      document.body.classList.add('stale');
    }
    again();
  };
  const swap = async () => {
    const signal = AbortSignal.timeout(10_000);
    const answer = await fetch(location.href, { headers: { accept: 'text/html' }, signal });
    if (answer.redirected) return location.reload();
    const page = new DOMParser().parseFromString(await answer.text(), 'text/html');
    const main = page.querySelector('main');
    if (main === null || isInUse()) return;
    document.querySelector('main').replaceWith(main);
    document.title = page.title;
    // An answer that tells of trouble has no refresh of its own: the next may be better.
    if (answer.ok) document.body.dataset.refresh = page.body.dataset.refresh ?? '';
  };
  again();
})();
`;

import { afterEach, beforeEach, expect, it } from 'vitest';
import { keepFocus } from '@/app/focus.ts';

let stop: () => void;
const at = (): string => document.activeElement?.id ?? '';
const settled = (): Promise<void> => new Promise((resolve) => setTimeout(resolve));
const remove = async (what: string): Promise<void> => {
  document.querySelector(what)?.remove();
  await settled();
};

beforeEach(() => {
  document.body.innerHTML = `<header><a id="home" href="#">Home</a></header><main><h1 id="title">T</h1>
    <section id="list"><button id="one">1</button><div><button id="two">2</button></div></section>
    <details open><summary id="how">Form</summary><form id="form"><button id="go">Go</button></form></details></main>`;
  // There is no layout here: what is in the document is seen.
  HTMLElement.prototype.getClientRects = () => [{}] as unknown as DOMRectList;
  stop = keepFocus(document.documentElement);
});
afterEach(() => {
  stop();
  document.body.innerHTML = '';
});
const focus = (id: string): void => document.getElementById(id)?.focus();

it('goes to what stands nearest where the focused thing was taken away', async () => {
  focus('two');
  await remove('#two');
  expect(at()).toBe('one');
});

it('goes to the beginning of a view that has come in the place of the old, also when it comes later', async () => {
  focus('one');
  await remove('main');
  expect(at()).toBe('');
  document.body.insertAdjacentHTML('beforeend', '<main><h1 id="new">N</h1><h2 id="talk-title">Talk</h2></main>');
  await settled();
  expect([at(), document.getElementById('talk-title')?.tabIndex]).toEqual(['talk-title', -1]);
});

it('goes from a form that is gone to what came of it', async () => {
  focus('go');
  document
    .querySelector('main')
    ?.insertAdjacentHTML('beforeend', '<div class="results-header"><h2 id="found">F</h2></div>');
  await remove('#form');
  expect(at()).toBe('found');
});

it('calls nobody back who has left, and disturbs nobody who is elsewhere', async () => {
  focus('one');
  document.getElementById('one')?.blur();
  await settled();
  await remove('#one');
  expect(at()).toBe('');
  focus('two');
  focus('home');
  await remove('#two');
  expect(at()).toBe('home');
});

/** Where the page lives: at an address of its own, or as a widget in a page of somebody else. */
export type Home = {
  /** Origin of the API; empty: that of the page. */
  api: string;
  /** Carries language, direction and theme. */
  root: HTMLElement;
  /** A page of somebody else: its address, title and keys are not ours. */
  embedded: boolean;
  /** Proof that the page around may start calls; empty: none, or a cookie. */
  pageToken: string;
  /** What the address asks for, as `location.search` has it. */
  search: () => string;
};

export const home: Home = {
  api: '',
  root: document.documentElement,
  embedded: false,
  pageToken: '',
  search: () => location.search,
};

/** Whether something happened here, and not in a page around this one. */
export const isHere = (event: Event): boolean => !home.embedded || event.composedPath().includes(home.root);

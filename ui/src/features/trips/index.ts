/** What is done with what was found: a part of the page of its own, fetched when the first flights are there. */
export { Compare } from './Compare.tsx';
export { HandOff } from './HandOff.tsx';
export { MyWatches } from './MyWatches.tsx';
export { PriceGraph } from './PriceGraph.tsx';
export { WatchPrice } from './WatchPrice.tsx';

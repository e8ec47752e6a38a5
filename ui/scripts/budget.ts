/** Fails when the gzip size of what a visitor downloads is over budget. Run after `npm run build`. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';

const DIST = join(import.meta.dirname, '..', 'dist');
const assets = readdirSync(join(DIST, 'assets'));
const deskHtml = readFileSync(join(DIST, 'desk', 'index.html'), 'utf8');
const entryHtml = readFileSync(join(DIST, 'index.html'), 'utf8');

const kilobytes = (names: string[]): number =>
  names.reduce((sum, name) => sum + gzipSync(readFileSync(join(DIST, 'assets', name))).length, 0) / 1000;

const scripts = assets.filter((name) => name.endsWith('.js'));
const first = scripts.filter((name) => entryHtml.includes(`/assets/${name}`));
const languages = scripts.filter((name) => /^(en|es|fr|de|it|pt|ja|zh|pt-PT|ar)-/.test(name));
const voice = scripts.filter((name) => /^(voice|livekit)/.test(name));
const desk = scripts.filter((name) => deskHtml.includes(`/assets/${name}`) && !first.includes(name));
const map = scripts.filter((name) => /^RouteMap/.test(name));
const room = scripts.filter((name) => ![...first, ...languages, ...voice, ...desk, ...map].includes(name));
const styles = assets.filter((name) => name.endsWith('.css'));
const largestLanguage = [...languages].sort((a, b) => kilobytes([b]) - kilobytes([a])).slice(0, 1);

const own = (name: string): number => gzipSync(readFileSync(join(DIST, name))).length / 1000;

const budgets: [name: string, files: string[], limit: number][] = [
  ['first-load JS', first, 98],
  ['voice chunk', voice, 165],
  ['all that is fetched later', room, 45],
  ['the map', map, 45],
  ['the desk by itself', desk, 40],
  ['styles', styles, 15],
  ['largest language', largestLanguage, 12],
];

let over = 0;
const sizes = budgets.map(([name, files, limit]) => ({ name, files, limit, size: kilobytes(files) }));
sizes.push({ name: 'widget: its button', files: ['widget.js'], limit: 6, size: own('widget.js') });
sizes.push({ name: 'widget: its page', files: ['widget-app.js'], limit: 10, size: own('widget-app.js') });
for (const { name, files, limit, size } of sizes) {
  // A budget over no files would pass by measuring nothing.
  const broken = files.length === 0 || size > limit;
  over += broken ? 1 : 0;
  process.stdout.write(
    `${broken ? 'OVER' : 'ok  '} ${name.padEnd(18)} ${size.toFixed(1).padStart(7)} / ${limit} kB gzip\n`,
  );
}
process.exit(over === 0 ? 0 : 1);
